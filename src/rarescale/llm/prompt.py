"""Prompts as versioned files with named slots.

A file begins with a TOML header between two lines ``+++`` (``name``, ``version``, ``slots``, optionally ``schema``),
then the text. Lines ``=== system ===``, ``=== user ===`` and ``=== assistant ===`` begin messages; without any, all
of it is one user message. ``{{slot}}`` marks a place to fill. Values are put in as they are: slots or message marks
inside a value mean nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, cast

from rarescale.errors import UsageError
from rarescale.llm.messages import Conversation, Message, Request, Speaker

_FENCE = "+++"
_SLOT = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")
_MARK = re.compile(r"^=== (system|user|assistant) ===[ \t]*$", re.MULTILINE)
_HEADER = {"name": str, "version": int, "slots": list, "schema": dict}


@dataclass(frozen=True)
class Rendered:
    """A prompt with its slots filled. `text` is what a person reads, `hash` the SHA-256 of it."""

    name: str
    version: int
    messages: Conversation
    schema: Mapping[str, Any] | None = None
    prompt_hash: str = ""

    @property
    def tag(self) -> str:
        """Which prompt it came from, such as ``repair@1``."""
        return f"{self.name}@{self.version}"

    @property
    def text(self) -> str:
        """All messages with their roles."""
        return "\n".join(f"=== {m.role} ===\n{m.content}\n" for m in self.messages)

    @property
    def hash(self) -> str:
        """SHA-256 of `text`."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def request(
        self, model: str, *, temperature: float | None = 0.0, max_tokens: int = 1024, seed: int | None = None
    ) -> Request:
        """The question to ask, tagged with the prompt."""
        return Request(self.messages, model, temperature, max_tokens, self.schema, seed, self.tag)


@dataclass(frozen=True)
class Prompt:
    """One version of one prompt. `hash` is the SHA-256 of its file text and changes with every edit."""

    name: str
    version: int
    slots: tuple[str, ...]
    parts: Conversation
    schema: Mapping[str, Any] | None = None
    hash: str = field(default="", repr=False)

    def render(self, /, **values: str) -> Rendered:
        """Fill the slots. Raises UsageError naming every missing slot, unknown slot and value that is no text."""
        missing = [s for s in self.slots if s not in values]
        unknown = [v for v in values if v not in self.slots]
        no_text = [v for v, value in values.items() if not isinstance(value, str)]
        if missing or unknown or no_text:
            found = [f"{k}: {', '.join(v)}" for k, v in _grouped(missing, unknown, no_text) if v]
            raise UsageError(
                f"Prompt {self.name}@{self.version} takes the slots {', '.join(self.slots) or '(none)'} as text; "
                f"found {'; '.join(found)}. Give each slot once."
            )
        messages = tuple(Message(p.role, _SLOT.sub(lambda m: values[m.group(1)], p.content)) for p in self.parts)
        return Rendered(self.name, self.version, messages, self.schema, self.hash)


def _grouped(missing: list[str], unknown: list[str], no_text: list[str]) -> list[tuple[str, list[str]]]:
    return [("missing", missing), ("unknown", unknown), ("not text", no_text)]


def prompt_from_text(text: str, where: str = "prompt") -> Prompt:
    """The prompt that a file text describes. Raises UsageError for anything it should not hold."""
    text = text.replace("\r\n", "\n")
    header, body = _split(text, where)
    slots = tuple(header["slots"])
    parts = _parts(body, where)
    used = {name for p in parts for name in _SLOT.findall(p.content)}
    odd = [p.content for p in parts if "{{" in _SLOT.sub("", p.content)]
    _refuse(where, bool(odd), "slots such as {{name}}", "'{{' that begins no slot", "Put a space between the braces.")
    _refuse(
        where,
        used != set(slots) or len(slots) != len(used),
        f"the slots of its text, {sorted(used)}",
        f"slots = {list(slots)}",
        "Make the header and the text agree.",
    )
    schema = header.get("schema")
    return Prompt(header["name"], header["version"], slots, parts, schema, hashlib.sha256(text.encode()).hexdigest())


