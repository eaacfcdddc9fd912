"""The page in Chromium: the walk of a clinician, by mouse and by keyboard alone, and what axe-core says of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rarescale.diagnose import Diagnoser
from rarescale.knowledge import Knowledge
from tests.web.browser import CHROMIUM, serving, violations

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; install the package chromium")

NOTE = "Mia, 30 years old, female. She has ptosis and double vision, worse in the evening. Muscle weakness. No fever."


@pytest.fixture(scope="module")
def address(hpo: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    runs = tmp_path_factory.mktemp("runs")
    (runs / "one").mkdir()
    (runs / "one" / "report.html").write_text("<h1>A run</h1><style>h1 { color: red }</style>")
    with serving(Diagnoser(hpo), runs=runs) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any, address: str) -> Iterator[Any]:
    """A page that fails the test for any error of a script, blocked content, or request to elsewhere."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=address)
    context.set_default_timeout(60_000)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" and "422" not in m.text else None)
    page.on("request", lambda r: None if r.url.startswith(address) else wrong.append(r.url))
    yield page
    context.close()
    assert not wrong


def names(page: Any) -> list[str]:
    return [str(x) for x in page.locator(".dx h3").all_text_contents()]


def step(page: Any, action: Any) -> None:
    """Do something and wait for the page after it."""
    with page.expect_response(re.compile("/workbench$")):
        action()
    busy = "!!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')"
    while page.evaluate(busy):  # the policy of the page forbids wait_for_function, which needs eval
        page.wait_for_timeout(10)


def read(page: Any, text: str = NOTE) -> None:
    page.goto("/workbench")
    page.fill("#text", text)
    page.get_by_role("button", name="Read and rank").click()
    page.wait_for_selector(".ddx")


def test_from_a_pasted_note_to_an_export(page: Any) -> None:
    read(page)
    assert names(page)[0] == "Myasthenia gravis"
    page.get_by_role("link", name="double vision").click()
    assert page.url.endswith("#f-HP_0000651")
    first = names(page)
    step(page, page.get_by_role("button", name="Absent: Diplopia").click)
    assert names(page) != first
    assert page.locator(".change").count() > 0
    assert page.locator("#status").inner_text().startswith("Differential updated:")
    assert page.evaluate("document.activeElement.id") == "m-HP_0000651-absent"
    question = page.locator(".question").first.text_content()
    step(page, page.locator(".questions button").first.click)
    assert question in page.get_by_role("log").inner_text()
    page.fill("#q", "dysphag")
    page.wait_for_selector("#hits li")
    step(page, page.get_by_role("button", name="Present: Dysphagia", exact=True).first.click)
    assert page.locator("#f-HP_0002015.present").count() == 1
    with page.expect_download() as saved:
        page.locator("#export-json").click()
    answer = json.loads(Path(saved.value.path()).read_text())
    assert {"HP:0000651": "absent", "HP:0002015": "present"}.items() <= {
        f["id"]: f["state"] for f in answer["findings"]
    }.items()
    assert [c["name"] for c in answer["differential"][:1]] == names(page)[:1]
    step(page, page.locator("#undo").click)
    assert page.locator("#f-HP_0002015").count() == 0


def test_the_same_by_keyboard_alone(page: Any) -> None:
    page.goto("/workbench")

    def tab_to(wanted: str, most: int = 250) -> None:
        for _ in range(most):
            page.keyboard.press("Tab")
            if page.evaluate(f"document.activeElement.matches({json.dumps(wanted)})"):
                shown = page.evaluate(
                    "(e => { const r = e.getBoundingClientRect(); return r.width * r.height })(document.activeElement)"
                )
                assert shown > 1, f"{wanted} has the focus and cannot be seen"
                return
        raise AssertionError(f"{wanted} cannot be reached")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    tab_to("#text")
    page.keyboard.type(NOTE)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".ddx")
    page.evaluate("document.body.focus()")
    tab_to("#m-HP_0000651-absent")
    step(page, lambda: page.keyboard.press("Space"))
    assert page.evaluate("document.activeElement.id") == "m-HP_0000651-absent"
    tab_to(".dx:nth-child(2) summary")
    page.keyboard.press("Enter")
    assert page.locator(".dx:nth-child(2) details").get_attribute("open") is not None
    tab_to(".dx:nth-child(2) details > button")
    step(page, lambda: page.keyboard.press("Enter"))
    assert page.locator(".dx:nth-child(2) details").get_attribute("open") is not None, "details closed by a step"
    tab_to(".questions button")
    step(page, lambda: page.keyboard.press("Enter"))
    assert page.evaluate("document.activeElement.matches('.chip')")
    tab_to("#export-json")
    with page.expect_download():
        page.keyboard.press("Enter")


