"""A failed validation as one sentence: which key, what was expected there, what was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from rarescale.errors import InputError
from rarescale.formats.places import refusal, shown

_EXPECTED = {
    "list_type": "a list",
    "string_type": "a text",
    "string_unicode": "valid Unicode text",
    "int_type": "a number",
    "float_type": "a number",
    "bool_type": "true or false",
    "model_type": "an object",
    "dict_type": "an object",
    "missing": "this key",
    "too_short": "at least one entry",
    "finite_number": "a finite number",
}
W = TypeVar("W", bound=BaseModel)
_Loc = tuple[int | str, ...]


def validated(model: type[W], value: Mapping[str, Any], where: str) -> W:
    """`value` as a `model`; raises InputError (kind ``shape``) that explains the first fault."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise _explained(error, model, value, where) from error


def _explained(error: ValidationError, model: type[BaseModel], value: Mapping[str, Any], where: str) -> InputError:
    faults = error.errors(include_url=False, include_context=False)
    paths = [_path_in(value, fault["loc"], fault["type"] == "missing") for fault in faults]
    # One fault of a union is reported once per alternative; the deepest path tells where it really lies.
    path = max((p for p in paths if p[: len(paths[0])] == paths[0]), key=len)
    same = [fault for fault, p in zip(faults, paths, strict=True) if p == path]
    kinds = dict.fromkeys(_EXPECTED.get(fault["type"], fault["msg"]) for fault in same)
    missing = same[0]["type"] == "missing"
    description = _description(model, path)
    return refusal(
        "shape",
        f"{where}, key `{_dotted(path)}`",
        found="nothing" if missing else shown(same[0]["input"]),
        expected=" or ".join(kinds) + (f" ({description})" if description else ""),
        next_step="Correct this key; the other cases are not affected.",
    )


def _path_in(value: Any, loc: _Loc, missing: bool) -> _Loc:
    """The part of pydantic's `loc` that names keys and positions, without the names of union branches."""
    path: list[int | str] = []
    for step in loc:
        children = dict(enumerate(value)) if isinstance(value, list) else value
        if isinstance(children, Mapping) and step in children:
            value = children[step]
            path.append(step)
    return (*path, loc[-1]) if missing else tuple(path)


def _dotted(path: _Loc) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def _description(model: type[BaseModel], path: _Loc) -> str | None:
    """What the schema says about the field, looked up by the names on the path."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {}).values()
    names = [step for step in path if isinstance(step, str)]
    owners = [schema, *definitions] if len(names) == 1 else list(definitions)
    for owner in owners if names else []:
        if found := owner.get("properties", {}).get(names[-1], {}).get("description"):
            return str(found)
    return None
