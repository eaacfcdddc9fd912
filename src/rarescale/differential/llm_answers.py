"""A model's reply, checked and brought home: names to diseases, quotes to passages, the order to a differential."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rarescale._version import __version__
from rarescale.differential.llm_names import CandidateName, DiseaseNames, cleaned, one_line
from rarescale.differential.llm_replies import Conclusion, OnePass, TwoPass
from rarescale.llm import KINDS
from rarescale.reading import Passages
from rarescale.record import Arm, Candidate, Considered, Diagnosis, Differential, DiseaseId, Engine, Weighing

LISTED = 5
"""Diagnoses of a final differential (RareScale, section 4)."""
LONGEST_REASON = 400
"""Characters of a reason that are shown."""
LEAK_WORDS = 9
"""So many words in a row from our own instructions make a reason a leak."""
_LINK = re.compile(r"https?://|www\.|<\s*/?\s*[a-z][^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reply is checked against: the passages, the candidates shown, our own instructions, and the ids of the
    diseases that are `ranked` without the model. `own`: the candidates are the model's own."""

    passages: Passages
    proposals: tuple[CandidateName, ...]
    instructions: str = ""
    ranked: frozenset[DiseaseId] = frozenset()
    own: bool = False


def weighed(
    reply: OnePass | TwoPass, asked: Asked, names: DiseaseNames, arm: Arm, model: str, prompt: str
) -> tuple[Weighing, list[str]]:
    """The checked reply, and a warning for everything that was dropped."""
    warnings: list[str] = []
    passed = [t.name for t in reply.first_pass]
    if isinstance(reply, TwoPass):
        passed += [v.name for v in reply.candidate_pass if _shown(v.name, asked, names)]
    diagnoses: list[Diagnosis] = []
    for conclusion in reply.diagnoses:
        found = _diagnosis(conclusion, asked, names, passed, warnings)
        if found is None or _again(found, diagnoses, warnings):
            continue
        if len(diagnoses) == LISTED:
            warnings.append(f"the model listed more than {LISTED} diagnoses; the first {LISTED} stand")
            break
        diagnoses.append(found)
    diagnoses = _behind(diagnoses, asked, names, warnings)
    weighing = Weighing(
        arm=arm,
        model=model,
        prompt=prompt,
        outcome="weighed" if diagnoses else "empty",
        fallback=not diagnoses,
        first_pass=tuple(cleaned(t.name) for t in reply.first_pass[:LISTED]),
        considered=_considered(reply, asked, names) if isinstance(reply, TwoPass) else (),
        diagnoses=tuple(diagnoses),
        withheld=asked.passages.withheld,
    )
    return weighing, warnings


def _shown(name: str, asked: Asked, names: DiseaseNames) -> bool:
    """Whether a candidate of this name was shown; a verdict on another one opens no door."""
    resolved = names.resolve(name, asked.proposals)
    told = cleaned(name).casefold()
    return any((resolved is not None and resolved == p.id) or told == p.name.casefold() for p in asked.proposals)


def _considered(reply: TwoPass, asked: Asked, names: DiseaseNames) -> tuple[Considered, ...]:
    return tuple(
        Considered(name=cleaned(v.name), id=names.resolve(v.name, asked.proposals), kept=v.keep, why=_short(v.why))
        for v in reply.candidate_pass
    )


def _diagnosis(
    conclusion: Conclusion, asked: Asked, names: DiseaseNames, passed: Sequence[str], warnings: list[str]
) -> Diagnosis | None:
    name = cleaned(conclusion.name)
    if _LINK.search(conclusion.name) or not any(c.isalpha() for c in name):
        warnings.append(f"an entry of the model with the name {name[:60]!r} is no disease name; dropped")
        return None
    if not any(names.same(conclusion.name, other, asked.proposals) for other in passed):
        warnings.append(f"{name[:80]!r} is in neither pass of the model; dropped")
        return None
    return Diagnosis(
        name=name,
        id=names.resolve(conclusion.name, asked.proposals),
        likelihood=conclusion.likelihood,
        reasons=_reasons(conclusion, name, asked, warnings),
        quotes=_quotes(conclusion, name, asked, warnings),
    )


