"""What one person may do: everything with their own cases, nothing with those of others.

Another's case is, in every word, as if it did not exist; that somebody asked for it is kept in the audit log. So is
every reading of a case, before anything of it is handed out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from rarescale.record import Differential
from rarescale.store.errors import NotSaved, Stale
from rarescale.store.lines import not_saved
from rarescale.store.store import Store
from rarescale.store.types import (
    AuditEntry,
    CaseLine,
    Content,
    Deleted,
    Edit,
    Entry,
    Listed,
    SavedCase,
    SavedDifferential,
    SignOff,
)


class OwnCases:
    """The cases of `person`; `now` gives the time of each step. Methods raise what those of `Store` do."""

    def __init__(self, store: Store, person: str, now: Callable[[], datetime]) -> None:
        """Nothing is read yet."""
        self._store, self._person, self._now = store, person, now

    def listed(self, *, start: int = 0, most: int = 50) -> tuple[Listed, ...]:
        """`most` cases with their titles from the `start`-th on, last saved first."""
        lines = self._store.cases(self._person)[start : start + most]
        self._note("list-cases")
        titles = self._store.titles(*(line.case for line in lines))
        return tuple(Listed(**dict(line), title=titles[line.case]) for line in lines)

    def line(self, case: str) -> CaseLine:
        """How a case stands, nothing of the patient."""
        return self._mine(case, "see-case")

    def case(self, case: str) -> SavedCase:
        """A case as it stands."""
        self._reading(case, "read-case")
        return self._store.case(case)

    def history(self, case: str) -> tuple[Entry, ...]:
        """Everything that was saved of a case, oldest first."""
        self._reading(case, "read-history")
        return self._store.history(case)

    def differentials(self, case: str) -> tuple[SavedDifferential, ...]:
        """All differentials of a case, oldest first."""
        self._reading(case, "read-differentials")
        return self._store.differentials(case)

    def save(
        self,
        content: Content,
        *,
        case: str,
        revision: int | None,
        edits: Sequence[Edit],
        differential: Differential,
    ) -> SavedCase:
        """Save on top of `revision`, or a new case with the id `case` where it is None.

        The same save sent twice, such as by a double click, is done once and answered twice.
        """
        if revision is not None or self._taken(case):
            self._mine(case, "save-case")
        try:
            return self._store.save_case(
                content,
                by=self._person,
                at=self._now(),
                case=case,
                revision=revision,
                edits=edits,
                differential=differential,
            )
        except Stale:
            stands = self._store.case(case)
            if (stands.revision, stands.content, stands.edits) != ((revision or 0) + 1, content, tuple(edits)):
                raise
            return stands

    def add_differential(self, case: str, revision: int, made: Differential) -> int:
        """Keep one more differential, made from `revision`. Returns its entry number."""
        self._mine(case, "add-differential")
        return self._store.add_differential(case, revision, made, by=self._person, at=self._now())

    def sign_off(self, case: str, revision: int, signed: SignOff) -> int:
        """Sign the case as it stands at `revision`. Returns the entry number."""
        self._mine(case, "sign-off")
        return self._store.sign_off(case, revision, signed, by=self._person, at=self._now())

    def hold(self, case: str, hold: bool) -> None:
        """Keep retention from deleting a case, or let it again."""
        self._mine(case, "hold" if hold else "release")
        self._store.hold(case, hold, by=self._person, at=self._now())

    def delete(self, case: str) -> Deleted:
        """Really delete a case with all its history."""
        self._mine(case, "delete")
        return self._store.delete(case, by=self._person, at=self._now())

    def export(self) -> dict[str, Any]:
        """Everything of this person as JSON values."""
        return self._store.export_all(self._person, by=self._person, at=self._now())

    def _reading(self, case: str, what: str) -> None:
        self._mine(case, what)
        self._note(what, case)

    def _mine(self, case: str, what: str) -> CaseLine:
        """The line of one's own case. Raises NotSaved for one that is another's, and for one that is not there."""
        line = self._store.line(case)
        if line.owner != self._person:
            self._note(what, case, denied=True)
            raise not_saved(case)
        return line

    def _taken(self, case: str) -> bool:
        try:
            self._store.line(case)
        except NotSaved:
            return False
        return True

    def _note(self, what: str, case: str | None = None, *, denied: bool = False) -> None:
        entry = AuditEntry(who=self._person, what=what, when=self._now(), case=case)
        self._store.audit(entry.model_copy(update={"outcome": "denied"}) if denied else entry)
