"""A person as the service knows them: a name, a role, and the rights of that role."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What somebody is here for."""

    CLINICIAN = "clinician"
    RESEARCHER = "researcher"
    ADMIN = "admin"


class Right(StrEnum):
    """One thing that may be done."""

    USE = "use"
    """Read, rank, explain, look up: everything that keeps nothing."""
    CASES = "cases"
    """Save cases, and see, change, sign, export and delete one's own."""
    BATCH = "batch"
    """Send many patients at once; see evaluation runs."""
    OPERATE = "operate"
    """Metrics, the audit log, who has access. Never the text of a patient."""


RIGHTS = MappingProxyType(
    {
        Role.CLINICIAN: frozenset({Right.USE, Right.CASES, Right.BATCH}),
        Role.RESEARCHER: frozenset({Right.USE, Right.BATCH}),
        Role.ADMIN: frozenset({Right.USE, Right.OPERATE}),
    }
)


@dataclass(frozen=True)
class Who:
    """Somebody who was let in. `name` is what stands in the audit log; never a patient's."""

    name: str
    roles: frozenset[Role]

    def may(self, right: Right) -> bool:
        """Whether one of the roles has the right."""
        return any(right in RIGHTS[role] for role in self.roles)


LOCAL = Who("local", frozenset(Role))
"""Whoever sits at this machine: no login on loopback, all rights."""

NOBODY = Who("-", frozenset())
"""Whoever has not said who they are: no rights."""
