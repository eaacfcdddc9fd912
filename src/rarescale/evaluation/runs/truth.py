"""What is known of a case before anything is asked of an engine: its truth and the groups it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

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


class _About(NamedTuple):
    """A truth in the knowledge: `own` are its diseases there."""

    own: tuple[int, ...]
    cluster: str
    name: str | None
    rarity: str | None
    category: str | None
    band: str | None


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
        self._known: dict[tuple[str, ...], _About] = {}
        self._asked: dict[tuple[tuple[str, ...], tuple[int, ...]], tuple[bool, LeftOut | None]] = {}

    def of(self, source: Input) -> Truth:
        """The truth of one input that names a diagnosis, or of one that cannot be read."""
        if isinstance(source, Unreadable):
            return Truth(id=source.id, kind="unreadable", disease=f"unreadable: {source.origin or source.id}")
        extra, papers = source.extra, papers_of(source.extra)
        about = self._about(tuple(source.diagnosis))
        cited, left_out = self._own_papers(papers, about.own)
        return Truth(
            id=source.id,
            kind=type(source).__name__.lower(),
            diagnosis=tuple(source.diagnosis),
            diagnosis_name=source.diagnosis_name or about.name,
            disease=about.cluster,
            dataset=_text(extra.get("dataset")),
            rarity=_text(extra.get("class")) or about.rarity,
            category=_text(extra.get("category")) or about.category,
            band=_text(extra.get("band")) or about.band,
            known=bool(about.own),
            cited=said if isinstance(said := extra.get("cited"), bool) else cited,
            pmids=papers,
            by={key: _text(extra.get(key)) for key in self._by},
            left_out=left_out,
        )

    def _about(self, diagnosis: tuple[str, ...]) -> _About:
        """What hangs on the diagnosis alone; a set has far fewer diseases than cases."""
        found = self._known.get(diagnosis)
        if found is None:
            found = self._known[diagnosis] = self._looked_up(diagnosis)
        return found

    def _looked_up(self, diagnosis: tuple[str, ...]) -> _About:
        diseases = self._knowledge.diseases
        own = tuple(sorted({d for i in diagnosis if (d := diseases.index(i)) is not None}))
        band = max((int(diseases.bands[d]) for d in own), default=0)
        return _About(
            own=own,
            cluster="+".join(sorted({self._disease(i) for i in diagnosis})),
            name=diseases.name(own[0]) if own else None,
            rarity=next((r for d in own if (r := diseases.rarity(d)) != "unknown"), None),
            category=next((c for d in own if (c := diseases.categories[d])), None),
            band=BANDS[band] if band else None,
        )

    def _own_papers(self, papers: tuple[str, ...], own: tuple[int, ...]) -> tuple[bool | None, LeftOut | None]:
        """Whether the disease `own` cites one of `papers`, and what it loses without them; None where nobody can say.

        Answers are kept, since cases of one paper mostly are of one disease.
        """
        if not own:
            return None, None
        if (papers, own) not in self._asked:
            left_out = self._papers.left_out(papers, own, self._mode) if self._mode else None
            self._asked[papers, own] = (self._papers.cited(papers, own), left_out)
        cited, left_out = self._asked[papers, own]
        return cited if papers else None, left_out


def _text(value: Any) -> str | None:
    """A group from an input's key; None where it says nothing."""
    if value is None or isinstance(value, dict | list) or not str(value).strip():
        return None
    return str(value)[:200]
