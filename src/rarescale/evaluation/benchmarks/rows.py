"""Tables and JSON files of benchmarks as rows that know where they stand and refuse a wrong type."""

from __future__ import annotations

import csv
import importlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rarescale.errors import InputError, UsageError
from rarescale.evaluation.benchmarks.damage import damaged, in_words

_FIELD_BYTES = 20_000_000
_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True)
class Row:
    """One record of a file; `number` counts from 0, `origin` is for people."""

    number: int
    origin: str
    value: Mapping[str, Any]

    def has(self, key: str) -> bool:
        """Whether the key is there and says something."""
        return self.value.get(key) not in (None, "", [])

    def text(self, key: str) -> str:
        """The text under `key`. Raises InputError where there is none, or where it is empty."""
        value = self._of(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, value, "a text that is not empty")
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of the list under `key`; it may not be empty. Raises InputError."""
        value = self._of(key)
        if not isinstance(value, list) or not value or not all(isinstance(v, str) and v.strip() for v in value):
            raise self.wrong(key, value, "a list of texts that is not empty")
        return tuple(v.strip() for v in value)

    def whole(self, key: str) -> int:
        """The whole number under `key`, also as text (CSV). Raises InputError."""
        value = self._of(key)
        if isinstance(value, str) and value.strip().removeprefix("-").isdecimal():
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(key, value, "a whole number")
        return value

    def wrong(self, key: str, value: Any, expected: str) -> InputError:
        """The refusal of what stands under `key`."""
        return damaged(f"{self.origin}, key {key!r}", found=in_words(value), expected=expected)

    def _of(self, key: str) -> Any:
        if key not in self.value:
            found = f"the keys {', '.join(map(str, self.value)) or 'none'}"
            raise damaged(self.origin, found=found, expected=f"a key {key!r}")
        return self.value[key]


def rows_of(path: Path, member: str | None = None) -> list[Row]:
    """The rows of a .jsonl, .json, .csv or .parquet file; of a zip those of its member that ends in `member`.

    Raises InputError where the file is damaged or empty, UsageError where parquet cannot be read here.
    """
    name = path.name
    if path.suffix == ".parquet":
        rows = _rows(name, "row", _parquet(path))
    else:
        text, inner = text_of(path, member)
        where = f"{name}!{inner}" if inner else name
        rows = _parsed(text, where, (inner or name).lower())
    if not rows:
        raise damaged(name, found="no record", expected="at least one")
    return rows


def json_of(path: Path) -> Any:
    """The JSON value of a file. Raises InputError."""
    text, _ = text_of(path, None)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise damaged(
            path.name, found=f"no JSON ({error})", expected="one JSON value to the end of the file"
        ) from error


def text_of(path: Path, member: str | None) -> tuple[str, str]:
    """The text of a file, or of the member of a zip archive that ends in `member`, and that member's name."""
    inner = ""
    try:
        data = path.read_bytes() if path.suffix != ".zip" else b""
        if path.suffix == ".zip":
            inner, data = _member(path, member or "")
    except OSError as error:
        raise damaged(str(path), found=str(error), expected="a file that can be read") from error
    where = f"{path.name}!{inner}" if inner else path.name
    try:
        return data.decode("utf-8-sig"), inner
    except UnicodeDecodeError as error:
        raise damaged(where, found=f"bytes that are no UTF-8 at {error.start}", expected="text in UTF-8") from error


def _member(path: Path, ending: str) -> tuple[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            named = sorted(n for n in archive.namelist() if not n.endswith("/") and "__MACOSX" not in n)
            fitting = [n for n in named if n.endswith(ending)]
            if len(fitting) == 1:
                return fitting[0], archive.read(fitting[0])
    except _BROKEN_ZIP as error:
        raise damaged(path.name, found=f"a broken zip archive ({error})", expected="a whole archive") from error
    what = f"{len(fitting)} members ending in {ending!r}" if ending else f"{len(fitting)} members"
    raise damaged(path.name, found=f"{what}, of {', '.join(named[:8]) or 'none'}", expected="exactly one")


def _parsed(text: str, where: str, name: str) -> list[Row]:
    if name.endswith(".json"):
        return _rows(where, "item", _array(text, where))
    if name.endswith((".jsonl", ".txt")):
        return list(_lines(text, where))
    return _rows(where, "record", _csv(text, where))


def _array(text: str, where: str) -> list[Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise damaged(where, found=f"no JSON ({error})", expected="a JSON array to the end of the file") from error
    if not isinstance(value, list):
        raise damaged(where, found=in_words(value), expected="a JSON array of records")
    return value


def _lines(text: str, where: str) -> Iterator[Row]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        origin = f"{where} line {number}"
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise damaged(origin, found=f"no JSON ({error})", expected="one JSON object a line") from error
        if not isinstance(value, dict):
            raise damaged(origin, found=in_words(value), expected="one JSON object a line")
        yield Row(number - 1, origin, value)


def _csv(text: str, where: str) -> list[Any]:
    csv.field_size_limit(_FIELD_BYTES)
    try:
        read = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        found = list(read)
    except csv.Error as error:
        raise damaged(where, found=f"no CSV ({error})", expected="a table with a header") from error
    for number, row in enumerate(found, 1):
        if None in row or None in row.values():
            raise damaged(
                f"{where} record {number}",
                found="more or fewer fields than the header has",
                expected=f"the fields {', '.join(read.fieldnames or ())}",
            )
    return list(found)


def _parquet(path: Path) -> list[Any]:
    try:
        reader = importlib.import_module("pyarrow.parquet")
        arrow = importlib.import_module("pyarrow")
    except ImportError as error:
        raise UsageError(
            f"{path.name} is a parquet file and pyarrow is not installed; pip install pyarrow, or export the table as"
            " .jsonl (one object a line, same keys) and put that file there"
        ) from error
    try:
        rows: list[Any] = reader.read_table(path).to_pylist()
    except (arrow.ArrowException, OSError) as error:
        raise damaged(path.name, found=f"no parquet table ({error})", expected="a whole parquet file") from error
    return rows


def _rows(where: str, word: str, values: Iterable[Any]) -> list[Row]:
    rows = []
    for number, value in enumerate(values):
        origin = f"{where} {word} {number + 1}"
        if not isinstance(value, Mapping):
            raise damaged(origin, found=in_words(value), expected="an object")
        rows.append(Row(number, origin, value))
    return rows
