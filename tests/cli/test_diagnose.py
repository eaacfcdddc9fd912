from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Outcome, Run

TREMOR = {"id": "c1", "sex": "MALE", "age": "P34Y", "present": ["HP:0001337", "HP:0002240"], "absent": ["HP:0001250"]}
SEIZURE = {"id": "c2", "present": ["HP:0001250"]}
CHAT = {
    "id": "t1",
    "messages": [
        {"role": "system", "content": "Ann Lee, 34 years old, female."},
        {"role": "clinician", "content": "Any seizures?"},
        {
            "role": "patient",
            "content": "No, never. But I have a tremor.",
            "findings": [{"id": "HP:0000618", "present": True}],
        },
    ],
}


def test_json_is_one_object_per_case_in_input_order_and_nothing_else(run: Run, cases: Callable[..., Path]) -> None:
    outcome = run("diagnose", cases(SEIZURE, TREMOR, CHAT), "--json")
    assert outcome.code == 0
    assert [o["id"] for o in outcome.objects] == ["c2", "c1", "t1"]
    assert all(o["schema_version"] == "1" for o in outcome.objects)


def test_an_answer_has_the_fields_of_the_contract(run: Run, cases: Callable[..., Path]) -> None:
    (answer,) = run("diagnose", cases(TREMOR), "--json").objects
    assert {
        "findings",
        "unresolved",
        "differential",
        "none_of_these",
        "red_flags",
        "warnings",
        "knowledge",
        "engine",
    } <= set(answer)
    first = answer["differential"][0]
    assert first["rank"] == 1
    assert first["ids"] == ["OMIM:100001", "ORPHA:11"]
    assert first["class"] in ("rare", "uncommon", "common", "unknown")
    assert {"id", "name", "score", "probability", "interval", "not_to_be_missed", "reasons"} <= set(first)
    reason = first["reasons"][0]
    assert {"finding", "direction", "weight", "matched", "kind", "source"} <= set(reason)
    assert "2020-02-02" in answer["knowledge"]["release"]


def test_scores_fall_with_rank_and_probabilities_add_up(run: Run, cases: Callable[..., Path]) -> None:
    (answer,) = run("diagnose", cases(TREMOR), "--json", "--top", 20).objects
    scores = [d["score"] for d in answer["differential"]]
    assert scores == sorted(scores, reverse=True)
    assert [d["rank"] for d in answer["differential"]] == list(range(1, 7))
    total = sum(d["probability"] for d in answer["differential"]) + answer["none_of_these"]
    assert total == pytest.approx(1.0, abs=1e-6)


def test_top_limits_the_list(run: Run, cases: Callable[..., Path]) -> None:
    (answer,) = run("diagnose", cases(TREMOR), "--json", "--top", 2).objects
    assert len(answer["differential"]) == 2


def test_a_chat_is_read_and_its_labels_are_not(run: Run, cases: Callable[..., Path]) -> None:
    (answer,) = run("diagnose", cases(CHAT), "--json").objects
    states = {f["id"]: f["state"] for f in answer["findings"]}
    assert states == {"HP:0001250": "absent", "HP:0001337": "present"}
    tremor = next(f for f in answer["findings"] if f["id"] == "HP:0001337")
    assert "tremor" in tremor["quote"]
    assert tremor["message"] == 2


def test_the_diagnosis_of_a_case_does_not_change_the_answer(run: Run, cases: Callable[..., Path]) -> None:
    told = TREMOR | {"diagnosis": ["ORPHA:13"], "diagnosis_name": "Blind-spleen syndrome"}
    plain = run("diagnose", cases(TREMOR, name="a.jsonl"), "--json").out
    assert run("diagnose", cases(told, name="b.jsonl"), "--json").out == plain


def test_one_bad_case_never_stops_the_rest(run: Run, cases: Callable[..., Path]) -> None:
    outcome = run("diagnose", cases(SEIZURE, '{"id": "bad", "present": 5}', '{"id": "cut", "pres', TREMOR), "--json")
    assert outcome.code == 1
    assert [o["id"] for o in outcome.objects][::3] == ["c2", "c1"]
    errors = [o for o in outcome.objects if "error" in o]
    assert len(errors) == 2
    assert all(o["error"]["kind"] and len(o["error"]["message"]) > 20 for o in errors)


def test_nothing_readable_is_exit_code_two(run: Run, tmp_path: Path, cases: Callable[..., Path]) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "folder").mkdir()
    for argument in ("missing.jsonl", "empty.jsonl", "folder"):
        assert run("diagnose", tmp_path / argument, "--json").code == 2
    assert run("diagnose", cases("{half"), "--json").code == 2
    assert run("diagnose").code == 2
    assert run("diagnose", cases(SEIZURE), "--among", "nonsense").code == 2
    assert run("diagnose", cases(SEIZURE), "--top", 0).code == 2


def test_a_missing_file_beside_a_good_one_is_exit_code_one(
    run: Run, cases: Callable[..., Path], tmp_path: Path
) -> None:
    outcome = run("diagnose", tmp_path / "missing.jsonl", cases(SEIZURE), "--json")
    assert outcome.code == 1
    assert [("error" in o) for o in outcome.objects] == [True, False]


def test_standard_input_is_read(run: Run) -> None:
    outcome = run("diagnose", "-", "--json", stdin=(json.dumps(SEIZURE) + "\n").encode())
    assert [o["id"] for o in outcome.objects] == ["c2"]


def warned(run: Run, path: Path) -> tuple[Outcome, list[str]]:
    outcome = run("diagnose", path, "--json")
    return outcome, [w for o in outcome.objects for w in o.get("warnings", [])]


