"""Mailboxes set up and tried in a real browser, at the desk and on a phone."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Page, expect

from tests.running import Site

from .conftest import Open
from .test_together import axe

pytestmark = pytest.mark.browser


def look(page: Page, name: str) -> None:
    """The page is whole, and can be used by everybody."""
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert axe(page) == []
    if folder := os.environ.get("TRATO_PICTURES"):
        page.screenshot(path=f"{folder}/{name}-{page.viewport_size['width']}.png", full_page=True)


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1440, "light")])
def test_a_mailbox_is_set_up_and_says_why_it_can_t_be_read(open_as: Open, site: Site, width: int, scheme: str) -> None:
    slug, olga = site.workspace(f"Post {width}", f"olga@post{width}.example")
    page = open_as(olga, f"/w/{slug}/settings/mailboxes", width=width, scheme=scheme)
    look(page, "none")
    page.get_by_role("link", name="New mailbox").click()
    page.fill("[name=address]", "sales@acme.example")
    page.fill("[name=host]", "imap.acme.invalid")
    page.fill("[name=user]", "sales")
    page.fill("[name=password]", "open sesame")
    page.locator("[name=for_leads]").check()
    look(page, "form")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="sales@acme.example")).to_be_visible()
    page.get_by_label("Actions for sales@acme.example").click()
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("There is no server of this name.").first).to_be_visible()
    look(page, "list")
    page.get_by_role("link", name="sales@acme.example").click()
    expect(page.locator("[name=password]")).to_have_value("")
    page.goto(f"/w/{slug}/settings/incoming")
    expect(page.get_by_text("No mails came yet")).to_be_visible()
    look(page, "incoming")
