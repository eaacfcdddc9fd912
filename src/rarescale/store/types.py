"""What is kept: the types that go into the store and come out of it.

Every change of a case gets the next *entry* number of that case, which orders its history whatever the clocks say;
*revision* counts the changes of content and edits, and is what two tabs are told apart by.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from rarescale.record import (
    MAX_AGE_YEARS,
    Case,
    Chat,
    Differential,
    DiseaseId,
    Finding,
    Note,
    Record,
    Release,
    Sex,
    TermId,
)

Who = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A person as the program knows them, such as a login name; never a patient."""


def _aware(when: datetime) -> datetime:
    if when.tzinfo is None:
        raise ValueError("the time has no time zone; expected one such as 2026-11-26T09:00:00+00:00")
    return when.astimezone(UTC)


When = Annotated[datetime, AfterValidator(_aware)]
"""An instant with its time zone; kept in UTC to the microsecond."""


class Content(Record):
    """One case as it was read: the input and what the program understood of it. All of it is patient text.

    `given` are findings that were there before the conversation in `input` began. `sex` and `age` are what was used;
    `by_hand` says which of them a person set. `among` are the diseases that were ranked, `simulated` names a patient
    of the program's own.
    """

    title: str = Field(default="", max_length=200)
    input: Chat | Note | Case
    sex: Sex | None = None
    age: float | None = Field(default=None, ge=0.0, le=MAX_AGE_YEARS)
    findings: tuple[Finding, ...] = ()
    uncertain: tuple[Finding, ...] = ()
    given: Case | None = None
    by_hand: tuple[Literal["sex", "age"], ...] = ()
    among: Literal["all", "rare"] = "all"
    simulated: str | None = Field(default=None, max_length=40)


SINCE_0003 = frozenset({"given", "by_hand", "among", "simulated"})
"""Fields of a content that programs before schema 0003 do not know; written only where they say something."""


class Edit(Record):
    """One thing the clinician changed about one finding; `note` is in the clinician's own words.

    Where it answers a question, `asked` is its text and `message` the number of messages said before it.
    """

    finding: TermId
    change: Literal["present", "absent", "unknown", "pause", "resume", "onset"]
    onset: str = Field(default="", max_length=40)
    note: str = Field(default="", max_length=5_000)
    asked: str = Field(default="", max_length=500)
    message: int = Field(default=0, ge=0)


class SignOff(Record):
    """What the clinician concludes; `differential` is the entry number of the one they looked at."""

    statement: str = Field(min_length=1, max_length=20_000)
    disease: DiseaseId | None = None
    differential: int | None = Field(default=None, ge=1)


class CaseLine(Record):
    """One line of a list of cases: nothing of the patient. `hold`: retention leaves it alone."""

    case: str
    owner: Who
    revision: int = Field(ge=1)
    created: When
    saved: When
    hold: bool = False


class Listed(CaseLine):
    """A line of a person's own list; the title is patient text."""

    title: str = ""


class SavedDifferential(Record):
    """A differential as it was made, with the knowledge it was made with; it never changes."""

    entry: int
    revision: int
    by: Who
    at: When
    knowledge: Release
    engine: str
    differential: Differential


class SavedCase(CaseLine):
    """A case as it stands; `edits` are all edits in force, laid over `content` in order."""

    content: Content
    edits: tuple[Edit, ...] = ()


class Entry(Record):
    """One step in the history of a case; `kind` says which of the bodies is there."""

    kind: Literal["content", "edits", "differential", "sign-off"]
    entry: int
    revision: int
    by: Who
    at: When
    content: Content | None = None
    edits: tuple[Edit, ...] | None = None
    differential: Differential | None = None
    sign_off: SignOff | None = None


class AuditEntry(Record):
    """Who did what, when. `what` is one word of the program, so no text of a patient can get in."""

    who: Who
    what: str = Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")
    when: When
    case: str | None = Field(default=None, pattern=r"^[0-9a-f]{32}$")
    outcome: Literal["done", "denied"] = "done"


class Deleted(Record):
    """What a deletion did; `purged` is False where others still read, so that the old text leaves the files later."""

    cases: tuple[str, ...]
    purged: bool
