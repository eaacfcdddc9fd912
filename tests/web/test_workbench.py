"""The workbench without a browser and without scripts: every step is a form."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from tests.web.conftest import Page

Read = Callable[[str], Page]
CHAT = "Doctor: What is wrong?\nPatient: I have a tremor.\nDoctor: Any seizures?\nPatient: No, never."


def test_a_conversation_becomes_findings_with_quotes_and_a_differential(read: Read) -> None:
    page = read(CHAT)
    assert page.findings == {"HP:0001337": "present", "HP:0001250": "absent"}
    assert page.diseases[0] == "OMIM:100001"
    assert re.search(r'<a class="hit present" id="q-HP_0001337" href="#f-HP_0001337">tremor', page.text)


def test_a_changed_finding_changes_the_differential_and_undo_brings_it_back(read: Read) -> None:
    page = read("She has a tremor and hepatomegaly and blindness.")
    absent = page.press("mark:absent:HP:0001337")
    assert absent.findings["HP:0001337"] == "absent"
    assert absent.diseases != page.diseases and "up from" in absent.text
    back = absent.press("undo")
    assert (back.findings, back.diseases) == (page.findings, page.diseases)


def test_paused_and_unknown_findings_do_not_count_and_keep_their_place(read: Read) -> None:
    page = read("She has a tremor and blindness.")
    alone = read("She has blindness.").diseases
    for button, state in (("mark:pause:HP:0001337", "paused"), ("mark:unknown:HP:0001337", "unknown")):
        after = page.press(button)
        assert after.findings["HP:0001337"] == state and after.diseases == alone
    assert page.press("mark:pause:HP:0001337").press("mark:resume:HP:0001337").diseases == page.diseases


def test_a_finding_is_searched_and_added(read: Read) -> None:
    page = read("She has a tremor.").press("search", q="seiz")
    assert "mark:present:HP:0001250" in page.text
    assert page.press("mark:present:HP:0001250").findings["HP:0001250"] == "present"


def test_what_is_said_next_is_read_too(read: Read) -> None:
    assert "HP:0000618" in read(CHAT).press("say", say="I have blindness too.", speaker="patient").findings
    assert "HP:0000618" in read("She has a tremor.").press("default", say="She also has blindness.").findings


def test_what_the_patient_names_to_an_open_question_is_looked_up_and_added(read: Read, client: TestClient) -> None:
    page = read("She has a tremor.")
    found = page.press("search:HP:0000707", **{"named:HP:0000707": "seiz"})
    assert "mark:present:HP:0001250" in found.text
    assert found.press("mark:present:HP:0001250").findings["HP:0001250"] == "present"
    hits = client.post("/workbench/search", data={"named:HP:0000707": "seiz"})
    assert "mark:present:HP:0001250" in hits.text


def test_an_answered_question_stands_in_the_transcript_until_undone(read: Read) -> None:
    page = read(CHAT)
    id = re.search(r'value="answer:present:([^"]+)"', page.text)
    assert id
    after = page.press(f"answer:present:{id[1]}", **{f"question:{id[1]}": "Any <b>other</b> trouble?"})
    assert after.findings[id[1]] == "present"
    assert "Any &lt;b&gt;other&lt;/b&gt; trouble?" in after.text.split('id="findings"')[0]
    assert f"answer:present:{id[1]}" not in after.text
    assert after.press("undo").findings == page.findings


def test_sex_and_age_can_be_corrected(read: Read) -> None:
    page = read("Ann, 34 years old, female. She has a tremor.").press("person", sex="MALE", age="5")
    assert '"sex":"MALE"' in page.state and '"age":5.0' in page.state
    assert page.press("person", sex="", age="-3").status == 422


def test_an_onset_can_be_given(read: Read) -> None:
    page = read("She has a tremor.").press("onset:HP:0001337", **{"onset:HP:0001337": "HP:0003593"})
    assert "onset first year" in page.text


def test_two_diseases_are_compared_side_by_side(read: Read) -> None:
    page = read("She has a tremor and a seizure and blindness.")
    one, two = page.diseases[:2]
    compared = page.press(f"compare:{one}").press(f"compare:{two}")
    assert 'id="compare"' in compared.text and compared.diseases == page.diseases
    assert 'id="compare"' not in compared.press(f"compare:{two}").text


def test_rare_only_keeps_listed_diseases(read: Read) -> None:
    page = read("She has a tremor.").press("among:rare")
    assert page.diseases and 'id="among-rare" name="do" value="among:rare" aria-pressed="true"' in page.text


def test_a_step_of_htmx_gives_only_the_changing_part(read: Read, client: TestClient) -> None:
    page = read("She has a tremor.")
    part = client.post("/workbench", data={"state": page.state, "do": "undo"}, headers={"HX-Request": "true"}).text
    assert "<html" not in part and 'hx-swap-oob="true">Differential updated' in part


def test_what_cannot_be_read_comes_back_with_the_reason_and_the_text(read: Read) -> None:
    page = read('{"present": 7, "x": "<i>kept</i>"}')
    assert page.status == 422 and 'role="alert"' in page.text
    assert "expected" in page.text and "&lt;i&gt;kept&lt;/i&gt;" in page.text


def test_no_file_is_written_to_a_disk_on_its_way(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def on_disk(_: object) -> None:
        raise AssertionError("text of a patient in a file")

    monkeypatch.setattr("tempfile.SpooledTemporaryFile.rollover", on_disk)
    answer = client.post("/workbench/read", files={"file": ("a.txt", b"She has a tremor. " * 90_000)})
    assert answer.status_code == 422 and "expected at most 100,000" in answer.text


def test_a_file_is_read(client: TestClient) -> None:
    case = json.dumps({"id": "p", "present": ["HP:0001337"], "diagnosis": ["OMIM:100001"]})
    answer = client.post("/workbench/read", data={"text": ""}, files={"file": ("p.json", case)})
    page = Page(client, answer.text)
    assert page.findings == {"HP:0001337": "present"}
    assert "OMIM:100001" not in page.state.partition('"shown"')[0]


def test_the_export_is_what_the_api_gives(read: Read, client: TestClient) -> None:
    case = {"id": "p", "sex": "FEMALE", "present": ["HP:0001337"], "absent": ["HP:0001250"]}
    page = read(json.dumps(case))
    saved = client.post("/workbench/export/json", data={"state": page.state})
    assert "attachment" in saved.headers["content-disposition"]
    assert saved.json() == client.post("/v1/diagnose?top=20", json=case).json()


def test_a_talk_that_nobody_edited_is_ranked_as_the_api_ranks_it(read: Read, client: TestClient) -> None:
    for text in (CHAT, "Ann, 34 years old, female. She has a tremor. No seizures. She hums."):
        saved = client.post("/workbench/export/json", data={"state": read(text).state}).json()
        headers = {"Content-Type": "text/plain"}
        theirs = client.post("/v1/diagnose?top=20", content=text, headers=headers).json()
        assert saved | {"id": ""} == theirs | {"id": ""}


def test_every_export_can_be_taken_and_is_de_identified_on_request(read: Read, client: TestClient) -> None:
    page = read("Doctor: Mrs Quagmire, 34 years old, what is wrong?\nPatient: I, Quagmire, have a tremor.")
    kinds = re.findall(r'formaction="/workbench/export/(\w+)"', page.text)
    assert kinds == ["json", "csv", "phenopacket", "html"]
    for kind in kinds:
        state = {"state": page.state}
        plain = client.post(f"/workbench/export/{kind}", data=state)
        hidden = client.post(f"/workbench/export/{kind}", data=state | {"deidentified": "1"})
        for saved in (plain, hidden):
            assert saved.status_code == 200 and "attachment" in saved.headers["content-disposition"]
            assert "Tremor" in saved.text and "OMIM:100001" in saved.text
        assert "Quagmire" not in hidden.text
    assert "Quagmire" in plain.text
    assert client.post("/workbench/export/exe", data={"state": page.state}).status_code == 422


def test_an_exported_phenopacket_comes_back_as_the_same_findings(read: Read, client: TestClient) -> None:
    page = read("She has a tremor. No seizures.").press("person", sex="FEMALE", age="34")
    saved = client.post("/workbench/export/phenopacket", data={"state": page.state}).text
    again = read(saved)
    assert again.findings == page.findings


def test_disease_and_finding_pages_link_to_each_other(client: TestClient) -> None:
    disease = client.get("/diseases/ORPHA:11").text
    assert 'href="/findings/HP:0001337"' in disease and "Copperfield disease" in disease
    finding = client.get("/findings/HP:0001337").text
    assert 'href="/diseases/OMIM:100001"' in finding
    assert 'href="/findings/HP:0000707"' in finding


def test_library_search_and_missing_pages(client: TestClient) -> None:
    assert "/diseases/OMIM:100001" in client.get("/diseases", params={"q": "copper"}).text
    assert "/findings/HP:0001250" in client.get("/findings", params={"q": "seiz"}).text
    for address in (
        "/diseases/nope",
        "/findings/nope",
        "/workbench/examples/nope",
        "/workbench/patients/nope",
        "/nope",
    ):
        answer = client.get(address, headers={"Accept": "text/html"})
        assert answer.status_code == 404 and 'role="alert"' in answer.text


def test_intended_use_and_versions_stand_on_every_page(client: TestClient, read: Read) -> None:
    pages = [client.get(a).text for a in ("/workbench", "/help", "/diseases/OMIM:100001", "/runs")] + [read(CHAT).text]
    for text in pages:
        assert "not a medical device" in text and "rarescale expert" in text


def test_the_first_load_is_small(client: TestClient) -> None:
    start = client.get("/workbench").text
    assets = re.findall(r'(?:src|href)="(/static/[^"]+)"', start)
    total = len(start.encode()) + sum(len(client.get(a).content) for a in assets)
    assert len(assets) == 4 and total <= 100_000
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', start)
    assert "immutable" in client.get(assets[0]).headers["cache-control"]
