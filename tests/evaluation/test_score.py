from __future__ import annotations

import gzip
import json
import math
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rarescale.errors import InputError
from rarescale.evaluation import score_files, score_text

POOL = [f"OMIM:{k}" for k in range(6)] + [f"ORPHA:{k}" for k in range(6)]
LINKS = [("OMIM:0", "ORPHA:0", "E"), ("OMIM:1", "ORPHA:1", "BTNT"), ("ORPHA:0", "OMIM:5", "E")]


def literal_score(truth: list[Any], answers: list[Any], by: str | None, links: list[tuple[str, str, str]]) -> Any:
    """The rules of scoring, restated as plainly as possible, one after the other."""
    groups_of_ids: list[set[str]] = []
    for a, b, relation in links:
        if relation == "E":
            joined = {a, b}.union(*(g for g in groups_of_ids if g & {a, b}))
            groups_of_ids = [g for g in groups_of_ids if not g & joined] + [joined]

    def disease(i: str) -> str:
        return next((min(g) for g in groups_of_ids if i in g), i)

    def rank(case: Any, answer: Any) -> int | None:
        listed = []
        for e in (answer or {}).get("differential") or []:
            score = e.get("score")
            if isinstance(score, bool) or not isinstance(score, (int, float)) or not math.isfinite(score):
                return None
            listed.append((score, {disease(i) for i in [e.get("id"), *(e.get("ids") or [])] if i}))
        want = {disease(i) for i in case["diagnosis"]}
        hits = [(score, len(held - want) + 1) for score, held in listed if held & want]
        if not hits:
            return None
        top, width = max(hits)
        return width + sum(max(1, len(held)) for score, held in listed if not held & want and score >= top)

    def figures(ranks: list[int | None]) -> dict[str, float]:
        made = {f"top{k}": sum(1 for r in ranks if r is not None and r <= k) / len(ranks) for k in (1, 3, 5, 10)}
        return made | {"mrr": sum(1 / r for r in ranks if r is not None and r <= 10) / len(ranks)}

    by_id = {str(a.get("id")): a for a in answers}
    rows: Any = defaultdict(lambda: defaultdict(list))
    for case in truth:
        found = rank(case, by_id.get(str(case["id"])))
        key = tuple(sorted({disease(i) for i in case["diagnosis"]}))
        for group in ["all", *([str(case.get(by))] if by else [])]:
            rows[group][key].append(found)
    out: Any = {
        "missing": sum(str(c["id"]) not in by_id for c in truth),
        "failed": sum("error" in by_id.get(str(c["id"]), {}) for c in truth),
        "groups": {},
    }
    for group, clusters in rows.items():
        for label, kept in (
            ("plain", list(clusters.values())),
            ("<=5 per disease", [v[:5] for v in clusters.values()]),
        ):
            ranks = [r for c in kept for r in c]
            rng, drawn = random.Random(0), []
            for _ in range(400):
                drawn.append(figures([r for c in rng.choices(kept, k=len(kept)) for r in c]))
            out["groups"][f"{group} | {label}"] = {
                "n": len(ranks),
                "diseases": len(kept),
                **{name: round(value, 4) for name, value in figures(ranks).items()},
                "ci95": {
                    name: [round(sorted(d[name] for d in drawn)[k], 3) for k in (10, 390)] for name in figures(ranks)
                },
            }
    return out


numbers = st.one_of(st.integers(0, 3), st.sampled_from([0.5, 1.5, -2.0]), st.just(float("nan")) | st.integers(1, 3))
entries = st.fixed_dictionaries(
    {"id": st.sampled_from([*POOL, None, ""]), "score": numbers},
    optional={"ids": st.lists(st.sampled_from(POOL), max_size=3)},
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Any], list[Any]]:
    cases = [
        {
            "id": k if draw(st.booleans()) else str(k),
            "diagnosis": draw(st.lists(st.sampled_from(POOL), min_size=1, max_size=2)),
            "class": draw(st.sampled_from(["rare", "common", None, 3, "all"])),
        }
        for k in range(draw(st.integers(0, 9)))
    ]
    answers = []
    for case in cases:
        kind = draw(st.sampled_from(["list", "list", "list", "error", "none", "null", "twice"]))
        if kind in ("list", "twice"):
            answers.append({"id": str(case["id"]), "differential": draw(st.lists(entries, max_size=8))})
        if kind == "twice":
            answers.append({"id": case["id"], "differential": []})
        if kind in ("error", "null"):
            answers.append({"id": case["id"], "differential": None} | ({"error": {}} if kind == "error" else {}))
    return cases, answers


def write(path: Path, rows: list[Any]) -> Path:
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


