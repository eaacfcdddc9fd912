from __future__ import annotations

import io
import json
import time
from pathlib import Path

import pytest

from rarescale.formats import read_inputs, schemas, write_jsonl
from rarescale.record import Candidate, Failure, Finding, Message, Problem, Role

WILSON = Candidate(
    rank=1, id="OMIM:1", ids=("OMIM:1",), name="Maladie\nde Wilson é", score=1.0, probability=0.5, rarity="rare"
)


def test_records_are_written_one_a_line_in_utf_8_under_their_public_names():
    out = io.BytesIO()
    assert write_jsonl([WILSON, Failure(id="x", error=Problem(kind="json", message="broken"))], out) == 2
    first, second = out.getvalue().splitlines()
    assert json.loads(first)["class"] == "rare" and "é".encode() in first
    assert json.loads(second) == {"schema_version": "1", "id": "x", "error": {"kind": "json", "message": "broken"}}


def test_each_record_is_written_before_the_next_is_asked_for():
    out = io.BytesIO()

    def records():
        yield Finding(text="a")
        assert out.getvalue().count(b"\n") == 1
        yield Finding(text="b")

    assert write_jsonl(records(), out) == 2


def test_a_closed_pipe_is_left_to_the_caller():
    class Closed(io.BytesIO):
        def write(self, data):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        write_jsonl([Message(role=Role.PATIENT, content="x")], Closed())


@pytest.mark.parametrize("name", ["case-line", "chat-line", "differential", "reading", "failure"])
def test_the_schema_file_equals_the_generated_one(name):
    stored = schemas.path_of(name).read_text(encoding="utf-8")
    assert json.loads(stored) == schemas.schema(name), "run python -m rarescale.formats.schemas"


def test_all_schemas_are_written_to_a_folder(tmp_path: Path):
    schemas.write_all(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {f"{name}.schema.json" for name in schemas.NAMES}


def test_the_schemas_say_what_the_format_promises():
    case = schemas.schema("case-line")
    assert {"id", "sex", "age", "present", "absent", "diagnosis", "diagnosis_name"} == case["properties"].keys()
    assert case["additionalProperties"] is True
    assert schemas.schema("chat-line")["required"] == ["messages"]
    assert "class" in schemas.schema("differential")["$defs"]["Candidate"]["properties"]
    assert {"id", "error", "schema_version"} == set(schemas.schema("failure")["required"])


@pytest.mark.parametrize("layout", ["lines", "array on one line"])
def test_thousands_of_cases_are_read_in_a_fraction_of_a_second(tmp_path: Path, layout: str):
    path = tmp_path / "in.json"
    terms = [[f"HP:{(k * 31 + j) % 3000:07}" for j in range(30)] for k in range(5500)]
    cases = [{"id": str(k), "age": "P3Y", "present": t[:15], "absent": t[15:]} for k, t in enumerate(terms)]
    path.write_text("\n".join(map(json.dumps, cases)) if layout == "lines" else json.dumps(cases))

    def seconds() -> float:
        started = time.thread_time()
        assert sum(1 for _ in read_inputs([str(path)])) == 5500
        return time.thread_time() - started

    # Of the processor, and the best of three: the machine may be busy with other work.
    assert min(seconds() for _ in range(3)) <= 0.6
