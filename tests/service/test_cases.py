"""`/v1/cases` on both databases: save, read, change, sign, delete; each only one's own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from rarescale.diagnose import Diagnoser
from rarescale.service import ServiceSettings, create_app
from rarescale.service.examples import CASE, CHAT, PHENOPACKET
from rarescale.store import Store, Unavailable
from tests.people.provider import Times
from tests.service.people import HERE, House
from tests.store.samples import NINE, content, differential

PATIENT = {"id": "c1", "sex": "FEMALE", "present": ["HP:0001337", "hepatomegaly"], "title": "Bed 4"}
NOBODYS = "f" * 32


@pytest.fixture
def api(diagnoser: Diagnoser, store: Store, times: Times) -> Iterator[TestClient]:
    yield from _client(diagnoser, store, times)


@pytest.fixture
def quick(diagnoser: Diagnoser, sqlite_store: Store, times: Times) -> Iterator[TestClient]:
    """Over SQLite alone, for what does not depend on the database."""
    yield from _client(diagnoser, sqlite_store, times)


def _client(diagnoser: Diagnoser, store: Store, times: Times) -> Iterator[TestClient]:
    ids = map("{:032x}".format, itertools.count(1))
    app = create_app(diagnoser, ServiceSettings(), store=store, now=times.now, new_id=lambda: next(ids))
    with TestClient(app, base_url=HERE, raise_server_exceptions=False) as client:
        yield client


def saved(client: TestClient, patient: dict[str, Any] = PATIENT) -> dict[str, Any]:
    answer = client.post("/v1/cases", json=patient)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_case_is_saved_read_changed_signed_and_deleted(api: TestClient, times: Times) -> None:
    made = saved(api)
    where = f"/v1/cases/{made['case']}"
    assert (made["case"], made["revision"], made["owner"]) == (f"{1:032x}", 1, "local")
    diagnosed = api.post("/v1/diagnose", json=PATIENT).json()
    assert [c["id"] for c in made["differential"]["differential"][:3]] == [
        c["id"] for c in diagnosed["differential"][:3]
    ]

    read = api.get(where)
    assert read.headers["etag"] == '"1"'
    assert (read.json()["content"]["title"], read.json()["content"]["sex"]) == ("Bed 4", "FEMALE")
    times.pass_by(60)
    changed = api.put(where, json=CHAT, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["revision"], changed.headers["etag"]) == (200, 2, '"2"')

    again = api.post(f"{where}/differentials")
    assert again.status_code == 201
    assert all(m["rank_before"] == m["rank_after"] for m in again.json()["changes"]["moved"])
    kept = api.get(f"{where}/differentials").json()["differentials"]
    assert [d["revision"] for d in kept] == [1, 2, 2]
    assert kept[0]["differential"] == made["differential"]

    statement = {"statement": "Wilson", "disease": "OMIM:100001", "differential": kept[-1]["entry"]}
    signed = api.post(f"{where}/sign-off", json=statement, headers={"If-Match": '"2"'})
    assert signed.status_code == 201 and signed.json()["revision"] == 2
    history = api.get(f"{where}/history").json()["entries"]
    assert [e["kind"] for e in history] == [
        *("content", "edits", "differential", "content", "edits", "differential"),
        *("differential", "sign-off"),
    ]
    assert [line["title"] for line in api.get("/v1/cases").json()["cases"]] == [""]
    assert len(api.get("/v1/cases/export").json()["cases"][0]["history"]) == 8

    assert api.delete(where).json()["cases"] == [made["case"]]
    assert api.get(where).status_code == 404 and api.get("/v1/cases").json()["cases"] == []


@pytest.mark.parametrize("patient", [CASE, CHAT, PHENOPACKET], ids=["case", "chat", "phenopacket"])
def test_every_kind_of_input_is_kept_with_its_title(quick: TestClient, patient: dict[str, Any]) -> None:
    made = saved(quick, patient | {"title": "Bed 4"})
    content = quick.get(f"/v1/cases/{made['case']}").json()["content"]
    assert content["title"] == "Bed 4" and content["input"]["id"] == patient["id"]
    assert [f["id"] for f in content["findings"]] == [f["id"] for f in made["differential"]["findings"]]


def test_plain_text_and_rare_diseases_alone(quick: TestClient) -> None:
    answer = quick.post("/v1/cases?among=rare", content="A tremor.", headers={"Content-Type": "text/plain"})
    case = answer.json()["case"]
    assert answer.status_code == 201
    assert quick.get(f"/v1/cases/{case}").json()["content"]["among"] == "rare"
    assert quick.post(f"/v1/cases/{case}/differentials").json()["differential"] == answer.json()["differential"]


def test_nobodys_work_is_overwritten(api: TestClient) -> None:
    where = f"/v1/cases/{saved(api)['case']}"
    assert api.put(where, json=CASE).status_code == 428
    for tag in ("1", "*", 'W/"1"', '"x"', '"2"'):
        assert api.put(where, json=CASE, headers={"If-Match": tag}).status_code == 412, tag
    assert api.put(where, json=CASE, headers={"If-Match": '"1"'}).status_code == 200
    stale = api.put(where, json=CHAT, headers={"If-Match": '"1"'})
    assert stale.status_code == 412 and "local saved it meanwhile" in stale.json()["error"]["message"]
    assert api.post(f"{where}/sign-off", json={"statement": "x"}, headers={"If-Match": '"1"'}).status_code == 412
    assert api.post(f"{where}/sign-off", json={"statement": "x"}).status_code == 428
    assert api.get(where).json()["revision"] == 2


def test_a_save_under_an_id_of_ones_own_can_be_sent_again(api: TestClient) -> None:
    where, new = f"/v1/cases/{'c' * 32}", {"If-None-Match": "*"}
    first, again = (api.put(where, json=PATIENT, headers=new) for _ in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.status_code == 201 and len(api.get("/v1/cases").json()["cases"]) == 1
    assert api.put(where, json=CHAT, headers=new).status_code == 412
    change = {"If-Match": '"1"'}
    assert [api.put(where, json=CHAT, headers=change).json()["revision"] for _ in range(2)] == [2, 2]
    assert api.put("/v1/cases/mine", json=CHAT, headers=new).status_code == 422


@pytest.mark.parametrize("id", ["%00", "x", "A" * 32, "%F0%9F%A6%93", "..%2F..", "0" * 500])
def test_what_is_no_id_is_no_case(api: TestClient, id: str) -> None:
    assert api.get(f"/v1/cases/{id}/history").status_code == 404


def test_edits_of_the_workbench_stay_in_force(quick: TestClient, sqlite_store: Store) -> None:
    from rarescale.record import TermId
    from rarescale.store import Edit

    made = saved(quick)
    sqlite_store.save_edits(
        made["case"], 1, (Edit(finding=TermId("HP:0001250"), change="present", note="seen"),), by="local", at=NINE
    )
    changed = quick.put(f"/v1/cases/{made['case']}", json=PATIENT, headers={"If-Match": '"2"'}).json()
    assert "HP:0001250" in [f["id"] for f in changed["differential"]["findings"]]
    assert quick.get(f"/v1/cases/{made['case']}").json()["edits"][0]["note"] == "seen"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/history"),
        ("GET", "/differentials"),
        ("POST", "/differentials"),
        ("POST", "/sign-off"),
        ("PUT", ""),
        ("DELETE", ""),
        ("PUT", "/hold"),
        ("DELETE", "/hold"),
    ],
)
def test_anothers_case_answers_like_one_that_is_not_there_and_is_kept_as_denied(
    house: House, sqlite_store: Store, method: str, path: str
) -> None:
    theirs = sqlite_store.save_case(content(), differential=differential(), by="bob", at=NINE).case
    with TestClient(house.app(sqlite_store), base_url=HERE) as client:
        body = {"statement": "x"} if path == "/sign-off" else PATIENT
        headers = house.bearer("ann") | {"If-Match": '"1"'}

        def ask(case: str) -> Any:
            json = body if method != "GET" else None
            return client.request(method, f"/v1/cases/{case}{path}", json=json, headers=headers)

        found, missing = ask(theirs), ask(NOBODYS)
    assert found.status_code == missing.status_code == 404
    assert found.text.replace(theirs, "") == missing.text.replace(NOBODYS, "")
    assert [(e.case, e.outcome) for e in sqlite_store.audit_log(who="ann")] == [(theirs, "denied")]
    assert len(sqlite_store.history(theirs)) == 2
    assert not sqlite_store.line(theirs).hold


def test_a_case_is_kept_from_retention_and_let_go_again(api: TestClient, store: Store, times: Times) -> None:
    case = saved(api)["case"]
    held = [api.put(f"/v1/cases/{case}/hold") for _ in range(2)]
    assert [(a.status_code, a.json()["case"], a.json()["hold"], a.json()["revision"]) for a in held] == [
        (200, case, True, 1)
    ] * 2
    assert api.get(f"/v1/cases/{case}").json()["hold"] and api.get("/v1/cases").json()["cases"][0]["hold"]
    times.pass_by(30 * 86_400)
    assert store.retention(7, by="cron", at=times.now(), even_all=True).cases == ()
    assert api.delete(f"/v1/cases/{case}/hold").json()["hold"] is False
    assert store.retention(7, by="cron", at=times.now(), even_all=True).cases == (case,)
    assert api.put(f"/v1/cases/{case}/hold").status_code == 404
    assert [e.what for e in store.audit_log(case=case) if e.what in ("hold", "release")] == ["hold", "hold", "release"]


def test_only_clinicians_keep_cases(house: House, sqlite_store: Store) -> None:
    with TestClient(house.app(sqlite_store), base_url=HERE) as client:
        for name in ("ray", "ops"):
            assert client.get("/v1/cases", headers=house.bearer(name)).status_code == 403
            assert client.post("/v1/cases", json=PATIENT, headers=house.bearer(name)).status_code == 403
            assert client.put(f"/v1/cases/{NOBODYS}/hold", headers=house.bearer(name)).status_code == 403
        assert client.get("/v1/cases").status_code == 401
        assert client.post("/v1/cases", json=PATIENT, headers=house.bearer("ann")).status_code == 201
    assert [line.owner for line in sqlite_store.cases()] == ["ann"]


def test_every_reading_leaves_a_line(quick: TestClient, sqlite_store: Store) -> None:
    case = saved(quick)["case"]
    for path in ("", f"/{case}", f"/{case}/history", f"/{case}/differentials", "/export"):
        assert quick.get(f"/v1/cases{path}").status_code == 200
    assert [(e.what, e.case) for e in sqlite_store.audit_log()] == [
        ("save-case", case),
        ("list-cases", None),
        ("read-case", case),
        ("read-history", case),
        ("read-differentials", case),
        ("export", None),
        ("export", case),
    ]


@pytest.mark.parametrize("disease", ["OMIM:999999", "nonsense"])
def test_a_disease_that_is_signed_must_be_one(quick: TestClient, disease: str) -> None:
    where = f"/v1/cases/{saved(quick)['case']}/sign-off"
    answer = quick.post(where, json={"statement": "x", "disease": disease}, headers={"If-Match": '"1"'})
    assert answer.status_code == 422 and "disease" in answer.json()["error"]["message"]


def test_a_title_that_is_no_text_is_refused(quick: TestClient) -> None:
    for title in (7, ["x"], "x" * 201):
        assert quick.post("/v1/cases", json=PATIENT | {"title": title}).status_code == 422


def test_a_store_that_does_not_answer_is_503_with_a_time_to_come_again(
    quick: TestClient, sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = saved(quick)["case"]
    sqlite_store._database.path.unlink()  # type: ignore[union-attr]
    for answer in (quick.get("/v1/cases"), quick.get(f"/v1/cases/{case}"), quick.post("/v1/cases", json=PATIENT)):
        assert answer.status_code == 503 and int(answer.headers["retry-after"]) > 0
        assert answer.json()["error"]["kind"] == Unavailable.kind


def test_without_a_store_there_are_no_cases(make: Callable[..., FastAPI]) -> None:
    with TestClient(make(), base_url=HERE) as client:
        assert client.get("/v1/cases").status_code == 404
        assert not [path for path in client.get("/openapi.json").json()["paths"] if "cases" in path]


def test_the_description_has_a_model_for_every_answer(quick: TestClient) -> None:
    described = quick.get("/openapi.json").json()
    paths = {path: operations for path, operations in described["paths"].items() if path.startswith("/v1/cases")}
    assert sum(len(operations) for operations in paths.values()) == 12
    for path, operations in paths.items():
        for operation in operations.values():
            codes = set(operation["responses"])
            assert {"401", "403", "429", "503"} <= codes, path
            assert "404" in codes or "{case}" not in path
            for code, answer in operation["responses"].items():
                assert answer["content"]["application/json"]["schema"], (path, code)
    assert {"412", "428"} <= set(paths["/v1/cases/{case}"]["put"]["responses"])
