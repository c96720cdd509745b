"""A person's job in the browser: find, look, correct, write down, plan, take back; a colleague sees it at once."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.running import Person, Site, Visitor

from .conftest import Open

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def office(site: Site) -> tuple[str, Person, Person]:
    """A workspace of two people who may change everything."""
    slug, olga = site.workspace("Day Office", "olga@day.example")
    return slug, olga, site.person("max@day.example", slug, "Manager")


@pytest.fixture(scope="module")
def api(site: Site, office: tuple[str, Person, Person]) -> Visitor:
    """A program acting as Olga."""
    visitor = site.visitor()
    visitor.headers.update(site.token(office[0], office[1]))
    return visitor


@pytest.fixture
def ana(api: Visitor, request: pytest.FixtureRequest) -> dict[str, Any]:
    """A contact of this test's own, called after it."""
    mail = f"{request.node.name.replace('_', '-')[:40]}@acme.example"
    values = {"first_name": "Ana", "last_name": f"Núñez {request.node.name}", "emails": [{"address": mail}]}
    answer = api.post("/api/v1/contacts", json=values)
    assert answer.status_code == 201, answer.text
    return answer.json()


def address(office: tuple[str, Person, Person], record: dict[str, Any]) -> str:
    return f"/w/{office[0]}/contacts/{record['id']}"


def write(page: Page, kind: str) -> None:
    """Turns to another kind of thing to write down."""
    page.locator("#composer nav").get_by_text(kind, exact=True).click()
    page.wait_for_selector(f"#composer nav a[aria-current=true]:has-text('{kind}')")


def pencil(page: Page, name: str) -> None:
    """Opens the value of a field where it stands."""
    field = page.locator(f"#field-{name}")
    if not field.is_visible():
        page.locator(f"details:has(> .fields #field-{name}) > summary").last.click()
    field.hover()
    field.locator(".fact-edit").click()
    page.wait_for_selector(f"#field-{name}.fact-editing")


