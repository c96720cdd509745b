"""On a phone: everything is reached with a thumb, and what one does on the desk one does here."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.running import Site

from .conftest import Open

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_as: Open, site: Site) -> Page:
    return open_as(site.owner, "/w/demo/", width=390)


def test_the_menu_leads_to_every_list_and_closes(page: Page) -> None:
    side = page.locator("#side")
    expect(side).not_to_be_in_viewport()
    page.get_by_role("link", name="Menu").click()
    expect(side).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(side).not_to_be_in_viewport()
    page.get_by_role("link", name="Menu").click()
    side.get_by_role("link", name="Accounts").click()
    page.wait_for_url("**/w/demo/accounts/")
    expect(side).not_to_be_in_viewport()


def test_a_contact_is_made_found_and_written_about(page: Page) -> None:
    bottom = page.locator("nav.bottom")
    bottom.locator("summary").click()
    bottom.get_by_role("link", name="Contact").click()
    page.fill("[name=last_name]", "Thumbelina")
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.locator("main h1")).to_have_text("Thumbelina")
    bottom.get_by_role("link", name="Search").click()
    page.locator("main input[type=search]").fill("thumbel")
    page.keyboard.press("Enter")
    page.locator("main").get_by_role("link", name="Thumbelina").click()
    page.locator("#composer .editor-text").click()
    page.keyboard.type("Small, but here")
    page.locator("#composer .btn-primary").click()
    expect(page.locator("#timeline")).to_contain_text("Small, but here")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_rows_are_cards_that_say_the_most(page: Page) -> None:
    page.goto("/w/demo/contacts/")
    card = page.locator("tbody tr").first
    expect(card.locator(".row-title")).to_be_visible()
    assert card.bounding_box()["width"] <= 390
    assert page.locator("thead").first.is_hidden()