@given(world=worlds(), by=st.sampled_from([None, "class", "nowhere"]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_scores_equal_a_literal_restatement_intervals_included(tmp_path: Path, world: Any, by: str | None) -> None:
    truth, answers = write(tmp_path / "t.jsonl", world[0]), write(tmp_path / "p.jsonl", world[1])
    mapping = tmp_path / "m.tsv"
    mapping.write_text("a\tb\trelation\n" + "".join("\t".join(row) + "\n" for row in LINKS), encoding="utf-8")
    assert score_files(truth, answers, by=by, mapping=[mapping]) == literal_score(*world, by, LINKS)


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    cases = [{"id": f"c{k}", "diagnosis": ["OMIM:1"], "dataset": "x" if k < 6 else "y"} for k in range(7)]
    return write(tmp_path / "truth.jsonl", [*cases, {"id": "d", "diagnosis": ["OMIM:2"], "dataset": "y"}])


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    hit = {"differential": [{"id": "OMIM:1", "score": 2.0}, {"id": "OMIM:3", "score": 1.0}]}
    lines = [{"id": f"c{k}", **hit} for k in range(6)] + [{"id": "c6", "error": {"kind": "input", "message": "?"}}]
    return write(tmp_path / "answers.jsonl", lines)


def test_a_file_worked_by_hand(truth: Path, answers: Path) -> None:
    result = score_files(truth, answers, by="dataset")
    assert (result["missing"], result["failed"]) == (1, 1)
    assert list(result["groups"]) == [
        f"{g} | {label}" for g in ("all", "x", "y") for label in ("plain", "<=5 per disease")
    ]
    plain, capped = result["groups"]["all | plain"], result["groups"]["all | <=5 per disease"]
    assert (plain["n"], plain["diseases"], plain["top1"], plain["mrr"]) == (8, 2, 0.75, 0.75)
    assert (capped["n"], capped["top1"]) == (6, round(5 / 6, 4))
    assert plain["ci95"]["top1"] == [0.0, 0.857]
    assert result["groups"]["y | plain"]["top10"] == 0.0


def test_the_result_is_plain_json(truth: Path, answers: Path) -> None:
    result = score_files(truth, answers)
    assert json.loads(json.dumps(result)) == result


def test_a_mapping_makes_two_ids_one_disease_only_where_it_says_exactly(tmp_path: Path) -> None:
    cases = write(tmp_path / "t.jsonl", [{"id": k, "diagnosis": [f"OMIM:{k}"]} for k in range(2)])
    made = [{"id": k, "differential": [{"id": f"ORPHA:{k}", "score": 1}]} for k in range(2)]
    found = write(tmp_path / "p.jsonl", made)
    mapping = tmp_path / "m.tsv"
    mapping.write_text("a\tb\trelation\nOMIM:0\tORPHA:0\tE\tmore\nOMIM:1\tORPHA:1\tNTBT\n\n", encoding="utf-8")
    assert score_files(cases, found)["groups"]["all | plain"]["top1"] == 0.0
    assert score_files(cases, found, mapping=[mapping])["groups"]["all | plain"]["top1"] == 0.5


def test_gzipped_files_and_blank_lines_are_read(truth: Path, answers: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packed.jsonl.gz"
    packed.write_bytes(gzip.compress(b"\n" + answers.read_bytes().replace(b"\n", b"\n \n")))
    assert score_files(truth, packed) == score_files(truth, answers)


def test_no_cases_have_no_groups(tmp_path: Path, answers: Path) -> None:
    assert score_files(write(tmp_path / "empty.jsonl", []), answers)["groups"] == {}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2.*one JSON object"),
        ("[1]", "line 2.*found list"),
        ('{"id": "c"}', "truth line 2.*diagnosis"),
        ('{"id": "c", "diagnosis": "OMIM:1"}', "truth line 2.*a list"),
        ('{"id": "c", "diagnosis": [1]}', "truth line 2.*disease ids"),
        ('{"diagnosis": ["OMIM:1"]}', "truth line 2.*expected `id`"),
    ],
)
def test_a_broken_truth_is_told_with_its_line(tmp_path: Path, answers: Path, line: str, message: str) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text('{"id": "c0", "diagnosis": ["OMIM:1"]}\n' + line, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        score_files(path, answers)


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, truth: Path, content: bytes | None) -> None:
    path = tmp_path / "odd.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"odd\.jsonl"):
        score_files(truth, path)
    with pytest.raises(InputError, match=r"odd\.jsonl"):
        score_files(truth, truth, mapping=[path])


def test_a_truncated_gzip_file_is_told(tmp_path: Path, truth: Path) -> None:
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(gzip.compress(random.Random(0).randbytes(4000))[:1000])
    with pytest.raises(InputError, match=r"cut\.jsonl\.gz"):
        score_files(truth, path)


def test_a_mapping_without_three_columns_is_told_with_its_line(tmp_path: Path, truth: Path) -> None:
    path = tmp_path / "m.tsv"
    path.write_text("a\tb\trelation\nOMIM:1 ORPHA:1 E\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"line 2.*tabs"):
        score_files(truth, truth, mapping=[path])


def test_the_text_for_people_has_one_line_per_group(truth: Path, answers: Path) -> None:
    text = score_text(score_files(truth, answers))
    assert text.splitlines()[0] == "missing 1, failed 1"
    assert "top1= 75.0[0-86]" in text.splitlines()[1]
    assert len(text.splitlines()) == 3
