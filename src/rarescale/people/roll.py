"""The roll: the people file as the running service sees it, looked at again when it changes.

A file that is missing, damaged or open to others lets nobody in, not even those of the state before: it may be the
very change that takes somebody's key away, and a door that stays open by mistake is worse than one that stays shut.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from rarescale.errors import RareScaleError
from rarescale.people.differences import Change, differences
from rarescale.people.errors import PeopleError
from rarescale.people.file import People, Person, read_people
from rarescale.people.keys import Key, key_id_of
from rarescale.people.who import Who

LOOK = 1.0
"""Seconds between two looks at the file, so that a revoked key is refused a second later."""

log = logging.getLogger("rarescale.people")


class BadKey(RareScaleError):
    """A key that opens nothing; `reason` is `unknown-key`, `expired-key`, `revoked-key` or `rotated-key`.

    `owner` is whose it was, for one that was good once.
    """

    kind = "key"

    def __init__(self, reason: str, id: str | None, owner: str | None = None) -> None:
        """`id` is that of the key, where its text has one."""
        super().__init__("the key: found one that opens nothing here; expected one that is in use. Ask for a new one.")
        self.reason, self.id, self.owner = reason, id, owner


class Roll:
    """Who may come in by a key. Safe to use from many threads."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float],
        now: Callable[[], datetime],
        changed: Callable[[tuple[Change, ...]], None] = lambda _: None,
    ) -> None:
        """`clock` counts seconds and never goes back, `now` is the time of day by which keys expire.

        `changed` is told what differs from the file as it was before, at first from that of this moment; it has to be
        quick, as everybody waits for it.
        """
        self._path, self._clock, self._now, self._changed = path, clock, now, changed
        self._lock = threading.Lock()
        self._looked, self._seen = float("-inf"), ()  # type: tuple[float, tuple[int, ...] | None]
        self._people: People | None = None  # as they were when the file could last be read
        self._keys: dict[str, tuple[Person, Key]] = {}
        self._wrong: str | None = None
        self._read(self._signature())

    def by_key(self, shown: str) -> tuple[Who, Key]:
        """Whose key this is, and the key. Raises BadKey; PeopleError while the file cannot be used."""
        keys = self._look()
        id = key_id_of(shown)
        if id is None or id not in keys:
            raise BadKey("unknown-key", id)
        person, key = keys[id]
        if not key.opened_by(shown):
            if key.once_opened_by(shown):
                raise BadKey("rotated-key", id, person.name)
            raise BadKey("unknown-key", id)
        return self._who(keys[id], id), key

    def still(self, key: Key) -> Who:
        """Whose key this is, for somebody who came in by it. Raises as `by_key`, and where it was rotated since."""
        keys = self._look()
        if key.id not in keys:
            raise BadKey("unknown-key", key.id)
        person, now = keys[key.id]
        if now.sha256 != key.sha256:
            raise BadKey("rotated-key", key.id, person.name)
        return self._who(keys[key.id], key.id)

    def _who(self, found: tuple[Person, Key], id: str) -> Who:
        person, key = found
        state = "revoked" if person.removed else key.state(self._now())
        if state != "good":
            raise BadKey(f"{state}-key", id, person.name)
        return Who(person.name, person.roles)

    def _look(self) -> dict[str, tuple[Person, Key]]:
        with self._lock:
            time = self._clock()
            if time - self._looked >= LOOK:
                self._looked = time
                if (seen := self._signature()) != self._seen or seen is None:
                    self._read(seen)
            if self._wrong is not None:
                raise PeopleError(self._wrong)
            return self._keys

    def _signature(self) -> tuple[int, ...] | None:
        """What differs when the file does: it is replaced as a whole, so the inode alone mostly tells."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_mode

    def _read(self, seen: tuple[int, ...] | None) -> None:
        wrong, self._seen = None, seen
        try:
            people = read_people(self._path)
            self._keys = {key.id: (person, key) for person in people.values() for key in person.keys}
            before, self._people = self._people, people
            if before is not None and (found := differences(before, people)):
                self._changed(found)
        except PeopleError as error:
            wrong, self._keys = str(error), {}
            if wrong != self._wrong:
                log.error("nobody is let in by a key: %s", wrong)
        if wrong is None and self._wrong is not None:
            log.warning("%s: the people file can be used again", self._path)
        self._wrong = wrong
