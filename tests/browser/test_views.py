"""Boards, calendars and maps as people use them: by mouse, keyboard and finger, on the desk and on the phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.running import Site

from .conftest import Open

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """only => axe.run({runOnly: only}).then(found => found.violations.map(
    each => each.id + ": " + each.nodes.map(node => node.html.slice(0, 200)).join(" | ")))"""


def axe(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is now."""
    page.evaluate(AXE)
    return page.evaluate(RUN, TAGS)


@pytest.fixture
def contact(site: Site):
    """``contact("Zoe")``: a contact made over the API, as (id, headers); each test its own."""
    headers = site.token("demo", site.owner)

    def make(name: str, **values) -> str:
        answer = site.visitor().post("/api/v1/contacts", json={"last_name": name} | values, headers=headers)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    return make


def column(page: Page, key: str):
    return page.locator(f'.board-column[data-key="{key}"]')


def count(page: Page, key: str) -> int:
    return int(column(page, key).locator("header [data-count]").inner_text())


def card(page: Page, record_id: str):
    return page.locator(f'.board-card[data-id="{record_id}"]')


def test_a_card_is_dragged_to_another_column_and_the_counts_follow(open_as: Open, site: Site, contact) -> None:
    moved = contact("Drag Anne", lifecycle="lead")
    page = open_as(site.owner, "/w/demo/contacts/?as=board&sort=-created_at")
    before = count(page, "prospect")
    page.wait_for_timeout(300)  # the library that drags is loaded after the page
    start, end = card(page, moved).bounding_box(), column(page, "prospect").locator(".board-cards").bounding_box()
    page.mouse.move(start["x"] + 60, start["y"] + start["height"] - 8)
    page.mouse.down()
    page.mouse.move(end["x"] + 40, end["y"] + 60, steps=8)
    page.mouse.move(end["x"] + 44, end["y"] + 64, steps=4)
    page.mouse.up()
    expect(column(page, "prospect").locator(f'[data-id="{moved}"][data-version="2"]')).to_be_visible()
    expect(column(page, "prospect").locator("header [data-count]")).to_have_text(str(before + 1))
    page.locator("trato-toasts button.note-action").click()
    expect(column(page, "lead").locator(f'[data-id="{moved}"]')).to_be_visible()


def test_a_card_is_moved_by_keyboard_and_by_its_menu_and_says_so(open_as: Open, site: Site, contact) -> None:
    moved = contact("Key Kim", lifecycle="lead")
    page = open_as(site.owner, "/w/demo/contacts/?as=board&sort=-created_at")
    card(page, moved).locator("a").first.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(column(page, "prospect").locator(f'[data-id="{moved}"][data-version="2"]')).to_be_visible()
    expect(page.locator("[data-status]").first).to_have_text("Moved to Prospect.")
    assert page.evaluate("document.activeElement.textContent") == "Key Kim"
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.closest('.board-column').dataset.key") == "lead"
    card(page, moved).get_by_role("button", name="Move Key Kim").click()
    page.get_by_role("dialog").get_by_role("link", name="Advocate").click()
    expect(column(page, "advocate").locator(f'[data-id="{moved}"][data-version="3"]')).to_be_visible()


def test_a_column_asks_for_what_it_needs_and_a_refused_card_goes_back(open_as: Open, site: Site, contact) -> None:
    moved = contact("Gate Gil", lifecycle="lead")
    page = open_as(site.owner, "/w/demo/contacts/?as=board&sort=-created_at")
    column(page, "former").locator("[data-gate]").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Department").check()
    assert axe(page) == []
    dialog.get_by_role("button", name="Save").click()
    expect(column(page, "former").get_by_title("Asks for fields")).to_be_visible()
    card(page, moved).get_by_role("button", name="Move Gate Gil").click()
    dialog.get_by_role("link", name="Former customer").click()
    expect(dialog.get_by_label("Department")).to_be_focused()
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(column(page, "lead").locator(f'[data-id="{moved}"]')).to_be_visible()
    card(page, moved).get_by_role("button", name="Move Gate Gil").click()
    dialog.get_by_role("link", name="Former customer").click()
    dialog.get_by_label("Department").fill("Roasting")
    dialog.get_by_role("button", name="Move").click()
    expect(column(page, "former").locator(f'[data-id="{moved}"][data-version="2"]')).to_be_visible()
    column(page, "former").locator("[data-gate]").click()
    dialog.get_by_label("Department").uncheck()
    dialog.get_by_role("button", name="Save").click()
    expect(column(page, "former").get_by_title("Asks for fields")).to_have_count(0)


def test_what_a_colleague_moves_moves_here(open_as: Open, site: Site, contact) -> None:
    moved = contact("Live Lou", lifecycle="lead")
    mine = open_as(site.owner, "/w/demo/contacts/?as=board&sort=-created_at")
    theirs = open_as(site.owner, "/w/demo/contacts/?as=board&sort=-created_at")
    expect(card(mine, moved)).to_be_visible()
    mine.wait_for_timeout(800)  # the stream of events is open
    card(theirs, moved).locator("a").first.focus()
    theirs.keyboard.press("Shift+ArrowRight")
    expect(column(mine, "prospect").locator(f'[data-id="{moved}"]')).to_be_visible()


def test_columns_fold_and_stay_folded(open_as: Open, site: Site) -> None:
    page = open_as(site.owner, "/w/demo/contacts/?as=board")
    column(page, "lead").get_by_role("button", name="Fold").click()
    expect(column(page, "lead").locator(".board-cards")).to_be_hidden()
    page.reload()
    expect(column(page, "lead").locator(".board-cards")).to_be_hidden()


