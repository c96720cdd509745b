"""What was done, in the browser: from a change to its line, back, and forth again; the end of the recycle bin."""

import os

import pytest
from playwright.sync_api import Page, expect

from tests.running import Site

from .conftest import Open
from .test_together import axe

pytestmark = pytest.mark.browser


def shot(page: Page, name: str) -> None:
    """A picture for who looks at the pages, where SHOTS names a folder."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def check_both_widths(page: Page, name: str) -> None:
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        assert axe(page) == [], (name, width)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
        shot(page, f"{name}-{width}")
    page.emulate_media(color_scheme="dark")
    shot(page, f"{name}-dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1440, "height": 900})


def test_what_was_done_is_found_undone_and_done_again(site: Site, open_as: Open) -> None:
    page = open_as(site.owner, "/w/demo/contacts/new")
    page.fill("[name=last_name]", "Quintanilla")
    page.click(".form-buttons .btn-primary")
    page.wait_for_selector(".record")
    page.locator("trato-toasts").get_by_role("link", name="History").click()
    expect(page.locator("h1")).to_have_text("Created “Quintanilla”")
    check_both_widths(page, "batch")
    page.get_by_role("link", name="What was done").first.click()
    check_both_widths(page, "activity")
    line = page.locator(".moment", has_text="Created “Quintanilla”").first
    line.get_by_role("button", name="Undo").click()
    expect(page.locator(".moment").first).to_contain_text("Undone: Deleted “Quintanilla”")
    page.locator(".moment").first.get_by_role("button", name="Redo").click()
    expect(page.locator(".moment").first).to_contain_text("Redone: Restored “Quintanilla”")
    page.select_option("[name=kind]", "undone")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".moment", has_text="Quintanilla")).to_have_count(2)


def test_the_bin_asks_with_the_number_and_deletes_for_good(site: Site, open_as: Open) -> None:
    page = open_as(site.owner, "/w/demo/contacts/new")
    page.fill("[name=last_name]", "Zamorano")
    page.click(".form-buttons .btn-primary")
    page.wait_for_selector(".record")
    with page.expect_navigation():
        page.evaluate("document.querySelector('form[action$=\"/delete\"]').submit()")
    page.goto("/w/demo/settings/bin/contacts")
    page.get_by_label("Tick Zamorano").check()
    check_both_widths(page, "bin")
    page.get_by_role("button", name="Delete the ticked ones for good").click()
    expect(page.locator("h1")).to_have_text("Delete 1 Contact for good?")
    check_both_widths(page, "destroy")
    page.get_by_role("button", name="Delete 1 for good").click()
    expect(page.locator(".note-text")).to_have_text("1 record was deleted for good.")
    expect(page.get_by_text("Zamorano")).to_have_count(0)
