"""On a phone: everything is reached with a thumb, and what one does on the desk one does here."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.running import Site

from .conftest import Open

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_as: Open, site: Site) -> Page:
    return open_as(site.owner, "/w/demo/", width=390)


def test_the_menu_leads_to_every_list_and_closes(page: Page) -> None:
    side = page.locator("#side")
    expect(side).not_to_be_in_viewport()
    page.get_by_role("link", name="Menu").click()
    expect(side).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(side).not_to_be_in_viewport()
    page.get_by_role("link", name="Menu").click()
    side.get_by_role("link", name="Accounts").click()
    page.wait_for_url("**/w/demo/accounts/")
    expect(side).not_to_be_in_viewport()


def test_a_contact_is_made_found_and_written_about(page: Page) -> None:
    bottom = page.locator("nav.bottom")
    bottom.locator("summary").click()
    bottom.get_by_role("link", name="Contact").click()
    page.fill("[name=last_name]", "Thumbelina")
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.locator("main h1")).to_have_text("Thumbelina")
    bottom.get_by_role("link", name="Search").click()
    page.locator(".palette-input").fill("thumbel")
    page.get_by_role("option", name="Thumbelina").click()
    page.locator("#composer .editor-text").click()
    page.keyboard.type("Small, but here")
    page.locator("#composer .btn-primary").click()
    expect(page.locator("#timeline")).to_contain_text("Small, but here")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


#: What a thumb aims at; links inside running text and in cells of a card are exempt, as in WCAG 2.5.5.
SMALL = """() => [...document.querySelectorAll("a[href], button, summary, select, input:not([type=hidden])")]
    .filter(each => each.checkVisibility({visibilityProperty: true, opacityProperty: true}))
    .filter(each => !each.closest(".visually-hidden, .skip, .side, .side-close"))
    .filter(each => !each.closest(".written, .facts, p, dd, td:not(.tick)"))
    .filter(each => !each.closest(".todo, .lines, .fc, [data-plain], .editor, .chips, trato-tags, trato-toasts"))
    .map(each => [each.closest("label, td.tick, trato-link") ?? each, each.outerHTML.slice(0, 160)])
    .map(([aimed, html]) => [aimed.getBoundingClientRect(), html])
    .filter(([box]) => box.width && (box.width < 43.5 || box.height < 43.5))
    .map(([box, html]) => `${Math.round(box.width)} x ${Math.round(box.height)}: ${html}`)"""
MAIN = (
    "contacts/",
    "contacts/?as=board",
    "tasks/?as=calendar",
    "search?q=ma",
    "contacts/new",
    "tasks/new",
    "settings/profile",
)
#: The lower two thirds of the screen, where the thumb of the hand that holds it comes to.
REACHED = 740 / 3


@pytest.fixture
def thumb(open_as: Open, site: Site) -> Page:
    return open_as(site.owner, "/w/demo/", width=360, height=740, touch=True)


def press(page: Page, what: Locator) -> None:
    """Taps something that a thumb reaches, and that is large enough for one."""
    box = what.bounding_box()
    assert box["height"] >= 43.5 and box["width"] >= 43.5, box
    assert box["y"] + box["height"] > REACHED, f"too high for a thumb: {box}"
    what.tap()


def test_targets_are_large_enough_on_every_main_page(thumb: Page) -> None:
    small = {}
    for address in MAIN:
        thumb.goto(f"/w/demo/{address}")
        if found := thumb.evaluate(SMALL):
            small[address] = found
        assert thumb.evaluate("document.documentElement.scrollWidth") <= 360, address
    assert small == {}


def test_somebody_is_found_called_written_about_and_given_a_task_with_one_thumb(thumb: Page) -> None:
    bottom, reach = thumb.locator("nav.bottom"), thumb.locator("nav.reach")
    press(thumb, bottom.get_by_role("link", name="Search"))
    thumb.locator(".palette-input").fill("rory")
    found = thumb.locator(".palette [role=option]", has_text="Contact").first
    name = found.locator(".choices-title").inner_text()
    press(thumb, found)
    expect(thumb.locator("main h1")).to_have_text(name)
    assert thumb.evaluate(SMALL) == []
    call = reach.get_by_role("link", name="Call").first
    assert str(call.get_attribute("href")).startswith("tel:+")
    for way in reach.locator("a:visible").all():
        box = way.bounding_box()
        assert box["height"] >= 44 and box["width"] >= 44 and box["y"] > 740 / 2
    assert str(reach.get_by_role("link", name="E-mail").get_attribute("href")).startswith("mailto:")
    press(thumb, reach.get_by_role("link", name="Note"))
    thumb.wait_for_function("() => document.activeElement.closest('#composer') !== null")
    thumb.locator("#composer .editor-text").tap()
    thumb.keyboard.type("Was asked on the phone")
    thumb.locator("#composer .btn-primary").tap()
    expect(thumb.locator("#timeline")).to_contain_text("Was asked on the phone")
    press(thumb, reach.get_by_role("link", name="Task"))
    subject = thumb.locator("#composer [name=subject]")
    expect(subject).to_be_focused()
    subject.fill("Call again from the phone")
    thumb.locator("#composer .btn-primary").tap()
    expect(thumb.locator("#timeline")).to_contain_text("Call again from the phone")


def test_a_record_is_looked_at_in_a_sheet_from_below(thumb: Page) -> None:
    thumb.goto("/w/demo/contacts/")
    thumb.locator(".peek-open").nth(1).tap()
    sheet = thumb.locator(".peek")
    expect(sheet.locator("h1")).to_be_visible()
    box = sheet.bounding_box()
    assert box["x"] == 0 and box["width"] == 360 and box["y"] > 740 * 0.1 and box["y"] + box["height"] == 740
    sheet.get_by_role("button", name="Close").tap()
    expect(sheet).to_be_hidden()


def test_what_can_be_created_comes_from_below(thumb: Page) -> None:
    press(thumb, thumb.locator("nav.bottom summary"))
    for item in thumb.locator("nav.bottom .menu-item").all():
        assert item.bounding_box()["y"] > REACHED
    press(thumb, thumb.locator("nav.bottom").get_by_role("link", name="Task"))
    thumb.wait_for_url("**/tasks/new")


def test_it_can_be_installed(thumb: Page) -> None:
    cdp = thumb.context.new_cdp_session(thumb)
    manifest = cdp.send("Page.getAppManifest")
    assert manifest["errors"] == []
    wrong = [each["errorId"] for each in cdp.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    assert wrong in ([], ["in-incognito"]), "a profile of a test is a private window"
    for icon in thumb.evaluate("url => fetch(url).then(one => one.json())", manifest["url"])["icons"]:
        size = thumb.evaluate(
            """src => new Promise((good, bad) => { const one = new Image(); one.onerror = bad;
            one.onload = () => good(`${one.naturalWidth}x${one.naturalHeight}`); one.src = src })""",
            icon["src"],
        )
        assert icon["sizes"] in ("any", size)


def test_rows_are_cards_that_say_the_most(page: Page) -> None:
    page.goto("/w/demo/contacts/")
    card = page.locator("tbody tr").first
    expect(card.locator(".row-title")).to_be_visible()
    assert card.bounding_box()["width"] <= 390
    assert page.locator("thead").first.is_hidden()
