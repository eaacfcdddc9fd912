"""Large requests one after the other, so that they never hold up all the threads that answer the small ones."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rarescale.service.streams import EVENTS, LINES

LARGE = 30_000
"""Bytes of a body: reading so much takes a second, reading the largest ten."""


SLOW_S = 5.0
"""Who does not take their stream for so long does not keep the turn either."""


class Turns:
    """ASGI middleware: a large request waits for the one before, once its body is here, until that one is answered."""

    def __init__(self, app: ASGIApp, large: int = LARGE) -> None:
        """`large`: bytes from which a body is large; one of unknown length is."""
        self.app, self._large, self._free = app, large, asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or not self._is_large(scope):
            await self.app(scope, receive, send)
            return
        turn = _Turn(self._free, receive, send)
        try:
            await self.app(scope, turn.receive, turn.send)
        finally:
            turn.end()

    def _is_large(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        # Of the two, HTTP goes by the parts.
        return "transfer-encoding" in headers or (length.isdigit() and int(length) >= self._large)


class _Turn:
    def __init__(self, free: asyncio.Lock, receive: Receive, send: Send) -> None:
        self._free, self._receive, self._send = free, receive, send
        self._mine = self._had = False

    async def receive(self) -> Message:
        """The next part of the body; the last one when it is this request's turn."""
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body", False) and not self._had:
            await self._free.acquire()
            self._mine = self._had = True
        return message

    async def send(self, message: Message) -> None:
        """What is sent; the work is done when the answer begins, but that of a stream goes on."""
        if message["type"] == "http.response.start":
            kind = Headers(raw=message["headers"]).get("content-type", "")
            if not kind.startswith((EVENTS, LINES)):
                self.end()
        elif not message.get("more_body", False):
            self.end()
        late = asyncio.get_running_loop().call_later(SLOW_S, self.end)
        try:
            await self._send(message)
        finally:
            late.cancel()

    def end(self) -> None:
        """The next one's turn."""
        if self._mine:
            self._mine = False
            self._free.release()