def test_on_a_phone_one_column_stands_at_a_time(open_as: Open, site: Site) -> None:
    page = open_as(site.owner, "/w/demo/contacts/?as=board", width=390)
    assert column(page, "lead").bounding_box()["width"] > 340
    page.locator(".board-tabs a", has_text="Customer").first.click()
    expect(column(page, "customer")).to_be_in_viewport(ratio=0.3)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("shown", ["contacts/?as=board", "tasks/?as=calendar", "accounts/?as=map"])
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light")])
def test_axe_finds_nothing_and_nothing_is_too_wide(open_as: Open, site: Site, shown: str, width: int, scheme) -> None:
    page = open_as(site.owner, f"/w/demo/{shown}", width=width, scheme=scheme)
    page.wait_for_load_state("networkidle")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


# -- calendar -------------------------------------------------------------------------------------------------------


def entry(page: Page, title: str):
    return page.locator(".fc-event", has_text=title)


@pytest.fixture
def task(site: Site):
    """``task("Call", "2027-03-10T09:00:00Z")``: a task made over the API."""
    headers = site.token("demo", site.owner)

    def make(subject: str, due_at: str) -> str:
        given = {"subject": subject, "due_at": due_at}
        answer = site.visitor().post("/api/v1/tasks", json=given, headers=headers)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    return make


def test_an_entry_is_dragged_to_another_day_and_keeps_its_hour(open_as: Open, site: Site, task) -> None:
    task("Drag the beans", "2027-03-10T09:00:00Z")
    page = open_as(site.owner, "/w/demo/tasks/?as=calendar&span=month&day=2027-03-10")
    start = entry(page, "Drag the beans").bounding_box()
    hour = entry(page, "Drag the beans").locator(".fc-event-time").inner_text()
    end = page.locator('[data-date="2027-03-18"]').bounding_box()
    page.mouse.move(start["x"] + 20, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(end["x"] + 40, end["y"] + 50, steps=10)
    page.mouse.up()
    expect(page.locator("trato-toasts")).to_contain_text("was moved")
    page.reload()
    there = page.locator('[data-date="2027-03-18"]')
    expect(there.locator(".fc-event", has_text="Drag the beans")).to_be_visible()
    assert there.locator(".fc-event-time").inner_text() == hour


def test_an_entry_is_moved_by_keyboard_and_says_when_it_is(open_as: Open, site: Site, task) -> None:
    task("Key the beans", "2027-04-07T09:00:00Z")
    page = open_as(site.owner, "/w/demo/tasks/?as=calendar&span=month&day=2027-04-07")
    entry(page, "Key the beans").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("trato-calendar [data-status]")).to_contain_text("Thursday, 8 April 2027")
    expect(page.locator('[data-date="2027-04-08"]').locator(".fc-event")).to_be_visible()
    assert "Key the beans" in page.evaluate("document.activeElement.textContent")


def test_an_empty_day_begins_a_new_record_on_it(open_as: Open, site: Site) -> None:
    page = open_as(site.owner, "/w/demo/meetings/?as=calendar&span=month&day=2027-05-12")
    page.locator('[data-date="2027-05-12"]').click(position={"x": 30, "y": 60})
    page.wait_for_url("**/meetings/new?**")
    assert page.input_value("[name=happened_at]") == "2027-05-12T09:00"
    assert page.input_value("[name=ends_at]") == "2027-05-12T10:00"


def test_on_a_phone_the_calendar_begins_with_the_agenda(open_as: Open, site: Site) -> None:
    page = open_as(site.owner, "/w/demo/tasks/?as=calendar", width=390)
    expect(page.get_by_role("button", name="Agenda")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Day", exact=True).click()
    expect(page.locator(".fc-timegrid")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


# -- map ------------------------------------------------------------------------------------------------------------


def test_a_mark_opens_the_records_of_its_town_and_the_way_back_is_there(open_as: Open, site: Site) -> None:
    page = open_as(site.owner, "/w/demo/accounts/?as=map")
    page.locator(".map-side a", has_text="Sevilla").click()
    expect(page.locator("#map-records h2")).to_contain_text("Sevilla")
    titles = page.locator("#map-records li a").all_inner_texts()
    assert len(titles) >= 1
    page.get_by_role("link", name="Back to the towns").click()
    expect(page.locator(".map-side a", has_text="Sevilla")).to_be_visible()


def test_the_map_is_moved_and_zoomed_by_keyboard(open_as: Open, site: Site) -> None:
    page = open_as(site.owner, "/w/demo/accounts/?as=map")
    expect(page.locator(".map-mark").first).to_be_visible()
    before = page.locator(".map-mark").count()
    page.locator(".map").focus()
    for _press in range(3):
        with page.expect_response(lambda answer: "box=" in answer.url):
            page.keyboard.press("+")
    assert page.locator(".map-mark").count() != before
    place = page.locator(".map-mark").first.bounding_box() if page.locator(".map-mark").count() else None
    with page.expect_response(lambda answer: "box=" in answer.url):
        page.keyboard.press("ArrowLeft")
    with page.expect_response(lambda answer: "box=" in answer.url):
        page.keyboard.press("Home")
    expect(page.locator(".map-mark")).to_have_count(before)
    assert place is None or place["width"] > 20