def _behind(diagnoses: Sequence[Diagnosis], asked: Asked, names: DiseaseNames, warnings: list[str]) -> list[Diagnosis]:
    """Diagnoses that the input names and nothing else puts forward, behind the others; none where there are no others.

    Whoever writes the input could put them there. A patient's own guess that the findings bear out is ranked without
    the model, and a disease that was shown as a candidate is no invention of the input: both keep their place.
    """
    shown = set() if asked.own else {p.id for p in asked.proposals if p.id is not None}
    echoes: list[Diagnosis] = []
    for d in diagnoses:
        if d.id is not None and (d.id in asked.ranked or d.id in shown):
            continue
        if any(asked.passages.find(name) for name in (d.name, *names.names(d.id))):
            warnings.append(f"{d.name!r} is named by the input and put forward by nothing else; placed last")
            echoes.append(d)
    others = [d for d in diagnoses if d not in echoes]
    return [*others, *echoes] if others else []


def _again(found: Diagnosis, before: Sequence[Diagnosis], warnings: list[str]) -> bool:
    for other in before:
        if (found.id is not None and found.id == other.id) or found.name.casefold() == other.name.casefold():
            warnings.append(f"the model names {found.name!r} and {other.name!r}, one disease; the first stands")
            return True
    return False


def _reasons(conclusion: Conclusion, name: str, asked: Asked, warnings: list[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for reason in conclusion.reasons:
        if _LINK.search(reason) or _leaks(reason, asked.instructions):
            warnings.append(f"a reason of the model for {name!r} holds a link, marks or our own instructions; dropped")
        elif short := _short(reason):
            kept.append(short)
    return tuple(kept)


def _quotes(conclusion: Conclusion, name: str, asked: Asked, warnings: list[str]) -> tuple[str, ...]:
    kept: dict[str, None] = {}
    for quote in conclusion.quotes:
        place = asked.passages.find(quote)
        if place is None:
            warnings.append(f"a quote of the model for {name!r} is not in the input: {quote[:80]!r}; dropped")
        else:
            kept[place.text] = None
    return tuple(kept)


def _short(text: str) -> str:
    plain = one_line(text)
    return plain if len(plain) <= LONGEST_REASON else f"{plain[: LONGEST_REASON - 1].rstrip()}…"


def _leaks(reason: str, instructions: str) -> bool:
    words, told = reason.casefold().split(), " ".join(instructions.casefold().split())
    return any(" ".join(words[k : k + LEAK_WORDS]) in told for k in range(len(words) - LEAK_WORDS + 1))


def differential_of(
    offline: Differential, weighing: Weighing, names: DiseaseNames, warnings: Sequence[str], top: int
) -> Differential:
    """`offline` in the order of the model; where `weighing` is a fallback, the first `top` of `offline` itself."""
    said = (*offline.warnings, *_told(weighing), *dict.fromkeys(warnings))
    if weighing.fallback:
        update = {"differential": offline.differential[:top], "warnings": said, "weighing": weighing}
        return offline.model_copy(update=update)
    known = {i: c for c in offline.differential for i in c.ids}
    count = len(weighing.diagnoses)
    listed = [_candidate(d, k, count, known, names) for k, d in enumerate(weighing.diagnoses, 1)]
    engine = Engine(name=f"rarescale llm {weighing.arm} {weighing.model}", version=f"{__version__}+{weighing.prompt}")
    update = {"differential": tuple(listed), "warnings": said, "weighing": weighing, "engine": engine}
    return offline.model_copy(update=update)


def _told(weighing: Weighing) -> list[str]:
    told = [
        f"a passage that addresses the software was not shown to the model: {' '.join(w.split())[:80]!r}"
        for w in weighing.withheld
    ]
    unknown = [d.name for d in weighing.diagnoses if d.id is None]
    if unknown:
        told.append(f"not in the knowledge: {', '.join(unknown)}")
    if weighing.fallback:
        why = KINDS.get(weighing.outcome, "the reply names no usable diagnosis")
        told.append(f"the model gave no differential ({weighing.outcome}: {why}); this one was computed without it")
    return told


def _candidate(
    diagnosis: Diagnosis, rank: int, count: int, known: dict[DiseaseId, Candidate], names: DiseaseNames
) -> Candidate:
    """`score` counts down from the number of diagnoses to 1, since a model gives an order and no number."""
    score = float(count - rank + 1)
    if diagnosis.id is None:
        return Candidate(rank=rank, id=DiseaseId(""), ids=(), name=diagnosis.name, score=score, probability=0.0)
    if (found := known.get(diagnosis.id)) is not None:
        return found.model_copy(update={"rank": rank, "score": score})
    diseases = names.knowledge.diseases
    index = diseases.index(diagnosis.id)
    assert index is not None  # ids of diagnoses come from this knowledge
    ids = diseases.ids(index)
    return Candidate(
        rank=rank,
        id=ids[0],
        ids=ids,
        name=diseases.name(index),
        rarity=diseases.rarity(index),
        score=score,
        probability=0.0,
    )
