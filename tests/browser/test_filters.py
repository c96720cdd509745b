"""Filters are built by keyboard alone, over relations and with totals; the list and its address follow at once."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.running import Person, Site

from .conftest import Open

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(site: Site) -> tuple[str, Person]:
    slug, olga = site.workspace("Filter Desk", "olga@filters.example")
    headers = site.token(slug, olga)
    visitor = site.visitor()

    def made(plural: str, **values: object) -> str:
        answer = visitor.post(f"/api/v1/{plural}", json=values, headers=headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    for name, customers in (("Alba", 3), ("Brezo", 1), ("Cardo", 0)):
        account = made("accounts", name=name, industry="Retail" if customers else "")
        for n in range(3):
            lifecycle = "customer" if n < customers else "lead"
            made("contacts", last_name=f"{name} {n}", account=account, lifecycle=lifecycle)
    return slug, olga


def tree_of(page: Page) -> object:
    """The filter in the page's address."""
    found = parse_qs(urlsplit(page.url).query).get("filter", [""])[0]
    return json.loads(found) if found else None


def focused(page: Page) -> str:
    """What the control that has the focus is called."""
    script = """() => { const one = document.activeElement;
        return one.getAttribute("aria-label") || one.labels?.[0]?.innerText || one.innerText.trim(); }"""
    return str(page.evaluate(script))


def tab_to(page: Page, name: str, most: int = 90, *, key: str = "Tab") -> None:
    """Presses Tab, or the other way, until the control of that name has the focus."""
    for _n in range(most):
        if focused(page) == name:
            return
        page.keyboard.press(key)
    raise AssertionError(f"{name!r} was not reached")


def choose(page: Page, words: str, title: str) -> None:
    """In the menu of fields: type, go down to the choice, take it."""
    expect(page.get_by_role("combobox", name="Field or related records")).to_be_focused()
    with page.expect_response(lambda answer: f"/filter/fields?q={words}&" in answer.url) as answered:
        page.keyboard.type(words)
    titles = [each["title"] for each in answered.value.json()]
    expect(page.locator("trato-builder .choices-title")).to_have_text(titles)
    for _n in range(titles.index(title) + 1):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def titles(page: Page) -> list[str]:
    """The records the list shows."""
    return sorted(page.locator("tbody .row-title span:last-child").all_inner_texts())


def test_a_count_over_a_relation_is_built_without_a_mouse(open_as: Open, desk: tuple[str, Person]) -> None:
    page = open_as(desk[1], f"/w/{desk[0]}/accounts/")
    expect(page.locator("tbody .row-title")).to_have_count(3)
    tab_to(page, "Filter")
    page.keyboard.press("Enter")
    tab_to(page, "Add condition", 5)
    page.keyboard.press("Enter")
    choose(page, "contacts", "Contacts")
    expect(page.get_by_label("What is asked of them")).to_be_focused()
    page.keyboard.type("their")
    expect(page.get_by_label("How to compare")).to_be_visible()
    tab_to(page, "Value", 5)
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    counted = {"related": "contacts.account", "count": True, "op": "gte", "value": 1}
    expect(page.locator(".chip")).to_contain_text("Contacts: their number is at least 1")
    assert tree_of(page) == counted
    expect(page.locator("tbody .row-title")).to_have_count(3)

    add = page.locator(".builder-inside").get_by_role("button", name="Add condition")
    expect(add).to_be_focused()
    page.keyboard.press("Enter")
    choose(page, "lifecycle", "Lifecycle")
    expect(page.get_by_label("How to compare")).to_be_focused()
    tab_to(page, "Value", 5)
    page.keyboard.type("Cust")
    tab_to(page, "Apply", 5)
    page.keyboard.press("Enter")
    expect(page.locator(".chip")).to_contain_text("Lifecycle is Customer")
    assert tree_of(page) == counted | {"where": {"field": "lifecycle", "op": "is", "value": "customer"}}
    expect(page.locator("tbody .row-title")).to_have_count(2)
    assert titles(page) == ["Alba", "Brezo"]

    tab_to(page, page.locator(".builder-row").first.inner_text(), 12, key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("What is asked of them")).to_be_focused()
    tab_to(page, "Value", 5)
    page.keyboard.press("Control+a")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(page.locator("tbody .row-title")).to_have_count(1)
    assert titles(page) == ["Alba"]
    page.reload()
    assert titles(page) == ["Alba"], "the address carries the filter"
    expect(page.locator("#filter-panel")).to_be_hidden()


def test_escape_leaves_the_condition_then_the_menu(open_as: Open, desk: tuple[str, Person]) -> None:
    page = open_as(desk[1], f"/w/{desk[0]}/accounts/")
    page.get_by_text("Filter", exact=True).click()
    page.get_by_role("button", name="Add condition").click()
    choose(page, "industry", "Industry")
    expect(page.get_by_label("How to compare")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".builder-form")).to_have_count(0)
    expect(page.get_by_role("button", name="Add condition")).to_be_visible()
    page.get_by_role("button", name="Add condition").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#filter-panel")).to_be_hidden()
    assert tree_of(page) is None


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_a_chip_opens_its_condition_and_is_taken_out(
    open_as: Open, desk: tuple[str, Person], width: int, scheme: str
) -> None:
    kinds = [{"field": "industry", "op": "filled"}, {"related": "contacts.account", "all": {}}]
    address = f"/w/{desk[0]}/accounts/?filter={json.dumps({'and': kinds})}"
    page = open_as(desk[1], address, width=width, scheme=scheme)
    assert titles(page) == ["Alba", "Brezo"]
    page.locator(".chip-edit").first.click()
    expect(page.locator(".builder-form")).to_be_visible()
    page.get_by_label("How to compare").select_option("empty")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("tbody .row-title")).to_have_count(1)
    assert titles(page) == ["Cardo"]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
    assert not wide, "nothing sticks out"
    page.locator("#filter-panel .builder-tools button[aria-label^=Remove]").first.click()
    expect(page.locator(".chip")).to_have_count(1)
    assert tree_of(page) == kinds[1]
