"""The state of one workbench. It travels in the page as JSON and comes back with every step.

Findings are never stored: they are read anew from what was said, and the edits are laid over them in order. So undo
is taking the last edit away.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError

from rarescale.errors import InputError
from rarescale.record import Case, Chat, Note, Record, Sex

NAME = "patient"
"""Id of a patient that has none."""

MOST_EDITS = 500
"""Edits kept; the oldest are forgotten first."""

MOST_COMPARED = 2

SAVED = {"talk", "case", "edits", "sex", "age", "among", "patient"}
"""Fields of a bench that are about the patient, and saved; the others are about looking at it."""

LONGEST_TITLE = 200
"""Characters of the title of a saved case."""

ShortId = Annotated[str, StringConstraints(max_length=40, pattern=r"^[A-Za-z]+:[A-Za-z0-9]+$")]
Change = Literal["present", "absent", "unknown", "pause", "resume", "onset"]


class Edit(Record):
    """One thing a clinician did to one finding; `onset` is an onset term or empty.

    Where it is the answer to a question, `asked` is its text and `at` the number of messages said before it. `note` is
    what was written to it in a saved case.
    """

    id: ShortId
    change: Change
    onset: str = Field(default="", max_length=40)
    note: str = Field(default="", max_length=5_000)
    asked: str = Field(default="", max_length=500)
    at: int = Field(default=0, ge=0, le=100_000)


class Kept(Record):
    """The case a bench is saved as: `revision` 0 is not saved yet, under an id that waits for it.

    `mark` tells what was saved from what was changed since; `by` and `at` are of the last save, for the page.
    """

    case: str = Field(pattern=r"^[0-9a-f]{32}$")
    revision: int = Field(default=0, ge=0)
    by: str = Field(default="", max_length=200)
    at: datetime | None = None
    title: str = Field(default="", max_length=LONGEST_TITLE)
    mark: str = Field(default="", max_length=16)


class Bench(Record):
    """Everything the page knows of the patient.

    `talk` is a conversation or a note, `case` what was loaded as structured findings. `sex` and `age` (years) override
    what was read. `shown` are the diseases of the last differential, best first, `before` those of the step before it.
    `patient` names a simulated patient, `revealed` whether the diagnosis has been looked at. `kept` is the saved case,
    where cases can be saved.
    """

    talk: Annotated[Chat | Note | None, Field(union_mode="smart")] = None
    case: Case | None = None
    edits: tuple[Edit, ...] = Field(default=(), max_length=MOST_EDITS)
    sex: Sex | None = None
    age: float | None = Field(default=None, ge=0.0, le=125.0)
    among: Literal["all", "rare"] = "all"
    shown: tuple[ShortId, ...] = Field(default=(), max_length=50)
    before: tuple[ShortId, ...] = Field(default=(), max_length=50)
    compared: tuple[ShortId, ...] = Field(default=(), max_length=MOST_COMPARED)
    patient: str | None = Field(default=None, max_length=40)
    revealed: bool = False
    kept: Kept | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to work on yet."""
        return self.talk is None and self.case is None and not self.edits and self.patient is None

    def edited(self, edit: Edit) -> Bench:
        """With one more edit."""
        return self.model_copy(update={"edits": (*self.edits, edit)[-MOST_EDITS:]})


def bench_of(text: str) -> Bench:
    """The state that came back with a form. Raises InputError when it is not one of ours."""
    if not text:
        return Bench()
    try:
        return Bench.model_validate_json(text)
    except ValidationError as error:
        raise InputError(
            "the hidden field `state`: found something this page did not write; expected the state of a workbench. "
            "Reload the page and start again.",
            kind="state",
        ) from error


def packed(bench: Bench) -> str:
    """The state as it travels in the page."""
    return bench.model_dump_json(exclude_defaults=True)
