"""The first minute of somebody new: the address and login that the start printed, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.running import Person, Site

from .conftest import Open

pytestmark = pytest.mark.browser


def sign_in(page: Page, person: Person) -> None:
    page.goto("/")
    page.fill("[name=login]", person.email)
    page.fill("[name=password]", person.password)
    page.press("[name=password]", "Enter")


@pytest.mark.parametrize("width", [360, 1440])
def test_the_printed_login_leads_to_the_workspace(open_as: Open, site: Site, width: int) -> None:
    page = open_as(width=width)
    sign_in(page, site.owner)
    page.wait_for_url("**/w/demo/")
    expect(page.locator("h1")).to_have_text("My day")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_wrong_password_says_so_and_tells_nothing_about_the_address(open_as: Open, site: Site) -> None:
    said = []
    for email in (site.owner.email, "nobody@example.org"):
        page = open_as()
        sign_in(page, Person(email, "not the password"))
        said.append(page.get_by_role("alert").inner_text())
        assert page.input_value("[name=login]") == email
    assert said[0] == said[1] != ""


def test_one_leaves_by_the_menu_and_is_asked_again(open_as: Open, site: Site) -> None:
    page = open_as()
    sign_in(page, site.owner)
    page.wait_for_url("**/w/demo/")
    page.locator("summary.me").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    page.goto("/w/demo/contacts/")
    page.wait_for_url("**/accounts/login/**")
    sign_in(page, site.owner)
    page.wait_for_url("**/w/demo/**")


def test_a_list_shows_what_somebody_else_does_without_being_asked(open_as: Open, site: Site) -> None:
    page, other = open_as(site.owner, "/w/demo/tasks/"), open_as(site.owner, "/w/demo/tasks/new")
    page.evaluate("window.notReloaded = true")
    other.fill("[name=subject]", "Quetzalcoatl")
    other.fill("[name=due_at]", "2001-01-01T09:00")
    other.press("[name=subject]", "Enter")
    expect(page.get_by_text("Quetzalcoatl").first).to_be_visible()
    assert page.evaluate("window.notReloaded")
