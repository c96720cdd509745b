"""From somebody who asks to a deal that is won: with the mouse on a desk, and with a thumb on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.running import Person, Site, Visitor

from .conftest import Open

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop(site: Site) -> tuple[str, Person]:
    """A workspace of one seller."""
    return site.workspace("Selling", "sofia@selling.example")


@pytest.fixture(scope="module")
def api(site: Site, shop: tuple[str, Person]) -> Visitor:
    visitor = site.visitor()
    visitor.headers.update(site.token(*shop))
    return visitor


def deal_of(api: Visitor, name: str) -> dict:
    """The deal of this name, as the API tells it."""
    return next(deal for deal in api.get("/api/v1/deals").json()["data"] if deal["name"] == name)


@pytest.mark.parametrize("width", [1440, 390])
def test_a_lead_becomes_a_deal_that_moves_and_is_won(
    open_as: Open, shop: tuple[str, Person], api: Visitor, width: int
) -> None:
    slug, seller = shop
    company = f"Casa Lumbre {width}"
    page: Page = open_as(seller, f"/w/{slug}/leads/new", width=width, touch=width < 800)
    page.locator("[name=last_name]").fill("Prieto")
    page.locator("[name=company]").fill(company)
    page.locator("[name=last_name]").press("Enter")
    expect(page.locator("#record-head h1")).to_have_text("Prieto")

    page.locator("#record-head").get_by_role("link", name="Convert").click()
    page.locator("main").get_by_role("button", name="Convert").click()
    expect(page.locator("#record-head")).to_contain_text("Converted")
    deal = deal_of(api, company)
    assert (deal["account"]["title"], deal["status"], deal["stage"]["title"]) == (company, "open", "Qualified")

    page.goto(f"/w/{slug}/deals/?as=board")
    card = page.locator(f'.board-card[data-id="{deal["id"]}"]')
    card.get_by_role("button", name=f"Move {company}").click()
    page.get_by_role("dialog").get_by_role("link", name="Negotiation").click()
    moved = page.locator(f'.board-card[data-id="{deal["id"]}"][data-version="2"]')
    expect(moved).to_be_attached()

    page.goto(f"/w/{slug}/deals/{deal['id']}")
    expect(page.get_by_role("region", name="Time in stages")).to_contain_text("Negotiation")
    page.locator(".page-head-buttons").get_by_role("button", name="Won").click()
    expect(page.locator("#record-head")).to_contain_text("Won")
    done = deal_of(api, company)
    assert (done["status"], done["stage"]["title"], int(done["probability"])) == ("won", "Won", 100)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
