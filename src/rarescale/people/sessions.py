"""Who is signed in with a browser: kept in memory, gone with the process.

Times are by a clock that only goes forward, so a jump of the time of day neither keeps nor ends a session.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from rarescale.people.keys import Key
from rarescale.people.who import Who


@dataclass(eq=False)
class Session:
    """One browser. `key` is the one it came in by, None after a login through the provider.

    `csrf` is what a page of this browser sends with every step, and no other site can know.
    """

    who: Who
    key: Key | None
    began: float
    used: float
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    ended: bool = False

    def knows(self, csrf: str) -> bool:
        """Whether `csrf` is this session's; takes as long for a wrong one as for the right one."""
        return hmac.compare_digest(csrf.encode("utf-8", "surrogatepass"), self.csrf.encode())


class Sessions:
    """At most `per_person` browsers of one person, and `most` in all; the longest unused goes first.

    A session ends `idle` seconds after its last use and `absolute` seconds after its begin. An ended one is remembered
    for another `absolute` seconds, so that its owner, signed in again with the same browser, can go on with the page
    that is still open: the new session takes over its `csrf`, never its id.
    """

    def __init__(
        self, *, idle: float, absolute: float, per_person: int, most: int = 10_000, clock: Callable[[], float]
    ) -> None:
        """Nobody is signed in."""
        self._idle, self._absolute, self._per_person, self._most = idle, absolute, per_person, most
        self._clock, self._lock = clock, threading.Lock()
        self._kept: OrderedDict[bytes, Session] = OrderedDict()  # by the hash of the id; the last used stands last

    def __len__(self) -> int:
        """How many are signed in."""
        with self._lock:
            self._age()
            return sum(not s.ended for s in self._kept.values())

    def begin(self, who: Who, *, key: Key | None = None, instead_of: str | None = None) -> tuple[str, Session]:
        """Sign somebody in. Returns the id, for the browser alone. `instead_of` is the id it had, which is over."""
        with self._lock:
            self._age()
            now = self._clock()
            session = Session(who, key, began=now, used=now)
            before = self._kept.pop(_hash(instead_of), None) if instead_of else None
            if before is not None and before.who.name == who.name:
                session.csrf = before.csrf
            self._make_room(who.name)
            id = secrets.token_urlsafe(32)
            self._kept[_hash(id)] = session
            return id, session

    def find(self, id: str) -> Session | None:
        """The session of an id, used just now; one that has ended is marked so, and None is one never seen."""
        with self._lock:
            session = self._kept.get(_hash(id))
            if session is not None and not self._over(session):
                session.used = self._clock()
                self._kept.move_to_end(_hash(id))
            return session

    def end(self, id: str) -> None:
        """Sign out: nothing of it is remembered."""
        with self._lock:
            self._kept.pop(_hash(id), None)

    def _over(self, session: Session) -> bool:
        now = self._clock()
        session.ended |= now - session.began >= self._absolute or now - session.used >= self._idle
        return session.ended

    def _age(self) -> None:
        """Look at all; done where one is added, so that the memory is bounded and a request costs nothing."""
        for id, session in list(self._kept.items()):
            if self._over(session) and self._clock() - session.began >= 2 * self._absolute:
                del self._kept[id]

    def _make_room(self, name: str) -> None:
        theirs = [id for id, s in self._kept.items() if s.who.name == name]
        for id in theirs[: max(0, len(theirs) - self._per_person + 1)]:
            del self._kept[id]
        while len(self._kept) >= self._most:
            self._kept.popitem(last=False)


def _hash(id: str) -> bytes:
    """What is kept of an id: whoever sees the memory of the process cannot send it."""
    return hashlib.sha256(id.encode("utf-8", "surrogatepass")).digest()
