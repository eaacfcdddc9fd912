"""Saving from the workbench and everything after it, without scripts: each step is a form."""

from __future__ import annotations

import html
import itertools
import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from rarescale.diagnose import Diagnoser
from rarescale.knowledge import Knowledge
from rarescale.record import Case, Chat, Finding, Message, Note, Role, Sex, TermId
from rarescale.service import ServiceSettings, create_app
from rarescale.store import SavedCase, Store
from rarescale.web.bench import Bench, Edit
from rarescale.web.edited import EditedReader
from rarescale.web.picture import picture_of
from rarescale.web.saved_content import bench_of_saved, content_of, edits_of
from tests.people.provider import Times
from tests.service.people import House
from tests.store.samples import NINE, content, differential
from tests.web.conftest import HERE

CHAT = "Doctor: What is wrong?\nPatient: I have a tremor.\nDoctor: Any seizures?\nPatient: No, never."
PAGE = {"Accept": "text/html"}


@dataclass(frozen=True)
class Tab:
    """One tab of a browser without scripts."""

    client: TestClient
    text: str = ""
    status: int = 200

    def field(self, name: str) -> str:
        found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', self.text)
        return html.unescape(found[1]) if found else ""

    @property
    def findings(self) -> dict[str, str]:
        return {i: mark for mark, i in re.findall(r'<li class="chip (\w+)[^"]*" id="f-(\w+)"', self.text)}

    @property
    def diseases(self) -> list[str]:
        return re.findall(r'<h3><a href="/diseases/([^"]+)"', self.text)

    @property
    def state(self) -> str:
        """What the page says of saving."""
        found = re.search(r'id="saved-state">(.*?)</p>', self.text)
        return re.sub("<[^>]+>", "", found[1]) if found else ""

    @property
    def case(self) -> str:
        return str(json.loads(self.field("state"))["kept"]["case"])

    def post(self, path: str, **fields: str) -> Tab:
        answer = self.client.post(path, data=fields, headers=PAGE)
        return Tab(self.client, answer.text, answer.status_code)

    def press(self, button: str, **fields: str) -> Tab:
        return self.post(
            "/workbench", **{"state": self.field("state"), "title": self.field("title"), "do": button} | fields
        )

    def save(self, path: str = "", **fields: str) -> Tab:
        own = {name: self.field(name) for name in ("state", "title", "mine")}
        return self.post(f"/workbench/save{path}", **own | {"do": "save"} | fields)

    def get(self, path: str) -> Tab:
        answer = self.client.get(path, headers=PAGE)
        return Tab(self.client, answer.text, answer.status_code)


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def client(diagnoser: Diagnoser, sqlite_store: Store, times: Times) -> Iterator[TestClient]:
    ids = map("{:032x}".format, itertools.count(1))
    app = create_app(diagnoser, ServiceSettings(), store=sqlite_store, now=times.now, new_id=lambda: next(ids))
    with TestClient(app, base_url=HERE, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def tab(client: TestClient) -> Tab:
    """A conversation that was just read."""
    return Tab(client).post("/workbench/read", text=CHAT)


def test_saving_says_when_and_by_whom_and_what_was_changed_since(tab: Tab, times: Times) -> None:
    assert tab.state == "Not saved."
    saved = tab.save(title="Bed 4")
    assert saved.state.startswith("Saved at 2026-11-26 09:00 UTC by local, revision 1.")
    assert "Unsaved" not in saved.state
    edited = saved.press("mark:absent:HP:0001337")
    assert "Unsaved changes" in edited.state and "Unsaved" not in edited.press("undo").state
    assert "Unsaved" in saved.press("default", title="Bed 5").state
    assert "Unsaved" not in saved.press("compare:OMIM:100001").state
    times.pass_by(120)
    assert edited.save().state.startswith("Saved at 2026-11-26 09:02 UTC by local, revision 2.")


def test_an_opened_case_is_the_bench_that_was_saved(tab: Tab) -> None:
    bench = tab.press("mark:pause:HP:0001337").press("among:rare").press("say", say="Blindness too.", speaker="patient")
    bench = bench.press("person", sex="MALE", age="7.5").press(
        "answer:present:HP:0001250", **{"question:HP:0001250": "Fits?"}
    )
    saved = bench.save(title="Bed <4>")
    opened = tab.get(f"/workbench/saved/{saved.case}")
    for page in (saved, opened):
        kept = {k: v for k, v in json.loads(page.field("state")).items() if k not in ("shown", "before")}
        assert kept == {k: v for k, v in json.loads(saved.field("state")).items() if k not in ("shown", "before")}
    assert (opened.findings, opened.diseases) == (bench.findings, bench.diseases)
    assert opened.state == saved.state and "Bed &lt;4&gt;" in opened.text and "Fits?" in opened.text


TERMS = st.sampled_from(["HP:0001337", "HP:0001250", "HP:0002240"])
CASES = st.builds(
    Case,
    id=st.just("c"),
    sex=st.none() | st.sampled_from(Sex),
    age=st.none() | st.floats(0, 120),
    findings=st.lists(st.builds(lambda t: Finding(id=TermId(t), text=t), TERMS), max_size=3).map(tuple),
)
TALKS = st.builds(Note, id=st.just("n"), text=st.sampled_from(["A tremor.", "", "No fits, 34 years old."])) | st.builds(
    lambda text: Chat(id="t", messages=(Message(role=Role.PATIENT, content=text),)), st.text(max_size=40)
)
EDITS = st.builds(
    Edit,
    id=TERMS,
    change=st.sampled_from(["present", "absent", "unknown", "pause", "resume", "onset"]),
    onset=st.sampled_from(["", "HP:0003577"]),
    asked=st.text(max_size=20),
    at=st.integers(0, 5),
    note=st.text(max_size=20),
)
BENCHES = st.builds(
    Bench,
    talk=st.none() | TALKS,
    case=st.none() | CASES,
    edits=st.lists(EDITS, max_size=4).map(tuple),
    sex=st.none() | st.sampled_from(Sex),
    age=st.none() | st.floats(0, 125),
    among=st.sampled_from(["all", "rare"]),
)


@pytest.fixture(scope="session")
def editing(toy: Knowledge, diagnoser: Diagnoser) -> Diagnoser:
    """One that takes edited talks."""
    return Diagnoser(toy, reader=EditedReader(diagnoser.reader))


@settings(max_examples=60, deadline=None)
@given(bench=BENCHES)
def test_any_bench_comes_back_as_it_was(editing: Diagnoser, bench: Bench) -> None:
    content, line = content_of(picture_of(bench, editing), "t"), {"case": "c", "owner": "ann", "revision": 1}
    saved = SavedCase(**line, created=NINE, saved=NINE, content=content, edits=edits_of(bench))
    assert bench_of_saved(SavedCase.model_validate_json(saved.model_dump_json())) == bench


def test_two_tabs_the_later_one_is_told_and_keeps_its_work(tab: Tab, sqlite_store: Store) -> None:
    saved = tab.save(title="Bed 4")
    other = tab.get(f"/workbench/saved/{saved.case}")
    first = saved.press("mark:absent:HP:0001337").save()
    assert first.status == 200
    late = other.press("say", say="Blindness too.", speaker="patient").save(title="Mine", say="half a sen")

    assert late.status == 409
    assert "local saved this case at 2026-11-26 09:00 UTC, as revision 2" in late.text
    assert "HP_0000618" in late.findings and late.field("title") == "Mine" and ">half a sen</textarea>" in late.text
    assert f'href="/workbench/saved/{saved.case}"' in late.text
    assert sqlite_store.case(saved.case).revision == 2

    for _ in range(2):  # a double click
        mine = late.save("/new")
        assert mine.status == 200 and mine.case != saved.case and "revision 1" in mine.state
    assert len(sqlite_store.cases()) == 2
    assert mine.findings == late.findings
    assert sqlite_store.case(saved.case).revision == 2


def test_a_save_sent_twice_is_one_case_and_one_revision(tab: Tab, sqlite_store: Store) -> None:
    first, again = tab.save(), tab.save()
    assert first.status == again.status == 200 and first.state == again.state
    edited = first.press("mark:absent:HP:0001337")
    assert [edited.save().status, edited.save().status] == [200, 200]
    assert [line.revision for line in sqlite_store.cases()] == [2]


def test_a_case_deleted_meanwhile_can_be_saved_as_a_new_one(tab: Tab, sqlite_store: Store) -> None:
    saved = tab.save(title="Bed 4")
    sqlite_store.delete(saved.case, by="local", at=NINE)
    gone = saved.press("mark:absent:HP:0001337").save()
    assert gone.status == 404 and "was deleted" in gone.text and gone.findings["HP_0001337"] == "absent"
    assert gone.save("/new").status == 200


def test_a_store_that_is_gone_loses_nothing_on_the_screen(tab: Tab, sqlite_store: Store) -> None:
    saved = tab.save()
    path = sqlite_store._database.path
    assert path is not None
    path.rename(path.with_suffix(".away"))
    edited = saved.press("mark:absent:HP:0001337")
    failed = edited.client.post("/workbench/save", data={"state": edited.field("state"), "title": "T", "do": "save"})
    page = Tab(tab.client, failed.text, failed.status_code)
    assert page.status == 503 and int(failed.headers["retry-after"]) > 0
    assert page.findings == edited.findings and page.field("title") == "T" and "not there" in page.text
    path.with_suffix(".away").rename(path)
    assert page.save().status == 200


def test_a_case_too_large_for_the_page_says_where_to_read_it(tab: Tab) -> None:
    long = {"id": "n", "messages": [{"role": "patient", "content": "A tremor. " * 60_000}]}
    case = tab.client.post("/v1/cases", json=long).json()["case"]
    page = tab.get(f"/workbench/saved/{case}")
    assert page.status == 413 and "/v1/cases/" in page.text


def test_the_list_shows_ones_own_cases_and_nothing_of_others(tab: Tab, sqlite_store: Store) -> None:
    sqlite_store.save_case(content(), differential=differential(), by="bob", at=NINE)
    tab.save(title="Mine & only")
    listed = tab.get("/workbench/saved").text
    assert "Mine &amp; only" in listed and listed.count("revision 1") == 1
    everything = tab.client.post("/workbench/saved/export")
    assert [c["owner"] for c in everything.json()["cases"]] == ["local"]
    assert "attachment" in everything.headers["content-disposition"]


def test_a_case_is_run_again_beside_what_was_kept_and_kept_only_when_told(tab: Tab, sqlite_store: Store) -> None:
    case = tab.save().case
    kept = sqlite_store.differentials(case)
    shown = tab.post(f"/workbench/saved/{case}/again")
    assert "The knowledge is the same." in shown.text and "Rank then" in shown.text
    assert sqlite_store.differentials(case) == kept
    tab.post(f"/workbench/saved/{case}/again", keep="1")
    assert sqlite_store.differentials(case)[:-1] == kept and len(sqlite_store.differentials(case)) == 2


def test_newer_knowledge_shows_what_it_changes_and_what_it_reads_otherwise(
    client: TestClient, tab: Tab, sqlite_store: Store
) -> None:
    case = tab.save().case
    stands = sqlite_store.case(case)
    older = replace_release(sqlite_store.differentials(case)[0].differential)
    sqlite_store.add_differential(case, 1, older, by="local", at=NINE)
    fewer = stands.content.model_copy(update={"findings": stands.content.findings[:1]})
    sqlite_store.save_case(fewer, by="local", at=NINE, case=case, revision=1)
    again = tab.post(f"/workbench/saved/{case}/again").text
    assert "older release" in again and "not listed" in again and "The knowledge is the same." not in again
    assert "now also read: Seizure" in tab.get(f"/workbench/saved/{case}").text


def replace_release(made: Any) -> Any:
    release = made.knowledge.model_copy(update={"release": "older release", "hash": "0" * 64})
    return made.model_copy(update={"knowledge": release, "differential": made.differential[1:]})


def test_a_sign_off_stands_apart_and_says_of_what(tab: Tab, sqlite_store: Store) -> None:
    saved = tab.save(title="Bed 4")
    file = tab.get(f"/workbench/saved/{saved.case}/history")
    assert "Not signed." in file.text
    fields = {name: file.field(name) for name in ("revision", "differential")}
    empty = tab.post(f"/workbench/saved/{saved.case}/sign-off", **fields, statement=" ")
    assert empty.status == 422
    wrong = tab.post(f"/workbench/saved/{saved.case}/sign-off", **fields, statement="Kept <words>", disease="OMIM:9")
    assert wrong.status == 422 and "Kept &lt;words&gt;</textarea>" in wrong.text
    signed = tab.post(f"/workbench/saved/{saved.case}/sign-off", **fields, statement="It is so", disease="OMIM:100001")
    assert "signed by local at" in signed.text and "Not signed." not in signed.text
    saved.press("mark:absent:HP:0001337").save()
    late = tab.post(f"/workbench/saved/{saved.case}/sign-off", **fields, statement="Once more")
    assert late.status == 409 and "Once more</textarea>" in late.text and "(changed since)" in late.text
    entry = next(e for e in sqlite_store.history(saved.case) if e.kind == "sign-off")
    assert entry.sign_off is not None and entry.sign_off.differential == int(fields["differential"])


def test_hold_keeps_a_case_from_retention(tab: Tab, sqlite_store: Store) -> None:
    case = tab.save().case
    assert "on hold" in tab.post(f"/workbench/saved/{case}/hold", hold="1").text
    assert sqlite_store.case(case).hold
    tab.post(f"/workbench/saved/{case}/hold", hold="")
    assert not sqlite_store.case(case).hold


def test_deleting_asks_first_and_then_really_deletes(tab: Tab, sqlite_store: Store) -> None:
    case = tab.save(title="Zwetschgenknödel").case
    asked = tab.get(f"/workbench/saved/{case}/delete")
    assert "Delete it for ever" in asked.text and len(sqlite_store.cases()) == 1
    assert "are gone" in tab.post(f"/workbench/saved/{case}/delete").text
    assert sqlite_store.cases() == () and tab.get(f"/workbench/saved/{case}").status == 404
    path = sqlite_store._database.path
    assert path is not None
    for file in path.parent.glob(path.name + "*"):
        assert "Zwetschgenknödel".encode() not in file.read_bytes()


@pytest.mark.parametrize("path", ["", "/history", "/delete", "/again", "/sign-off", "/hold"])
def test_anothers_case_is_as_if_it_were_not_there(tab: Tab, sqlite_store: Store, path: str) -> None:
    case = sqlite_store.save_case(content(), differential=differential(), by="bob", at=NINE).case
    fields = {"statement": "x", "revision": "1"}
    asked = [tab.get, lambda p: tab.post(p, **fields)]
    for ask in asked[:1] if path in ("", "/history") else asked if path == "/delete" else asked[1:]:
        there, missing = ask(f"/workbench/saved/{case}{path}"), ask(f"/workbench/saved/{'f' * 32}{path}")
        assert there.status == missing.status == 404
        assert there.text.replace(case, "") == missing.text.replace("f" * 32, "")
    assert {(e.case, e.outcome) for e in sqlite_store.audit_log(who="local")} == {(case, "denied")}


def test_a_page_cannot_be_made_to_save_over_anothers_case(tab: Tab, sqlite_store: Store) -> None:
    case = sqlite_store.save_case(content(), differential=differential(), by="bob", at=NINE).case
    state = tab.field("state").replace(tab.case, case)
    forged = replace(tab, text=tab.text.replace(html.escape(tab.field("state")), html.escape(state)))
    assert forged.post("/workbench/save", state=state, do="save").status == 404
    assert sqlite_store.case(case).content == content()


def test_only_who_may_keep_cases_sees_the_controls(tmp_path: Path, diagnoser: Diagnoser, sqlite_store: Store) -> None:
    house = House(tmp_path, diagnoser, Times())
    with TestClient(house.app(sqlite_store), base_url=HERE, raise_server_exceptions=False) as client:
        for name, sees in (("ann", True), ("ray", False)):
            page = client.post("/workbench/read", data={"text": CHAT}, headers=house.bearer(name) | PAGE)
            assert ('id="save"' in page.text) is sees
        for path in ("/workbench/save", "/workbench/save/new", "/workbench/saved/export"):
            assert client.post(path, data={}, headers=house.bearer("ray")).status_code == 403
        assert client.get("/workbench/saved", headers=house.bearer("ray")).status_code == 403


def test_every_reading_leaves_a_line(tab: Tab, sqlite_store: Store) -> None:
    case = tab.save().case
    for path in ("", f"/{case}", f"/{case}/history"):
        tab.get(f"/workbench/saved{path}")
    assert [(e.what, e.case) for e in sqlite_store.audit_log()] == [
        ("save-case", case),
        ("list-cases", None),
        ("read-case", case),
        ("read-history", case),
    ]


def test_nothing_is_stored_in_a_session_that_saves_nothing(tab: Tab, sqlite_store: Store) -> None:
    path = sqlite_store._database.path
    assert path is not None
    before = dump(path)
    page = tab.press("mark:absent:HP:0001337", title="A name").press("say", say="Blindness too.", speaker="patient")
    page = page.press("undo").press("among:rare").press("search", q="seiz").press("compare:OMIM:100001")
    for kind in ("json", "csv", "phenopacket", "html"):
        assert page.post(f"/workbench/export/{kind}", state=page.field("state")).status == 200
    tab.client.post("/v1/diagnose", content=CHAT, headers={"Content-Type": "text/plain"})
    tab.client.post("/v1/read", content=CHAT, headers={"Content-Type": "text/plain"})
    for place in ("/workbench", "/workbench/examples/note", "/diseases", "/findings", "/help"):
        tab.get(place)
    assert dump(path) == before


def dump(path: Path) -> list[str]:
    with sqlite3.connect(path) as database:
        lines = list(database.iterdump())
    database.close()
    return lines


def test_without_a_store_nothing_can_be_saved(diagnoser: Diagnoser) -> None:
    with TestClient(create_app(diagnoser), base_url=HERE) as client:
        page = client.post("/workbench/read", data={"text": CHAT}).text
        assert 'id="save"' not in page and "Saved cases" not in page and "kept" not in page
        assert client.post("/workbench/save", data={"do": "save"}).status_code == 404
        assert client.get("/workbench/saved").status_code == 404
