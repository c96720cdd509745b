"""The palette, the panel beside a list, the next record, favourites: by keyboard, and with axe looking on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.running import Person, Site

from .conftest import Open
from .test_pages import AXE, RUN, TAGS

pytestmark = pytest.mark.browser

NAMES = ("Alonso", "Alvarez", "Benitez", "Castro")


@pytest.fixture(scope="module")
def desk(site: Site) -> tuple[str, Person]:
    slug, olga = site.workspace("Palette Desk", "olga@palette.example")
    headers = site.token(slug, olga)
    for last_name in NAMES:
        made = site.visitor().post("/api/v1/contacts", json={"last_name": last_name}, headers=headers)
        assert made.status_code == 201, made.text
    return slug, olga


@pytest.fixture
def page(open_as: Open, desk: tuple[str, Person]) -> Page:
    return open_as(desk[1], f"/w/{desk[0]}/contacts/?sort=title")


def complaints_of(page: Page) -> list[str]:
    page.evaluate(AXE)
    found: list[str] = page.evaluate(RUN, TAGS)
    return found


def palette(page: Page, words: str = "") -> None:
    """Opens it, and waits for what it offers."""
    page.keyboard.press("Control+k")
    expect(page.locator(".palette [role=option]").first).to_be_visible()
    page.keyboard.type(words)


def chosen(page: Page) -> str:
    return page.locator(".palette [aria-selected=true]").inner_text()


def test_a_record_is_jumped_to(page: Page) -> None:
    palette(page, "benit")
    expect(page.locator(".palette [aria-selected=true]")).to_contain_text("Benitez")
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_have_text("Benitez")


def test_the_line_is_a_combobox_that_says_what_is_chosen(page: Page) -> None:
    palette(page)
    line = page.get_by_role("combobox", name="Find or do anything")
    expect(line).to_be_focused()
    expect(line).to_have_attribute("aria-expanded", "true")
    before = line.get_attribute("aria-activedescendant")
    page.keyboard.press("ArrowDown")
    after = line.get_attribute("aria-activedescendant")
    assert before != after and page.locator(f"#{after}").get_attribute("aria-selected") == "true"
    assert page.locator(".palette [aria-selected=true]").count() == 1
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert chosen(page) == page.locator(".palette [role=option]").last.inner_text(), "it goes round"
    assert complaints_of(page) == []
    page.keyboard.press("Escape")
    expect(page.locator(".palette")).to_be_hidden()


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("passw", "/settings/profile"),
        ("perm", "/settings/roles"),
        ("time zone lang", "/settings/profile"),
        ("trash", "/settings/bin"),
        ("new task", "/tasks/new"),
        ("tsks", "/tasks/"),
        ("board", "/contacts/?sort=title&as=board"),
    ],
)
def test_pages_settings_views_and_forms_are_gone_to_by_words(
    page: Page, desk: tuple[str, Person], words: str, address: str
) -> None:
    palette(page, words)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/w/{desk[0]}{address}")


def test_the_record_whose_row_has_the_focus_is_acted_on(page: Page, desk: tuple[str, Person]) -> None:
    page.get_by_role("link", name="Castro").focus()
    palette(page, "delete")
    expect(page.locator(".palette [aria-selected=true]")).to_contain_text("Delete")
    page.keyboard.press("Enter")
    expect(page.locator("trato-confirm dialog")).to_contain_text("Castro")
    page.locator("trato-confirm").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("link", name="Castro")).to_be_visible()
    page.get_by_role("link", name="Castro").focus()
    palette(page, "history")
    page.keyboard.press("Enter")
    page.wait_for_url("**/history")


def test_nothing_is_asked_before_it_is_opened(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    assert not [url for url in asked if re.search(r"/(palette|favourites|pick)(\?|$)", url)]


def test_space_looks_at_a_record_beside_the_list(page: Page) -> None:
    address = page.url
    link = page.get_by_role("link", name="Alvarez")
    link.focus()
    page.keyboard.press(" ")
    panel = page.get_by_role("dialog", name="Alvarez")
    expect(panel.locator("h1")).to_have_text("Alvarez")
    expect(panel).to_be_focused()
    assert page.url == address
    assert complaints_of(page) == []
    panel.get_by_role("button", name="Next record").click()
    expect(page.locator(".peek h1")).to_have_text("Benitez")
    page.locator(".peek").get_by_role("button", name="Previous record").click()
    expect(page.locator(".peek h1")).to_have_text("Alvarez")
    page.keyboard.press("Escape")
    expect(page.locator(".peek")).to_be_hidden()
    expect(link).to_be_focused()


@pytest.mark.parametrize(
    "address", ["contacts/?as=board", "tasks/?as=calendar&span=month", "search?q=ma", "", "record"]
)
def test_a_record_is_looked_at_from_wherever_it_stands(open_as: Open, site: Site, address: str) -> None:
    page = open_as(site.owner, f"/w/demo/{address.replace('record', 'contacts/?sort=created_at')}")
    if address == "record":
        page.locator("tbody .row-title").first.click()
        page.wait_for_selector(".timeline")
    places = ".board-card a, .fc-event[href], .fc-event a, .results a, .todo a, .timeline .moment-head a"
    link = page.locator(f":is({places}):not(.tool)").locator("visible=true").first
    said = link.inner_text()
    link.focus()
    page.keyboard.press(" ")
    panel = page.locator(".peek")
    expect(panel.locator("h1")).to_be_visible()
    title = panel.locator("h1").inner_text()
    assert title in said or said.strip() in title, (title, said)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(link).to_be_focused()


def test_values_are_changed_and_notes_written_in_the_panel(page: Page) -> None:
    address = page.url
    page.get_by_role("link", name="Alonso").hover()
    page.locator(".peek-eye").click()
    panel = page.locator(".peek")
    panel.locator("#field-first_name .fact-edit, summary:has-text('empty fields')").first.click()
    panel.locator("#field-first_name").hover()
    panel.locator("#field-first_name .fact-edit").click()
    panel.locator("[name=first_name]").fill("Paula")
    page.keyboard.press("Enter")
    expect(panel.locator("#field-first_name")).to_contain_text("Paula")
    panel.locator("#composer .editor-text").click()
    page.keyboard.type("Seen from the list")
    panel.locator("#composer .btn-primary").click()
    expect(panel.locator("#timeline")).to_contain_text("Seen from the list")
    expect(page.locator("trato-toasts")).to_contain_text("Undo")
    assert page.url == address
    panel.get_by_role("link", name="Open", exact=True).click()
    expect(page.locator("main h1")).to_contain_text("Alonso")
    expect(page.locator("trato-neighbours")).to_be_visible()


def test_the_next_record_is_the_next_of_the_list(page: Page) -> None:
    page.get_by_role("link", name="Alvarez").click()
    expect(page.locator("main h1")).to_have_text("Alvarez")
    page.keyboard.press("j")
    expect(page.locator("main h1")).to_have_text("Benitez")
    page.keyboard.press("k")
    expect(page.locator("main h1")).to_have_text("Alvarez")


def test_the_next_page_of_the_list_is_asked_for_where_one_ends(open_as: Open, site: Site) -> None:
    page = open_as(site.owner, "/w/demo/contacts/?sort=title")
    page.wait_for_selector(".pager a[rel=next]")
    last = page.locator("tbody .row-title").last
    titles = [page.locator("tbody .row-title").nth(n).inner_text() for n in (48, 49)]
    last.click()
    page.wait_for_selector(".record")
    page.keyboard.press("j")
    page.wait_for_function("title => !document.title.startsWith(title)", arg=titles[1].splitlines()[-1])
    after = page.locator("main h1").inner_text()
    page.goto("/w/demo/contacts/?sort=title")
    page.click(".pager a[rel=next]")
    page.wait_for_url("**cursor=**")
    expect(page.locator("tbody .row-title").first).to_contain_text(after)


def test_who_comes_from_nowhere_has_no_next(page: Page) -> None:
    page.evaluate("sessionStorage.clear()")
    address = page.get_by_role("link", name="Alvarez").get_attribute("href")
    page.goto(str(address))
    expect(page.locator("trato-neighbours")).to_be_hidden()


def test_a_star_puts_a_record_into_the_menu_and_the_palette(page: Page) -> None:
    page.get_by_role("link", name="Castro").click()
    expect(page.locator("main h1")).to_have_text("Castro")
    page.keyboard.press("f")
    expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    page.locator(".side-fold summary").click()
    expect(page.locator(".side-fold").get_by_role("link", name="Castro")).to_be_visible()
    palette(page)
    expect(page.locator(".palette [role=group]").first).to_contain_text("Castro")


@pytest.mark.parametrize("how", ["as=board", "sort=title"])
def test_the_way_back_leads_to_where_one_was(open_as: Open, site: Site, how: str) -> None:
    page = open_as(site.owner, f"/w/demo/contacts/?{how}", width=1000)
    board = page.locator(".board" if how == "as=board" else ".table-wrap")
    board.evaluate("one => one.scrollTo(180, one.scrollTop)")
    link = page.locator("#list-body a[href^='/w/demo/contacts/0']").nth(9)
    address = link.get_attribute("href")
    link.evaluate("one => one.click()")
    page.wait_for_selector(".record")
    page.go_back()
    expect(page.locator(f"#list-body a[href='{address}']").first).to_be_focused()
    assert board.evaluate("one => one.scrollLeft") == 180


def test_every_key_is_told(page: Page) -> None:
    page.keyboard.press("?")
    told = page.locator("#shortcuts")
    for words in ("Find or do anything", "Search all records", "Change the cell", "Paste cells", "From card to card"):
        expect(told).to_contain_text(words)
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/tasks/")
