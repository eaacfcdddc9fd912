"""The door: who comes in with what, what each may do, how often, and what is written down when they may not."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from rarescale.diagnose import Diagnoser
from rarescale.people import (
    RIGHTS,
    Right,
    add_key,
    add_person,
    change_people,
    key_id_of,
    remove_person,
    revoke_key,
    rotate_key,
    set_roles,
)
from rarescale.people import Role as R
from rarescale.service import create_app
from rarescale.service.rights import TABLE, line_of
from rarescale.store import Store, init_store, open_store
from tests.service.people import STAFF, House, client_of

CASE = {"present": ["HP:0001337"]}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path}/cases.sqlite"
    init_store(url)
    with open_store(url) as opened:
        yield opened


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    with house.open() as client:
        yield client


def routes(app: FastAPI) -> list[str]:
    return sorted({str(found.path) for found in iter_route_contexts(app.routes)})


def denials(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    found = [r.getMessage() for r in caplog.records if r.name == "rarescale.audit" and r.levelno == logging.WARNING]
    return [json.loads(line.removeprefix("denied ")) for line in found]


def test_every_route_has_a_line_that_no_parameter_can_leave(house: House, store: Store, runs: Path) -> None:
    found = routes(house.app(store, runs=runs))
    assert {"/v1/diagnose", "/v1/jobs/{id}", "/workbench", "/login", "/openapi.json"} <= set(found)
    for path in found:
        line = line_of(path)
        assert line is not None, f"service/rights.py has no line for {path}"
        if "{" in path:
            fixed = path.partition("{")[0]
            inside = [other.path for other in TABLE if other.place.startswith(fixed) and other is not line]
            assert line.path.endswith("/*") and (fixed.startswith(line.place + "/")), path
            assert not [p for p in inside if p.removesuffix("/*") not in found], f"{path} could be taken for {inside}"


def test_only_what_nobody_needs_to_be_known_for_is_open(house: House, store: Store) -> None:
    open_to_all = {path for path in routes(house.app(store)) if (line := line_of(path)) and line.right is None}
    login = {"/login", "/login/oidc", "/login/oidc/back"}
    assert open_to_all <= login | {"/healthz", "/readyz", "/static/{digest}/{name}"}


@pytest.mark.parametrize("name", STAFF)
def test_each_route_is_for_those_with_its_right(house: House, store: Store, name: str) -> None:
    app, rights = house.app(store, person_burst=1000, address_burst=1000), RIGHTS[STAFF[name]]
    with client_of(app) as client:
        for path in routes(app):
            line = line_of(path)
            assert line is not None
            answer = client.post(path.replace("{", "").replace("}", ""), headers=house.bearer(name))
            allowed = line.right is None or line.right in rights
            denied = answer.status_code == 403 and "no-right" in answer.text
            assert allowed != denied, (path, answer.status_code)
            nobody = client.post(path.replace("{", "").replace("}", ""))
            assert (nobody.status_code == 401) == (line.right is not None), path


@pytest.mark.parametrize(
    "path",
    ["/v1/nothing", "/v2", "/login2", "/v1/cases2/x", "/metrics/", "/v1//diagnose", "/STATIC/x"],
)
def test_what_the_table_does_not_know_is_not_there(client: TestClient, house: House, path: str) -> None:
    assert client.get(path).status_code == 401
    assert client.get(path, headers=house.bearer("ops")).status_code in (403, 404)


def test_a_key_comes_in_and_its_owner_is_known(client: TestClient, house: House) -> None:
    assert client.post("/v1/diagnose", json=CASE, headers=house.bearer("ann")).status_code == 200


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer rs_", "Basic YW5uOng=", f"Bearer rs_{'0' * 12}_{'a' * 43}", "Bearer \xff\xfe"],
)
def test_without_a_key_nobody_comes_in(client: TestClient, header: str) -> None:
    answer = client.post("/v1/diagnose", json=CASE, headers={"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401 and answer.headers["www-authenticate"].startswith("Bearer")
    problem = answer.json()["error"]
    assert "found" in problem["message"] and "expected" in problem["message"]


def test_a_key_that_is_wrong_expired_or_revoked_gets_one_answer_and_the_log_knows_which(
    house: House, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with change_people(house.path) as people:
        revoke_key(people, str(key_id_of(house.keys["ray"])), house.times.now())
    wrong = house.keys["ann"][:-2] + ("AA" if not house.keys["ann"].endswith("AA") else "BB")
    answers = [client.get("/v1/findings?q=x", headers={"Authorization": f"Bearer {wrong}"})]
    answers.append(client.get("/v1/findings?q=x", headers=house.bearer("ray")))
    house.times.pass_by(9001 * 86_400)
    answers.append(client.get("/v1/findings?q=x", headers=house.bearer("ops")))
    assert {a.status_code for a in answers} == {401}
    assert len({a.json()["error"]["message"] for a in answers}) == 1
    found = [(d["reason"], d["who"]) for d in denials(caplog)]
    assert found == [("unknown-key", "-"), ("revoked-key", "ray"), ("expired-key", "ops")]
    assert not any(key in caplog.text for key in (*house.keys.values(), wrong))


def test_a_revoked_key_or_a_changed_role_counts_without_a_restart(house: House, client: TestClient) -> None:
    assert client.post("/v1/jobs", json=CASE, headers=house.bearer("ann")).status_code == 202
    with change_people(house.path) as people:
        set_roles(people, "ann", frozenset({R.ADMIN}))
    house.times.pass_by(1)
    assert client.post("/v1/jobs", json=CASE, headers=house.bearer("ann")).status_code == 403
    with change_people(house.path) as people:
        revoke_key(people, str(key_id_of(house.keys["ann"])), house.times.now())
    house.times.pass_by(1)
    assert client.get("/help", headers=house.bearer("ann")).status_code == 401


def test_a_damaged_people_file_lets_nobody_in_and_says_so_without_details(house: House, client: TestClient) -> None:
    whole = house.path.read_bytes()
    house.path.write_bytes(whole[:-30])
    house.times.pass_by(1)
    answer = client.get("/v1/findings?q=x", headers=house.bearer("ann"))
    assert answer.status_code == 503 and "retry-after" in answer.headers
    assert str(house.path) not in answer.text
    house.path.write_bytes(whole)
    house.times.pass_by(1)
    assert client.get("/v1/findings?q=x", headers=house.bearer("ann")).status_code == 200


def test_a_person_has_a_limit_of_their_own(house: House) -> None:
    with house.open(person_rate=1.0, person_burst=3.0) as client:
        statuses = [client.get("/v1/findings?q=x", headers=house.bearer("ann")).status_code for _ in range(5)]
        assert statuses == [200, 200, 200, 429, 429]
        answer = client.get("/v1/findings?q=x", headers=house.bearer("ann"))
        assert client.get("/v1/findings?q=x", headers=house.bearer("ray")).status_code == 200
        house.times.pass_by(int(answer.headers["retry-after"]))
        assert client.get("/v1/findings?q=x", headers=house.bearer("ann")).status_code == 200


def test_an_address_has_a_limit_and_another_one_its_own(house: House) -> None:
    app = house.app(address_rate=1.0, address_burst=3.0)
    with client_of(app) as here, client_of(app, "2001:db8::1") as there, client_of(app, "2001:db8::2") as beside:
        assert [here.get("/v1/findings?q=x").status_code for _ in range(4)] == [401, 401, 401, 429]
        assert [there.get("/v1/findings?q=x").status_code for _ in range(3)] == [401, 401, 401]
        assert beside.get("/v1/findings?q=x").status_code == 429  # one subscriber has a whole /64
        # Whoever is known has a limit of their own, and is not kept out by strangers beside them.
        for name in ("ann", "ray", "ann", "ray"):
            assert here.get("/v1/findings?q=x", headers=house.bearer(name)).status_code == 200


def test_whoever_guesses_is_stopped_by_address_and_nobody_with_a_key_is_locked_out(house: House) -> None:
    app = house.app(failures_rate=1 / 60, failures_burst=3.0)
    id = key_id_of(house.keys["ann"])
    guess = {"Authorization": f"Bearer rs_{id}_{'x' * 43}"}
    with client_of(app) as thief, client_of(app, "10.9.9.9") as elsewhere:
        statuses = [thief.get("/help", headers=guess).status_code for _ in range(5)]
        assert statuses[0] == 401 and statuses[-1] == 429
        assert thief.get("/help", headers=house.bearer("ann")).status_code == 200
        assert thief.get("/help", headers={"Authorization": f"Bearer rs_{'0' * 12}_{'x' * 43}"}).status_code == 429
        assert elsewhere.get("/help", headers=guess).status_code == 429  # the id is known to be guessed at
        assert elsewhere.get("/help", headers=house.bearer("ann")).status_code == 200
        house.times.pass_by(180)
        assert thief.get("/help", headers=guess).status_code == 401


@pytest.mark.parametrize(
    ("end", "reason"),
    [("revoked", "revoked-key"), ("rotated", "rotated-key"), ("removed", "revoked-key"), ("expired", "expired-key")],
)
def test_an_old_script_with_a_key_that_was_good_once_is_no_guesser(
    house: House, caplog: pytest.LogCaptureFixture, end: str, reason: str
) -> None:
    now, id = house.times.now(), str(key_id_of(house.keys["ray"]))
    with change_people(house.path) as people:
        if end == "revoked":
            revoke_key(people, id, now)
        elif end == "rotated":
            rotate_key(people, id, now, now + timedelta(days=9000))
        elif end == "removed":
            remove_person(people, "ray", now)
        else:
            ray = people["ray"]
            people["ray"] = ray.model_copy(update={"keys": (ray.keys[0].model_copy(update={"expires": now}),)})
    with house.open(failures_burst=3.0) as client:
        for _ in range(20):
            assert client.get("/help", headers=house.bearer("ray")).status_code == 401
        assert {(d["reason"], d["who"]) for d in denials(caplog)} == {(reason, "ray")}
        # No guess was counted: the first real one is answered as such.
        guess = {"Authorization": f"Bearer rs_{'0' * 12}_{'x' * 43}"}
        assert client.get("/help", headers=guess).status_code == 401


def test_a_change_of_people_is_in_the_log_and_in_the_audit_log_of_the_store(
    house: House, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "rarescale")
    with client_of(house.app(store)) as client:
        client.get("/help", headers=house.bearer("ann"))
        assert store.audit_log() == ()
        with change_people(house.path) as people:
            add_person(people, "bob", frozenset({R.RESEARCHER}))
            key, shown = add_key(people, "bob", house.times.now(), house.times.now() + timedelta(days=1))
            remove_person(people, "ops", house.times.now())
        house.times.pass_by(1)
        client.get("/help", headers=house.bearer("ann"))
    ops = key_id_of(house.keys["ops"])
    words = [("bob", "person-added"), ("bob", "role-given-researcher"), ("bob", f"key-made-{key.id}")]
    words += [("ops", "role-taken-admin"), ("ops", f"key-revoked-{ops}"), ("ops", "person-removed")]
    assert [(e.who, e.what, e.when, e.outcome) for e in store.audit_log()] == [
        (who, what, house.times.now(), "done") for who, what in words
    ]
    lines = [r for r in caplog.records if r.name == "rarescale.people.changes"]
    assert [r.fields for r in lines][:3] == [  # type: ignore[attr-defined]
        {"person": "bob", "what": "person-added"},
        {"person": "bob", "what": "role-given", "role": "researcher"},
        {"person": "bob", "what": "key-made", "key": key.id},
    ]
    assert len(lines) == 6 and shown not in caplog.text and key.sha256 not in caplog.text


def test_a_store_that_is_gone_leaves_the_change_of_people_in_the_log(
    house: House, sqlite_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "rarescale")
    with client_of(house.app(sqlite_store)) as client:
        sqlite_store._database.path.unlink()  # type: ignore[union-attr]
        with change_people(house.path) as people:
            set_roles(people, "ann", frozenset({R.ADMIN}))
        for _ in range(2):
            assert client.get("/help", headers=house.bearer("ann")).status_code == 200
    messages = [r.getMessage() for r in caplog.records if r.name == "rarescale.people.changes"]
    assert len(messages) == 3 and "role-given" in messages[0] and "in this log only" in messages[2]


def test_behind_a_proxy_the_proxy_alone_says_who_asks(house: House, caplog: pytest.LogCaptureFixture) -> None:
    app = house.app(behind_proxy=("10.0.0.7", "10.0.0.8"), names=("clinic.example",))
    there = "https://clinic.example"
    with client_of(app, "10.0.0.7", there) as proxy, client_of(app, "10.6.6.6", there) as past:
        for said in ("203.0.113.9", "1.1.1.1, 203.0.113.9", "evil, 203.0.113.9, 10.0.0.8"):
            assert proxy.get("/v1/findings?q=x", headers={"X-Forwarded-For": said}).status_code == 401
        assert {d["address"] for d in denials(caplog)} == {"203.0.113.9"}
        answer = past.get("/v1/findings?q=x", headers=house.bearer("ann") | {"X-Forwarded-For": "10.0.0.7"})
        assert answer.status_code == 403 and answer.json()["error"]["kind"] == "not-by-proxy"
        assert "max-age" in answer.headers["strict-transport-security"]
        assert denials(caplog)[-1]["address"] == "10.6.6.6"


def test_text_beside_an_address_is_not_written_down(house: House, caplog: pytest.LogCaptureFixture) -> None:
    app = house.app(behind_proxy=("10.0.0.7",), names=("clinic.example",))
    with client_of(app, "10.0.0.7", "https://clinic.example") as proxy:
        assert proxy.get("/help", headers={"X-Forwarded-For": "fe80::1%zebrafinch"}).status_code == 401
    assert denials(caplog)[-1]["address"] == "fe80::1"


@pytest.mark.parametrize("path", ["/v1/cases/", "/v1/jobs/", "/workbench/", "/runs/", "/metrics/", "/v1/diagnose/"])
def test_nobody_is_sent_on_with_what_they_sent(house: House, store: Store, path: str) -> None:
    """The service does not see TLS behind a proxy: an address of its own making would begin with http://."""
    app = house.app(store, behind_proxy=("10.0.0.7",), names=("clinic.example",))
    with client_of(app, "10.0.0.7", "https://clinic.example") as proxy:
        for name in STAFF:
            answer = proxy.post(path, json=CASE, headers=house.bearer(name))
            assert answer.status_code in (403, 404, 405) and "location" not in answer.headers


