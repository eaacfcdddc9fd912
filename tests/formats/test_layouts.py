"""How files are laid out: lines, arrays, pretty-printed objects, folders, archives, standard input."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from rarescale.errors import UsageError
from rarescale.formats import parse_input, read_inputs
from rarescale.record import Case, Chat, Note, Unreadable

LINES = [{"id": k, "present": ["HP:1"]} for k in "abc"]
JSONL = "".join(json.dumps(line) + "\n" for line in LINES)


def ids(found):
    return [f.id for f in found]


@pytest.mark.parametrize(
    "text",
    [
        JSONL,
        JSONL.rstrip("\n"),
        JSONL.replace("\n", "\n\n  \n"),
        JSONL.replace("\n", "\r\n"),
        json.dumps(LINES),
        json.dumps(LINES, indent=2),
        "[\n" + ",\n".join(json.dumps(line) for line in LINES) + "\n]\n",
        "\n".join(json.dumps(line, indent=2) for line in LINES),
        "\n\n" + json.dumps(LINES, indent=1),
    ],
)
@pytest.mark.parametrize("name", ["in.jsonl", "in.json", "in.txt"])
def test_objects_are_found_in_every_layout(read, text, name):
    found = read(text, name)
    assert ids(found) == ["a", "b", "c"]
    assert all(isinstance(f, Case) for f in found)


def test_a_chat_whose_messages_stand_on_their_own_lines_is_one_object(one):
    text = '{"id": "k", "messages": [\n{"role": "patient", "content": "I shake."}\n]}'
    assert isinstance(one(text, "in.json"), Chat)


def test_places_in_a_document_name_line_and_item(read):
    nameless = [{"present": ["HP:1"]}, {"present": 5}]
    good, bad = read("\n" + json.dumps(nameless, indent=1), "in.json")
    assert good.id == "in:1" and good.origin.endswith("in.json line 3 item 1")
    assert bad.id == "in:2" and "line 8 item 2, key `present`" in bad.message


def test_the_kinds_may_be_mixed_in_one_file(read):
    lines = [LINES[0], {"messages": [{"role": "patient", "content": "x"}]}, {"phenotypicFeatures": []}]
    assert [type(f) for f in read(lines)] == [Case, Chat, Case]


@pytest.mark.parametrize("name", ["note.txt", "note.md", "note", "note.text"])
def test_other_text_is_a_note_named_after_its_file(one, name):
    note = one("Ann, 34.\r\nShe shakes.\n", name)
    assert isinstance(note, Note)
    assert (note.id, note.text) == ("note", "Ann, 34.\nShe shakes.\n")


@pytest.mark.parametrize("text", ["[2024-05-01] She shakes.", "{name} is 34.", "[12] and {3}"])
def test_a_note_may_start_with_a_bracket(one, text):
    assert isinstance(one(text, "note.txt"), Note)


def test_the_format_text_reads_json_as_a_note(one):
    assert isinstance(one(JSONL, format="text"), Note)


def test_an_unknown_format_is_an_error_of_use_at_once():
    with pytest.raises(UsageError, match="case, chat, phenopacket, text"):
        read_inputs([], format="fhir")


def test_folders_are_read_sorted_with_subfolders_and_without_other_or_hidden_files(tmp_path: Path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "two.txt").write_text("She shakes.")
    (tmp_path / "a.jsonl").write_text(JSONL)
    (tmp_path / "c.json.gz").write_bytes(gzip.compress(json.dumps(LINES[0]).encode()))
    (tmp_path / "d.md").write_text("He shakes.")
    (tmp_path / ".hidden.json").write_text("x")
    (tmp_path / "program.py").write_text("x")
    assert ids(read_inputs([str(tmp_path)])) == ["a", "b", "c", "two", "a", "d"]


def test_inputs_come_in_the_order_of_the_paths(tmp_path: Path):
    for name in "xyz":
        (tmp_path / f"{name}.txt").write_text("note")
    paths = [str(tmp_path / f"{name}.txt") for name in ("z", "gone", "x")]
    assert ids(read_inputs(paths)) == ["z", "gone", "x"]


def test_reading_is_lazy(tmp_path: Path):
    path = tmp_path / "in.jsonl"
    path.write_text(JSONL)
    found = read_inputs([str(path), str(tmp_path / "later.txt")])
    assert next(found).id == "a"
    (tmp_path / "later.txt").write_text("written after reading began")
    assert isinstance(list(found)[-1], Note)


@pytest.mark.parametrize("data", [JSONL.encode(), gzip.compress(JSONL.encode())], ids=["plain", "gzip"])
def test_standard_input_may_be_compressed(data):
    found = list(read_inputs(["-"], stdin=io.BytesIO(data)))
    assert ids(found) == ["a", "b", "c"]
    assert found[0].origin == "standard input line 1"


def test_a_note_on_standard_input_is_called_stdin():
    (note,) = read_inputs(["-"], stdin=io.BytesIO(b"She shakes."))
    assert note.id == "stdin"


def test_an_archive_on_standard_input_is_opened(tmp_path: Path):
    assert ids(read_inputs(["-"], stdin=io.BytesIO(zipped({"a.jsonl": JSONL.encode()})))) == ["a", "b", "c"]


def test_gz_is_unpacked_and_named_without_its_suffix(read):
    (found,) = read(gzip.compress(b'{"present": ["HP:1"]}'), "cases.jsonl.gz")
    assert found.id == "cases:1"


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_members_of_an_archive_are_read_sorted(read):
    members = {
        "x/b.txt": b"She shakes.",
        "a.jsonl.gz": gzip.compress(JSONL.encode()),
        "__MACOSX/._a.json": b"\0",
        "c.py": b"",
    }
    found = read(zipped(members), "in.zip")
    assert ids(found) == ["a", "b", "c", "b"]
    assert found[3].origin.endswith("in.zip!x/b.txt")


def test_an_object_or_a_text_can_be_given_directly():
    assert parse_input({"present": ["HP:1"]}).findings[0].text == "HP:1"
    assert isinstance(parse_input("Ann shakes."), Note)
    assert isinstance(parse_input('{"present": ["HP:1"]}', id="mine"), Case)
    assert parse_input("Ann shakes.", id="mine").id == "mine"
    assert isinstance(parse_input({"present": 5}), Unreadable)


@pytest.mark.parametrize("source", [JSONL, {"members": [], "metaData": {}}])
def test_given_directly_it_must_be_one_patient(source):
    found = parse_input(source)
    assert isinstance(found, Unreadable) and "one patient" in found.message
