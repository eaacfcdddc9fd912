"""What the interview gives and takes: questions with their gain, the mode they were chosen in, and answers."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from rarescale.record import DiseaseId, Record, TermId

Answerable = Literal["symptom", "told", "no", "unknown"]
"""Whether a patient can know a finding: by noticing it, by having been told by a doctor, or not; see `knowledge`."""


class Mode(StrEnum):
    """What the next questions are for."""

    RULE_OUT = "rule-out"
    DISCRIMINATE = "discriminate"
    PURSUE = "pursue"


class Cost(StrEnum):
    """What it takes to get the answer: a question to the patient, a look at the patient, or a test."""

    ASK = "ask"
    EXAM = "exam"
    TEST = "test"


class Answer(StrEnum):
    """What a patient says to a question about one finding."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Mover(Record):
    """A disease that an answer favours; `change` is how much probability it gains.

    It is 0 where the expert gives an answer no weight: then these are leading diseases that lack the finding.
    """

    id: DiseaseId
    name: str
    change: float


class Question(Record):
    """One finding to ask about.

    `text` is the question in plain words. `gain` is the expected information of the answer, in nats, about what the
    mode is after; `yes` is the expected probability of a yes. `worth` orders the questions: the gain, weighted by
    what a patient can answer and by cost. `up_if_yes` and `up_if_no` are the diseases that an answer favours most.
    An `open_ended` question asks for the finding itself: note what is named, not the term that was asked about.
    """

    id: TermId
    label: str
    text: str
    gain: float = Field(ge=0.0)
    worth: float = Field(ge=0.0)
    yes: float = Field(ge=0.0, le=1.0)
    answerable: Answerable
    cost: Cost
    open_ended: bool = False
    up_if_yes: tuple[Mover, ...] = ()
    up_if_no: tuple[Mover, ...] = ()


class Stop(Record):
    """Why no further question is needed. The questions of a stopped interview may still be asked."""

    reason: Literal["nothing known", "clearly ahead", "little to gain", "nothing left"]
    text: str


class Questions(Record):
    """What to ask next, the most useful question first; `stop` is None while asking is worth it."""

    mode: Mode
    questions: tuple[Question, ...] = ()
    stop: Stop | None = None
