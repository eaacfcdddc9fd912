"""Answers that the tests of the renderers share."""

from __future__ import annotations

from rarescale.diagnose import Diagnoser
from rarescale.knowledge import Knowledge
from rarescale.record import Case, Differential, Failure, Finding, Problem, Release, Sex, State, Understanding

EVIL = "<script>alert('x')</script> & \"q\" <img src=x onerror=y>"


def tremor_case(**more: object) -> Case:
    findings = (
        Finding(text="HP:0001337", onset="P2Y6M"),
        Finding(text="HP:0002240", onset="HP:0003577"),
        Finding(text="HP:0001250", state=State.ABSENT),
    )
    return Case(**({"id": "Ann Lee", "sex": Sex.FEMALE, "age": 34.25, "findings": findings} | more))


def tremor(toy: Knowledge, **more: object) -> Differential:
    return Diagnoser(toy).diagnose(tremor_case(**more))


def hostile(toy: Knowledge) -> Differential:
    """Every text that can come from outside is markup."""
    answer = tremor(toy)
    finding = answer.findings[0].model_copy(update={"quote": EVIL, "label": EVIL, "text": EVIL})
    candidate = answer.differential[0]
    reason = candidate.reasons[0].model_copy(update={"label": EVIL, "frequency": EVIL, "source": EVIL})
    candidate = candidate.model_copy(update={"name": EVIL, "reasons": (reason,)})
    return answer.model_copy(
        update={
            "id": EVIL,
            "findings": (finding,),
            "unresolved": (EVIL,),
            "not_understood": (EVIL,),
            "red_flags": (EVIL,),
            "warnings": (EVIL,),
            "differential": (candidate,),
            "knowledge": Release(release=EVIL, hash=EVIL),
        }
    )


def failure() -> Failure:
    return Failure(id="Bob Ray", error=Problem(kind="input", message="line 3 of Bob Ray is no JSON"))


def silent(toy: Knowledge) -> Understanding:
    """Nothing present, so nothing to rank by."""
    return Diagnoser(toy).diagnose(Case(id="c0", findings=(Finding(text="HP:0001250", state=State.ABSENT),)))
