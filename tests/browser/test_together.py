"""Two browsers on one record: they meet, talk, and settle what both wrote at once, on a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.installation.machine import until
from tests.running import Person, Site

from .conftest import Open
from .test_pages import AXE, RUN, TAGS

pytestmark = pytest.mark.browser


def axe(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is now."""
    page.evaluate(AXE)
    return page.evaluate(RUN, TAGS)


@pytest.fixture(scope="module")
def ana(site: Site) -> Person:
    return site.person("ana@together.example", "demo", "Manager")


@pytest.fixture(scope="module")
def headers(site: Site) -> dict[str, str]:
    return site.token("demo", site.owner)


@pytest.fixture
def contact(site: Site, headers: dict[str, str]) -> Callable[..., str]:
    """The address of a new contact's page."""

    def make(**values: str) -> str:
        answer = site.visitor().post(
            "/api/v1/contacts?duplicates=allow",
            json={"first_name": "Lena", "last_name": "Berg", **values},
            headers=headers,
        )
        assert answer.status_code == 201, answer.text
        return f"/w/demo/contacts/{answer.json()['id']}"

    return make


@pytest.mark.parametrize("width", [1440, 390])
def test_colleagues_meet_talk_and_part(open_as: Open, site: Site, ana: Person, contact: Callable[..., str], width: int):
    address = contact()
    mine, hers = open_as(site.owner, address, width=width), open_as(ana, address, width=width)
    expect(mine.locator("trato-here .disc")).to_have_count(1)
    expect(hers.locator("trato-here .disc")).to_have_count(1)
    form = hers.locator("form.comment-form").last
    form.locator("[contenteditable]").click()
    hers.keyboard.type("Look at this @")
    expect(hers.get_by_role("listbox", name="People to mention").get_by_role("option").first).to_be_visible()
    hers.keyboard.press("Escape")
    hers.keyboard.press("Backspace")
    form.get_by_role("button", name="Comment").click()
    expect(mine.locator(".comment")).to_contain_text("Look at this")
    mine.locator(".comment summary[aria-label=React]").click()
    mine.get_by_role("button", name="🎉").click()
    expect(hers.locator(".reactions button").first).to_contain_text("🎉 1")
    assert axe(mine) == []
    hers.close()
    expect(mine.locator("trato-here .disc")).to_have_count(0)


def test_a_mention_rings_the_bell_and_leads_to_its_place(open_as: Open, site: Site, ana: Person, contact):
    address = contact()
    theirs = open_as(ana, "/w/demo/")
    mine = open_as(site.owner, address)
    mine.locator("form.comment-form [contenteditable]").last.click()
    mine.keyboard.type("Hello @ana")
    option = mine.get_by_role("option", name=re.compile("ana@together"))
    expect(option).to_be_visible()
    mine.keyboard.press("Enter")
    mine.keyboard.type("please call")
    mine.locator("form.comment-form").last.get_by_role("button", name="Comment").click()
    expect(mine.locator('.comment a[href^="#users/"]')).to_be_visible()
    expect(theirs.locator("#bell")).to_have_accessible_name(re.compile("unread"), timeout=30_000)
    mention = theirs.get_by_role("link", name=re.compile("mentioned you")).first

    def told() -> bool:  # the bell may have rung for something else before
        theirs.goto("/w/demo/")
        theirs.locator("#bell").click()
        theirs.wait_for_timeout(1000)
        return mention.is_visible()

    assert until(told, 30)
    assert axe(theirs) == []
    mention.click()
    expect(theirs).to_have_url(re.compile(rf"{address}#comment-"))
    expect(theirs.locator(".comment:target")).to_contain_text("please call")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_second_is_asked_field_by_field(open_as: Open, site: Site, ana: Person, contact, width: int):
    address = contact(job_title="Buyer")
    mine, hers = (open_as(who, f"{address}/edit", width=width) for who in (site.owner, ana))
    hers.get_by_label("Job title").fill("Head of buying")
    hers.get_by_role("button", name="Save").click()
    expect(hers).to_have_url(re.compile(rf"{address}$"))
    mine.get_by_label("Job title").fill("Chief buyer")
    mine.get_by_label("Last name").fill("Bergmann")
    mine.get_by_role("button", name="Save", exact=True).click()
    dialog = mine.get_by_role("dialog")
    expect(dialog).to_contain_text("changed this record meanwhile")
    expect(dialog.get_by_role("radio")).to_have_count(2)
    assert axe(mine) == []
    dialog.get_by_label(re.compile("Head of buying")).check()
    dialog.get_by_role("button", name="Save").click()
    expect(mine).to_have_url(re.compile(rf"{address}$"))
    expect(mine.locator("h1")).to_have_text("Lena Bergmann")
    expect(mine.locator("#field-job_title")).to_contain_text("Head of buying")


def test_in_place_too(open_as: Open, site: Site, ana: Person, contact):
    address = contact(job_title="Buyer")
    mine, hers = open_as(site.owner, address), open_as(ana, address)
    for page, words in ((mine, "Mine"), (hers, "Hers")):
        page.locator("#field-job_title .fact-edit").click(force=True)
        page.locator("#field-job_title input[name=job_title]").fill(words)
    hers.locator("#field-job_title").get_by_role("button", name="Save").click()
    expect(hers.locator("#field-job_title dd")).to_contain_text("Hers")
    mine.locator("#field-job_title").get_by_role("button", name="Save").click()
    dialog = mine.get_by_role("dialog")
    expect(dialog).to_contain_text("Hers")
    dialog.get_by_role("button", name="Save").click()
    expect(mine.locator("#field-job_title dd")).to_contain_text("Mine")


def test_a_page_whose_stream_does_not_come_through_asks(open_as: Open, site: Site, headers, contact):
    address = contact()
    page = open_as(site.owner)
    page.route(re.compile("/live/events"), lambda route: route.fulfill(status=204))
    with page.expect_response(re.compile("/live/since"), timeout=20_000):
        page.goto(address)
    site.visitor().patch(
        f"/api/v1{address.removeprefix('/w/demo')}", json={"job_title": "Polled"}, headers=headers
    ).raise_for_status()
    expect(page.locator("#field-job_title")).to_contain_text("Polled", timeout=25_000)


@pytest.mark.parametrize("width", [1440, 390])
def test_the_settings_fit_and_are_accessible(open_as: Open, site: Site, width: int):
    page = open_as(site.owner, "/w/demo/settings/notifications", width=width)
    assert axe(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
