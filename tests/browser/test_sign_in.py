"""The first minute of somebody new: the address and login that the start printed, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.installation.machine import Machine

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser, site: Machine) -> Iterator[Page]:
    """A fresh browser; nothing may be refused by the security policy or fail in a script."""
    complaints: list[str] = []
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")


@pytest.mark.parametrize("width", [360, 1440])
def test_the_printed_login_leads_to_the_workspace(page: Page, site: Machine, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, *site.login)
    page.wait_for_url("**/w/my-company/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("getComputedStyle(document.body).fontFamily") != ""


def test_a_wrong_password_says_so_and_tells_nothing_about_the_address(page: Page, site: Machine) -> None:
    said = []
    for email in (site.login[0], "nobody@example.org"):
        sign_in(page, email, "not the password")
        page.wait_for_load_state()
        alert = page.locator("[role=alert], .alert, .errorlist, .invalid-feedback").first
        expect(alert).to_be_visible()
        said.append(alert.inner_text())
    assert said[0] == said[1] != ""


def test_a_page_shows_what_somebody_else_does_without_being_asked(page: Page, browser: Browser, site: Machine) -> None:
    sign_in(page, *site.login)
    page.wait_for_url("**/w/my-company/")
    page.goto("/w/my-company/contacts/")
    with browser.new_context(base_url=site.url) as elsewhere:
        other = elsewhere.new_page()
        sign_in(other, *site.login)
        other.wait_for_url("**/w/my-company/")
        other.goto("/w/my-company/contacts/new")
        other.fill("input[name=last_name]", "Quetzalcoatl")
        other.press("input[name=last_name]", "Enter")
        other.wait_for_url(lambda url: not url.endswith("/new"))
        expect(page.get_by_text("Quetzalcoatl").first).to_be_visible()
