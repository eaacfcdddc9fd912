"""The API gives what the command line gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from typer.testing import CliRunner

from rarescale.cli.app import app as command_line
from rarescale.service.examples import CASE, CHAT, NOTE, PHENOPACKET
from tests.service.conftest import HERE

TOY = Path(__file__).parent.parent / "toy"
TOY_CASE = {
    "id": "c1",
    "sex": "FEMALE",
    "age": "P30Y",
    "present": ["HP:0001337", "hepatomegaly"],
    "absent": ["HP:0001250"],
}


def printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str, patient: object, *options: str) -> Any:
    """What the command line writes for a patient."""
    monkeypatch.setenv("RARESCALE_KNOWLEDGE", str(TOY))
    path = tmp_path / "patient.json"
    path.write_text(json.dumps(patient))
    result = CliRunner().invoke(command_line, [command, str(path), "--json", *options])
    return json.loads(result.stdout)


@pytest.mark.parametrize("patient", [TOY_CASE, CHAT, PHENOPACKET], ids=["case", "chat", "phenopacket"])
def test_diagnose_gives_the_object_of_the_command_line(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, patient: dict[str, Any]
) -> None:
    answer = client.post("/v1/diagnose?top=3&among=rare", json=patient)
    assert answer.status_code == 200
    assert answer.json() == printed(monkeypatch, tmp_path, "diagnose", patient, "--top", "3", "--among", "rare")


def test_read_gives_the_object_of_the_command_line(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert client.post("/v1/read", json=CHAT).json() == printed(monkeypatch, tmp_path, "read", CHAT)


def test_an_unreadable_patient_is_the_failure_of_the_command_line_with_a_status_of_its_own(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    patient = {"id": "broken", "present": 7}
    answer = client.post("/v1/diagnose", json=patient)
    assert answer.status_code == 422
    theirs = printed(monkeypatch, tmp_path, "diagnose", patient)
    assert answer.json()["id"] == theirs["id"] == "broken"
    assert answer.json()["error"]["kind"] == theirs["error"]["kind"]
    for part in ("present", "found", "expected"):
        assert part in answer.json()["error"]["message"]


def test_plain_text_is_a_note_or_a_conversation(client: TestClient) -> None:
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    note = client.post("/v1/read", content="She has a tremor. No seizures.", headers=headers).json()
    assert {(f["id"], f["state"]) for f in note["findings"]} == {("HP:0001337", "present"), ("HP:0001250", "absent")}
    chat = client.post("/v1/read", content="Doctor: Any seizures?\nPatient: No, never.", headers=headers).json()
    assert [(f["id"], f["state"], f["message"]) for f in chat["findings"]] == [("HP:0001250", "absent", 1)]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"[1, 2]", "application/json", 422),
        (b"hello", "application/json", 422),
        (b"", "application/json", 422),
        (b"", "text/plain", 422),
        (b"\xff\xfe\x00", "text/plain", 422),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b"{}", "", 415),
        (b'{"resourceType": "Bundle"}', "application/json", 422),
        (b"a\x00b", "text/plain", 422),
    ],
)
def test_bad_bodies_are_told_what_is_wrong(client: TestClient, content: bytes, kind: str, status: int) -> None:
    answer = client.post("/v1/diagnose", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert answer.json()["error"]["kind"]
    assert "found" in answer.json()["error"]["message"] and "expected" in answer.json()["error"]["message"]


@pytest.mark.parametrize("query", ["top=0", "top=x", "among=everything", "top=1e9"])
def test_bad_parameters_are_problems(client: TestClient, query: str) -> None:
    answer = client.post(f"/v1/diagnose?{query}", json=TOY_CASE)
    assert (answer.status_code, answer.json()["error"]["kind"]) == (422, "parameter")


def test_a_patient_in_the_address_is_never_taken(client: TestClient) -> None:
    assert client.get("/v1/diagnose?text=tremor").status_code == 405


def test_a_body_over_the_limit_is_refused_with_or_without_a_length(make: Callable[..., FastAPI]) -> None:
    with TestClient(make(request_bytes=100), base_url=HERE) as client:
        headers = {"Content-Type": "text/plain"}
        assert client.post("/v1/read", content="x" * 101, headers=headers).status_code == 413
        chunks = client.post("/v1/read", content=iter([b"tremor "] * 40), headers=headers)
        assert (chunks.status_code, chunks.json()["error"]["kind"]) == (413, "too-large")
        assert client.post("/v1/read", content="tremor", headers=headers).status_code == 200


def test_next_questions_are_not_asked_again(client: TestClient) -> None:
    first = client.post("/v1/next-questions?top=2", json=TOY_CASE).json()
    assert first["id"] == "c1" and first["knowledge"]["hash"] and first["questions"]
    asked = first["questions"][0]["id"]
    again = client.post(f"/v1/next-questions?top=5&known={asked}", json=TOY_CASE).json()
    assert asked not in [q["id"] for q in again["questions"]]


def test_next_questions_without_a_finding_say_what_to_ask_first(client: TestClient) -> None:
    answer = client.post("/v1/next-questions", content="Hello.", headers={"Content-Type": "text/plain"}).json()
    assert answer["questions"] == [] and answer["stop"]["reason"] == "nothing known"


@pytest.mark.parametrize("kind", ["text/event-stream", "application/x-ndjson"])
def test_progress_is_streamed_and_ends_with_the_answer(client: TestClient, kind: str) -> None:
    with client.stream("POST", "/v1/diagnose", json=TOY_CASE, headers={"Accept": kind}) as answer:
        assert answer.headers["content-type"].startswith(kind)
        text = answer.read().decode()
    if kind == "text/event-stream":
        events = [dict(line.split(": ", 1) for line in part.splitlines()) for part in text.strip().split("\n\n")]
        pairs = [(e["event"], json.loads(e["data"])) for e in events]
    else:
        pairs = [(e["event"], e["data"]) for e in map(json.loads, text.splitlines())]
    assert [name for name, _ in pairs] == ["reading", "understood", "ranking", "answer"]
    assert pairs[-1][1] == client.post("/v1/diagnose", json=TOY_CASE).json()


def test_diseases_and_findings_are_served_and_unknown_ones_are_problems(client: TestClient) -> None:
    card = client.get("/v1/diseases/OMIM:100001").json()
    assert card["ids"] == ["OMIM:100001", "ORPHA:11"] and card["findings"][0]["sources"]
    assert client.get("/v1/findings/HP:0001337").json()["label"] == "Tremor"
    for address in ("/v1/diseases/OMIM:9", "/v1/findings/HP:9", "/v1/nothing"):
        assert client.get(address).json()["error"]["kind"] == "not-found"


def test_findings_are_found_by_the_beginnings_of_words(client: TestClient) -> None:
    found = client.get("/v1/findings", params={"q": "seiz"}).json()["findings"]
    assert found[0]["id"] == "HP:0001250" and "HP:0002373" in [f["id"] for f in found]
    assert client.get("/v1/findings", params={"q": "zzzz"}).json()["findings"] == []


def test_the_description_names_every_route_and_its_examples_work(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    assert {p for p in described["paths"] if p.startswith("/v1/")} >= {
        "/v1/diagnose",
        "/v1/read",
        "/v1/next-questions",
        "/v1/diseases/{id}",
        "/v1/findings",
        "/v1/jobs",
        "/v1/jobs/{id}",
        "/v1/jobs/{id}/results",
    }
    for path in ("/v1/diagnose", "/v1/read", "/v1/next-questions"):
        content = described["paths"][path]["post"]["requestBody"]["content"]
        for example in content["application/json"]["examples"].values():
            assert client.post(path, json=example["value"]).status_code == 200
        assert content["text/plain"]["examples"]["note"]["value"] == NOTE
    assert CASE["present"]