def test_enter_in_the_search_shows_hits_and_escape_empties_them(page: Any) -> None:
    read(page)
    page.locator("#q").focus()
    page.keyboard.type("tremor")
    step(page, lambda: page.keyboard.press("Enter"))
    assert page.locator("#hits li").count() > 0
    page.keyboard.press("Escape")
    assert page.locator("#hits li").count() == 0


def test_a_simulated_patient_answers_and_can_be_revealed(page: Any) -> None:
    page.goto("/workbench/patients/evening-eyes")
    step(page, page.locator(".questions button").first.click)
    assert page.get_by_role("log").locator(".turn").count() == 4
    page.fill("#say", "Do you have trouble swallowing?")
    step(page, page.locator("#say-go").click)
    assert page.locator("#f-HP_0002015.present").count() == 1
    page.fill("#say", "xyzzy?")
    step(page, page.locator("#say-go").click)
    assert "no finding in it" in page.get_by_role("alert").inner_text()
    step(page, page.locator("#reveal").click)
    assert "Myasthenia gravis" in page.locator(".reveal").inner_text()


def test_without_scripts_everything_still_works(chromium: Any, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False, base_url=address)
    page = context.new_page()
    read(page)
    page.locator("#m-HP_0000651-absent").click()
    assert page.locator("#f-HP_0000651.absent").count() == 1
    page.fill("#q", "dysphag")
    page.locator("#q-go").click()
    page.locator("#hits button").first.click()
    assert page.locator("#f-HP_0002015.present").count() == 1
    with page.expect_download():
        page.locator("#export-json").click()
    context.close()


LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "narrow": {"color_scheme": "light", "viewport": {"width": 320, "height": 700}},
    "print": {"color_scheme": "dark", "viewport": {"width": 800, "height": 900}},
}


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(chromium: Any, address: str, look: str) -> None:
    context = chromium.new_context(base_url=address, **LOOKS[look])
    page = context.new_page()
    library = ("/diseases/ORPHA:324", "/findings/HP:0001250", "/help") if look in ("dark", "narrow") else ()
    for place in ("/workbench", "/workbench/examples/red-flag", *library):
        page.goto(place)
        check(page, look)
    page.goto("/workbench/examples/note")
    for number in (1, 2):
        page.locator(f".dx:nth-child({number}) summary").first.evaluate("s => { s.parentElement.open = true }")
        step(page, page.locator(f".dx:nth-child({number}) details > button").click)
    page.locator("details").evaluate_all("all => all.forEach(d => { d.open = true })")
    page.fill("#q", "tremor")
    page.wait_for_selector("#hits li")
    check(page, look)
    context.close()


def check(page: Any, look: str) -> None:
    if look == "print":
        page.emulate_media(media="print")
    assert violations(page) == [], page.url
    width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width[0] <= width[1], f"{page.url} is {width[0]} wide"
    page.emulate_media(media="screen")


def test_names_of_controls_say_what_they_do(page: Any) -> None:
    page.goto("/workbench/examples/note")
    tree = page.locator("body").aria_snapshot()
    controls = re.findall(r"- (?:button|textbox|combobox|checkbox|link)\b.*", tree)
    assert len(controls) > 60
    assert all('"' in c for c in controls), [c for c in controls if '"' not in c]
    buttons = re.findall(r'- button "([^"]+)"', tree)
    assert len(set(buttons)) == len(buttons), sorted(b for b in buttons if buttons.count(b) > 1)
    for region in ("Conversation", "Findings", "Differential", "Ask next"):
        assert f'region "{region}' in tree
    assert tree.count("heading") and tree.count("[level=1]") == 1
