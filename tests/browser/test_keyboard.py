"""Without a mouse: every control is reached and used by keyboard, shortcuts are told, and nothing traps the focus."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.running import Person, Site

from .conftest import Open

pytestmark = pytest.mark.browser

#: What has the focus, and whether that is to be seen: on it, on the box of chips it stands in, or on a button of the
#: browser's own in it.
FOCUSED = """() => {
    const one = document.activeElement, box = one.getBoundingClientRect();
    const framed = one.closest("trato-tags, trato-link.chips, .editor") ?? one;
    return {name: one.getAttribute("aria-label") || one.getAttribute("name") || one.innerText.trim().slice(0, 40),
        form: !!one.closest("main form"), seen: box.width > 0 && box.height > 0,
        ring: getComputedStyle(framed).outlineStyle !== "none" || !one.matches(":focus")}}"""


@pytest.fixture(scope="module")
def desk(site: Site) -> tuple[str, Person]:
    slug, olga = site.workspace("Keyboard Desk", "olga@keys.example")
    headers = site.token(slug, olga)
    for last_name in ("Alonso", "Alvarez", "Benitez"):
        made = site.visitor().post("/api/v1/contacts", json={"last_name": last_name}, headers=headers)
        assert made.status_code == 201, made.text
    return slug, olga


@pytest.fixture
def page(open_as: Open, desk: tuple[str, Person]) -> Page:
    return open_as(desk[1], f"/w/{desk[0]}/")


def focused(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(FOCUSED)
    return found


def tab_to(page: Page, name: str, most: int = 80) -> dict[str, Any]:
    """Presses Tab until the control of that name has the focus."""
    for _n in range(most):
        page.keyboard.press("Tab")
        if (now := focused(page))["name"] == name:
            return now
    raise AssertionError(f"{name!r} was not reached in {most} steps")


def test_a_slash_arrows_and_enter_lead_to_a_record(page: Page) -> None:
    page.keyboard.press("/")
    assert focused(page)["name"] == "Search all records"
    page.keyboard.type("al")
    options = page.locator("trato-search [role=option]")
    expect(options).to_have_count(2)
    titles = page.locator("trato-search .choices-title").all_inner_texts()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_have_text(titles[1])


def test_enter_without_a_choice_leads_to_all_that_is_found(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("al")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=al")
    expect(page.locator("main")).to_contain_text("Alonso")
    expect(page.locator("main")).not_to_contain_text("Benitez")


def test_escape_leaves_the_search_as_it_was(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("al")
    expect(page.locator("trato-search [role=option]").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("trato-search [role=listbox]")).to_be_hidden()
    expect(page.locator("trato-search input")).to_have_attribute("aria-expanded", "false")


def test_a_question_mark_tells_the_shortcuts_and_escape_closes_them(page: Page, desk: tuple[str, Person]) -> None:
    page.goto(f"/w/{desk[0]}/contacts/")
    page.keyboard.press("?")
    dialog = page.locator("#shortcuts")
    expect(dialog).to_be_visible()
    told = dict(zip(dialog.locator("dt").all_inner_texts(), dialog.locator("dd").all_inner_texts(), strict=True))
    assert told["/"] == "Search all records"
    assert told["n"] == "New"
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("n")
    page.wait_for_url("**/contacts/new")
    page.goto(f"/w/{desk[0]}/contacts/")
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url(f"**/w/{desk[0]}/")


def test_the_first_stop_skips_to_the_content(page: Page, desk: tuple[str, Person]) -> None:
    page.goto(f"/w/{desk[0]}/contacts/")
    page.keyboard.press("Tab")
    skip = focused(page)
    assert (skip["name"], skip["seen"]) == ("Skip to the content", True)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_contact_is_written_without_a_mouse(page: Page, desk: tuple[str, Person]) -> None:
    page.goto(f"/w/{desk[0]}/contacts/new")
    seen = []
    for _n in range(60):
        page.keyboard.press("Tab")
        now = focused(page)
        if now["form"]:
            assert now["seen"] and now["ring"], f"the focus is not to be seen on {now}"
            seen.append(now["name"])
        if now["name"] == "Create":
            break
    for name in ("last_name", "birthday", "job_title", "lifecycle", "Create"):
        assert name in seen, (name, seen)
    page.goto(f"/w/{desk[0]}/contacts/new")
    tab_to(page, "last_name")
    page.keyboard.type("Typed")
    tab_to(page, "Create")
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_have_text("Typed")


def test_menus_open_and_close_by_keyboard(page: Page, desk: tuple[str, Person]) -> None:
    page.goto(f"/w/{desk[0]}/contacts/")
    tab_to(page, "Filter")
    page.keyboard.press("Enter")
    expect(page.locator("#filter-panel")).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#filter-panel') !== null")
    page.keyboard.press("Escape")
    expect(page.locator("#filter-panel")).to_be_hidden()
    assert focused(page)["name"] == "Filter", "the focus goes back to what opened it"


def test_a_question_has_the_focus_and_gives_it_back(page: Page, desk: tuple[str, Person]) -> None:
    page.goto(f"/w/{desk[0]}/contacts/?q=benitez")
    page.locator("tbody .row-title").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_have_text("Benitez")
    tab_to(page, "More actions")
    page.keyboard.press("Enter")
    tab_to(page, "Delete", 10)
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_be_visible()
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")
    expect(page.locator("trato-confirm dialog")).to_have_count(0)
    assert focused(page)["name"] == "More actions"
    expect(page.locator("main h1")).to_have_text("Benitez")
