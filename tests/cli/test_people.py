"""`rarescale people`: a key is shown once, and everything can be seen and taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from rarescale.cli.app import app
from rarescale.errors import RareScaleError
from rarescale.people import read_people

People = Callable[..., Result]


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> People:
    monkeypatch.setenv("RARESCALE_PEOPLE", str(tmp_path / "people.jsonl"))

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["people", *arguments])

    return call


def test_from_the_first_person_to_the_last(people: People, tmp_path: Path) -> None:
    assert people("add", "ann", "--role", "clinician").exit_code == 0
    shown = people("key", "ann", "--days", "30")
    key = shown.stdout.strip()
    assert key.startswith("rs_") and "\n" not in key and "only now" in shown.stderr
    listed = people("list").stdout
    id = key.split("_")[1]
    assert "ann  clinician" in listed and id in listed and "good" in listed and key not in listed
    assert people("role", "ann", "--role", "admin", "--role", "researcher").exit_code == 0
    turned = people("key", "ann", "--rotate", id).stdout.strip()
    assert turned.split("_")[1] == id and turned != key
    assert people("revoke", id).exit_code == 0
    found = json.loads(people("list", "--json").stdout)
    assert found["roles"] == ["admin", "researcher"] and found["keys"][0]["state"] == "revoked"
    assert found["keys"][0]["rotated"]
    assert not {"sha256", "earlier"} & set(found["keys"][0])
    assert people("remove", "ann").exit_code == 0
    assert people("list").stdout == "" and "ann  admin, researcher  removed" in people("list", "--removed").stdout
    assert json.loads(people("list", "--removed", "--json").stdout)["removed"]


def test_a_name_that_was_somebodys_is_given_again_to_them_alone(people: People, tmp_path: Path) -> None:
    people("add", "ann", "--role", "clinician")
    people("remove", "ann")
    refused = people("add", "ann", "--role", "clinician")
    assert isinstance(refused.exception, RareScaleError) and "--again" in str(refused.exception)
    assert people("add", "ann", "--role", "admin", "--again").exit_code == 0
    assert read_people(tmp_path / "people.jsonl")["ann"].removed is None
    assert people("list", "--removed").stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "Ann Lee", "--role", "clinician"),
        ("add", "local", "--role", "clinician"),
        ("key", "nobody"),
        ("key", "bob", "--rotate", "0" * 12),
        ("revoke", "0" * 12),
        ("remove", "nobody"),
        ("role", "nobody", "--role", "admin"),
    ],
)
def test_what_makes_no_sense_is_told(people: People, arguments: tuple[str, ...]) -> None:
    people("add", "bob", "--role", "clinician")
    result = people(*arguments)
    assert isinstance(result.exception, RareScaleError) and "expected" in str(result.exception)


@pytest.mark.parametrize("arguments", [("add", "ann"), ("add", "ann", "--role", "god"), ("key", "ann", "--days", "0")])
def test_options_are_checked(people: People, arguments: tuple[str, ...]) -> None:
    assert people(*arguments).exit_code == 2
