"""One JSON value out of a text, with errors that say line, character and what stood there."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from rarescale.errors import InputError
from rarescale.formats.places import Place, cut, refusal

_FIRST_ID = re.compile(r'\s*\{\s*"id"\s*:\s*("(?:[^"\\]|\\.){1,200}"|-?\d{1,30}(?=\s*[,}]))')
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class _ConstantError(ValueError):
    """NaN or Infinity in the text; the message is the word."""


def _refuse_constant(word: str) -> NoReturn:
    raise _ConstantError(word)


DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
"""Decodes strict JSON; Python's own would take NaN and Infinity."""


def decoded(text: str, start: int, here: Place, line: int, column: int) -> tuple[Any, int]:
    """The JSON value at `start` and its end; `line` (1-based) and `column` (0-based) say where `start` is.

    Raises InputError of kind ``json``, or ``shape`` for JSON nested too deeply.
    """
    try:
        content, end = DECODER.raw_decode(text, start)
        halved = _SURROGATE.search(text, start, end) is not None and _has_half_character(content)
    except json.JSONDecodeError as error:
        fault_line, fault_column = _position(text, start, error.pos, line, column)
        raise bad_json(
            here,
            fault_line,
            fault_column,
            error.msg.lower().removesuffix(" starting at"),
            text[error.pos : error.pos + 80],
        ) from error
    except RecursionError as error:
        raise refusal(
            "shape",
            here.origin,
            found="lists or objects nested too deeply",
            expected="a case, a chat or a phenopacket",
            next_step="Check how the file was exported.",
        ) from error
    except ValueError as error:
        found = str(error) if isinstance(error, _ConstantError) else "a number too long to read"
        raise refusal(
            "json",
            here.origin,
            found=found,
            expected="valid JSON, which has no NaN or Infinity and numbers of ordinary length",
            next_step="Write null where a value is missing.",
        ) from error
    if halved:
        raise bad_json(
            here, line, column + 1, "half of a surrogate pair (\\ud800 to \\udfff)", text[start : start + 80]
        )
    return content, end


def _has_half_character(content: Any) -> bool:
    try:
        json.dumps(content, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _position(text: str, start: int, pos: int, line: int, column: int) -> tuple[int, int]:
    """1-based line and character of `pos`, counted on from `start`."""
    newline = text.rfind("\n", start, pos)
    if newline < 0:
        return line, column + pos - start + 1
    return line + text.count("\n", start, pos), pos - newline


def bad_json(here: Place, line: int, column: int, fault: str, rest: str) -> InputError:
    """The error for a fault at 1-based `line` and character `column`; `rest` is the text from there on."""
    behind = repr(cut(rest, 30)) if rest.strip() else "the end of the text"
    return refusal(
        "json",
        f"{here.name} line {line}, character {column}",
        found=f"{behind} ({fault})",
        expected="valid JSON",
        next_step="The text may have been cut off there, or a quote or comma is missing; export or correct it.",
    )


def first_id(text: str) -> str | None:
    """The id at the very start of a JSON object that cannot be read as a whole."""
    match = _FIRST_ID.match(text)
    if match is None:
        return None
    try:
        return str(json.loads(match[1]))
    except ValueError:
        return None