@pytest.mark.parametrize(
    ("case", "warning"),
    [
        ({"present": ["HP:0001275"]}, "HP:0001275 is an old id; HP:0001250"),
        ({"present": ["HP:0001337", "HP:0000991"]}, "HP:0000991.*obsolete"),
        ({"present": ["HP:0001337", "HP:9999999"]}, "HP:9999999 is not a term"),
        ({"present": ["HP:0001337"], "absent": ["HP:0001337"]}, "present and as absent"),
        ({"present": ["HP:0000618"], "absent": ["HP:0000505"]}, "HP:0000505.*more specific"),
        ({"present": []}, "no present finding"),
        ({"absent": ["HP:0001337"]}, "no present finding"),
        ({"present": ["HP:0000006", "HP:0003577"]}, "not phenotypes"),
        ({"present": ["HP:0001337"], "age": "P300Y"}, "P300Y"),
        ({"present": ["HP:0001337"], "sex": "banana"}, "banana"),
    ],
)
def test_odd_cases_are_answered_with_a_warning(
    run: Run, cases: Callable[..., Path], case: dict[str, Any], warning: str
) -> None:
    outcome, warnings = warned(run, cases({"id": "x", **case}))
    assert outcome.code == 0
    assert any(re.search(warning, w) for w in warnings), warnings


def test_unknown_words_are_reported_as_unresolved(run: Run, cases: Callable[..., Path]) -> None:
    (answer,) = run(
        "diagnose", cases({"id": "x", "present": ["recent travel to Ghana", "HP:0001337", "shakes"]}), "--json"
    ).objects
    assert answer["unresolved"] == ["recent travel to Ghana"]
    assert [f["id"] for f in answer["findings"]] == ["HP:0001337"]


def test_ten_thousand_findings_are_one_case_with_a_warning_or_none(run: Run, cases: Callable[..., Path]) -> None:
    many = {"id": "many", "present": ["HP:0001250", "HP:0001337"] * 5_000 + [f"HP:8{n:06}" for n in range(50)]}
    (answer,) = run("diagnose", cases(many), "--json").objects
    assert [f["id"] for f in answer["findings"]] == ["HP:0001250", "HP:0001337"]
    assert len(answer["unresolved"]) == 50


def test_text_in_another_language_is_told(run: Run, cases: Callable[..., Path]) -> None:
    text = (
        "Der Patient klagt seit drei Wochen ueber Schmerzen in beiden Beinen und kann nicht mehr schlafen oder essen."
    )
    _, warnings = warned(run, cases(text, name="note.txt"))
    assert any("English" in w for w in warnings)


def test_binary_is_refused_with_its_kind(run: Run, tmp_path: Path) -> None:
    (tmp_path / "scan.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    outcome = run("diagnose", tmp_path / "scan.txt", "--json")
    assert outcome.code == 2
    assert outcome.objects[0]["error"]["kind"] == "binary"


def test_among_rare_keeps_the_ids_of_rare_disease_sources(run: Run, cases: Callable[..., Path]) -> None:
    (answer,) = run("diagnose", cases(TREMOR), "--json", "--among", "rare", "--top", 50).objects
    assert answer["differential"]
    for entry in answer["differential"]:
        assert any(i.startswith(("OMIM:", "ORPHA:", "DECIPHER:")) for i in entry["ids"])


def test_the_terminal_view_shows_findings_ranks_ids_reasons_and_the_intended_use(
    run: Run, cases: Callable[..., Path]
) -> None:
    outcome = run("diagnose", cases(CHAT))
    for text in ("t1", "Tremor", "absent", "Differential", "OMIM:100001", "why", "not a medical device"):
        assert text in " ".join(outcome.out.split())


def test_read_gives_findings_without_a_differential(run: Run, cases: Callable[..., Path]) -> None:
    (answer,) = run("read", cases(CHAT), "--json").objects
    assert "differential" not in answer
    assert {f["id"] for f in answer["findings"]} == {"HP:0001250", "HP:0001337"}


Start = Callable[..., "subprocess.Popen[bytes]"]


def test_a_closed_standard_output_ends_quietly(process: Start, cases: Callable[..., Path]) -> None:
    job = process("diagnose", cases(*[SEIZURE] * 3000), "--json")
    assert job.stdout is not None and job.stderr is not None
    assert job.stdin is not None
    job.stdin.close()
    job.stdout.readline()
    job.stdout.close()
    complaint = job.stderr.read().decode()
    job.stderr.close()
    assert job.wait(30) == 141
    assert "Traceback" not in complaint
    assert "Exception" not in complaint


def test_ctrl_c_ends_with_a_sentence_and_keeps_what_was_printed(process: Start) -> None:
    job = process("diagnose", "-", "--json")
    assert job.stdin is not None and job.stdout is not None and job.stderr is not None
    # More than a pipe holds, so that answers come while the input is still open.
    line = (json.dumps(SEIZURE) + "\n").encode()
    for _ in range(400):
        job.stdin.write(line)
    job.stdin.flush()
    first = job.stdout.readline()
    assert first, job.stderr.read().decode()
    time.sleep(0.2)
    job.send_signal(signal.SIGINT)
    rest, complaint = job.communicate(timeout=30)
    assert job.returncode == 130
    assert json.loads(first)["id"] == "c2"
    assert all(json.loads(x)["id"] == "c2" for x in rest.decode().splitlines())
    assert "interrupted" in complaint.decode()
    assert "Traceback" not in complaint.decode()
