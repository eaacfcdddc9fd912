"""JSON Schemas of what is read and written; the files beside this one ship with the package.

``python -m rarescale.formats.schemas`` writes them anew from the types; a test compares.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from rarescale.formats.wire import CaseLine, ChatLine
from rarescale.record import SCHEMA_VERSION, Differential, Failure, Understanding

_TYPES: dict[str, tuple[type[BaseModel], Literal["validation", "serialization"]]] = {
    "case-line": (CaseLine, "validation"),
    "chat-line": (ChatLine, "validation"),
    "differential": (Differential, "serialization"),
    "reading": (Understanding, "serialization"),
    "failure": (Failure, "serialization"),
}


class _Written(GenerateJsonSchema):
    """Every field of what we write is written, also where it has a default."""

    def field_is_required(self, field: Any, *args: Any, **keys: Any) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, *args, **keys)


NAMES = tuple(_TYPES)
"""The names of the schemas."""
FOLDER = Path(__file__).parent


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) called `name`, generated from its type. Raises KeyError for other names."""
    model, mode = _TYPES[name]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:rarescale:schema:{SCHEMA_VERSION}:{name}",
        **model.model_json_schema(by_alias=True, mode=mode, schema_generator=_Written),
    }


def path_of(name: str, folder: Path = FOLDER) -> Path:
    """Where the file of a schema stands."""
    return folder / f"{name}.schema.json"


def write_all(folder: Path = FOLDER) -> None:
    """Write all schema files."""
    for name in NAMES:
        path_of(name, folder).write_text(
            json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
