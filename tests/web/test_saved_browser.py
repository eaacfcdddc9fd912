"""Saved cases in Chromium: save, edit, reload, two tabs, sign, delete; and what axe-core says of the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from rarescale.diagnose import Diagnoser
from rarescale.service import create_app
from rarescale.store import Store
from tests.web.browser import CHROMIUM, serving, violations

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; install the package chromium")


@pytest.fixture
def context(diagnoser: Diagnoser, sqlite_store: Store) -> Iterator[Any]:
    app = create_app(diagnoser, store=sqlite_store)
    with serving(diagnoser, app) as address, playwright.sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 320, "height": 800}, base_url=address)
        context.set_default_timeout(60_000)
        yield context
        browser.close()


def press(page: Any, id: str, path: str = "/workbench") -> None:
    """Press a button of the bench and wait for the page after it."""
    with page.expect_response(re.compile(f"{path}$")):
        page.locator(f"#{id}").click()
    busy = "!!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')"
    while page.evaluate(busy):
        page.wait_for_timeout(10)


def state(page: Any) -> str:
    return str(page.locator("#saved-state").inner_text())


def check(page: Any) -> None:
    assert violations(page) == [], page.url
    width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width[0] <= width[1], f"{page.url} is {width[0]} wide"
    buttons = re.findall(r'- button "([^"]+)"', page.locator("body").aria_snapshot())
    assert len(set(buttons)) == len(buttons), buttons


def test_save_edit_reload_two_tabs_delete(context: Any, sqlite_store: Store) -> None:
    page = context.new_page()
    page.goto("/workbench")
    page.fill("#text", "Doctor: What is wrong?\nPatient: I have a tremor and hepatomegaly.")
    page.get_by_role("button", name="Read and rank").click()
    page.wait_for_selector(".ddx")
    assert state(page) == "Not saved."
    page.fill("#title", "Bed 4")
    press(page, "save", "/workbench/save")
    assert "revision 1" in state(page) and re.search(r"/workbench/saved/[0-9a-f]{32}$", page.url)
    assert page.locator("#status").inner_text() == "Saved."

    press(page, "m-HP_0001337-absent")
    assert "Unsaved changes" in state(page)
    press(page, "save", "/workbench/save")
    page.reload()
    assert page.locator("#f-HP_0001337.absent").count() == 1
    assert "revision 2" in state(page) and "Unsaved" not in state(page)
    check(page)

    other = context.new_page()
    other.goto(page.url)
    press(page, "m-HP_0002240-absent")
    press(page, "save", "/workbench/save")
    press(other, "m-HP_0002240-pause")
    other.fill("#say", "typed and not added")
    press(other, "save", "/workbench/save")
    assert "as revision 3" in other.get_by_role("alert").inner_text()
    assert other.locator("#f-HP_0002240.paused").count() == 1
    assert other.locator("#say").input_value() == "typed and not added"
    check(other)
    with context.expect_page() as opened:
        other.get_by_role("link", name="Open the saved one").click()
    assert opened.value.locator("#f-HP_0002240.absent").count() == 1
    press(other, "save-as-new", "/workbench/save/new")
    assert "revision 1" in state(other) and other.url != page.url
    assert len(sqlite_store.cases()) == 2

    page.get_by_role("link", name="History and sign-off").click()
    page.fill("#statement", "Not yet clear")
    page.locator("#sign").click()
    assert "Not yet clear" in page.locator(".signed").inner_text()
    check(page)
    page.locator("#again").click()
    check(page)
    page.get_by_role("link", name="Back to the case").click()
    page.get_by_role("link", name="Delete").click()
    check(page)
    page.locator("#delete").click()
    page.get_by_role("link", name="To the saved cases").click()
    assert page.locator(".lines li").count() == 1
    check(page)
    with page.expect_download():
        page.locator("#export-all").click()
    assert len(sqlite_store.cases()) == 1
