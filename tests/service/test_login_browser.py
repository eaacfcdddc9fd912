"""Chromium signs in, works, is away for too long, signs in again in another tab, and goes on with the same page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.people.provider import FakeProvider
from tests.service.people import House
from tests.web.browser import CHROMIUM, serving, violations

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; install the package chromium")


@pytest.fixture
def context(house: House) -> Iterator[Any]:
    with (
        FakeProvider(house.times) as provider,
        serving(house.diagnoser, house.app(oidc=provider.settings_file(house.folder))) as address,
        playwright.sync_playwright() as tools,
    ):
        browser = tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        # Cookies know no ports, so the service is at another name than the provider, as it would be.
        context = browser.new_context(base_url=address.replace("127.0.0.1", "localhost"))
        context.set_default_timeout(30_000)
        yield context
        browser.close()


def sign_in(page: Any, key: str) -> None:
    page.fill("#key", key)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector(".visitor")


def sign_in_elsewhere(page: Any, link: str, key: str) -> None:
    with page.expect_popup() as opened:
        page.get_by_role("link", name=link).click()
    sign_in(opened.value, key)
    opened.value.close()


def test_work_goes_on_after_a_login_in_another_tab(context: Any, house: House) -> None:
    page = context.new_page()
    page.goto("/workbench")
    assert page.url.endswith("/login?next=%2Fworkbench")
    assert violations(page) == []
    sign_in(page, house.keys["ann"])
    assert "Signed in as ann" in page.inner_text(".visitor") and violations(page) == []
    page.fill("#text", "She has a tremor.")
    page.get_by_role("button", name="Read and rank").click()
    page.wait_for_selector(".ddx")

    house.times.pass_by(1000)
    undo = page.locator(".chip .marks button").nth(1)
    undo.click()
    page.wait_for_selector("#status.alert")
    assert "Sign in again in another tab" in page.inner_text("#status") and page.locator(".ddx").count()
    sign_in_elsewhere(page, "Sign in", house.keys["ann"])
    with page.expect_response(re.compile("/workbench$")) as step:
        undo.click()
    assert step.value.status == 200

    house.times.pass_by(1000)
    page.locator("[data-download]").first.click()
    page.wait_for_selector("text=You are no longer signed in")
    assert violations(page) == []
    sign_in_elsewhere(page, "Sign in again in another tab", house.keys["ann"])
    with page.expect_download() as saved:
        page.get_by_role("button", name="Send once more").click()
    assert saved.value.suggested_filename
    page.get_by_role("button", name="Back to my work").click()
    page.wait_for_selector("#bench .chip")

    page.get_by_role("button", name="Sign out").click()
    page.wait_for_selector("#key")
    page.goto("/workbench")
    assert "/login" in page.url


def test_the_login_of_the_house_comes_back_to_the_page_that_was_wanted(context: Any) -> None:
    page = context.new_page()
    page.goto("/help")
    page.get_by_role("link", name="Sign in with the login of the house").click()
    page.wait_for_selector(".visitor")
    assert page.url.endswith("/help") and "oidc:u-17" in page.inner_text(".visitor")
