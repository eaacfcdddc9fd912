"""Asking the provider: JSON over HTTP with a limit of size and of time, and never to where it was not sent."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

from rarescale.people.errors import LoginFailed, ProviderDown
from rarescale.people.oidc_settings import safe_address

LARGEST = 500_000
"""Bytes of an answer."""


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """A provider that sends us elsewhere, with our secret, is not followed."""


_OPENER = urllib.request.build_opener(_Stay)


def fetch(
    url: str, *, seconds: float, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The JSON object at an address; with a `form`, it is posted. Raises ProviderDown.

    Raises LoginFailed where the provider refuses the form, which is about what the browser brought.
    """
    if not safe_address(url):
        raise ProviderDown("the provider names an address without TLS; expected https. Ask whoever runs it.")
    request = urllib.request.Request(
        url,
        data=None if form is None else urlencode(form).encode(),
        headers={"Accept": "application/json", **(headers or {})},
    )
    try:
        with _OPENER.open(request, timeout=seconds) as answer:
            data = _all(answer, time.monotonic() + seconds)
    except HTTPError as error:
        error.close()
        if form is not None and error.code in (400, 401, 403):
            raise LoginFailed("provider-refused", "the provider does not take this login. Try again.") from None
        raise ProviderDown(f"the provider answered with status {error.code}; expected 200. Try again later.") from None
    except (OSError, HTTPException) as error:
        raise ProviderDown(f"the provider does not answer ({type(error).__name__}). Try again later.") from None
    try:
        found = json.loads(data) if len(data) <= LARGEST else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ProviderDown(f"the provider: found no JSON object of at most {LARGEST} bytes; expected one.")
    return found


def _all(answer: HTTPResponse, deadline: float) -> bytes:
    """The body, or a little more of it than is allowed; a provider that sends drop by drop is given up as well."""
    data = b""
    while len(data) <= LARGEST and (piece := answer.read1(LARGEST)):
        data += piece
        if time.monotonic() > deadline:
            raise TimeoutError
    return data
