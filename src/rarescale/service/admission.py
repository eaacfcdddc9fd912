"""Who is let in, and how often: keys, tokens and sessions to people, within the limits of each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property, partial
from typing import TypeVar

import anyio
import anyio.to_thread

from rarescale.people import (
    NOBODY,
    BadKey,
    Buckets,
    Change,
    Key,
    LoginFailed,
    PeopleError,
    Provider,
    ProviderDown,
    Roll,
    Session,
    Sessions,
    Who,
    key_id_of,
    read_oidc,
)
from rarescale.service.addresses import one_house
from rarescale.service.denials import Denied, too_many
from rarescale.service.settings import ServiceSettings

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="rarescale", error="invalid_token"'}
PROVED = ("expired-token", "early-token", "wrong-audience", "no-name", "no-role")
"""Reasons that are looked at after the signature: such a token is the provider's, and no guess."""

UNASKED = ("unknown-state", "other-browser")
"""Reasons for which the provider is not asked: any page can send a browser back to us so; none can guess a state."""

T = TypeVar("T")

NO_KEY = "the key: found one that opens nothing here; expected one in use. Ask whoever runs this service for a new one."
ENDED = (
    "found that you are no longer signed in; nothing was changed. Sign in again in another tab (open /login), then "
    "press again here."
)


class Admission:
    """The people of one service. `clock` counts seconds and never goes back, `now` is the time of day.

    Whoever proves who they are is let in, whatever others at the same address do; only guesses are told to wait.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        *,
        clock: Callable[[], float],
        now: Callable[[], datetime],
        changed: Callable[[tuple[Change, ...]], None] = lambda _: None,
    ) -> None:
        """`changed` is told what changes in the people file. Raises PeopleError for files that cannot be used."""
        self.roll = Roll(settings.people, clock=clock, now=now, changed=changed) if settings.people else None
        self.provider = Provider(read_oidc(settings.oidc), clock=clock, now=now) if settings.oidc else None
        self.sessions = Sessions(
            idle=settings.session_idle, absolute=settings.session_seconds, per_person=settings.sessions, clock=clock
        )
        self._by_person = Buckets(rate=settings.person_rate, burst=settings.person_burst, clock=clock)
        self._by_address = Buckets(rate=settings.address_rate, burst=settings.address_burst, clock=clock)

        def failures() -> Buckets:
            return Buckets(rate=settings.failures_rate, burst=settings.failures_burst, clock=clock)

        self._guesses, self._guesses_of_id, self._failed_logins = failures(), failures(), failures()

    def count_address(self, address: str) -> None:
        """One request of an address by somebody who is not known. Raises Denied."""
        if wait := self._by_address.take(one_house(address)):
            raise too_many(wait)

    def count_person(self, who: Who) -> None:
        """One request of a person. Raises Denied."""
        if wait := self._by_person.take(who.name):
            raise too_many(wait, who)

    def by_key(self, shown: str, address: str) -> tuple[Who, Key]:
        """Whose key this is, and the key. Raises Denied."""
        try:
            if self.roll is None:
                raise BadKey("unknown-key", None)
            return self.roll.by_key(shown)
        except BadKey as error:
            raise self._failed(error, address) from None
        except PeopleError:
            raise _shut() from None

    async def by_bearer(self, shown: str, address: str) -> Who:
        """Whose key or access token this is. Raises Denied."""
        if self.provider is None or key_id_of(shown) is not None:
            return self.by_key(shown, address)[0]
        try:
            return await self.asks_provider(self.provider.by_token, shown)
        except LoginFailed as error:
            raise _unproved(error, self._guesses, address) from None
        except ProviderDown as error:
            raise Denied(503, "provider-down", str(error), headers={"Retry-After": "10"}) from None

    async def asks_provider(self, ask: Callable[..., T], *given: object, **named: object) -> T:
        """What a provider says, in threads of its own: one that hangs holds up nobody but those who ask it."""
        return await anyio.to_thread.run_sync(partial(ask, *given, **named), limiter=self._asking)

    @cached_property
    def _asking(self) -> anyio.CapacityLimiter:
        return anyio.CapacityLimiter(2)

    def by_session(self, id: str) -> tuple[Who, Session]:
        """Who is signed in by a session, with the roles of this moment. Raises Denied."""
        session = self.sessions.find(id)
        if session is None:
            raise Denied(401, "no-session", ENDED)
        if session.ended:
            raise Denied(401, "session-over", ENDED, who=session.who)
        if session.key is None or self.roll is None:
            return session.who, session
        try:
            return self.roll.still(session.key), session
        except BadKey as error:
            self.sessions.end(id)
            raise Denied(401, error.reason, ENDED, who=session.who) from None
        except PeopleError:
            raise _shut() from None

    def may_log_in(self, address: str) -> None:
        """Whether an address may try the login of the house. Raises Denied after too many that failed.

        What a browser brings back proves nothing before the provider was asked, so here all of an address wait. Wrong
        keys do not count, or a forgotten script would shut this door for everybody beside it.
        """
        if wait := self._failed_logins.wait(one_house(address)):
            raise too_many(wait, reason="too-many-failures")

    def failed_login(self, error: LoginFailed, address: str) -> Denied:
        """Count a login of the house that failed, and the refusal that answers it."""
        return _unproved(error, self._failed_logins, address)

    def _failed(self, error: BadKey, address: str) -> Denied:
        """The same answer whatever is wrong with a key; the log knows better.

        Guesses are counted by address and by the id they name. Whoever has the right secret of that id is let in all
        the same, or everybody who knows an id could lock its owner out. A key that was good once is no guess.
        """
        if error.reason == "unknown-key":
            wait = self._guesses.take(one_house(address))
            if not wait and error.id is not None:
                wait = self._guesses_of_id.take(error.id)
            if wait:
                return too_many(wait, reason="too-many-failures")
        who = Who(error.owner, frozenset()) if error.owner else NOBODY
        return Denied(401, error.reason, NO_KEY, who=who, headers=CHALLENGE)


def _unproved(error: LoginFailed, failures: Buckets, address: str) -> Denied:
    """The refusal of what a provider did not prove, counted as a failure of the address if it could be made up."""
    if error.reason not in (*PROVED, *UNASKED) and (wait := failures.take(one_house(address))):
        return too_many(wait, reason="too-many-failures")
    return Denied(401, error.reason, str(error), headers=CHALLENGE)


def _shut() -> Denied:
    message = (
        "the service cannot tell who may come in, so it lets nobody in. Whoever runs it finds the reason in its log."
    )
    return Denied(503, "people-unusable", message, headers={"Retry-After": "10"})