def test_a_contact_is_found_as_one_types_and_opened(open_as: Open, office: Any, ana: dict[str, Any]) -> None:
    page = open_as(office[1], f"/w/{office[0]}/")
    page.keyboard.press("/")
    page.keyboard.type("nunez found as", delay=5)
    option = page.locator("trato-search [role=option]")
    expect(option.first).to_contain_text(ana["title"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address(office, ana)}")
    expect(page.locator("h1")).to_have_text(ana["title"])


def test_a_list_narrows_while_one_types(open_as: Open, office: Any, ana: dict[str, Any]) -> None:
    page = open_as(office[1], f"/w/{office[0]}/contacts/")
    page.locator(".list-find input").press_sequentially("narrows while", delay=5)
    expect(page.locator("#list-count")).to_have_text("1 record")
    expect(page.locator("tbody .row-title > span:last-child")).to_have_text([ana["title"]])
    assert "q=narrows" in page.url


def test_a_value_is_corrected_where_it_stands(open_as: Open, office: Any, ana: dict[str, Any], api: Visitor) -> None:
    page = open_as(office[1], address(office, ana))
    pencil(page, "job_title")
    page.keyboard.type("Head of purchasing")
    page.keyboard.press("Enter")
    expect(page.locator("#field-job_title dd")).to_contain_text("Head of purchasing")
    pencil(page, "emails")
    page.locator("#field-emails input[type=email]").first.fill("no address")
    page.locator("#field-emails .btn-primary").click()
    expect(page.locator("#field-emails .field-error")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#field-emails.fact-editing")).to_have_count(0)
    kept = api.get(f"/api/v1/contacts/{ana['id']}").json()
    assert (kept["job_title"], kept["emails"]) == ("Head of purchasing", ana["emails"])


def test_a_note_appears_at_a_colleagues_without_reload(open_as: Open, office: Any, ana: dict[str, Any]) -> None:
    mine, theirs = open_as(office[1], address(office, ana)), open_as(office[2], address(office, ana))
    theirs.evaluate("window.notReloaded = true")
    mine.fill("#composer [name=subject]", "Prices")
    mine.locator("#composer .editor-text").click()
    mine.keyboard.type("She asked for the ")
    mine.keyboard.press("Control+b")
    mine.keyboard.type("autumn price list")
    mine.locator("#composer .btn-primary").click()
    expect(mine.locator("#timeline strong")).to_have_text("autumn price list")
    heads = mine.locator("#timeline .moment-head > span:first-child")
    expect(heads).to_have_text(["Prices", "Created"])
    expect(theirs.locator("#timeline strong")).to_have_text("autumn price list")
    assert theirs.evaluate("window.notReloaded")


def test_a_correction_appears_at_a_colleagues_without_reload(open_as: Open, office: Any, ana: dict[str, Any]) -> None:
    mine, theirs = open_as(office[1], address(office, ana)), open_as(office[2], address(office, ana))
    theirs.evaluate("window.notReloaded = true")
    pencil(mine, "last_name")
    mine.locator("#field-last_name input[name=last_name]").fill("Núñez de Arce")
    mine.keyboard.press("Enter")
    expect(theirs.locator("h1")).to_have_text("Ana Núñez de Arce")
    assert theirs.evaluate("window.notReloaded")


def test_a_task_is_on_my_day_until_it_is_done(open_as: Open, office: Any, ana: dict[str, Any], api: Visitor) -> None:
    page = open_as(office[1], address(office, ana))
    write(page, "Task")
    page.fill("#composer [name=subject]", "Send the price list")
    today = datetime.now(ZoneInfo("Europe/Madrid")).strftime("%Y-%m-%dT23:30")
    page.fill("#composer [name=due_at]", today)
    page.locator("#composer .btn-primary").click()
    expect(page.locator("#timeline .moment-head > span:first-child a")).to_have_text(["Send the price list"])
    page.goto(f"/w/{office[0]}/")
    tasks = page.locator("#my-tasks .todo li")
    expect(tasks).to_have_count(1)
    expect(tasks).to_contain_text(["Send the price list"])
    expect(tasks).to_contain_text([ana["title"]])
    page.get_by_role("button", name="Done: Send the price list").click()
    expect(page.locator("#my-tasks")).to_contain_text("Nothing is due.")
    [task] = api.get(
        "/api/v1/tasks", params={"filter": json.dumps({"field": "subject", "op": "is", "value": "Send the price list"})}
    ).json()["data"]
    assert task["done_at"] is not None


def test_what_is_pinned_stands_first(open_as: Open, office: Any, ana: dict[str, Any], api: Visitor) -> None:
    for body in ("Older note", "Newer note"):
        made = api.post("/api/v1/notes", json={"body": body, "about": [f"contacts/{ana['id']}"]})
        assert made.status_code == 201, made.text
    page = open_as(office[1], address(office, ana))
    heads = page.locator("#timeline .moment-head > span:first-child a")
    expect(heads).to_have_text(["Newer note", "Older note"])
    older = page.locator(".moment", has_text="Older note")
    older.hover()
    older.get_by_role("button", name="Pin").click()
    expect(heads).to_have_text(["Older note", "Newer note"])
    page.reload()
    expect(heads).to_have_text(["Older note", "Newer note"])
    page.locator(".moment.pinned").get_by_role("button", name="Pin").click()
    expect(heads).to_have_text(["Newer note", "Older note"])


def test_history_says_what_changed_and_takes_it_back(
    open_as: Open, office: Any, ana: dict[str, Any], api: Visitor
) -> None:
    api.patch(f"/api/v1/contacts/{ana['id']}", json={"job_title": "Buyer", "department": "Purchasing"})
    page = open_as(office[1], f"{address(office, ana)}/history")
    change = page.locator("#history .moment", has_text="Buyer").first
    expect(change.locator("dt")).to_have_text(["Job title", "Department"])
    change.get_by_role("button", name="Undo").click()
    expect(page.locator("trato-toasts")).to_contain_text("Undone.")
    now = api.get(f"/api/v1/contacts/{ana['id']}").json()
    assert (now["job_title"], now["department"]) == ("", "")
    page.locator("trato-toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#history .moment").first).to_contain_text("Buyer")
    assert api.get(f"/api/v1/contacts/{ana['id']}").json()["job_title"] == "Buyer"


def test_a_deleted_contact_comes_back_from_the_notice(
    open_as: Open, office: Any, ana: dict[str, Any], api: Visitor
) -> None:
    page = open_as(office[1], address(office, ana))
    page.locator(".record-head trato-menu summary").click()
    page.locator(".record-head").get_by_role("button", name="Delete").click()
    page.locator("dialog button[value=yes]").click()
    page.wait_for_url(f"**/w/{office[0]}/contacts/")
    assert api.get(f"/api/v1/contacts/{ana['id']}").status_code == 404
    page.locator("trato-toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("trato-toasts")).to_contain_text("Undone.")
    assert api.get(f"/api/v1/contacts/{ana['id']}").json()["title"] == ana["title"]


def test_a_form_keeps_what_was_typed_when_something_is_wrong(open_as: Open, office: Any, api: Visitor) -> None:
    before = api.get("/api/v1/contacts", params={"count": "exact"}).json()["count"]
    page = open_as(office[1], f"/w/{office[0]}/contacts/new")
    page.fill("[name=last_name]", "Kept")
    page.locator("input[type=email]").first.fill("kept at example")
    page.click(".form-buttons .btn-primary")
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("1 thing needs your attention. Nothing was saved yet.")
    assert page.input_value("[name=last_name]") == "Kept"
    assert page.locator("input[type=email]").first.input_value() == "kept at example"
    assert api.get("/api/v1/contacts", params={"count": "exact"}).json()["count"] == before
    page.locator("input[type=email]").first.fill("kept@example.com")
    page.click(".form-buttons .btn-primary")
    expect(page.locator("h1")).to_have_text("Kept")
