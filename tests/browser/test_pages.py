"""Every main page, in the demo: axe finds no violation, the console no error, and nothing is wider than a phone.

Rules: the tags of WCAG 2.0, 2.1 and 2.2, levels A and AA. In the dark only colours differ, so only those are tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.running import Site

from .conftest import Open

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """only => axe.run({runOnly: only}).then(found => found.violations.map(
    each => each.id + ": " + each.nodes.map(node => node.html.slice(0, 200)).join(" | ")))"""
TOO_WIDE = """() => document.documentElement.scrollWidth > innerWidth && [...document.body.querySelectorAll("*")]
    .filter(each => each.getBoundingClientRect().right > innerWidth + 1).map(each => each.outerHTML.slice(0, 150))"""
SETTINGS = (
    *("profile", "sessions", "tokens", "tokens/new", "workspace", "members", "members/invite", "teams", "teams/new"),
    *("roles", "roles/new", "fields", "fields/contacts", "fields/contacts/new", "fields/contacts/new?kind=choice"),
    *("objects", "objects/new", "configuration", "bin", "jobs", "notifications"),
)
FILTERED = 'contacts/?filter={"field":"lifecycle","op":"is","value":"customer"}'


def first(plural: str) -> Callable[[Page], None]:
    """Opens the first record of a list."""

    def go(page: Page) -> None:
        page.goto(f"/w/demo/{plural}/")
        page.locator("tbody .row-title").first.click()
        page.wait_for_selector(".record")

    return go


def below(address: str, plural: str) -> Callable[[Page], None]:
    """Opens a page of the first record."""

    def go(page: Page) -> None:
        first(plural)(page)
        page.goto(page.url + address)

    return go


def wrong_form(page: Page) -> None:
    """A form that was sent without what it needs."""
    page.goto("/w/demo/accounts/new")
    page.fill("[name=website]", "no address at all")
    page.click(".form-buttons .btn-primary")
    page.wait_for_selector("[role=alert]")
    assert page.locator(".field-error").count() == 2


def edited_in_place(page: Page) -> None:
    """A value of a record, with its form open."""
    first("contacts")(page)
    page.locator("#field-last_name").hover()
    page.click("#field-last_name .fact-edit")
    page.wait_for_selector(".fact-editing")


def mapping(page: Page) -> None:
    """The second step of an import, with a row that is refused."""
    page.goto("/w/demo/import")
    content = b"First name,Last name,E-mail\nAna,N\xc3\xba\xc3\xb1ez,ana@new.example\nLuis,P\xc3\xa9rez,no address\n"
    page.set_input_files("input[type=file]", {"name": "people.csv", "mimeType": "text/csv", "buffer": content})
    page.click(".form-buttons .btn-primary")
    page.wait_for_selector("#mapping-preview .cell-wrong")


def outcome(page: Page) -> None:
    """The last step of an import that changed nothing."""
    mapping(page)
    page.select_option("#column-0", "")
    page.select_option("#column-1", "")
    page.wait_for_timeout(500)
    page.click("button[name=start]")
    page.get_by_role("link", name="Import another file").wait_for()


#: name -> an address below the workspace, or what leads to the page
PAGES: dict[str, str | Callable[[Page], None]] = {
    "my day": "",
    "contacts": "contacts/",
    "accounts": "accounts/",
    "tasks": "tasks/",
    "filtered": FILTERED,
    "filter open": f"{FILTERED}&filter-do=add%20",
    "filter edited": f"{FILTERED}&filter-do=edit%20",
    "nothing found": "contacts/?q=zzzzzzzz",
    "contact": first("contacts"),
    "account": first("accounts"),
    "meeting": first("meetings"),
    "edited in place": edited_in_place,
    "history": below("/history", "contacts"),
    "share": below("/share", "contacts"),
    "edit": below("/edit", "contacts"),
    "new": "contacts/new",
    "form with errors": wrong_form,
    "notifications": "notifications",
    "remind": below("/remind", "contacts"),
    "comments": below("/comments", "contacts"),
    "search": "search?q=ma",
    "import": "import",
    "import mapping": mapping,
    "import outcome": outcome,
    "what was done": "activity",
    "export": "export",
    "absent": "contacts/00000000-0000-7000-8000-000000000000",
    **{f"settings {name}": f"settings/{name}" for name in SETTINGS},
}


def look_at(page: Page) -> list[str]:
    """All there is to complain of, at both widths and in both schemes."""
    complaints: list[str] = []
    page.evaluate(AXE)
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        for scheme, only in (("light", TAGS), ("dark", ["color-contrast"])):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.wait_for_function("scheme => document.documentElement.dataset.bsTheme === scheme", arg=scheme)
            complaints += [f"{width} {scheme} {each}" for each in page.evaluate(RUN, only)]
    page.set_viewport_size({"width": 360, "height": 780})
    complaints += [f"360 too wide: {each}" for each in page.evaluate(TOO_WIDE) or []]
    return complaints


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_usable_by_everybody(open_as: Open, site: Site, name: str) -> None:
    page, way = open_as(site.owner), PAGES[name]
    if isinstance(way, str):
        answer = page.goto(f"/w/demo/{way}")
        assert answer.status == (404 if name == "absent" else 200)
    else:
        way(page)
    assert re.search(r"\S+ · Trato$", page.title())
    assert look_at(page) == []


@pytest.mark.parametrize(
    "path",
    ["accounts/logout/", "accounts/email/", "accounts/password/change/", "accounts/reauthenticate/", "workspaces/new"],
)
def test_a_page_of_ones_account_is_usable_by_everybody(open_as: Open, site: Site, path: str) -> None:
    assert look_at(open_as(site.owner, f"/{path}")) == []


@pytest.mark.parametrize("path", ["accounts/login/", "accounts/password/reset/"])
def test_a_page_before_one_is_signed_in_is_usable_by_everybody(open_as: Open, path: str) -> None:
    assert look_at(open_as(None, f"/{path}")) == []


def test_a_wrong_password_is_said_to_everybody(open_as: Open) -> None:
    page = open_as(None, "/accounts/login/")
    page.fill("[name=login]", "nobody@pages.example")
    page.fill("[name=password]", "not the password")
    page.press("[name=password]", "Enter")
    page.get_by_role("alert").wait_for()
    assert look_at(page) == []
