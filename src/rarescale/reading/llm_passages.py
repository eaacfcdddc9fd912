"""A patient's chat, note or case as data for a language model, and quotes found again in it.

A model is shown JSON between two marks. Every ``<`` inside is written as ``\\u003c``, so nothing that a patient says
can close the marks or begin new ones.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rarescale.reading.llm_screen import screened
from rarescale.record import Case, Chat, Note, Role, State

SHORTEST_QUOTE = 3
"""Characters that a quote needs; fewer prove nothing."""

_ALIKE = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a quote stands: `passage` (0-based), the half-open `span` of characters in it, and the words there."""

    passage: int
    span: tuple[int, int]
    text: str


@dataclass(frozen=True)
class Passages:
    """What was said, by whom, in order. `shown` leaves out what addresses the software; `withheld` lists that."""

    speakers: tuple[str, ...]
    texts: tuple[str, ...]
    shown: tuple[str, ...]
    withheld: tuple[str, ...] = ()

    def data(self) -> str:
        """The block for a prompt: one JSON object a line between ``<patient>`` and ``</patient>``."""
        rows = [
            json.dumps({"n": k, "who": who, "said": text}, ensure_ascii=False).replace("<", "\\u003c")
            for k, (who, text) in enumerate(zip(self.speakers, self.shown, strict=True))
        ]
        return "\n".join(["<patient>", *rows, "</patient>"])

    def find(self, quote: str) -> Place | None:
        """Where `quote` stands in what was shown; None where it does not.

        Letter case, spacing and typographic quotes and dashes are not told apart; everything else is.
        """
        wanted, _ = _folded(quote)
        wanted = wanted.strip()
        if len(wanted) < SHORTEST_QUOTE:
            return None
        for k, ((seen, _), (whole, places)) in enumerate(zip(self._shown, self._whole, strict=True)):
            start = whole.find(wanted) if wanted in seen else -1
            if start >= 0:
                span = places[start], places[start + len(wanted) - 1] + 1
                return Place(k, span, self.texts[k][slice(*span)])
        return None

    @cached_property
    def _shown(self) -> list[tuple[str, list[int]]]:
        return [_folded(text) for text in self.shown]

    @cached_property
    def _whole(self) -> list[tuple[str, list[int]]]:
        return [_folded(text) for text in self.texts]


def passages_of(source: Case | Chat | Note, *, screen: bool = True) -> Passages:
    """What `source` says of the patient. Labels, diagnosis and extra keys stay outside.

    `screen` leaves out passages that address the software (see `llm_screen`).
    """
    if isinstance(source, Chat):
        # "system" has a meaning of its own to models.
        pairs = [("record" if m.role is Role.SYSTEM else m.role.value, m.content) for m in source.messages]
    elif isinstance(source, Note):
        pairs = [("note", source.text)]
    else:
        pairs = _case(source)
    speakers, texts = tuple(who for who, _ in pairs), tuple(text for _, text in pairs)
    if not screen:
        return Passages(speakers, texts, texts)
    shown, withheld = _screened(texts)
    return Passages(speakers, texts, shown, withheld)


def _screened(texts: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    results = [screened(text) for text in texts]
    return tuple(kept for kept, _ in results), tuple(gone for _, gone in results if gone)


def _case(case: Case) -> list[tuple[str, str]]:
    who = [] if case.sex is None else [case.sex.value.lower().replace("_", " ")]
    age = [] if case.age is None else [f"{case.age:g} years old"]
    rows = [("record", ", ".join(age + who))] if age or who else []
    for state in State:
        words = [f.label or f.text for f in case.findings if f.state is state]
        if words:
            rows.append((f"findings {state.value}", "; ".join(words)))
    return rows


def _folded(text: str) -> tuple[str, list[int]]:
    """`text` for comparison, and for each of its characters the position in `text` that it came from."""
    folded: list[str] = []
    places: list[int] = []
    for k, character in enumerate(text.translate(_ALIKE)):
        if character.isspace():
            if folded and folded[-1] == " ":
                continue
            character = " "
        for letter in character.casefold():
            folded.append(letter)
            places.append(k)
    return "".join(folded), places
