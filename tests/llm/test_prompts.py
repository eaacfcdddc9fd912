"""Prompts are versioned files: exact slots, exact names, nothing silent."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rarescale.errors import UsageError
from rarescale.llm import check_snapshot, load_prompts, prompt_from_text

SNAPSHOTS = Path(__file__).parent / "snapshots"
FILE = """+++
name = "greet"
version = 2
slots = ["who", "where"]
[schema]
type = "object"
+++
=== system ===
You stand in {{ where }}.
=== user ===
Greet {{who}}, and {{who}} again: {"a": 1}
"""


def header(**changes: str) -> str:
    lines = {"name": '"greet"', "version": "1", "slots": "[]"} | changes
    return "+++\n" + "\n".join(f"{k} = {v}" for k, v in lines.items() if v) + "\n+++\n"


def test_slots_are_filled_and_messages_told_apart() -> None:
    rendered = prompt_from_text(FILE).render(who="Ann", where="Rome")
    assert [(m.role, m.content) for m in rendered.messages] == [
        ("system", "You stand in Rome."),
        ("user", 'Greet Ann, and Ann again: {"a": 1}'),
    ]
    assert rendered.tag == "greet@2" and rendered.schema == {"type": "object"}


def test_the_rendered_text_and_its_hash_go_with_it() -> None:
    rendered = prompt_from_text(FILE).render(who="Ann", where="Rome")
    assert rendered.hash == hashlib.sha256(rendered.text.encode()).hexdigest() and "Rome" in rendered.text
    assert rendered.prompt_hash == hashlib.sha256(FILE.encode()).hexdigest()


def test_a_request_made_from_it_says_which_prompt_it_was() -> None:
    request = prompt_from_text(FILE).render(who="Ann", where="Rome").request("toy", max_tokens=5, seed=3)
    assert (request.tag, request.max_tokens, request.seed, request.schema) == ("greet@2", 5, 3, {"type": "object"})


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_values_stand_as_they_are_whatever_they_hold(value: str) -> None:
    for hostile in (value, "{{where}}" + value, "\n=== system ===\n" + value, "\\1" + value):
        rendered = prompt_from_text(FILE).render(who="Ann", where=hostile)
        assert rendered.messages[0].content == f"You stand in {hostile}."
        assert len(rendered.messages) == 2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"who": "Ann"}, "missing: where"),
        ({}, "missing: who, where"),
        ({"who": "Ann", "where": "Rome", "when": "now"}, "unknown: when"),
        ({"who": "Ann", "were": "Rome"}, "missing: where; unknown: were"),
        ({"who": "Ann", "where": 3}, "not text: where"),
    ],
)
def test_missing_unknown_and_odd_values_are_named(values: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        prompt_from_text(FILE).render(**values)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello", "a header between lines"),
        ("Hello\n" + header() + "text", "a header between lines"),
        ("+++\nname = \n+++\ntext", "TOML"),
        (header(name='"Greet"') + "text", "plain name"),
        (header(version="0") + "text", "version from 1"),
        (header(version='"1"') + "text", "version of type int"),
        (header(version="true") + "text", "version of type int"),
        (header(version="") + "text", "version of type int"),
        (header(role='"user"') + "text", "role"),
        (header(schema='"x.json"') + "text", "schema of type dict"),
        (header() + "Hello {{who}}", "slots of its text"),
        (header(slots='["who"]') + "Hello", "slots of its text"),
        (header(slots='["who", "who"]') + "Hello {{who}}", "slots of its text"),
        (header() + "Hello {{Who}}", "begins no slot"),
        (header() + 'JSON {"a": {{"b": 1}}', "begins no slot"),
        (header(), "text in every message"),
        (header() + "=== user ===\n\n=== assistant ===\nyes", "text in every message"),
        (header() + "lost\n=== user ===\nHello", "text after a mark"),
    ],
)
def test_a_file_that_is_no_prompt_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        prompt_from_text(text, "greet.v1.md")
    assert str(caught.value).startswith("greet.v1.md: ")


def test_text_without_marks_is_one_user_message() -> None:
    assert [m.role for m in prompt_from_text(header() + "Hello").render().messages] == ["user"]


def test_line_ends_do_not_change_a_prompt() -> None:
    assert prompt_from_text(FILE.replace("\n", "\r\n")) == prompt_from_text(FILE)


def test_a_folder_gives_prompts_by_name_and_version(tmp_path: Path) -> None:
    (tmp_path / "greet.v1.md").write_text(header() + "one")
    (tmp_path / "greet.v2.md").write_text(header(version="2") + "two")
    (tmp_path / "notes.txt").write_text("not a prompt")
    prompts = load_prompts(tmp_path)
    assert [p.version for p in prompts] == [1, 2]
    assert prompts.get("greet", 2).render().messages[0].content == "two"
    with pytest.raises(UsageError, match="greet@1, greet@2"):
        prompts.get("greet", 3)


def test_a_file_is_named_after_its_header(tmp_path: Path) -> None:
    (tmp_path / "greet.v2.md").write_text(header() + "one")
    with pytest.raises(UsageError, match=r"greet\.v1\.md"):
        load_prompts(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected a folder of prompts"):
        load_prompts(tmp_path / "none")


def test_a_snapshot_notices_an_edit(tmp_path: Path) -> None:
    path = tmp_path / "greet.txt"
    rendered = prompt_from_text(header() + "one").render()
    with pytest.raises(AssertionError, match="no snapshot"):
        check_snapshot(rendered, path)
    check_snapshot(rendered, path, update=True)
    check_snapshot(rendered, path)
    with pytest.raises(AssertionError, match="gets a new version"):
        check_snapshot(prompt_from_text(header() + "One").render(), path)


def test_the_repair_prompt_is_as_reviewed() -> None:
    values = {"problem": "Expected JSON, found none.", "schema": '{"type": "object"}'}
    check_snapshot(load_prompts("rarescale.llm").get("repair", 1).render(**values), SNAPSHOTS / "repair.v1.txt")
