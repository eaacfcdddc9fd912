"""The whole-chat writer: plans the conversation, then tells it; long messages, digressions, up to three findings."""

from __future__ import annotations

from rarescale.record import Message
from rarescale.simulation.writers.contract import Assignment, Wanted
from rarescale.simulation.writers.lexicon import Lexicon
from rarescale.simulation.writers.offline import (
    TALKS,
    Said,
    chosen,
    clinician,
    grouped,
    main_complaint,
    patient,
    system_message,
)
from rarescale.simulation.writers.plan import Turn, chunks, with_talk
from rarescale.simulation.writers.speech import Speech

_PAIRS, _PAIRS_SD = 7.8, 1.8
"""Question and answer pairs: 17.5 messages with the system's (the published corpus)."""


class WholeChatWriter:
    """Writes from a plan of the whole conversation."""

    name, version = "whole", "1"

    def __init__(self, lexicon: Lexicon) -> None:
        """`lexicon` is shared by all chats."""
        self._lexicon = lexicon

    def write(self, assignment: Assignment) -> tuple[Message, ...]:
        """The chat; raises CannotWrite where a finding has no words."""
        speech = Speech(assignment, self._lexicon, self.name)
        rng, said = speech.rng, chosen(assignment, speech)
        main = main_complaint(assignment, said, self._lexicon)
        rest = [w for w in assignment.findings if w is not main]
        first = [main, *_beside(main, rest, speech, self._lexicon)]
        groups = grouped([w for w in rest if w not in first], said, self._lexicon, speech)
        turns = chunks(groups, (1, 2, 3), (0.2, 0.5, 0.3), rng)
        turns = with_talk(turns, TALKS, round(rng.gauss(_PAIRS, _PAIRS_SD)) - 1, rng)
        out = [
            system_message(assignment, speech),
            clinician(speech.piece("greeting")),
            patient(_opening(speech, first, said), tuple(first)),
        ]
        for turn in turns:
            out += [clinician(_question(speech, turn)), patient(_answer(speech, turn, said), turn.findings)]
        if rng.random() < 0.4:
            out += [clinician(speech.piece("q_end")), patient(speech.typed(speech.piece("a_end")), ())]
        return tuple(out)


def _beside(main: Wanted, rest: list[Wanted], speech: Speech, lexicon: Lexicon) -> list[Wanted]:
    """None, one or two present findings that go with the complaint, those of its body system first."""
    present = [w for w in rest if w.present and not lexicon.is_factor(w.id)][:4]
    present.sort(key=lambda w: lexicon.systems.of(w.id) != lexicon.systems.of(main.id))
    return present[: speech.rng.choices((0, 1, 2), (0.35, 0.45, 0.2))[0]]


def _opening(speech: Speech, first: list[Wanted], said: Said) -> str:
    lead = speech.piece("open")
    parts = [lead, speech.sentence(first[0], said[first[0].id], main=True)]
    parts += [linked(speech, speech.sentence(w, said[w.id])) for w in first[1:]]
    if speech.rng.random() < 0.3:
        parts.append(speech.piece("tail"))
    return speech.typed(" ".join(parts))


def _question(speech: Speech, turn: Turn) -> str:
    rng, kind = speech.rng, turn.kind
    ack = f"{speech.piece('ack')} " if rng.random() < 0.6 else ""
    plain = bool(turn.findings) and all(w.present for w in turn.findings)
    if plain and kind != "told" and rng.random() < 0.35:
        kind = "open"
    return ack + speech.question(kind)


def _answer(speech: Speech, turn: Turn, said: Said) -> str:
    rng = speech.rng
    if turn.kind.startswith("talk:"):
        parts = [speech.piece(f"a_{turn.kind[5:]}")]
        if rng.random() < 0.45:
            parts.append(speech.piece("chatter"))
        return speech.typed(" ".join(parts))
    parts = []
    if rng.random() < 0.35:
        parts.append(speech.piece("hedge"))
    before: Wanted | None = None
    for w in turn.findings:
        text = speech.sentence(w, said[w.id])
        if before is not None:
            text = linked(speech, text) if w.present else _contrasted(speech, text, before)
        parts.append(text)
        before = w
    if rng.random() < 0.25:
        parts.append(speech.piece("tail"))
    if rng.random() < 0.15:
        parts.append(speech.piece("chatter"))
    return speech.typed(_after_hedge(parts))


_LINKABLE = (
    "I",
    "I'm",
    "I've",
    "My",
    "He",
    "He's",
    "His",
    "She",
    "She's",
    "Her",
    "It",
    "It's",
    "There's",
    "They",
    "The",
    "A",
    "An",
)


def linked(speech: Speech, text: str, share: float = 0.5) -> str:
    """Sometimes a word that ties the sentence to the one before, unless it has such a word already."""
    if text.split(" ", 1)[0] in _LINKABLE and speech.rng.random() < share:
        return f"{speech.pieces.pick('link', speech.rng)} {lowered(text)}"
    return text


def _contrasted(speech: Speech, text: str, before: Wanted) -> str:
    """A denial behind something present, sometimes with a "but"."""
    if before.present and speech.rng.random() < 0.5 and not text.startswith(("No,", "Nope", "Not ", "Well", "But")):
        return f"{speech.pieces.pick('but', speech.rng)} {lowered(text)}"
    return text


def lowered(text: str) -> str:
    """The first letter small, unless it is "I" or an acronym."""
    first = text.split(" ", 1)[0]
    keeps = first in ("I", "I'm", "I've", "I'd") or (len(first) > 1 and first[1:2].isupper()) or first[:1].isdigit()
    return text if keeps else text[:1].lower() + text[1:]


def _after_hedge(parts: list[str]) -> str:
    if len(parts) > 1 and parts[0].endswith(","):
        parts = [f"{parts[0]} {lowered(parts[1])}", *parts[2:]]
    return " ".join(parts)
