"""The numbers and names of the service. Sizes are in bytes, times in seconds."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from rarescale.errors import UsageError

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class ServiceSettings:
    """How the service listens and what it takes. `names` are further host names it answers to."""

    host: str = "127.0.0.1"
    port: int = 8765
    allow_remote: bool = False
    names: tuple[str, ...] = ()
    runs: Path | None = None
    request_bytes: int = 2_000_000
    job_bytes: int = 20_000_000
    job_inputs: int = 1_000
    jobs: int = 8
    job_seconds: float = 900.0
    workers: int = 4

    def __post_init__(self) -> None:
        """Raises UsageError for an address others can reach, unless that is allowed, and for a folder that is none."""
        if not self.loopback and not self.allow_remote:
            raise UsageError(
                f"--host {self.host}: found an address that other machines can reach; expected 127.0.0.1, ::1 or "
                "localhost, because there are no accounts yet and everybody on the network could use the service. "
                "Give --allow-remote if that is meant, on a network you trust, behind a proxy with TLS and a login."
            )
        if self.runs is not None and not self.runs.is_dir():
            raise UsageError(f"--runs {self.runs}: found no such folder; expected a folder with evaluation runs")

    @property
    def loopback(self) -> bool:
        """Whether only this machine can connect."""
        if self.host in LOOPBACK_NAMES:
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

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
