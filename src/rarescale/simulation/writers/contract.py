"""What a writer is given and gives back: the one contract of all chat writers, offline or by a language model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from rarescale.record import Message, Sex

Speaker = Literal["self", "mother", "father", "partner", "daughter", "son"]
"""Who types in the chat. `mother` and `father` write about their child, `daughter` and `son` about an old parent."""

Register = Literal["plain", "elderly", "teen", "non-native", "regional", "doctor"]
"""How they write. `doctor`: educated, uses the words that the doctors used."""


@dataclass(frozen=True)
class Persona:
    """The person of one chat. `age` is in years; `name` is the patient's, whoever speaks."""

    name: str
    sex: Sex
    age: float
    ethnicity: str | None = None
    education: str = ""
    place: str = ""
    speaker: Speaker = "self"
    register: Register = "plain"


@dataclass(frozen=True)
class Wanted:
    """One finding that must be expressed in the chat, exactly once.

    `definition` may be empty. `earlier` is the patient message in which an earlier chat of the same disease told this
    finding: the new one has to differ. `names` are other names and synonyms, by which rules notice it being voiced.
    """

    id: str
    label: str
    present: bool
    definition: str = ""
    earlier: str | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assignment:
    """One chat to write: `findings` in the order in which the case found them.

    `disease_name` is for writers that need it and is never voiced, like all `forbidden` names. `may_use_reserved`
    opens the reserved expressions of the lay lexicon (test chats only). Equal assignments give equal chats.
    """

    id: str
    seed: int
    disease_name: str
    forbidden: tuple[str, ...]
    persona: Persona
    findings: tuple[Wanted, ...]
    may_use_reserved: bool = False


@runtime_checkable
class Writer(Protocol):
    """Turns an assignment into a chat.

    The first message is of the system (name, age, sex; nothing else), the second a generic greeting of the clinician.
    Each patient message carries the findings it expresses as `labels`: id, `text` and `label` = the finding's label,
    state. Raises `CannotWrite` where the chat cannot be written; the caller counts and lists it.
    """

    @property
    def name(self) -> str:
        """Short name, as in the `writer` key of a chat line."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever equal assignments may give another chat."""
        ...

    def write(self, assignment: Assignment) -> tuple[Message, ...]:
        """The messages of the chat."""
        ...


class CannotWrite(Exception):
    """This assignment gives no chat; the message says why. The caller drops and counts it."""
