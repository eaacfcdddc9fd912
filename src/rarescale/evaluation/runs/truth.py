"""What is known of a case before anything is asked of an engine: its truth and the groups it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rarescale.evaluation.ranks import Equivalence, one_by_one
from rarescale.evaluation.runs.own_paper import LeftOut, Mode, OwnPapers, papers_of
from rarescale.knowledge import BANDS, Knowledge
from rarescale.record import Input, Unreadable


@dataclass(frozen=True)
class Truth:
    """One case of a run; the meaning of the keys stands in docs/evaluation.md."""

    id: str
    kind: str
    diagnosis: tuple[str, ...] = ()
    diagnosis_name: str | None = None
    disease: str = ""
    dataset: str | None = None
    rarity: str | None = None
    category: str | None = None
    band: str | None = None
    known: bool = False
    cited: bool | None = None
    pmids: tuple[str, ...] = ()
    by: dict[str, Any] = field(default_factory=dict)
    left_out: LeftOut | None = None


class Truths:
    """Makes the `Truth` of inputs."""

    def __init__(
        self,
        knowledge: Knowledge,
        disease: Equivalence = one_by_one,
        by: Sequence[str] = (),
        mode: Mode | None = None,
    ) -> None:
        """`disease` says which ids are one disease, `by` names further keys to keep, `mode` how papers are left out."""
        self._knowledge, self._disease, self._by, self._mode = knowledge, disease, by, mode
        self._papers = OwnPapers(knowledge)

    def of(self, source: Input) -> Truth:
        """The truth of one input that names a diagnosis, or of one that cannot be read."""
        if isinstance(source, Unreadable):
            return Truth(id=source.id, kind="unreadable", disease=f"unreadable: {source.origin or source.id}")
        diseases, extra = self._knowledge.diseases, source.extra
        own = sorted({d for i in source.diagnosis if (d := diseases.index(i)) is not None})
        papers = papers_of(extra)
        known = [diseases.rarity(d) for d in own]
        left_out = self._papers.left_out(papers, own, self._mode) if self._mode and own else None
        return Truth(
            id=source.id,
            kind=type(source).__name__.lower(),
            diagnosis=tuple(source.diagnosis),
            diagnosis_name=source.diagnosis_name or (diseases.name(own[0]) if own else None),
            disease="+".join(sorted({self._disease(i) for i in source.diagnosis})),
            dataset=_text(extra.get("dataset")),
            rarity=_text(extra.get("class")) or next((r for r in known if r != "unknown"), None),
            category=_text(extra.get("category")) or next((c for d in own if (c := diseases.categories[d])), None),
            band=_text(extra.get("band")) or self._band(own),
            known=bool(own),
            cited=self._cited(extra.get("cited"), papers, own),
            pmids=papers,
            by={key: _text(extra.get(key)) for key in self._by},
            left_out=left_out,
        )

    def _band(self, own: Sequence[int]) -> str | None:
        code = max((int(self._knowledge.diseases.bands[d]) for d in own), default=0)
        return BANDS[code] if code else None

    def _cited(self, said: Any, papers: Sequence[str], own: Sequence[int]) -> bool | None:
        if isinstance(said, bool):
            return said
        return self._papers.cited(papers, own) if papers and own else None


def _text(value: Any) -> str | None:
    """A group from an input's key; None where it says nothing."""
    if value is None or isinstance(value, dict | list) or not str(value).strip():
        return None
    return str(value)[:200]