@pytest.mark.parametrize("path", ["/workbench/saved", "/workbench/save", "/metrics", "/v1/cases", "/v1/jobs"])
@pytest.mark.parametrize("tail", ["%0a", "%00", "%0d%0a", "/%0a"])
def test_no_character_after_an_address_changes_the_right_it_needs(
    house: House, store: Store, path: str, tail: str
) -> None:
    with client_of(house.app(store)) as client:
        for name in STAFF:
            assert client.get(path + tail, headers=house.bearer(name)).status_code == 404


def test_a_proxy_before_a_service_without_login_is_noticed(make: Any) -> None:
    with client_of(make(), "127.0.0.1") as client:
        assert client.get("/help").status_code == 200
        answer = client.get("/help", headers={"X-Forwarded-For": "203.0.113.9"})
        assert answer.status_code == 403 and answer.json()["error"]["kind"] == "proxy-without-login"


def test_every_denial_is_a_line_of_the_log_without_what_was_asked(
    house: House, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "zebrafinch"
    client.get(f"/v1/diseases/{secret}")
    client.post(f"/v1/jobs?x={secret}", json={"id": secret}, headers=house.bearer("ops"))
    client.get(f"/{secret}", headers=house.bearer("ann") | {"Host": f"{secret}.example"})
    client.post("/v1/read", json={}, headers=house.bearer("ann") | {"Sec-Fetch-Site": "cross-site"})
    found = [(d["who"], d["what"], d["route"], d["reason"], d["status"], d["address"]) for d in denials(caplog)]
    assert found == [
        ("-", "GET", "/v1/diseases/*", "no-login", 401, "10.1.2.3"),
        ("ops", "POST", "/v1/jobs/*", "no-right", 403, "10.1.2.3"),
        ("-", "GET", "-", "host", 421, "10.1.2.3"),
        ("-", "POST", "/v1/read", "cross-site", 403, "10.1.2.3"),
    ]
    assert secret not in "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("rarescale"))


def test_a_denial_is_in_the_audit_log_of_the_store_once_a_minute(house: House, store: Store) -> None:
    with client_of(house.app(store, person_burst=1000)) as client:
        for _ in range(30):
            client.post("/v1/jobs", json=CASE, headers=house.bearer("ops"))
            client.get("/v1/findings?q=x")
        house.times.pass_by(60)
        client.get("/v1/findings?q=x")
    rows = [(e.who, e.what, e.outcome) for e in store.audit_log()]
    assert rows == [("ops", "no-right", "denied"), ("-", "no-login", "denied"), ("-", "no-login", "denied")]


def test_a_store_that_is_gone_does_not_change_the_denial(
    house: House, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    class Gone:
        def audit(self, entry: object) -> None:
            raise OSError("zebrafinch")

        def __getattr__(self, name: str) -> Any:
            raise AttributeError(name)

    with client_of(house.app(Gone())) as client:
        assert client.get("/v1/findings?q=x").status_code == 401
    assert "OSError" in caplog.text and "zebrafinch" not in caplog.text


def test_rights_are_all_used() -> None:
    assert {line.right for line in TABLE} == {None, *Right}


def test_a_batch_is_for_whoever_sent_it(client: TestClient, house: House) -> None:
    id = client.post("/v1/jobs", json=CASE, headers=house.bearer("ann")).json()["id"]
    for method, path in (("GET", ""), ("GET", "/results"), ("DELETE", "")):
        assert client.request(method, f"/v1/jobs/{id}{path}", headers=house.bearer("ray")).status_code == 404
    assert client.delete(f"/v1/jobs/{id}", headers=house.bearer("ann")).status_code == 204


def test_denials_and_sessions_are_counted(client: TestClient, house: House) -> None:
    client.get("/v1/findings?q=x")
    numbers = client.get("/metrics", headers=house.bearer("ops")).text
    assert 'rarescale_denied_total{reason="no-login"} 1.0' in numbers and "rarescale_sessions 0.0" in numbers
    assert client.get("/metrics", headers=house.bearer("ann")).status_code == 403


def test_health_is_told_to_machines_that_ask_past_the_proxy(house: House) -> None:
    app = house.app(behind_proxy=("10.0.0.7",), names=("clinic.example",))
    with client_of(app, "127.0.0.1") as beside:
        assert beside.get("/healthz").status_code == 200
        assert beside.get("/help", headers=house.bearer("ann")).status_code == 403


def test_the_description_says_how_to_come_in_and_what_the_door_answers(house: House, store: Store) -> None:
    with house.open(store=store) as client:
        described = client.get("/openapi.json", headers=house.bearer("ann")).json()
    schemes = described["components"]["securitySchemes"]
    assert schemes["key"]["scheme"] == "bearer" and schemes["session"]["name"] == "rarescale"
    assert {"key": []} in described["security"]
    for path, operations in described["paths"].items():
        for operation in operations.values():
            assert {"401", "403", "429", "503"} <= set(operation["responses"]), path


def test_without_a_login_the_description_speaks_of_none(diagnoser: Diagnoser) -> None:
    described = create_app(diagnoser).openapi()
    assert "security" not in described
    assert "401" not in described["paths"]["/v1/diagnose"]["post"]["responses"]
