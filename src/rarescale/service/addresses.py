"""Where a request comes from: which address, and which page."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from rarescale.service.settings import ServiceSettings

FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")
"""Headers that only a proxy writes."""


def peer_of(scope: Scope) -> str:
    """The address of whoever opened the connection; `-` where it has none."""
    client = scope.get("client")
    return str(client[0])[:60] if client else "-"


def address_of(scope: Scope, settings: ServiceSettings) -> str:
    """The address of whoever asks.

    Only a proxy of ours is believed about that. Each proxy adds whom it sees on the right of X-Forwarded-For, and
    whatever stands left of that may be made up, so the rightmost address that is no proxy of ours counts.
    """
    address = peer_of(scope)
    if not settings.trusts(address):
        return address
    for said in reversed(",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")):
        try:
            # Without a scope (fe80::1%…), which may be any text.
            address = str(ipaddress.ip_address(said.strip().partition("%")[0]))
        except ValueError:
            break
        if not settings.trusts(address):
            break
    return address


def one_house(address: str) -> str:
    """What is counted as one place: an address, or the /64 that every subscriber of IPv6 has for themselves."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return address


def from_elsewhere(headers: Headers) -> bool:
    """Whether a browser says that another site's page sends this.

    Our policy of no referrers makes browsers say `Origin: null` of our own pages, so that alone is no sign.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin", "null")
    try:
        return origin != "null" and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
    except ValueError:
        return True
