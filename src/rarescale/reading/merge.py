"""Readers work in stages; their readings of one source become one reading, each finding with its provenance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from rarescale.record import Chat, Finding, Note, Reading, State


class Reader(Protocol):
    """Anything that turns a chat or note into findings. `name` becomes the `source` of its findings."""

    @property
    def name(self) -> str:
        """Short name of the stage, such as ``dictionary``."""
        ...

    def read(self, source: Chat | Note) -> Reading:
        """What was understood of `source`."""
        ...


def read_all(source: Chat | Note, readers: Sequence[Reader]) -> Reading:
    """The readings of all `readers`, merged; with no readers an empty reading."""
    return merge(reader.read(source) for reader in readers)


def merge(readings: Iterable[Reading]) -> Reading:
    """One reading of several of the same source, the earlier ones preferred.

    The same term in the same state is one finding with the earlier one's words, all sources joined by "+" and the
    highest confidence. A term found present by one stage and absent by another is present, with a warning. A clause
    is not understood where no stage understood it.
    """
    listed = list(readings)
    found: dict[tuple[str, State], Finding] = {}
    for reading in listed:
        for finding in reading.findings:
            key = (finding.id or finding.text.casefold(), finding.state)
            found[key] = _join(found[key], finding) if key in found else finding
    findings, conflicts = settle_states(found.values())
    warnings = [w for reading in listed for w in reading.warnings]
    return Reading(
        findings=findings,
        sex=next((r.sex for r in listed if r.sex is not None), None),
        age=next((r.age for r in listed if r.age is not None), None),
        not_understood=_in_all([r.not_understood for r in listed]),
        warnings=tuple(dict.fromkeys((*warnings, *conflicts))),
    )


def settle_states(findings: Iterable[Finding]) -> tuple[tuple[Finding, ...], list[str]]:
    """`findings` without the absent ones that are also present, and a warning naming both quotes for each."""
    listed = list(findings)
    present = {f.id or f.text.casefold(): f for f in listed if f.state is State.PRESENT}
    kept, warnings = [], []
    for finding in listed:
        rival = present.get(finding.id or finding.text.casefold())
        if finding.state is State.PRESENT or rival is None:
            kept.append(finding)
        else:
            warnings.append(
                f"{rival.label or rival.text} ({rival.id}) is stated {_where(rival)} and denied {_where(finding)}; "
                "taken as present, remove it if it is not"
            )
    return tuple(kept), warnings


def _where(finding: Finding) -> str:
    place = "" if finding.message is None else f" in message {finding.message}"
    return f"by {finding.quote!r}{place}"


def _join(first: Finding, second: Finding) -> Finding:
    sources = dict.fromkeys((*first.source.split("+"), *second.source.split("+")))
    certain = [c for c in (first.confidence, second.confidence) if c is not None]
    return first.model_copy(update={"source": "+".join(sources), "confidence": max(certain, default=None)})


def _in_all(lists: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    if not lists:
        return ()
    return tuple(clause for clause in lists[0] if all(clause in other for other in lists[1:]))