def _split(text: str, where: str) -> tuple[dict[str, Any], str]:
    begin, _, rest = text.partition(_FENCE + "\n")
    toml, fence, body = rest.partition("\n" + _FENCE + "\n")
    _refuse(where, bool(begin.strip()) or not fence, "a header between lines +++", repr(text[:40]), "Add the header.")
    try:
        header = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{where}: expected a TOML header, found an error: {error}. Correct it.") from error
    _refuse(
        where, bool(unknown := set(header) - set(_HEADER)), f"keys {', '.join(_HEADER)}", str(unknown), "Remove it."
    )
    header.setdefault("slots", [])
    for key in ("name", "version", "slots", *(["schema"] if "schema" in header else [])):
        value = header.get(key)
        right = isinstance(value, _HEADER[key]) and not isinstance(value, bool)
        _refuse(where, not right, f"{key} of type {_HEADER[key].__name__}", repr(value), "Correct the header.")
    named = re.fullmatch(r"[a-z][a-z0-9_-]*", header["name"]) is not None and header["version"] >= 1
    _refuse(where, not named, "a plain name and a version from 1", str(header), "Correct the header.")
    return header, body


def _parts(body: str, where: str) -> Conversation:
    before, *marked = _MARK.split(body)
    _refuse(where, bool(marked and before.strip()), "text after a mark", repr(before[:40]), "Move it below a mark.")
    pairs = list(zip(marked[::2], marked[1::2], strict=True)) if marked else [("user", body)]
    parts = tuple(Message(cast(Speaker, role), content.strip()) for role, content in pairs)
    empty = [p.role for p in parts if not p.content]
    _refuse(where, bool(empty), "text in every message", f"an empty {empty[:1]} message", "Fill or remove it.")
    return parts


def _refuse(where: str, wrong: bool, expected: str, found: str, advice: str) -> None:
    if wrong:
        raise UsageError(f"{where}: expected {expected}, found {found}. {advice}")


class Prompts:
    """The prompts of one folder, files ``NAME.vVERSION.md``; asked for by name and version, never by "latest"."""

    def __init__(self, prompts: Mapping[tuple[str, int], Prompt], where: str) -> None:
        """`load_prompts` makes one."""
        self._prompts = dict(prompts)
        self._where = where

    def get(self, name: str, version: int) -> Prompt:
        """Raises UsageError for a prompt that is not there."""
        if (name, version) not in self._prompts:
            known = ", ".join(f"{n}@{v}" for n, v in sorted(self._prompts)) or "none"
            raise UsageError(f"{self._where} has no prompt {name}@{version}; expected one of: {known}. Check the name.")
        return self._prompts[name, version]

    def __iter__(self) -> Any:
        """All prompts by name and version."""
        return iter(p for _, p in sorted(self._prompts.items()))


def load_prompts(folder: Path | str) -> Prompts:
    """All prompts of a folder, or of the package of that dotted name (its folder ``prompts``).

    Raises UsageError when a file is no prompt or its name differs from its header.
    """
    place = folder if isinstance(folder, Path) else resources.files(folder) / "prompts"
    if not place.is_dir():
        raise UsageError(f"{place}: expected a folder of prompts, found none. Check the path.")
    found: dict[tuple[str, int], Prompt] = {}
    for file in sorted(place.iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".md"):
            continue
        prompt = prompt_from_text(file.read_text("utf-8"), str(file))
        expected = f"{prompt.name}.v{prompt.version}.md"
        _refuse(str(file), file.name != expected, f"the file name {expected}", file.name, "Rename the file.")
        found[prompt.name, prompt.version] = prompt
    return Prompts(found, str(place))


def snapshot(rendered: Rendered) -> str:
    """What a snapshot test compares: which prompt, its hash, its schema and every message."""
    schema = "" if rendered.schema is None else f"schema {json.dumps(rendered.schema, sort_keys=True)}\n"
    return f"{rendered.tag} {rendered.prompt_hash}\n{schema}\n{rendered.text}"


def check_snapshot(rendered: Rendered, path: Path, *, update: bool = False) -> None:
    """Compare with the snapshot kept at `path`, for tests; `update` writes it instead.

    Raises AssertionError when there is none or it differs.
    """
    text = snapshot(rendered)
    if update:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return
    if not path.exists():
        raise AssertionError(f"{path}: no snapshot of {rendered.tag}; write one with update=True and review it")
    kept = path.read_text("utf-8")
    if kept != text:
        raise AssertionError(
            f"{rendered.tag} differs from {path}. An edited prompt gets a new version.\n"
            f"--- kept\n{kept}\n+++ now\n{text}"
        )
