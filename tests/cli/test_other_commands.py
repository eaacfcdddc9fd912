from __future__ import annotations

import json

import pytest

from rarescale import __version__

from .conftest import Run


def test_version(run: Run) -> None:
    assert run("--version").out.strip() == f"rarescale {__version__}"


@pytest.mark.parametrize("command", [[], ["diagnose"], ["read"], ["knowledge"], ["knowledge", "show"], ["doctor"]])
def test_every_command_has_help(run: Run, command: list[str]) -> None:
    outcome = run(*command, "--help")
    assert outcome.code == 0
    assert "Usage" in outcome.out


def test_doctor_tells_versions_knowledge_and_extras(run: Run) -> None:
    outcome = run("doctor")
    assert outcome.code == 0
    for text in (__version__, "numpy", "2020-02-02", "6 diseases", "[dev]", "[store]", "[people]", "ready"):
        assert text in outcome.out


def test_doctor_tells_what_is_missing_and_how_to_get_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RARESCALE_KNOWLEDGE", "/nowhere")
    outcome = run("doctor")
    assert outcome.code == 2
    assert "missing: knowledge folder /nowhere does not exist" in outcome.out
    assert "not ready" in outcome.out


def test_knowledge_info_counts(run: Run) -> None:
    facts = json.loads(run("knowledge", "info", "--json").out)
    assert facts["diseases"] == 6
    assert facts["entries"] == {"DECIPHER": 1, "OMIM": 3, "ORPHA": 3}
    assert "2020-02-02" in facts["release"]
    assert "diseases     6" in run("knowledge", "info").out


def test_knowledge_check_is_clean(run: Run) -> None:
    outcome = run("knowledge", "check")
    assert outcome.code == 0
    assert "0 errors, 0 warnings" in outcome.out


def test_knowledge_search_and_its_miss(run: Run) -> None:
    assert "HP:0001337" in run("knowledge", "search", "shakes").out
    miss = run("knowledge", "search", "xyzzy")
    assert miss.code == 1
    assert "xyzzy" in miss.err


@pytest.mark.parametrize(
    ("id", "texts"),
    [
        ("ORPHA:11", ["Copperfield disease", "OMIM:100001, ORPHA:11", "Tremor", "9/10; 3/10", "Adult onset"]),
        ("ORPHA:13", ["said not to occur", "Seizure"]),
        ("HP:0001275", ["Seizure", "annotated to 4 diseases", "Epilepsy"]),
    ],
)
def test_knowledge_show_prints_a_card(run: Run, id: str, texts: list[str]) -> None:
    outcome = run("knowledge", "show", id)
    assert outcome.code == 0
    for text in texts:
        assert text in outcome.out


def test_knowledge_show_of_an_unknown_id_says_what_to_do(run: Run) -> None:
    outcome = run("knowledge", "show", "OMIM:999999")
    assert outcome.code == 2
    assert "knowledge search" in outcome.err
