"""Work over many items: the same files for any number of workers, nothing twice, failures kept."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from rarescale.errors import UsageError
from rarescale.jobs import Job, WithTexts, item_seed, run


def context(log: str) -> str:
    return log


def work(log: str, item: int, seed: int) -> list[int]:
    with Path(log).open("a") as stream:
        stream.write(f"{item}\n")
    if item == 13:
        raise ValueError("thirteen")
    return [item * item, seed]


def job(log: Path, seed: int = 1) -> Job:
    return Job("squares", list(range(20)), work, partial(context, str(log)), seed, shard=3)


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def test_one_and_two_workers_write_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))  # the other processes import this file
    for workers in (1, 2):
        run(job(tmp_path / "log"), tmp_path / str(workers), workers=workers)
    assert contents(tmp_path / "1") == contents(tmp_path / "2")


def test_a_run_goes_on_where_it_was_and_does_nothing_twice(tmp_path: Path) -> None:
    first = run(job(tmp_path / "log"), tmp_path / "out")
    before = contents(tmp_path / "out")
    for path in (first.files[2], first.files[5]):
        path.unlink()
    (tmp_path / "log").unlink()
    again = run(job(tmp_path / "log"), tmp_path / "out")
    assert (tmp_path / "log").read_text().split() == ["6", "7", "8", "15", "16", "17"]
    assert again.done_before == 14
    assert contents(tmp_path / "out") == before


def test_a_failed_item_is_kept_with_its_reason_and_stops_no_other(tmp_path: Path) -> None:
    outcomes = list(run(job(tmp_path / "log"), tmp_path / "out").outcomes())
    assert [o.item for o in outcomes] == list(range(20))
    assert [(o.item, o.error) for o in outcomes if o.error] == [(13, "ValueError: thirteen")]
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["failed"] == 1


@pytest.mark.parametrize(("options", "word"), [({"on": "cloud"}, "cloud"), ({"workers": 0}, "workers")])
def test_senseless_options_are_refused(tmp_path: Path, options: dict[str, object], word: str) -> None:
    with pytest.raises(UsageError, match=word):
        run(job(tmp_path / "log"), tmp_path / "out", **options)  # type: ignore[arg-type]


def test_two_jobs_do_not_share_a_folder(tmp_path: Path) -> None:
    run(job(tmp_path / "log"), tmp_path / "out")
    with pytest.raises(UsageError, match="another run"):
        run(job(tmp_path / "log", seed=2), tmp_path / "out")


def test_seeds_of_items_differ_by_run_and_name() -> None:
    assert len({item_seed(r, "case", n) for r in range(10) for n in range(100)}) == 1000
    assert item_seed(3, "case", 4) == item_seed(3, "case", 4)


def texts(_log: str, item: int, _seed: int) -> object:
    if item == 2:
        raise LookupError("two")
    return WithTexts({"n": item}, ['{"error": "none"}', "ü\u2028\r"][: item % 3]) if item else [item]


def test_texts_come_back_as_they_were(tmp_path: Path) -> None:
    report = run(Job("texts", list(range(6)), texts, partial(context, ""), shard=4), tmp_path)
    outcomes = list(report.outcomes())
    assert [o.texts for o in outcomes] == [
        (),
        ('{"error": "none"}',),
        (),
        (),
        ('{"error": "none"}',),
        ('{"error": "none"}', "ü\u2028\r"),
    ]
    assert [o.result for o in outcomes] == [[0], {"n": 1}, None, {"n": 3}, {"n": 4}, {"n": 5}]
    assert report.failed == 1


def test_a_text_of_two_lines_is_a_bug(tmp_path: Path) -> None:
    broken = Job("texts", [1], lambda _c, _i, _s: WithTexts(1, ["a\nb"]), lambda: None)
    with pytest.raises(TypeError, match="line break"):
        run(broken, tmp_path)
