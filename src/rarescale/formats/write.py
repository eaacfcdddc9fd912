"""Records to JSONL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

from pydantic import BaseModel


def write_jsonl(records: Iterable[BaseModel], stream: BinaryIO) -> int:
    """Write one JSON object a line in UTF-8, each as soon as it comes; how many were written.

    A closed pipe raises BrokenPipeError, which is the caller's to handle.
    """
    count = 0
    for record in records:
        stream.write(record.model_dump_json(by_alias=True).encode("utf-8") + b"\n")
        stream.flush()
        count += 1
    return count
