"""A byte stream with look-ahead and bounded reads, over files, pipes and unpacked archives alike."""

from __future__ import annotations

import io
from typing import Protocol


class Readable(Protocol):
    """What a stream must offer; pipes need not seek."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; empty at the end."""

    def readline(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes, through the next newline; empty at the end."""


class Reader:
    """Reads `stream`; bytes looked at or pushed back come again."""

    def __init__(self, stream: Readable) -> None:
        """Start where `stream` stands; it is not closed here."""
        self._stream = stream
        self._held = io.BytesIO()

    def push(self, data: bytes) -> None:
        """Put `data` in front of what is still to be read."""
        self._held = io.BytesIO(data + self._held.read())

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, fewer only at the end of the stream."""
        data = self.read(size)
        self.push(data)
        return data

    def read(self, size: int = -1) -> bytes:
        """Exactly `size` bytes, fewer only at the end of the stream; everything for -1."""
        parts = [self._held.read(size)]
        if size < 0:
            return parts[0] + self._stream.read()
        missing = size - len(parts[0])
        while missing > 0 and (part := self._stream.read(missing)):
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def readline(self, size: int) -> bytes:
        """Through the next newline, at most `size` bytes; empty at the end."""
        line = self._held.readline(size)
        if line.endswith(b"\n") or len(line) >= size:
            return line
        return line + self._stream.readline(size - len(line))

    def skip_line(self) -> int:
        """Drop the rest of the current line; how many bytes that were."""
        dropped = 0
        while part := self.readline(1 << 20):
            dropped += len(part)
            if part.endswith(b"\n"):
                break
        return dropped

    def count_rest(self, most: int) -> int:
        """Drop up to `most` further bytes to learn a size; how many there were."""
        dropped = 0
        while dropped < most and (part := self.read(1 << 20)):
            dropped += len(part)
        return dropped
