"""The custom elements in a real Chromium: each wraps the inputs that kinds draw, and posts what the kinds read back.

The page is served with the site's own content security policy; whatever it refuses fails the test.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.http import QueryDict
from django.template import engines
from playwright.sync_api import Browser, Page

import trato.web
from trato.engine import kinds
from trato.engine.kinds import Reader

from .conftest import PATIENCE, listen

pytestmark = pytest.mark.browser

STATIC = Path(trato.web.__file__).parent / "static"
AXE = Path(trato.web.__file__).parents[2] / "node_modules/axe-core/axe.min.js"
ACME, BETA, GAMMA = (f"accounts/0190c0de-0000-7000-8000-00000000000{n}" for n in (1, 2, 3))
TITLES = {ACME: "Acme", BETA: "Beta", GAMMA: "Gamma"}
READER = Reader(country="ES", titles=TITLES, base="/w/acme")
INPUTS: dict[str, tuple[dict[str, Any], Any]] = {
    "emails": ({}, [{"address": "ana@x.com", "primary": True}, {"address": "ana@y.com", "primary": False}]),
    "tags": ({}, ["vip", "gold"]),
    "link": ({"to": ("accounts",)}, ACME),
    "links": ({"to": ("accounts",)}, [ACME, BETA]),
    "richtext": ({}, "<p>One</p><table><tbody><tr><td>cell</td></tr></tbody></table><p>Two</p>"),
}
PAGE = """
{% extends "base.html" %}{% from "macros/ui.html" import field_row with context %}
{% block body %}<main id="content"><h1>Elements</h1>
<trato-search data-url="/pick"><form class="search-box" action="/search" role="search" aria-label="Everything">
<input type="search" name="q" aria-label="Search" data-key="/"></form></trato-search>
<form id="form" action="/sent">{% for field in fields %}{{ field_row(field) }}{% endfor %}
<button data-confirm="Really send?">Send</button></form>
<trato-select><form><input type="checkbox" data-all aria-label="All">
{% for n in range(5) %}<input type="checkbox" data-one aria-label="{{ n }}">{% endfor %}
<div data-bar hidden><b data-count></b></div></form></trato-select>
<div tabindex="-1"><trato-menu><details><summary>Columns</summary><div class="menu">
<label><input type="checkbox" name="one">The first one</label></div></details></trato-menu></div>
<trato-theme><button data-choice="dark">Dark</button><button data-choice="light">Light</button></trato-theme>
</main><trato-toasts role="status"></trato-toasts><trato-confirm></trato-confirm>{% endblock %}
"""


def drawn() -> str:
    """The page with an input of each kind that has an element."""
    fields = []
    for name, (options, value) in INPUTS.items():
        kind = kinds.make(name, options)
        control = kind.input(name, kind.clean(value, READER), READER, id=name)
        texts = {"name": name, "id": name, "label": name, "help": "", "required": False, "errors": []}
        fields.append(texts | {"group": "<fieldset" in control, "control": control})
    return engines["jinja2"].from_string(PAGE).render({"title": "Elements", "fields": fields})


class Handler(SimpleHTTPRequestHandler):
    """Serves the page, the built static files and the records that a combobox asks for."""

    def end_headers(self) -> None:
        policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        self.send_header("Content-Security-Policy", "; ".join(f"{name} {' '.join(of)}" for name, of in policy.items()))
        super().end_headers()

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path.startswith("/static/"):
            self.path = url.path.removeprefix("/static")
            super().do_GET()
        elif url.path == "/pick" or url.path.endswith("/pick"):
            words = parse_qs(url.query).get("q", [""])[0].lower()
            found = [
                {"ref": ref, "title": title, "url": f"/found/{title}"}
                for ref, title in TITLES.items()
                if title.lower().startswith(words)
            ]
            self.answer(json.dumps(found), "application/json")
        else:
            self.answer(drawn(), "text/html; charset=utf-8")

    def answer(self, text: str, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    if not (STATIC / "trato/app.js").exists():
        pytest.fail("The front end is not built: run script/setup, or `npm ci` and `npm run build`.")
    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *args: Handler(*args, directory=str(STATIC)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


@pytest.fixture
def page(browser: Browser, address: str, complaints: list[str]) -> Iterator[Page]:
    """The page, loaded; at the end nothing may have been refused or have failed."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    listen(page, complaints)
    page.goto(address)
    page.wait_for_selector(".editor-text")
    yield page
    page.close()


def posted(page: Page, name: str) -> Any:
    """What the kind reads from what the form would send now."""
    script = "form => new URLSearchParams([...new FormData(form)].filter(e => typeof e[1] === 'string')).toString()"
    data = QueryDict(page.eval_on_selector("#form", script))
    return kinds.make(name, INPUTS[name][0]).from_form(data, name, READER)


def addresses(page: Page) -> list[tuple[str, bool]]:
    return [(item["address"], item["primary"]) for item in posted(page, "emails")]


def only(page: Page, title: str) -> None:
    """Waits until the records offered are this one."""
    page.wait_for_function(
        "t => [...document.querySelectorAll('[role=option]')].map(o => o.innerText).join() === t", arg=title
    )


