"""A file with people in it twice: imported, looked through, compared side by side, merged, and taken apart again."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.running import Person, Site

from .conftest import Open
from .test_import import LONG, choose, start
from .test_together import axe

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PEOPLE = [
    ("first_name", "last_name", "email", "phone", "birthday", "job_title"),
    ("Ana", "Lumbreras", "ana@lumbre.example", "+34 600 123 456", "", ""),
    ("Anna", "Lumbreras", "ana@lumbre.example", "", "1980-03-12", "Editor"),
    ("Pedro", "Lumbreras", "pedro@lumbre.example", "+34 600 123 456", "", ""),  # her husband, at the same phone
    ("John", "Ashworth", "john@ashworth.example", "", "1955-01-02", "Baker"),
    ("Ashworth", "John", "john@ashworth.example", "", "", ""),
    ("Eva", "Santos", "eva@santos.example", "", "", ""),
]


@pytest.fixture(scope="module")
def shop(site: Site) -> tuple[str, Person]:
    return site.workspace("Twice", "tina@twice.example")


@pytest.fixture
def page(open_as: Open, shop: tuple[str, Person]) -> Page:
    return open_as(shop[1], f"/w/{shop[0]}/contacts/")


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(PEOPLE)
    return path


def groups(page: Page) -> list[str]:
    """The names over the groups of the queue."""
    return [text.split("\n")[0] for text in page.locator(".duplicate-group h2").all_inner_texts()]


def test_a_file_with_people_twice_is_put_in_order_and_back(page: Page, people: Path, shop: tuple[str, Person]) -> None:
    home = f"/w/{shop[0]}/contacts"
    choose(page, people)
    for chosen in page.locator("input[name=match]:checked").all():
        chosen.uncheck()  # the import would know them again by their addresses
    assert start(page)["Created"] == len(PEOPLE) - 1

    page.goto(f"{home}/duplicates")
    expect(page.locator(".empty-title")).to_have_text("Nothing to review")
    page.get_by_role("button", name="Look through all records").click()
    expect(page.get_by_text("Last looked through")).to_be_visible(timeout=LONG)
    expect(page.locator(".duplicate-group")).to_have_count(2)
    assert {name.split()[0] for name in groups(page)} <= {"Ana", "Anna", "John", "Ashworth"}
    expect(page.locator(".duplicate-group", has_text="Pedro")).to_have_count(0)

    assert axe(page) == []
    johns = page.locator(".duplicate-group", has_text="Ashworth")
    johns.get_by_role("button", name="Not a duplicate").click()
    expect(page.locator(".duplicate-group")).to_have_count(1)

    page.get_by_role("link", name="Compare and merge").click()
    expect(page.locator("h1")).to_have_text("Merge: Contacts")
    assert axe(page) == []
    page.get_by_label("First name: Anna Lumbreras").check()
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(page.locator("h1")).to_have_text("Anna Lumbreras")
    expect(page.locator(".record-fields")).to_contain_text("Mar 12, 1980")
    expect(page.locator(".record-fields")).to_contain_text("600 12 34 56")
    page.goto(f"{home}/?q=Lumbreras")
    expect(page.locator("tbody tr")).to_have_count(2)  # Pedro is still there

    page.go_back()
    page.goto(f"{home}/duplicates")
    expect(page.locator(".empty-title")).to_have_text("Nothing to review")
    page.goto(f"{home}/?q=Anna")
    page.locator("tbody a").first.click()
    page.goto(f"{page.url.partition('?')[0]}/history")
    expect(page.locator(".timeline")).to_contain_text("Merged")
    page.get_by_role("button", name="Undo").first.click()
    expect(page.locator(".note-text")).to_contain_text("Undone")
    page.goto(f"{home}/?q=Lumbreras")
    expect(page.locator("tbody tr")).to_have_count(3)
    page.goto(f"{home}/duplicates")
    expect(page.locator(".duplicate-group")).to_have_count(1)
    page.get_by_role("link", name="Not duplicates").click()
    assert {name.split()[0] for name in groups(page)} <= {"John", "Ashworth"}


def test_the_second_of_two_is_warned_of_while_it_is_typed(page: Page, shop: tuple[str, Person]) -> None:
    home = f"/w/{shop[0]}/contacts"
    for name, mail in (("Nora", "nora@once.example"), ("Norah", "nora@once.example")):
        page.goto(f"{home}/new")
        page.locator("[name=first_name]").fill(name)
        page.locator("[name=last_name]").fill("Quintero")
        page.locator("[name='emails-0-address']").fill(mail)
        if name == "Nora":
            page.locator("main").get_by_role("button", name="Create", exact=True).click()
            expect(page.locator("h1")).to_have_text("Nora Quintero")
    page.locator("[name=last_name]").press("Tab")
    expect(page.locator("#duplicates")).to_contain_text("Nora Quintero")
    page.locator("main").get_by_role("button", name="Create", exact=True).click()
    expect(page.locator("#duplicates")).to_contain_text("Nora Quintero")
    page.get_by_role("button", name="Create anyway").click()
    expect(page.locator("h1")).to_have_text("Norah Quintero")


def test_comparing_works_on_a_phone(open_as: Open, shop: tuple[str, Person]) -> None:
    page = open_as(shop[1], f"/w/{shop[0]}/contacts/duplicates?state=dismissed", width=390, scheme="dark")
    expect(page.locator(".duplicate-group")).to_have_count(1)
    page.get_by_role("button", name="Back to the queue").click()
    page.goto(f"/w/{shop[0]}/contacts/duplicates")
    page.locator(".duplicate-group", has_text="Ashworth").get_by_role("link", name="Compare and merge").click()
    for place in (page.url, f"/w/{shop[0]}/contacts/duplicates", f"/w/{shop[0]}/settings/duplicates/contacts"):
        page.goto(place)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), place
        assert axe(page) == [], place
