from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
from starlette.types import Message, Receive, Scope, Send

from rarescale.service import turns as module
from rarescale.service.turns import Turns


class Work:
    """An application that notes who begins and ends, and ends when told."""

    def __init__(self, kind: bytes = b"application/json") -> None:
        self.log: list[str] = []
        self.go: dict[str, asyncio.Event] = {}
        self.kind = kind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        name = scope["path"]
        self.log.append(f"begin {name}")
        await self.go.setdefault(name, asyncio.Event()).wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", self.kind)]})
        await self.go.setdefault(f"{name} body", asyncio.Event()).wait()
        await send({"type": "http.response.body", "body": b""})
        if name == "/fails":
            raise RuntimeError
        self.log.append(f"end {name}")

    def let(self, *names: str) -> None:
        for name in names:
            self.go.setdefault(name, asyncio.Event()).set()


def asked(
    turns: Turns,
    path: str,
    size: int | None,
    *,
    parts: int = 1,
    more: Sequence[tuple[bytes, bytes]] = (),
    taken: asyncio.Event | None = None,
) -> Awaitable[None]:
    """One request, with further headers; what is sent to it is stuck until `taken`."""
    headers = [(b"content-length", str(size).encode())] if size is not None else [(b"transfer-encoding", b"chunked")]
    headers += more
    left = list(range(parts))[::-1]

    async def receive() -> Message:
        return {"type": "http.request", "body": b"x", "more_body": left.pop() < parts - 1}

    async def send(message: Message) -> None:
        if taken is not None:
            await taken.wait()

    scope = {"type": "http", "path": path, "method": "POST", "headers": headers}
    return asyncio.ensure_future(turns(scope, receive, send))


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 30))  # type: ignore[arg-type]


def test_a_large_one_waits_for_the_large_one_before_and_a_small_one_does_not() -> None:
    async def test() -> None:
        work = Work()
        turns = Turns(work, large=10)
        tasks = [asked(turns, "/a", 10, parts=3), asked(turns, "/b", 10), asked(turns, "/c", None)]
        await settled()
        tasks.append(asked(turns, "/small", 9))
        await settled()
        assert work.log == ["begin /a", "begin /small"]
        work.let("/a")
        await settled()
        assert work.log[2:] == ["begin /b"]  # the answer of /a has begun, however slowly it is taken
        work.let("/b", "/c", "/small", *(f"/{n} body" for n in ("a", "b", "c", "small")))
        await asyncio.gather(*tasks)
        assert work.log[-1].startswith("end") and len(work.log) == 8

    run(test)


def test_a_stream_keeps_its_turn_until_its_end() -> None:
    async def test() -> None:
        work = Work(b"text/event-stream; charset=utf-8")
        turns = Turns(work, large=10)
        tasks = [asked(turns, "/a", 10), asked(turns, "/b", 10)]
        work.let("/a", "/b", "/b body")
        await settled()
        assert work.log == ["begin /a"]
        work.let("/a body")
        await asyncio.gather(*tasks)
        assert work.log == ["begin /a", "end /a", "begin /b", "end /b"]

    run(test)


def test_one_that_fails_or_goes_gives_its_turn_on() -> None:
    async def test() -> None:
        work = Work(b"text/event-stream")
        turns = Turns(work, large=10)
        fails, gone, last = asked(turns, "/fails", 10), asked(turns, "/gone", 10), asked(turns, "/last", 10)
        await settled()
        work.let("/fails", "/fails body", "/last", "/last body")
        await settled()
        assert work.log[-1] == "begin /gone"
        assert isinstance(gone, asyncio.Future)
        gone.cancel()
        assert isinstance((await asyncio.gather(fails, return_exceptions=True))[0], RuntimeError)
        await last
        assert work.log[-1] == "end /last"

    run(test)


def test_parts_count_and_not_the_length_beside_them() -> None:
    async def test() -> None:
        work = Work()
        turns = Turns(work, large=10)
        first = asked(turns, "/a", None)
        both = asked(turns, "/b", 5, more=[(b"transfer-encoding", b"chunked")])
        await settled()
        assert work.log == ["begin /a"]
        work.let("/a", "/a body", "/b", "/b body")
        await asyncio.gather(first, both)

    run(test)


def test_who_does_not_take_a_stream_does_not_keep_the_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLOW_S", 0.01)

    async def test() -> None:
        work = Work(b"text/event-stream")
        turns = Turns(work, large=10)
        stuck = asyncio.Event()
        first, second = asked(turns, "/a", 10, taken=stuck), asked(turns, "/b", 10)
        work.let("/a", "/a body", "/b", "/b body")
        await second
        assert work.log == ["begin /a", "begin /b", "end /b"]
        stuck.set()
        await first

    run(test)
