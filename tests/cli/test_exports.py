from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rarescale.errors import UsageError

from .conftest import Run

TREMOR = {"id": "Ann Lee", "sex": "MALE", "age": "P34Y", "present": ["HP:0001337", "HP:0002240"]}
SEIZURE = {"id": "../c2", "present": ["HP:0001250"]}
BROKEN = '{"id": "c3", "present": '


def test_csv_goes_to_standard_output_with_a_row_for_each_candidate(run: Run, cases: Callable[..., Path]) -> None:
    outcome = run("diagnose", cases(TREMOR, BROKEN, SEIZURE), "--csv", "--top", 2)
    assert outcome.code == 1
    rows = list(csv.DictReader(io.StringIO(outcome.out, newline="")))
    assert [(r["patient"], r["rank"]) for r in rows[:2]] == [("Ann Lee", "1"), ("Ann Lee", "2")]
    assert [r["patient"] for r in rows if r["error"]] != []
    assert rows[-1]["patient"] == "../c2"


def test_csv_and_json_together_are_refused(run: Run, cases: Callable[..., Path]) -> None:
    with pytest.raises(UsageError, match="--json and --csv"):
        run("diagnose", cases(TREMOR), "--csv", "--json")


def test_a_page_and_phenopackets_are_written_beside_what_is_printed(
    run: Run, cases: Callable[..., Path], tmp_path: Path
) -> None:
    page, folder = tmp_path / "d.html", tmp_path / "deep" / "packets"
    outcome = run("diagnose", cases(TREMOR, BROKEN, SEIZURE), "--json", "--html", page, "--phenopacket", folder)
    assert [o["id"] for o in outcome.objects if "differential" in o] == ["Ann Lee", "../c2"]
    text = page.read_text()
    assert text.count("<article") == 3
    assert "Could not be read." in text
    assert sorted(p.name for p in folder.iterdir()) == ["Ann_Lee.json", "c2.json"]
    back = run("diagnose", folder, "--json").objects
    assert {o["id"] for o in back} == {"Ann Lee", "../c2"}


def test_patients_of_one_name_do_not_overwrite_each_other(run: Run, cases: Callable[..., Path], tmp_path: Path) -> None:
    run("diagnose", cases(TREMOR, TREMOR | {"id": "ann lee"}), "--json", "--phenopacket", tmp_path / "p")
    assert len(list((tmp_path / "p").iterdir())) == 2


def test_deidentify_reaches_everything_that_is_written(run: Run, cases: Callable[..., Path], tmp_path: Path) -> None:
    page, folder = tmp_path / "d.html", tmp_path / "packets"
    source = cases(TREMOR)
    outcome = run("diagnose", source, "--json", "--deidentify", "--html", page, "--phenopacket", folder)
    (packet,) = folder.iterdir()
    for text in (outcome.out, page.read_text(), packet.read_text(), packet.name):
        assert "Ann" not in text
        assert "P34Y" not in text
    assert json.loads(packet.read_text())["subject"]["timeAtLastEncounter"]["ageRange"]
    assert "30 to 39 years" in page.read_text()
    assert "Ann" not in run("diagnose", source, "--csv", "--deidentify").out


def test_a_page_that_cannot_be_written_is_said_before_anything_is_diagnosed(
    run: Run, cases: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="--html"):
        run("diagnose", cases(TREMOR), "--html", tmp_path / "no" / "d.html")


def test_next_shows_questions_and_what_each_answer_changes(run: Run, cases: Callable[..., Path]) -> None:
    outcome = run("next", cases(SEIZURE, BROKEN, {"id": "c4", "absent": ["HP:0001250"]}), "--json")
    assert outcome.code == 1
    first, broken, nothing = outcome.objects
    assert first["id"] == "../c2"
    assert {"id", "text", "gain", "cost", "answerable", "up_if_yes", "up_if_no"} <= set(first["questions"][0])
    assert "message" in broken["error"]
    assert nothing["stop"]["reason"] == "nothing known"
    shown = run("next", cases(SEIZURE)).out
    assert first["questions"][0]["text"] in shown
