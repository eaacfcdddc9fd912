"""Numbers for Prometheus: right, bounded, and about nobody."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from rarescale.service import metrics as metrics_module
from rarescale.service.metrics import Metrics
from tests.service.conftest import HERE

SECRET = "zebrafinch"
CASE = {"id": "c", "present": ["HP:0001337"]}


def numbers(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Each number by its name and labels."""
    return {
        (s.name, tuple(sorted(s.labels.items()))): s.value
        for family in text_string_to_metric_families(text)
        for s in family.samples
    }


def test_requests_are_counted_by_pattern_method_and_status(client: TestClient) -> None:
    for id in ("OMIM:100001", "OMIM:100001", "OMIM:9"):
        client.get(f"/v1/diseases/{id}")
    found = numbers(client.get("/metrics").text)
    labels = {"method": "GET", "route": "/v1/diseases/{id}"}
    assert found["rarescale_requests_total", tuple(sorted((labels | {"status": "200"}).items()))] == 2
    assert found["rarescale_requests_total", tuple(sorted((labels | {"status": "404"}).items()))] == 1
    assert found["rarescale_request_seconds_count", (("route", "/v1/diseases/{id}"),)] == 3


def test_work_bytes_and_problems_are_counted(client: TestClient) -> None:
    client.post("/v1/diagnose", json=CASE)
    client.post("/v1/read", content="tremor", headers={"Content-Type": "text/plain"})
    client.post("/v1/read", json={"present": 7})
    found = numbers(client.get("/metrics").text)
    assert found["rarescale_work_seconds_count", (("work", "read"),)] == 2
    assert found["rarescale_work_seconds_count", (("work", "diagnose"),)] == 1
    assert found["rarescale_bytes_total", (("direction", "in"),)] >= len("tremor")
    assert found["rarescale_bytes_total", (("direction", "out"),)] > 1000
    assert sum(v for (name, _), v in found.items() if name == "rarescale_problems_total") == 1
    assert found["rarescale_in_flight", ()] == 0


def test_program_knowledge_and_process_are_said(client: TestClient) -> None:
    text = client.get("/metrics").text
    assert re.search(r'rarescale_knowledge_info\{hash="[0-9a-f]{12}",release="[^"]+"\} 1.0', text)
    assert "rarescale_build_info{" in text
    assert "process_resident_memory_bytes" in text and "process_cpu_seconds_total" in text


def test_nothing_that_was_asked_is_in_the_numbers_and_nobody_can_make_more_of_them(client: TestClient) -> None:
    names = []
    for k in range(30):
        client.get(f"/{SECRET}{k}")
        client.get(f"/diseases/{SECRET}{k}?{SECRET}={k}")
        client.request(f"{SECRET}{k}".upper(), f"/{SECRET}")
        client.post("/v1/read", json={"id": SECRET, "present": [f"{SECRET}{k}"]})
        text = client.get("/metrics").text
        assert SECRET not in text.lower()
        names.append(set(numbers(text)))
    assert names[-1] == names[1]
    assert 'method="other"' in text


def test_labels_are_words_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics_module, "MOST", 10)
    metrics = Metrics()
    for k in range(50):
        metrics.count("denied", reason=f"r{k}")
    metrics.count("denied", reason="a sentence, with a name")
    found = {k: v for k, v in numbers(metrics.text().decode()).items() if k[0] == "rarescale_denied_total"}
    assert len(found) == 11 and found["rarescale_denied_total", (("reason", "other"),)] == 41


@given(st.text())
def test_any_label_gives_numbers_that_can_be_read(label: str) -> None:
    metrics = Metrics()
    metrics.count("denied", reason=label)
    assert numbers(metrics.text().decode())


def test_nothing_is_lost_between_threads() -> None:
    metrics = Metrics()

    def many() -> None:
        for k in range(500):
            metrics.count("problems", kind=f"k{k % 5}")

    threads = [threading.Thread(target=many) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    found = numbers(metrics.text().decode())
    assert sum(v for (name, _), v in found.items() if name == "rarescale_problems_total") == 4000


def test_two_apps_count_apart(make: Callable[..., FastAPI]) -> None:
    with TestClient(make(), base_url=HERE) as one, TestClient(make(), base_url=HERE) as other:
        one.get("/help")
        assert 'route="/help"' in one.get("/metrics").text and 'route="/help"' not in other.get("/metrics").text


def test_batches_are_counted_by_their_state(client: TestClient) -> None:
    client.post("/v1/jobs", content='{"id": "a", "present": ["HP:0001337"]}', headers={"Content-Type": "text/plain"})
    found = numbers(client.get("/metrics").text)
    assert sum(found["rarescale_batches", (("status", s),)] for s in ("waiting", "running", "done")) == 1
