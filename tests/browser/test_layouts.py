"""The pages of an object are laid out: fields dragged, moved by keys and by choice, previewed, saved."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.running import Person, Site

from .conftest import Open
from .test_pages import TOO_WIDE
from .test_views import axe

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def studio(site: Site) -> tuple[str, Person]:
    return site.workspace("Studio", "sol@studio.example")


def items(page: Page) -> list[str]:
    """The layout as its form would send it."""
    return page.locator("input[name=item]").evaluate_all("inputs => inputs.map((input) => input.value)")


def handle(page: Page, label: str) -> str:
    return f".layout-section:not([data-list]) li[data-label='{label}'] [data-move]"


def test_fields_are_moved_by_keys_choice_and_pointer_and_the_preview_follows(
    site: Site, open_as: Open, studio: tuple[str, Person]
) -> None:
    slug, sol = studio
    page = open_as(sol, f"/w/{slug}/settings/layouts/contacts", height=2400)
    first = page.locator("[name=label-s0]")
    first.fill("Who it is")
    expect(page.locator(".layout-sample h3").first).to_have_text("Who it is")
    page.locator(handle(page, "Birthday")).press("ArrowUp")
    assert items(page).index("birthday") + 2 == items(page).index("suffix") + 1
    expect(page.locator(handle(page, "Birthday"))).to_be_focused()
    expect(page.locator("[data-status]")).to_have_text("Birthday is now number 5 of Who it is.")
    page.locator(handle(page, "E-mails")).press("ArrowUp")  # over the edge, into the section above
    assert items(page).index("emails") < items(page).index("#s1")
    page.get_by_label("Where “Occupation” stands").select_option("off")
    expect(page.locator(".layout-off li")).to_have_count(1)
    expect(page.locator(".layout-sample dt", has_text="Occupation")).to_have_count(0)
    start = page.locator(handle(page, "Department")).bounding_box()
    end = page.locator("[data-key=s0] li").first.bounding_box()
    page.mouse.move(start["x"] + 8, start["y"] + 8)
    page.mouse.down()
    for step in range(1, 21):  # as a hand moves: the lists on the way make room
        page.mouse.move(start["x"] + 8, start["y"] + 8 + (end["y"] + 40 - start["y"]) * step / 20)
        page.wait_for_timeout(40)
    page.mouse.up()
    assert items(page).index("department") < items(page).index("#s1")
    expect(page.get_by_label("Where “Department” stands")).to_have_value("s0")
    page.get_by_label("Add to: Head").select_option("department")
    expect(page.locator("[data-list=head] li")).to_have_count(5)
    expect(page.get_by_label("Where “Department” stands")).to_have_value("s0")
    page.get_by_role("button", name="Another section").click()
    expect(page.locator(".layout-section-head")).to_have_count(6)
    page.locator(".layout-section-head input").last.fill("Later")
    page.locator(".layout-buttons").scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")  # where the bar of buttons covers no field
    assert axe(page) == []
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto(f"/w/{slug}/contacts/new")
    legends = page.locator("legend").all_inner_texts()
    assert legends[0] == "Who it is"
    expect(page.locator("[name=occupation]")).to_have_count(0)
    assert page.locator("fieldset").first.locator("[name=department]").count() == 1


def test_it_is_shaped_on_a_phone_and_without_a_script(site: Site, open_as: Open, studio: tuple[str, Person]) -> None:
    slug, sol = studio
    place = f"/w/{slug}/settings/layouts/accounts"
    page = open_as(sol, place, width=390, touch=True)
    assert not page.evaluate(TOO_WIDE)
    page.get_by_label("Where “Industry” stands").select_option("off")
    page.get_by_role("button", name="Save", exact=True).tap()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.locator(".layout-off li")).to_have_count(1)
    visitor = site.visitor(sol)
    form = visitor.get(place).text
    sent = [("item", value) for value in re.findall(r'name="item" value="([^"]+)"', form)]
    labels = re.findall(r'name="(label-s\d+)" value="([^"]+)"', form)
    columns = [("columns", value) for value in re.findall(r'name="columns" value="([^"]+)"', form)]
    moved = visitor.post(place, data=[*sent, *labels, *columns, ("do", "up:industry")])
    order = re.findall(r'name="item" value="([^"]+)"', moved.text)
    assert order.index("industry") == order.index("#off") - 1
