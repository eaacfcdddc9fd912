"""One switch forbids network calls: set ``RARESCALE_NO_NETWORK=1`` (tests do), and only this machine is reached."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from rarescale.llm.failures import ModelError

SWITCH = "RARESCALE_NO_NETWORK"
"""The environment variable; empty, ``0`` and absent leave the network allowed."""


def is_this_machine(url: str) -> bool:
    """Whether the host of `url` is a loopback address."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_network(url: str, environment: Mapping[str, str] | None = None) -> None:
    """Raises ModelError (network-forbidden) when the switch is on and `url` leads off this machine."""
    values = os.environ if environment is None else environment
    if values.get(SWITCH, "0") not in ("", "0") and not is_this_machine(url):
        raise ModelError(
            f"A model at {urlsplit(url).hostname or url!r} was asked while {SWITCH} forbids network calls; expected "
            f"an address on this machine. Use a scripted or replayed model, or unset {SWITCH}.",
            kind="network-forbidden",
        )
