"""A day on the road, on a phone whose network goes and comes: nothing is lost, nothing is sent twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.running import Site

from .conftest import Open, listen

pytestmark = pytest.mark.browser


@pytest.fixture
def api(site: Site) -> Any:
    """``api("post", "accounts", name="Bar Luna")``: a call with the key of the demo's owner."""
    caller, key = site.visitor(), site.token("demo", site.owner)

    def call(method: str, path: str, **values: Any) -> Any:
        given = {"json": values} if values else {}
        answer = caller.request(method.upper(), f"/api/v1/{path}", headers=key, **given)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    return call


@pytest.fixture
def way(api: Any) -> dict[str, Any]:
    """A visit in an hour to an account that buys beans at twelve euros."""
    name = f"Bar Luna {datetime.now(UTC):%H%M%S%f}"
    account = api("post", "accounts", name=name, phones=[{"number": "+34911234567"}])
    price = {"amount": "12.00", "currency": "GBP"}  # the demo's own
    product = api("post", "products", name=f"Beans of {name}", price=price)
    at = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    visit = api("post", "visits", purpose=f"Tasting at {name}", account=account["id"], planned_at=at)
    return {"account": account, "product": product, "visit": visit}


def ready(page: Page) -> None:
    """Wait until the device has what it needs."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    expect(page.locator("#state")).to_have_text("Connected")


def without(complaints: list[str]) -> None:
    """A console tells of requests that found no network; that is no accident here."""
    complaints[:] = [one for one in complaints if "ERR_INTERNET_DISCONNECTED" not in one and "ERR_FAILED" not in one]


def test_what_is_written_without_a_network_survives_and_is_sent_once(
    site: Site, open_as: Open, api: Any, way: dict[str, Any], complaints: list[str]
) -> None:
    page = open_as(site.owner, "/w/demo/offline", width=390, touch=True)
    context = page.context
    ready(page)
    expect(page.get_by_text(way["visit"]["title"])).to_be_visible()

    context.set_offline(True)
    page.close()
    page = context.new_page()
    page.goto("/w/demo/visits/plan")  # any page of the workspace is the one that is kept
    page.get_by_text(way["visit"]["title"]).click()
    page.get_by_label("Report").fill("They want beans\nand a grinder")
    page.locator("form", has=page.get_by_label("Report")).get_by_role("button", name="Save").click()
    expect(page.get_by_text("Kept on this device", exact=True)).to_be_visible()
    page.get_by_text("Order", exact=True).click()
    page.get_by_label("Product").fill(way["product"]["title"])
    page.get_by_label("Quantity").fill("5")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("60.00")).to_be_visible()
    page.locator("form", has=page.get_by_label("Product")).get_by_role("button", name="Save").click()
    expect(page.locator("#count")).to_have_text("2")

    page.close()  # killed
    page = context.new_page()
    page.goto("/w/demo/offline")
    expect(page.locator("#count")).to_have_text("2")
    page.get_by_text(way["visit"]["title"]).click()
    expect(page.get_by_label("Report")).to_have_value("They want beans\nand a grinder")

    # Meanwhile a colleague writes a report of the same visit.
    api("patch", f"visits/{way['visit']['id']}", report="<p>Called them instead</p>")
    listen(page, complaints)
    context.set_offline(False)
    expect(page.locator("#count")).to_have_text("1")
    orders = api("get", f"orders?account={way['account']['id']}&include=account")["data"]
    mine = [order for order in orders if order["account"]["id"] == way["account"]["id"]]
    assert [order["net"]["amount"] for order in mine] == ["60.00"]

    page.get_by_role("link", name="To be sent").click()
    expect(page.get_by_text("Called them instead")).to_be_visible()
    page.get_by_role("radio", name="Mine").check()
    page.locator("form", has=page.get_by_role("radio")).get_by_role("button", name="Save").click()
    expect(page.get_by_text("Everything is sent.")).to_be_visible()
    now = api("get", f"visits/{way['visit']['id']}")
    assert now["report"] == "<p>They want beans</p><p>and a grinder</p>"
    page.goto(f"/w/demo/accounts/{way['account']['id']}")
    expect(page.get_by_text(way["visit"]["title"]).first).to_be_visible()
    without(complaints)


def test_signing_out_leaves_nothing_on_the_device(
    site: Site, open_as: Open, way: dict[str, Any], complaints: list[str]
) -> None:
    page = open_as(None, "/accounts/login/")
    page.get_by_label("E-mail").fill(site.owner.email)
    page.get_by_label("Password").fill(site.owner.password)
    page.get_by_role("button", name="Sign in").first.click()
    page.wait_for_url("**/w/demo/")
    page.goto("/w/demo/offline")
    ready(page)
    expect(page.get_by_text(way["visit"]["title"])).to_be_visible()
    page.goto("/w/demo/")
    page.locator("summary.me").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    held = page.evaluate(
        "Promise.all([indexedDB.databases(), caches.keys(), navigator.serviceWorker.getRegistrations()])"
    )
    assert [len(each) for each in held] == [0, 0, 0]
    without(complaints)


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1440, "dark")])
def test_a_day_is_planned(site: Site, open_as: Open, way: dict[str, Any], width: int, scheme: str) -> None:
    page = open_as(site.owner, "/w/demo/visits/plan", width=width, scheme=scheme)
    expect(page.get_by_role("link", name=way["visit"]["title"])).to_be_visible()
    page.get_by_role("listitem").filter(has_text=way["visit"]["title"]).get_by_role("button", name="Check in").click()
    stop = page.get_by_role("listitem").filter(has_text=way["visit"]["title"])
    expect(stop.get_by_role("link", name="Check out")).to_be_visible()
    near = page.locator(".plan-near li")
    if near.count():
        name = near.first.get_by_role("link").inner_text()
        near.first.get_by_role("button", name="Add").click()
        expect(page.locator(".plan-stops").get_by_role("link", name=f"Visit: {name}")).to_be_visible()
