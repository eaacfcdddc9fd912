"""The numbers and names of the service. Sizes are in bytes, times in seconds, rates in requests a second."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from rarescale.errors import UsageError
from rarescale.service.unsafe import problems_of

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class ServiceSettings:
    """How the service listens, whom it lets in, and what it takes. `names` are further host names it answers to.

    `people` is the file of people and their keys, `oidc` that of the login of the house; with neither, whoever sits at
    this machine may do everything, and nobody else can connect. `behind_proxy` are the addresses or networks of
    proxies that do TLS and say for whom they ask. `store_key` is only looked at, for who can read it. `jobs_each` are
    the batches of one person, where people sign in.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    allow_remote: bool = False
    names: tuple[str, ...] = ()
    runs: Path | None = None
    request_bytes: int = 2_000_000
    job_bytes: int = 20_000_000
    job_inputs: int = 1_000
    jobs: int = 8
    jobs_each: int = 4
    job_seconds: float = 900.0
    workers: int = 2
    body_seconds: float = 60.0

    people: Path | None = None
    oidc: Path | None = None
    store_key: Path | None = None
    behind_proxy: tuple[str, ...] = ()
    tls_cert: Path | None = None
    tls_key: Path | None = None
    plain_http: bool = False

    session_idle: float = 900.0
    session_seconds: float = 43_200.0
    sessions: int = 5
    person_rate: float = 10.0
    person_burst: float = 200.0
    address_rate: float = 50.0
    address_burst: float = 500.0
    failures_rate: float = 1 / 60
    failures_burst: float = 10.0

    def __post_init__(self) -> None:
        """Raises UsageError with everything that is unsafe or makes no sense, and what to do about each."""
        found = problems_of(self)
        if len(found) == 1:
            raise UsageError(found[0])
        if found:
            raise UsageError("\n".join((f"the service was not started, for {len(found)} reasons:", *found)))

    @property
    def loopback(self) -> bool:
        """Whether only this machine can connect."""
        if self.host in LOOPBACK_NAMES:
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def login(self) -> bool:
        """Whether people have to say who they are."""
        return self.people is not None or self.oidc is not None

    @property
    def secure(self) -> bool:
        """Whether browsers reach it with TLS."""
        return bool(self.behind_proxy) or self.tls_cert is not None

    def trusts(self, address: str) -> bool:
        """Whether an address is that of a proxy of ours."""
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in ipaddress.ip_network(proxy, strict=False) for proxy in self.behind_proxy)

    def answers_to(self, host: str) -> bool:
        """Whether a request may name `host`, without its port, as the one it wants (against DNS rebinding).

        A name that is not ours may have been pointed at this machine by somebody else's page. A number cannot be, but
        without --allow-remote only those of this machine are meant.
        """
        host = host.strip("[]").lower()
        if host in (*LOOPBACK_NAMES, self.host.lower(), *(n.lower() for n in self.names)):
            return True
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return address.is_loopback or self.allow_remote
