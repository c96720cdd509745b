"""The table as a spreadsheet, by keyboard and clipboard; many records changed at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.running import Person, Site

from .conftest import Open

pytestmark = pytest.mark.browser
COLUMNS = "columns=title&columns=job_title&columns=department&columns=lifecycle&sort=title"


@pytest.fixture(scope="module")
def desk(site: Site) -> tuple[str, Person, dict[str, str]]:
    slug, olga = site.workspace("Grid Desk", "olga@grid.example")
    headers = site.token(slug, olga)
    for last_name in ("Alonso", "Benitez", "Castro", "Duran"):
        made = site.visitor().post("/api/v1/contacts", json={"last_name": last_name}, headers=headers)
        assert made.status_code == 201, made.text
    return slug, olga, headers


@pytest.fixture
def table(open_as: Open, desk) -> Page:
    page = open_as(desk[1], f"/w/{desk[0]}/contacts/?{COLUMNS}")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.wait_for_selector("table[role=grid]")
    return page


def cell(page: Page, row: int, column: int):
    """A cell by place; 0 is the name."""
    return page.locator("tbody tr").nth(row).locator("th, td:not(.tick)").nth(column)


def held(site: Site, headers: dict[str, str]) -> dict[str, tuple[str, str, str]]:
    rows = site.visitor().get("/api/v1/contacts?limit=10", headers=headers).json()["data"]
    return {row["last_name"]: (row["job_title"], row["department"], row["lifecycle"]) for row in rows}


def test_typing_enter_and_tab_fill_cells_as_in_a_spreadsheet(table: Page, site: Site, desk) -> None:
    cell(table, 0, 1).click()
    table.keyboard.type("Cook")
    expect(cell(table, 0, 1).locator("input[name=job_title]")).to_have_value("Cook")
    table.keyboard.press("Tab")
    expect(cell(table, 0, 1)).to_have_text("Cook")
    expect(cell(table, 0, 2)).to_be_focused()
    table.keyboard.press("Enter")
    cell(table, 0, 2).locator("input[name=department]").fill("Kitchen")
    table.keyboard.press("Enter")
    expect(cell(table, 1, 2)).to_be_focused()
    table.keyboard.press("F2")
    table.keyboard.type("Nothing")
    table.keyboard.press("Escape")
    expect(cell(table, 1, 2)).to_be_focused()
    assert held(site, desk[2])["Alonso"][:2] == ("Cook", "Kitchen")
    assert held(site, desk[2])["Benitez"][1] == ""
    table.keyboard.press("Home")
    table.keyboard.press("Enter")  # a name is made of several fields
    expect(table.locator("trato-toasts")).to_contain_text("can't be changed here")


def test_a_block_is_copied_and_pasted_with_its_mistakes_told_at_the_cells(table: Page, site: Site, desk) -> None:
    cell(table, 1, 1).click()
    table.evaluate("navigator.clipboard.writeText('Chef\\tBar\\tCustomer\\nWaiter\\tHall\\tnonsense')")
    table.keyboard.press("ControlOrMeta+v")
    expect(cell(table, 1, 2)).to_have_text("Bar")
    wrong = cell(table, 2, 3)
    expect(wrong).to_have_class("cell-wrong")
    assert held(site, desk[2])["Benitez"] == ("Chef", "Bar", "customer")
    assert held(site, desk[2])["Castro"][0] == "", "a row with a mistake is not half written"
    cell(table, 1, 1).click()
    cell(table, 1, 2).click(modifiers=["Shift"])
    table.keyboard.press("ControlOrMeta+c")
    assert table.evaluate("navigator.clipboard.readText()") == "Chef\tBar"
    cell(table, 3, 1).click()
    table.keyboard.press("ControlOrMeta+v")
    expect(cell(table, 3, 2)).to_have_text("Bar")
    table.locator("trato-toasts button.note-action").last.click()
    expect(cell(table, 3, 2)).not_to_have_text("Bar")
    assert held(site, desk[2])["Duran"][:2] == ("", "")


def test_ticked_records_are_changed_with_one_form(table: Page, site: Site, desk) -> None:
    table.locator("input[data-all]").check()
    table.locator(".bulk").get_by_role("button", name="Change").click()
    expect(table.get_by_role("heading", level=1)).to_have_text("Change: 4 Contacts")
    table.select_option("#mass-more", "tags")
    table.wait_for_selector("input[name=field][value=tags]", state="attached")
    table.locator("#mass trato-tags input:not([type=hidden])").first.fill("fair")
    table.keyboard.press("Enter")
    table.locator("#mass button[name=do]").click()
    expect(table.locator("trato-toasts")).to_contain_text("4 records done")
    rows = site.visitor().get("/api/v1/contacts?limit=10", headers=desk[2]).json()["data"]
    assert [row["tags"] for row in rows] == [["fair"]] * 4
    table.locator("trato-toasts button.note-action").click()
    table.wait_for_url("**/contacts/**")
    rows = site.visitor().get("/api/v1/contacts?limit=10", headers=desk[2]).json()["data"]
    assert [row["tags"] for row in rows] == [[]] * 4