def test_a_page_that_nobody_touched_posts_what_it_was_given(page: Page) -> None:
    assert addresses(page) == [("ana@x.com", True), ("ana@y.com", False)]
    assert posted(page, "tags") == ["vip", "gold"]
    assert posted(page, "link") == ACME
    assert posted(page, "links") == [ACME, BETA]
    assert posted(page, "richtext") == INPUTS["richtext"][1]


def test_rows_are_added_and_removed_and_one_stays_primary(page: Page) -> None:
    assert page.locator(".trato-row").count() == 2, "the two empty rows are for browsers without scripts"
    page.click("trato-rows [data-add]")
    page.keyboard.type("new@z.com")
    page.locator(".trato-row .tool").first.click()
    assert addresses(page) == [("ana@y.com", True), ("new@z.com", False)]


def test_a_linked_record_is_chosen_with_the_keyboard(page: Page) -> None:
    page.fill("#link", "ga")
    only(page, "Gamma")
    page.keyboard.press("ArrowDown")
    chosen = page.get_attribute("#link", "aria-activedescendant")
    assert page.inner_text(f"#{chosen}") == "Gamma"
    page.keyboard.press("Enter")
    assert page.input_value("#link") == "Gamma"
    assert page.get_attribute("#link", "aria-expanded") == "false"
    assert posted(page, "link") == GAMMA


def test_a_title_that_was_typed_is_posted_as_it_is(page: Page) -> None:
    page.fill("#link", "Delta & Sons")
    assert str(posted(page, "link")) == "Delta & Sons"
    page.fill("#link", "")
    assert posted(page, "link") is None


def test_several_records_are_chips(page: Page) -> None:
    page.locator("trato-link.chips .chip-remove").first.click()
    page.fill("#links", "ga")
    only(page, "Gamma")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert posted(page, "links") == [BETA, GAMMA]


def test_tags_are_typed_with_commas_or_enter_and_removed_with_backspace(page: Page) -> None:
    page.focus("#tags")
    page.keyboard.type("new, VIP, other")
    page.keyboard.press("Enter")
    assert posted(page, "tags") == ["vip", "gold", "new", "other"]
    page.keyboard.press("Backspace")
    assert posted(page, "tags") == ["vip", "gold", "new"]


def test_the_editor_writes_what_the_sanitiser_keeps(page: Page) -> None:
    page.click(".editor-text > p:last-child")
    page.keyboard.press("Control+End")
    page.wait_for_timeout(200)  # the browser tells of a moved caret a little later
    page.keyboard.press("Control+b")
    page.wait_for_selector("[aria-label=Bold][aria-pressed=true]")
    page.keyboard.type("!")
    assert posted(page, "richtext").endswith("<p>Two<strong>!</strong></p>")
    assert "<td>" in posted(page, "richtext") and "cell" in posted(page, "richtext")


def test_a_slash_searches_as_one_types(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("be")
    page.wait_for_selector("trato-search [role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/found/Beta")


def test_a_shortcut_is_not_heard_while_typing(page: Page) -> None:
    page.focus("#tags")
    page.keyboard.type("a/b")
    assert page.evaluate("document.activeElement.id") == "tags"


def test_a_dangerous_button_asks_first(page: Page) -> None:
    page.click("text=Send")
    page.click("dialog >> text=Cancel")
    assert page.url.endswith("/")
    page.click("text=Send")
    page.click("dialog button[value=yes]")
    page.wait_for_url("**/sent?*")


def test_a_menu_stays_open_while_one_ticks_in_it_and_closes_outside(page: Page) -> None:
    page.click("text=Columns")
    page.click("text=The first one")
    assert page.locator("[name=one]").is_checked()
    page.keyboard.press("Escape")
    assert page.locator("trato-menu details[open]").count() == 0
    page.click("text=Columns")
    page.click("h1")
    assert page.locator("trato-menu details[open]").count() == 0


def test_shift_ticks_a_stretch_of_rows(page: Page) -> None:
    assert page.locator("[data-bar]").is_hidden()
    page.locator("[data-one]").nth(1).click()
    page.locator("[data-one]").nth(3).click(modifiers=["Shift"])
    assert page.inner_text("[data-count]") == "3"
    page.locator("[data-all]").click()
    assert page.inner_text("[data-count]") == "5"


def test_the_theme_is_remembered_and_set_before_the_page_is_painted(page: Page) -> None:
    page.click("[data-choice=dark]")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"


def test_a_notice_offers_to_undo(page: Page) -> None:
    notice = {"text": "Ana was deleted.", "undo": "/w/acme/undo/1"}
    page.evaluate("n => document.body.dispatchEvent(new CustomEvent('toast', {detail: n, bubbles: true}))", notice)
    toast = page.locator("[data-toast]")
    assert "Ana was deleted." in toast.inner_text()
    assert toast.locator("form").get_attribute("action") == "/w/acme/undo/1"
    toast.locator("[data-dismiss]").click()
    assert toast.count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, theme: str) -> None:
    page.click(f"[data-choice={theme}]")
    page.wait_for_timeout(200)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
    assert found == []
