"""What to ask next, and a simulated patient to ask."""

from rarescale.interview.askable import EVERY_ANSWERABLE, EVERY_COST, Askable
from rarescale.interview.contract import Answer, Answerable, Cost, Mode, Mover, Question, Questions, Stop
from rarescale.interview.interviewer import Interviewer
from rarescale.interview.patient import SimulatedPatient
from rarescale.interview.progress import progress
from rarescale.interview.session import Chooser, Turn, after, best_question, interview
from rarescale.interview.settings import InterviewSettings

__all__ = [
    "EVERY_ANSWERABLE",
    "EVERY_COST",
    "Answer",
    "Answerable",
    "Askable",
    "Chooser",
    "Cost",
    "InterviewSettings",
    "Interviewer",
    "Mode",
    "Mover",
    "Question",
    "Questions",
    "SimulatedPatient",
    "Stop",
    "Turn",
    "after",
    "best_question",
    "interview",
    "progress",
]
