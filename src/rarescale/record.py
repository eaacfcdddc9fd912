"""The words of the project as types; every other module speaks in them.

*finding*: an HPO term with a state, present or absent (never said = unknown, and then it is not in the list).
*case*: sex, age and findings of one patient. *chat*: messages of roles system, clinician, patient.
*note*: free text about one patient. *differential*: the ordered list of diseases with reasons.

All types are frozen; what flows through the program is data. Sizes and units stand at the fields.
The JSON Schemas that ship with the package are generated from the types of this file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal, NewType

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION: Literal["1"] = "1"

TermId = NewType("TermId", str)
"""A CURIE of a finding, such as ``HP:0001250``."""

DiseaseId = NewType("DiseaseId", str)
"""A CURIE of a disease, such as ``OMIM:277900`` or ``ORPHA:905``."""


Rarity = Literal["rare", "uncommon", "common", "unknown"]
"""How common a disease is, in plain words."""


class Record(BaseModel):
    """Base of all types here: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class State(StrEnum):
    """What is known of a finding. A finding never mentioned is not listed at all."""

    PRESENT = "present"
    ABSENT = "absent"


class Sex(StrEnum):
    """Phenopacket spelling of the sex of the patient."""

    FEMALE = "FEMALE"
    MALE = "MALE"
    OTHER_SEX = "OTHER_SEX"
    UNKNOWN_SEX = "UNKNOWN_SEX"


class Role(StrEnum):
    """Who speaks in a chat; `system` carries name, age and sex only."""

    SYSTEM = "system"
    CLINICIAN = "clinician"
    PATIENT = "patient"


_DURATION = re.compile(
    r"^P(?=.)(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:\d+(?:\.\d+)?[HMS])+)?$"
)

MAX_AGE_YEARS = 125.0


def years(duration: str) -> float:
    """Length of an ISO 8601 duration in years (a month is 1/12, a day 1/365.25).

    Raises ValueError for anything that is not a duration or longer than 125 years.
    """
    match = _DURATION.match(duration.strip().upper())
    if match is None:
        raise ValueError(f"{duration!r} is not an ISO 8601 duration such as P34Y2M")
    y, m, w, d = (float(part) if part else 0.0 for part in match.groups())
    total = y + m / 12.0 + (7.0 * w + d) / 365.25
    if total > MAX_AGE_YEARS:
        raise ValueError(f"{duration!r} is longer than a human life ({MAX_AGE_YEARS:.0f} years)")
    return total


class Finding(Record):
    """One finding of one patient.

    `id` is None only for words that have not been resolved yet. `message` is the 0-based index of the
    chat message and `span` the half-open character range of `quote` in that message (or in the note).
    `source` names the stage that found it (`given`, `dictionary`, ...). `onset` is an ISO 8601 duration
    or an HPO onset term. `confidence` is 0..1, None where the stage states none.
    """

    id: TermId | None = None
    text: str
    label: str = ""
    state: State = State.PRESENT
    onset: str | None = None
    quote: str | None = None
    message: int | None = None
    span: tuple[int, int] | None = None
    source: str = "given"
    confidence: float | None = Field(default=None, ge=0.0, le=1.0)


class Message(Record):
    """One turn of a chat. `labels` are findings known to be in it: for training and evaluation only."""

    role: Role
    content: str
    labels: tuple[Finding, ...] = ()


class _Input(Record):
    """What all inputs share. `origin` says where it was read, such as ``cases.jsonl line 3``.

    `diagnosis` (all ids mean the same truth), `diagnosis_name` and `extra` are for evaluation; nothing
    that diagnoses or generates reads them.
    """

    id: str
    origin: str = ""
    diagnosis: tuple[DiseaseId, ...] = ()
    diagnosis_name: str | None = None
    warnings: tuple[str, ...] = ()
    extra: Mapping[str, Any] = Field(default_factory=dict)


class Case(_Input):
    """Structured findings of one patient; `age` is in years."""

    sex: Sex | None = None
    age: float | None = Field(default=None, ge=0.0, le=MAX_AGE_YEARS)
    findings: tuple[Finding, ...] = ()


class Chat(_Input):
    """A history-taking conversation."""

    messages: tuple[Message, ...]


class Note(_Input):
    """Free text about one patient."""

    text: str


class Unreadable(Record):
    """An input that could not be read; it keeps its place in the batch."""

    id: str
    origin: str = ""
    kind: str = "input"
    message: str


Input = Case | Chat | Note | Unreadable


