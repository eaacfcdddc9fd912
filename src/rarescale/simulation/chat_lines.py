"""Chat lines: made of a case, its assignment and the messages, and read from a corpus."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rarescale.errors import UsageError
from rarescale.record import SCHEMA_VERSION, Message
from rarescale.simulation.splits import Split
from rarescale.simulation.writers import Assignment


def chat_line(
    case: dict[str, Any], assignment: Assignment, messages: Iterable[Message], writer: str, split: Split
) -> dict[str, Any]:
    """The chat line: messages with labels, the truth, the expert's differential (the training target), its origin."""
    persona = assignment.persona
    return {
        "schema_version": SCHEMA_VERSION,
        "id": f"{case['id']}-{writer}",
        "messages": [_message(m) for m in messages],
        "diagnosis": case["diagnosis"],
        "diagnosis_name": case["diagnosis_name"],
        "class": case["class"],
        "category": case["category"],
        "differential": case["differential"],
        "writer": writer,
        "split": split,
        "case": case["id"],
        "seed": assignment.seed,
        "persona": {
            "sex": persona.sex.value,
            "age": case["age"],
            "speaker": persona.speaker,
            "register": persona.register,
            "education": persona.education,
            "place": persona.place,
            "ethnicity": persona.ethnicity,
        },
    }


def _message(message: Message) -> dict[str, Any]:
    line: dict[str, Any] = {"role": message.role.value, "content": message.content}
    if message.role.value == "patient":
        line["findings"] = [
            {"id": f.id, "label": f.label, "present": f.state.value == "present"} for f in message.labels
        ]
    return line


def read_chats(folder: Path) -> Iterator[dict[str, Any]]:
    """The lines of a finished corpus. Raises UsageError where the folder holds none."""
    path = folder / "chats.jsonl"
    if not path.is_file():
        raise UsageError(f"{folder} holds no chats.jsonl; expected a folder written by `rarescale simulate chats`")
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            if line.strip():
                yield json.loads(line)
