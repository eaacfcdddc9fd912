"""The diseases of the knowledge and their annotation rows, read from compiled arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rarescale.knowledge.arrayfile import Arrays, unpack_strings
from rarescale.knowledge.compile import SEXES
from rarescale.knowledge.curated import RARITIES
from rarescale.knowledge.frequency import Origin
from rarescale.knowledge.hpoa import ASPECTS, EVIDENCE
from rarescale.knowledge.ontology import Relation
from rarescale.record import DiseaseId, Rarity


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotation row: `term` and `onset` are term indices (-1 = none), `frequency` its own words."""

    term: int
    source: DiseaseId
    aspect: str
    evidence: str
    onset: int
    sex: str
    negative: bool
    probability: float
    origin: Origin
    n: int
    m: int
    reference: str
    frequency: str


class Diseases:
    """Merged diseases by index 0..g-1; one disease has all its database ids, the preferred one first."""

    def __init__(self, arrays: Arrays) -> None:
        """`arrays` as laid out by `compile_knowledge`."""
        self._arrays = arrays
        self.sources = Relation(arrays, "disease.sources")
        self.rows = {name[4:]: a for name, a in arrays.items() if name.startswith("row.")}
        self.row_offsets = arrays["disease.rows"]
        self.references = unpack_strings("reference", arrays)
        self.frequency_texts = unpack_strings("frequency", arrays)

    def __len__(self) -> int:
        """Number of diseases."""
        return len(self.sources)

    @cached_property
    def source_ids(self) -> list[DiseaseId]:
        """Every database id, grouped by disease."""
        return [DiseaseId(i) for i in unpack_strings("source.ids", self._arrays).tolist()]

    @cached_property
    def source_names(self) -> list[str]:
        """The name each database gives, aligned with `source_ids`."""
        return unpack_strings("source.names", self._arrays).tolist()

    @cached_property
    def _index(self) -> dict[str, int]:
        return dict(zip(self.source_ids, self._arrays["source.disease"].tolist(), strict=True))

    def index(self, disease: str) -> int | None:
        """Index of the disease with this database id, None where there is none."""
        return self._index.get(disease)

    def ids(self, index: int) -> tuple[DiseaseId, ...]:
        """All ids of a disease, the preferred one first."""
        return tuple(self.source_ids[s] for s in self.sources[index])

    def name(self, index: int) -> str:
        """The name given by the preferred source."""
        return self.source_names[int(self.sources[index][0])]

    def names(self, index: int) -> tuple[str, ...]:
        """All distinct names."""
        return tuple(dict.fromkeys(self.source_names[s] for s in self.sources[index]))

    def rarity(self, index: int) -> Rarity:
        """How common a disease is in plain words, one of `RARITIES`.

        Told for our own diseases; else by the prevalence band; else Orphanet lists rare ones, with exceptions named so.
        """
        told = RARITIES[int(self._arrays["disease.rarity"][index])]
        if told != "unknown":
            return told
        band = int(self._arrays["disease.band"][index])
        if band:
            return "common" if band == 6 else "uncommon" if band == 5 else "rare"
        listed = any(i.startswith("ORPHA:") for i in self.ids(index))
        return "rare" if listed and not any("non rare" in n.lower() for n in self.names(index)) else "unknown"

    @property
    def bands(self) -> np.ndarray:
        """uint8 (g,): codes of `BANDS`."""
        return self._arrays["disease.band"]

    @property
    def rarities(self) -> np.ndarray:
        """uint8 (g,): codes of `RARITIES` as told for our own diseases, 0 for others."""
        return self._arrays["disease.rarity"]

    def told(self, name: str) -> np.ndarray:
        """uint8 (g,): `urgency`, `severity`, `treatable`, `sex` or `ages` as told for our own diseases; 0 elsewhere."""
        return self._arrays[f"disease.{name}"]

    @cached_property
    def categories(self) -> list[str]:
        """The category of each disease in plain words; empty where none is told."""
        return unpack_strings("disease.category", self._arrays).tolist()

    @cached_property
    def row_disease(self) -> np.ndarray:
        """int32 (r,): the disease of each annotation row."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.row_offsets))

    def annotation(self, row: int) -> Annotation:
        """Annotation row number `row` in plain words."""
        r = self.rows
        return Annotation(
            term=int(r["term"][row]),
            source=self.source_ids[r["source"][row]],
            aspect=ASPECTS[r["aspect"][row]],
            evidence=(*EVIDENCE, "")[r["evidence"][row]],
            onset=int(r["onset"][row]),
            sex=SEXES[r["sex"][row]],
            negative=bool(r["negative"][row]),
            probability=float(r["probability"][row]),
            origin=Origin(int(r["origin"][row])),
            n=int(r["n"][row]),
            m=int(r["m"][row]),
            reference=self.references[r["reference"][row]],
            frequency=self.frequency_texts[r["frequency"][row]],
        )

    def annotations(self, index: int) -> Iterator[Annotation]:
        """All annotation rows of a disease, ordered by term."""
        for row in range(int(self.row_offsets[index]), int(self.row_offsets[index + 1])):
            yield self.annotation(row)
