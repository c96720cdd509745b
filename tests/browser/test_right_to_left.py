"""Every main page read from right to left: nothing is wider than the screen, the menu stands at the right, numbers stay
as they are called, and what points sideways points the other way.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.running import Site

from .conftest import Open

pytestmark = pytest.mark.browser

PAGES = (
    *("", "contacts/", "contacts/new", "contacts/?as=board", "tasks/?as=calendar", "accounts/?as=map"),
    *("search?q=ma", "notifications", "import", "settings/profile", "settings/roles", "settings/fields/contacts"),
)
#: What stands outside of the screen at either side, where the page can be moved there.
OUTSIDE = """() => document.documentElement.scrollWidth > innerWidth && [...document.body.querySelectorAll("*")]
    .map(each => [each.getBoundingClientRect(), each.outerHTML.slice(0, 150)])
    .filter(([box]) => box.width && (box.left < -1 || box.right > innerWidth + 1)).map(([box, html]) => html)"""


@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_is_wider_than_the_screen(open_as: Open, site: Site, width: int) -> None:
    page = open_as(site.owner, mirrored=True, width=width)
    found = {}
    for address in PAGES:
        page.goto(f"/w/demo/{address}")
        assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
        if outside := page.evaluate(OUTSIDE):
            found[address] = outside
    assert found == {}


def test_a_record_is_mirrored_and_its_numbers_are_not(open_as: Open, site: Site) -> None:
    page = open_as(site.owner, "/w/demo/contacts/?sort=created_at", mirrored=True)
    side, main = page.locator(".side").bounding_box(), page.locator("main").bounding_box()
    assert side["x"] > main["x"], "the menu is at the right"
    forth = page.locator(".pager a[rel=next] .icon")
    assert forth.evaluate("one => getComputedStyle(one).transform") == "matrix(-1, 0, 0, 1, 0, 0)"
    page.locator("tbody .row-title").first.click()
    phone = page.locator("a[href^='tel:']").first
    assert phone.evaluate("one => getComputedStyle(one).direction") == "ltr"
    page.keyboard.press("Control+k")
    expect(page.locator(".palette [role=option]").first).to_be_visible()
    assert not page.evaluate(OUTSIDE)


def test_the_panel_opens_at_the_left(open_as: Open, site: Site) -> None:
    page = open_as(site.owner, "/w/demo/contacts/?sort=created_at", mirrored=True)
    page.locator("tbody .row-title").first.focus()
    page.keyboard.press(" ")
    expect(page.locator(".peek h1")).to_be_visible()
    assert page.locator(".peek").bounding_box()["x"] == 0
    assert not page.evaluate(OUTSIDE)
