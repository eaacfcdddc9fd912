"""Batches: in order, fetched once, bounded, forgotten."""

from __future__ import annotations

import gc
import json
import time
import tracemalloc
import weakref
from collections.abc import Callable
from typing import Any, cast

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from rarescale.diagnose import Diagnoser
from rarescale.record import Note
from rarescale.service import jobs as jobs_module
from rarescale.service.jobs import Jobs
from tests.service.conftest import HERE, Clock
from tests.service.people import House

LINES = "\n".join(
    [
        json.dumps({"id": "a", "present": ["HP:0001337"]}),
        json.dumps({"id": "b", "present": 7}),
        json.dumps({"id": "c", "present": ["HP:0001250"]}),
    ]
)
HEADERS = {"Content-Type": "application/x-ndjson"}
TEXT = {"Content-Type": "text/plain"}


def finished(client: TestClient, id: str) -> dict[str, Any]:
    for _ in range(200):
        state = client.get(f"/v1/jobs/{id}").json()
        if state.get("status") == "done":
            return dict(state)
        time.sleep(0.01)
    raise AssertionError(state)


def test_a_batch_is_answered_in_order_with_failures_in_their_places(client: TestClient) -> None:
    started = client.post("/v1/jobs?top=2", content=LINES, headers=HEADERS)
    assert started.status_code == 202
    state = finished(client, started.json()["id"])
    assert (state["total"], state["done"], state["failed"]) == (3, 3, 1)
    answers = [json.loads(x) for x in client.get(f"/v1/jobs/{state['id']}/results").text.splitlines()]
    assert [a["id"] for a in answers] == ["a", "b", "c"]
    assert "error" in answers[1]
    single = client.post("/v1/diagnose?top=2", json={"id": "a", "present": ["HP:0001337"]}).json()
    assert answers[0] == single


def test_results_are_fetched_once_and_then_forgotten(client: TestClient) -> None:
    id = client.post("/v1/jobs", content=LINES, headers=HEADERS).json()["id"]
    finished(client, id)
    assert client.get(f"/v1/jobs/{id}/results").status_code == 200
    for address in (f"/v1/jobs/{id}/results", f"/v1/jobs/{id}"):
        assert client.get(address).status_code == 404


def test_a_batch_expires(client: TestClient, clock: Clock) -> None:
    id = client.post("/v1/jobs", content=LINES, headers=HEADERS).json()["id"]
    finished(client, id)
    clock.now += 901
    assert client.get(f"/v1/jobs/{id}").status_code == 404


def test_nothing_of_a_patient_is_kept_after_the_time_is_over_even_if_nobody_asks(
    diagnoser: Diagnoser, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_module, "LOOK", 0.01)
    jobs = Jobs(diagnoser, most=2, each=2, seconds=10, clock=clock)
    said = Note(id="n", text="She has a tremor.")
    gone = weakref.ref(said)
    id = jobs.add([said], 3, "all").id
    del said
    while (state := jobs.state(id)) is not None and state.status != "done":
        time.sleep(0.01)
    clock.now += 11
    for _ in range(300):
        if not jobs._jobs and not jobs._working:
            break
        time.sleep(0.01)
    gc.collect()
    assert not jobs._jobs and not jobs._working and gone() is None


def test_a_batch_keeps_the_bytes_that_came_and_compressed_answers(client: TestClient) -> None:
    """Objects would take a hundred times as much: eight batches of them fill any memory."""
    jobs = cast(FastAPI, client.app).state.jobs
    id = client.post("/v1/jobs", content=LINES, headers=HEADERS).json()["id"]
    finished(client, id)
    job = jobs._jobs[id]
    assert all(isinstance(line, bytes) for line in job.answers)
    assert job.size == sum(map(len, job.answers)) < len(client.get(f"/v1/jobs/{id}/results").content)


def test_answers_over_the_limit_are_left_out_and_said_in_their_places(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = client.post("/v1/jobs", content=LINES, headers=HEADERS).json()["id"]
    finished(client, whole)
    first = cast(FastAPI, client.app).state.jobs._jobs[whole].answers[0]
    monkeypatch.setattr(jobs_module, "ANSWERS_BYTES", len(first))
    id = client.post("/v1/jobs", content=LINES, headers=HEADERS).json()["id"]
    assert finished(client, id)["failed"] == 2
    answers = [json.loads(x) for x in client.get(f"/v1/jobs/{id}/results").text.splitlines()]
    assert [a["id"] for a in answers] == ["a", "b", "c"]
    assert "differential" in answers[0] and answers[2]["error"]["kind"] == "too-large"


def test_memory_stays_flat(client: TestClient) -> None:
    """Distinct patients in the same words: what grows with them would be kept of them."""

    def work(count: int) -> None:
        for k in range(count):
            client.post("/v1/diagnose", json={"id": f"c{k}", "present": ["HP:0001337"], "absent": ["HP:0001250"]})
            client.post("/v1/read", content=f"She has a tremor. {'Hello. ' * (k % 50)}", headers=TEXT)
            id = client.post("/v1/jobs", content=LINES, headers=HEADERS).json()["id"]
            client.delete(f"/v1/jobs/{id}")

    work(10)
    tracemalloc.start()
    try:
        work(5)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        work(15)
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] - before < 100_000
    finally:
        tracemalloc.stop()


def test_a_batch_can_be_dropped(client: TestClient) -> None:
    id = client.post("/v1/jobs", content=LINES, headers=HEADERS).json()["id"]
    assert client.delete(f"/v1/jobs/{id}").status_code == 204
    assert client.delete(f"/v1/jobs/{id}").status_code == 404


def test_batches_are_bounded_in_number_and_length(make: Callable[..., FastAPI]) -> None:
    with TestClient(make(jobs=1, job_inputs=2), base_url=HERE) as client:
        long = client.post("/v1/jobs", content=LINES, headers=HEADERS)
        assert (long.status_code, long.json()["error"]["kind"]) == (413, "too-large")
        two = "\n".join(LINES.splitlines()[:2])
        id = client.post("/v1/jobs", content=two, headers=HEADERS).json()["id"]
        assert client.post("/v1/jobs", content=two, headers=HEADERS).status_code == 503
        finished(client, id)
        assert client.get(f"/v1/jobs/{id}/results").status_code == 200
        assert client.post("/v1/jobs", content=two, headers=HEADERS).status_code == 202


def test_one_person_cannot_have_all_the_places_for_batches(house: House) -> None:
    with house.open(jobs=3, jobs_each=2) as client:

        def send(name: str) -> Any:
            return client.post("/v1/jobs", content=LINES, headers=HEADERS | house.bearer(name))

        assert [send("ann").status_code for _ in range(2)] == [202, 202]
        third = send("ann")
        assert third.status_code == 429 and int(third.headers["Retry-After"]) > 0
        assert "2 batches of yours" in third.json()["error"]["message"]
        assert send("ray").status_code == 202
        assert send("ray").status_code == 503, "the house is full"
