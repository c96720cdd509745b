"""What is part of a record, as a table on its page: written, moved and added by keyboard; and the record's way."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.running import Site

from .conftest import Open

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def deal(site: Site):
    """A deal of a new workspace with three lines: its page, and who opens it."""
    slug, olga = site.workspace("Lines Desk", "olga@lines.example")
    headers = site.token(slug, olga)
    lines = [
        {"description": name, "quantity": 1, "price": {"amount": amount, "currency": "EUR"}}
        for name, amount in (("Screws", "10"), ("Nails", "20"), ("Bolts", "30"))
    ]
    stages = site.visitor().get("/api/v1/stages?sort=position", headers=headers).json()["data"]
    given = {"name": "Steel", "stage": stages[0]["id"], "deal-lines": lines}
    made = site.visitor().post("/api/v1/deals", json=given, headers=headers)
    assert made.status_code == 201, made.text
    return slug, olga, made.json()["id"], headers, [stage["name"] for stage in stages]


@pytest.fixture
def page(open_as: Open, deal) -> Page:
    opened = open_as(deal[1], f"/w/{deal[0]}/deals/{deal[2]}")
    opened.wait_for_selector("#lines-deal-lines table[role=grid]")
    return opened


def names(page: Page) -> list[str]:
    rows = page.locator("#lines-deal-lines tbody tr").count()
    return [cell(page, row, "description").inner_text() for row in range(rows)]


def cell(page: Page, row: int, column: str):
    heads = page.locator("#lines-deal-lines thead th[data-column]").evaluate_all(
        "all => all.map(e => e.dataset.column)"
    )
    return page.locator("#lines-deal-lines tbody tr").nth(row).locator("th, td:not(.tick)").nth(heads.index(column))


def test_a_cell_is_changed_and_the_figures_of_the_record_follow(page: Page) -> None:
    cell(page, 0, "quantity").click()
    page.keyboard.press("Enter")
    cell(page, 0, "quantity").locator("input[name=quantity]").fill("5")
    page.keyboard.press("Enter")
    expect(cell(page, 0, "quantity")).to_have_text("5")
    expect(page.locator("#record-head")).to_contain_text("100")
    expect(cell(page, 1, "quantity")).to_be_focused()


def test_lines_are_moved_by_keys_added_and_taken_away(page: Page, site: Site, deal) -> None:
    before = names(page)
    page.locator("#lines-deal-lines tbody [data-move]").nth(2).focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("trato-toasts")).to_contain_text("Moved")
    assert names(page) == [before[0], before[2], before[1]]
    page.reload()
    assert names(page) == [before[0], before[2], before[1]]
    form = page.locator("#lines-deal-lines [data-add]")
    form.locator("[name=description]").fill("Washers")
    form.locator("[name=quantity]").fill("2")
    form.locator("[name=quantity]").press("Enter")
    expect(page.locator("#lines-deal-lines tbody tr")).to_have_count(4)
    page.locator("#lines-deal-lines tbody tr").nth(3).get_by_role("button", name="Delete").click()
    expect(page.locator("#lines-deal-lines tbody tr")).to_have_count(3)
    expect(page.locator("trato-toasts")).to_contain_text("Deleted")


def test_a_click_on_a_step_takes_the_record_there(page: Page, deal) -> None:
    page.locator("trato-way button", has_text=deal[4][1]).click()
    expect(page.locator(".way-here")).to_have_text(deal[4][1])


def test_the_table_is_used_on_a_phone(open_as: Open, deal) -> None:
    phone = open_as(deal[1], f"/w/{deal[0]}/deals/{deal[2]}", width=390, touch=True)
    phone.wait_for_selector("#lines-deal-lines")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(phone.locator("#lines-deal-lines [data-add]")).to_be_visible()
