"""The transcript as it is shown: every message cut into plain pieces and pieces that belong to a finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rarescale.record import Chat, Note
from rarescale.web.bench import Bench, Edit
from rarescale.web.picture import Item

SPEAKERS = {"system": "About the patient", "clinician": "Clinician", "patient": "Patient"}
ANSWERS = {"present": "Yes.", "absent": "No.", "unknown": "I don't know."}


@dataclass(frozen=True)
class Piece:
    """Some characters of a message; `item` is the finding they were read as. `quote`: its chip links here."""

    text: str
    item: Item | None = None
    quote: bool = False


@dataclass(frozen=True)
class Turn:
    """One message, or the whole note."""

    speaker: str
    role: str
    pieces: tuple[Piece, ...]


def transcript(bench: Bench, items: Mapping[str, Item]) -> list[Turn]:
    """The turns with their findings, the answered questions where they were asked."""
    turns = _said(bench.talk, list(items.values()))
    asked = [e for e in bench.edits if e.asked]
    for edit in reversed(asked):
        at = edit.at if isinstance(bench.talk, Chat) else len(turns)
        turns[at:at] = _asked(edit, items.get(edit.id))
    return turns


def _said(talk: Chat | Note | None, known: list[Item]) -> list[Turn]:
    if talk is None:
        return []
    if isinstance(talk, Note):
        return [Turn("Note", "note", _pieces(talk.text, [i for i in known if i.finding.message is None]))]
    return [
        Turn(SPEAKERS[m.role.value], m.role.value, _pieces(m.content, [i for i in known if i.finding.message == n]))
        for n, m in enumerate(talk.messages)
    ]


def _asked(edit: Edit, item: Item | None) -> list[Turn]:
    """A question with its answer; the answer is linked to the finding."""
    answer = Piece(ANSWERS.get(edit.change, edit.change), item)
    return [
        Turn(SPEAKERS["clinician"], "clinician", (Piece(edit.asked),)),
        Turn(SPEAKERS["patient"], "patient", (answer,)),
    ]


def _pieces(text: str, items: list[Item]) -> tuple[Piece, ...]:
    """The text in order; of overlapping quotes the earlier, then the longer one is marked."""
    spans = sorted(((i.finding.span[0], -i.finding.span[1], i) for i in items if i.finding.span), key=lambda s: s[:2])
    pieces, at = [], 0
    for start, minus_end, item in spans:
        end = min(-minus_end, len(text))
        if start < at or start >= end:
            continue
        if start > at:
            pieces.append(Piece(text[at:start]))
        pieces.append(Piece(text[start:end], item, quote=True))
        at = end
    if at < len(text):
        pieces.append(Piece(text[at:]))
    return tuple(pieces)


def linked(turns: Iterable[Turn]) -> set[str]:
    """Ids of the findings whose quote can be jumped to."""
    return {p.item.id for t in turns for p in t.pieces if p.item is not None and p.quote}
