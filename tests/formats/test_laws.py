"""What holds for any input at all."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

from hypothesis import given, settings
from hypothesis import strategies as st

from rarescale.formats import FORMATS, parse_input, read_inputs, write_jsonl
from rarescale.record import Case, Chat, Note, Unreadable

# fmt: off
KEYS = st.sampled_from(
    [
        "id", "sex", "age", "present", "absent", "messages",
        "role", "content", "findings", "label", "diagnosis", "onset",
        "phenotypicFeatures", "subject", "metaData", "type", "excluded", "members",
        "proband", "timeAtLastEncounter", "ageRange", "end", "iso8601duration", "diseases",
        "term", "timestamp", "dateOfBirth",
    ]
)
# fmt: on
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["P3Y", "F"])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=25
)
FORMAT = st.none() | st.sampled_from(FORMATS)


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda t: t.encode("utf-8", "replace")), FORMAT)
@settings(deadline=None, max_examples=300)
def test_no_bytes_raise_an_error_and_something_always_comes_back(data, format):
    found = list(read_inputs(["-"], format=format, stdin=io.BytesIO(data)))
    assert found
    assert all(f.message for f in found if isinstance(f, Unreadable))


def packed() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jsonl", '{"id": "a", "present": ["HP:1"]}\n' * 3)
        archive.writestr("b.txt.gz", gzip.compress(b"She shakes."))
    return out.getvalue()


ARCHIVES = st.sampled_from([packed(), gzip.compress(b"She shakes. " * 20)])
DAMAGES = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6)


@given(ARCHIVES, DAMAGES, st.floats(0.1, 1))
@settings(deadline=None, max_examples=300)
def test_no_damage_to_an_archive_raises_an_error(archive, damages, kept):
    data = bytearray(archive)
    for where, byte in damages:
        data[int(where * len(data))] = byte
    assert list(read_inputs(["-"], stdin=io.BytesIO(bytes(data[: int(kept * len(data))]))))


@given(st.dictionaries(KEYS, VALUES, max_size=6), FORMAT)
@settings(deadline=None, max_examples=300)
def test_no_object_raises_an_error_and_what_is_read_can_be_written(content, format):
    found = parse_input(content, format=format)
    out = io.BytesIO()
    assert write_jsonl([found], out) == 1
    assert json.loads(out.getvalue())["id"] == found.id


@given(st.lists(VALUES.filter(lambda v: not (isinstance(v, dict) and "members" in v)), min_size=1, max_size=6))
@settings(deadline=None, max_examples=200)
def test_each_line_of_a_jsonl_file_gives_exactly_one_input_in_its_place(lines):
    text = "".join(json.dumps(line) + "\n" for line in [{"present": ["HP:1"]}, *lines])
    found = list(read_inputs(["-"], stdin=io.BytesIO(text.encode())))
    assert [f.origin for f in found] == [f"standard input line {k + 1}" for k in range(len(lines) + 1)]
    assert all(isinstance(f, Case | Chat | Note | Unreadable) for f in found)
