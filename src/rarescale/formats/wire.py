"""Case line and chat line as they stand in files: they validate what is read, and their JSON Schemas ship.

Further keys are allowed everywhere. The descriptions serve twice: in the schemas and in error messages.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

Number = StrictInt | StrictFloat
Id = Annotated[
    StrictStr | StrictInt | StrictFloat | None, Field(description="name of the case; a number is taken as its text")
]
Diagnosis = Annotated[
    list[StrictStr] | StrictStr | None,
    Field(description="ids of the true disease, all meaning the same one; used by evaluation only"),
]
DiagnosisName = Annotated[StrictStr | None, Field(description="name of the true disease; used by evaluation only")]


class Wire(BaseModel):
    """Base of the objects in files: further keys are kept."""

    model_config = ConfigDict(extra="allow", frozen=True)


class FindingItem(Wire):
    """A finding of a case line written as an object: an id or a label, and its onset."""

    id: StrictStr | None = Field(default=None, description="term id such as HP:0001250")
    label: StrictStr | None = Field(default=None, description="name of the finding in words")
    onset: StrictStr | None = Field(default=None, description="ISO 8601 duration or HPO onset term")


Findings = list[Annotated[StrictStr | FindingItem, Field(union_mode="left_to_right")]] | None


class CaseLine(Wire):
    """One patient as structured findings: a line of a JSONL file."""

    id: Id = None
    sex: StrictStr | StrictInt | StrictFloat | None = Field(
        default=None, description="FEMALE, MALE, OTHER_SEX or UNKNOWN_SEX"
    )
    age: StrictStr | StrictInt | StrictFloat | None = Field(
        default=None, description="ISO 8601 duration such as P34Y2M"
    )
    present: Findings = Field(
        default=None, description="list of term ids, plain words, or objects with id, label, onset"
    )
    absent: Findings = Field(
        default=None, description="list of findings the patient does not have, written as in `present`"
    )
    diagnosis: Diagnosis = None
    diagnosis_name: DiagnosisName = None


class MessageFinding(Wire):
    """A label under a message: for training and evaluation only. It has an id, a label or both."""

    id: StrictStr | None = Field(default=None, description="term id such as HP:0001250")
    label: StrictStr | None = Field(default=None, description="name of the finding in words")
    present: StrictBool = Field(default=True, description="false for a finding the patient denies")
    onset: StrictStr | None = Field(default=None, description="ISO 8601 duration or HPO onset term")


class ChatMessage(Wire):
    """One turn of a chat."""

    role: StrictStr = Field(description="system, clinician or patient (also doctor, assistant, user, parent)")
    content: StrictStr = Field(description="what was said, as text")
    findings: list[MessageFinding] | None = Field(default=None, description="findings known to be in this message")


class ChatLine(Wire):
    """One history-taking conversation: a line of a JSONL file."""

    id: Id = None
    messages: list[ChatMessage] = Field(min_length=1, description="list of objects with role and content, oldest first")
    diagnosis: Diagnosis = None
    diagnosis_name: DiagnosisName = None
