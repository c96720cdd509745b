"""Tables as people arrange them: columns, widths, orders, groups, totals, and the views they are kept in."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.running import Site

from .conftest import Open
from .test_pages import TOO_WIDE
from .test_views import axe

pytestmark = pytest.mark.browser

ACCOUNTS = "/w/demo/accounts/"
GROUPED = f"{ACCOUNTS}?view=all&group=lifecycle&totals=title:count&totals=emails:filled"


def heads(page: Page) -> list[str]:
    """The columns in their order."""
    return [text.strip() for text in page.locator("thead th[data-column]").all_inner_texts()]


def tools(page: Page, words: str) -> None:
    """Press one of the tools above the list and wait for its dialog."""
    page.locator(".list-tools").get_by_role("link", name=words).click()
    expect(page.locator("dialog.arrange")).to_be_visible()


def test_columns_are_found_moved_by_keyboard_and_shown(site: Site, open_as: Open) -> None:
    page = open_as(site.owner, f"{ACCOUNTS}?columns=title&columns=kind&columns=industry&columns=owner")
    before = heads(page)
    tools(page, "Columns")
    page.locator("[data-find]").fill("chang")
    expect(page.locator(".arrange-columns li:visible")).to_have_count(1)
    page.locator(".arrange-columns li:visible input").check()
    page.locator("[data-find]").fill("")
    handle = page.locator(".arrange-columns li", has_text=before[3]).locator("[data-move]")
    handle.focus()
    handle.press("ArrowUp")
    expect(page.locator("[data-status]", has_text=before[3])).to_have_count(1)
    assert axe(page) == []
    page.locator("dialog.arrange footer button").click()
    expect(page.locator("dialog.arrange")).to_have_count(0)
    expect(page.locator("thead th[data-column]")).to_have_count(5)
    assert heads(page) == [before[0], before[1], before[3], before[2], "Changed"]
    expect(page).to_have_url(re.compile("columns=updated_at"))


def test_widths_are_changed_by_keyboard_and_pointer_and_found_again(site: Site, open_as: Open) -> None:
    page = open_as(site.owner, f"{ACCOUNTS}?view=all")
    head = page.locator("thead th[data-column]").nth(1)
    width = head.bounding_box()["width"]
    handle = head.locator(".resize")
    handle.focus()
    with page.expect_response(re.compile("/look")) as answer:
        for _press in range(4):
            handle.press("ArrowRight")
    assert answer.value.status == 204
    assert abs(head.bounding_box()["width"] - width - 64) <= 2
    box = handle.bounding_box()
    with page.expect_response(re.compile("/look")):
        page.mouse.move(box["x"] + 4, box["y"] + 4)
        page.mouse.down()
        page.mouse.move(box["x"] + 54, box["y"] + 4)
        page.mouse.up()
    page.reload()
    assert abs(page.locator("thead th[data-column]").nth(1).bounding_box()["width"] - width - 114) <= 4


def test_shift_sorts_by_one_more_column(site: Site, open_as: Open) -> None:
    page = open_as(site.owner, f"{ACCOUNTS}?view=all")
    page.locator("thead a", has_text="Lifecycle").click()
    expect(page).to_have_url(re.compile("sort=lifecycle"))
    page.locator("thead a", has_text="Name").click(modifiers=["Shift"])
    expect(page).to_have_url(re.compile("sort=lifecycle%2Ctitle"))
    expect(page.locator(".sort-place")).to_have_count(2)


@pytest.mark.parametrize("width", [1440, 390])
def test_groups_open_fold_and_come_to_something(site: Site, open_as: Open, width: int) -> None:
    page = open_as(site.owner, GROUPED, width=width)
    groups = page.locator(".group-head")
    assert groups.count() > 3
    expect(page.locator("tfoot")).to_contain_text("Count")
    told = [int(re.search(r"\d+", text)[0]) for text in page.locator(".group-title .muted.number").all_inner_texts()]
    assert sum(told) == int(re.search(r"Count\s+(\d+)", page.locator("tfoot").inner_text())[1])
    fold = groups.nth(3).locator("[data-fold]")
    rows = page.locator(f"#{fold.get_attribute('aria-controls')}")
    expect(rows).to_be_hidden()
    fold.click()
    expect(rows.locator("tr").first).to_be_visible()
    assert rows.locator(".row-title").count() == min(told[3], 20)
    fold.click()
    expect(rows).to_be_hidden()
    assert axe(page) == []
    assert page.evaluate(TOO_WIDE) is False


@pytest.mark.parametrize("width", [1440, 390])
def test_a_view_is_saved_changed_reset_and_undone(site: Site, open_as: Open, width: int) -> None:
    page = open_as(site.owner, GROUPED, width=width)
    page.locator(".view-changes summary").click()
    page.locator(".view-changes [name=name]").fill(f"By lifecycle {width}")
    assert axe(page) == []
    page.locator(".view-changes form .btn-primary").click()
    expect(page).to_have_url(re.compile(r"\?view=[0-9a-f-]{36}$"))
    expect(page.locator(".views [aria-current=page]")).to_have_text(f"By lifecycle {width}")
    expect(page.locator(".view-changes")).to_have_count(0)
    expect(page.locator(".side a", has_text=f"By lifecycle {width}")).to_have_count(1)
    page.goto(page.url + "&group=")
    expect(page.locator(".view-changes")).to_be_visible()
    expect(page.locator(".group-head")).to_have_count(0)
    page.locator(".view-changes a").click()
    expect(page.locator(".group-head").first).to_be_visible()
    page.locator(".views > trato-menu summary").click()
    assert axe(page) == []
    page.locator(".views .menu button.danger").click()
    page.locator("dialog [value=yes]").click()
    expect(page.locator("trato-toasts")).to_contain_text("was deleted")
    page.locator("trato-toasts button.note-action").first.click()
    expect(page.locator(".views .tabs", has_text=f"By lifecycle {width}")).to_have_count(1)


def test_scroll_and_ticks_are_kept_on_the_way_back(site: Site, open_as: Open) -> None:
    page = open_as(site.owner, "/w/demo/contacts/?view=all")
    boxes = page.locator("[data-one]")
    boxes.nth(1).check()
    boxes.nth(30).check()
    scroller = page.locator(".table-wrap")
    top = scroller.evaluate("each => each.scrollTop")
    assert top > 0
    page.locator(".row-title").nth(30).click()
    page.wait_for_selector(".record")
    page.go_back()
    expect(page.locator(".bulk [data-count]")).to_have_text("2")
    expect(boxes.nth(30)).to_be_checked()
    assert abs(scroller.evaluate("each => each.scrollTop") - top) <= 60


def test_heads_stay_in_sight(site: Site, open_as: Open) -> None:
    page = open_as(site.owner, "/w/demo/contacts/?view=all")
    head = page.locator("thead th[data-column]").first
    before = head.bounding_box()["y"]
    page.locator(".table-wrap").evaluate("each => each.scrollTo(0, 400)")
    assert abs(head.bounding_box()["y"] - before) <= 1