class Reading(Record):
    """What was understood of a chat or note: findings with quotes, sex, age in years, and the
    clauses about the patient in which nothing was recognised.

    `uncertain` are findings that may be meant, too unsure to be listed: they only tip the scales, by their confidence.
    """

    findings: tuple[Finding, ...] = ()
    uncertain: tuple[Finding, ...] = ()
    sex: Sex | None = None
    age: float | None = Field(default=None, ge=0.0, le=MAX_AGE_YEARS)
    not_understood: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Reason(Record):
    """Why one finding speaks for or against one disease.

    `weight` is in nats of log odds: positive = for, negative = against; the weights of a candidate and
    its `prior` add up to its score. `matched` is the annotated term that answered, `frequency` the
    annotation's own words for it, `source` its reference. `uncertain`: the finding is only guessed at.
    """

    finding: TermId
    label: str = ""
    direction: Literal["for", "against"]
    weight: float
    matched: TermId | None = None
    matched_label: str | None = None
    kind: str
    frequency: str | None = None
    source: str | None = None
    uncertain: bool = False


class Clue(Record):
    """Words or a finding that drove a trained model; `weight` in nats of log odds, positive = for."""

    text: str
    kind: Literal["words", "finding"]
    weight: float


class Candidate(Record):
    """One disease of a differential; `ids` are all its ids, `id` the preferred one.

    `score` is `prior` + the weights of the `reasons` + `learned`, the candidate model's share; `clues` are the words
    and findings that drove the model. A diagnosis of a language model that the knowledge does not have keeps its place
    with an empty `id` and no `ids`.
    """

    rank: int = Field(ge=1)
    id: DiseaseId
    ids: tuple[DiseaseId, ...]
    name: str
    rarity: Rarity = Field(default="unknown", alias="class")
    score: float
    probability: float = Field(ge=0.0, le=1.0)
    interval: tuple[float, float] | None = None
    not_to_be_missed: bool = False
    prior: float = 0.0
    reasons: tuple[Reason, ...] = ()
    learned: float = 0.0
    clues: tuple[Clue, ...] = ()


Arm = Literal["none", "self", "rarescale", "expert"]
"""Whose candidates a language model is shown: nobody's, its own rare ones, the trained model's, or the expert's."""

Likelihood = Literal["high", "medium", "low"]
"""A language model's own word for how likely a diagnosis is."""


class Diagnosis(Record):
    """One diagnosis in the words of a language model.

    `id` is the disease of the knowledge that `name` means, None where it means none or several. `quotes` stand in the
    conversation as they are here.
    """

    name: str
    id: DiseaseId | None = None
    likelihood: Likelihood
    reasons: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()


class Considered(Record):
    """What a language model made of one candidate it was shown."""

    name: str
    id: DiseaseId | None = None
    kept: bool
    why: str = ""


class Weighing(Record):
    """How a language model came to its differential (RareScale, prompt 4).

    `outcome` is ``weighed``, ``empty`` (a valid answer without a diagnosis) or the kind of failure, such as
    ``timeout``, ``refused`` or ``invalid-reply``; `fallback` says that the differential beside it is the one computed
    without the model. `first_pass` are its own diagnoses before it saw candidates, `considered` what it made of the
    candidates. `withheld` are passages of the input that it was not shown because they address the software.
    """

    arm: Arm
    model: str
    prompt: str
    outcome: str
    fallback: bool
    first_pass: tuple[str, ...] = ()
    considered: tuple[Considered, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    withheld: tuple[str, ...] = ()


class Release(Record):
    """Identity of the knowledge everything was computed from; `release` contains the HPO date."""

    release: str
    hash: str


class Engine(Record):
    """What computed the answer."""

    name: str
    version: str


class Understanding(Record):
    """The answer of `rarescale read`: an input as findings of the knowledge."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    id: str
    sex: Sex | None = None
    age: float | None = None
    findings: tuple[Finding, ...] = ()
    uncertain: tuple[Finding, ...] = ()
    unresolved: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()
    red_flags: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    knowledge: Release
    engine: Engine


class Differential(Understanding):
    """The answer of `rarescale diagnose`: the understood input and the ranked, explained diseases.

    `beside` are the best rare diseases that the list leaves out, with their ranks: not likely, not to be forgotten. It
    is filled where the patient's own words are there and all diseases are candidates.
    `none_of_these` is the probability that the disease is not among all candidates of the knowledge.
    `weighing` is there where a language model was asked: then the order and the `score` (which only counts down) are
    the model's, while `probability`, `prior` and `reasons` of a disease stay those computed without it.
    """

    differential: tuple[Candidate, ...] = ()
    beside: tuple[Candidate, ...] = ()
    none_of_these: float = Field(default=1.0, ge=0.0, le=1.0)
    weighing: Weighing | None = None


class Problem(Record):
    """What went wrong with one input; `message` says what, where, expected, found and the next step."""

    kind: str
    message: str


class Failure(Record):
    """Stands in the place of an answer for an input that could not be diagnosed."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    id: str
    error: Problem
