"""A quote from the desk to the phone: sent by mail, chosen from, asked about and signed on the customer's page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.running import Site

from .conftest import Open
from .test_phone import SMALL

pytestmark = pytest.mark.browser


def price(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture
def sent(site: Site) -> Callable[[str], tuple[str, str]]:
    """``sent("ana@luna.example")``: the id of a quote that was sent there, and the path of its page."""
    caller, key = site.visitor(), site.token("demo", site.owner)

    def put(path: str, values: dict[str, Any]) -> dict[str, Any]:
        answer = caller.post(f"/api/v1/{path}", json=values, headers=key)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def make(email: str) -> tuple[str, str]:
        account = put("accounts", {"name": f"Café {email}"})
        person = {"first_name": "Ana", "last_name": "Luna", "account": account["id"], "emails": [{"address": email}]}
        contact = put("contacts", person)
        lines = [
            {"description": "Espresso machine", "quantity": "2", "price": price("1000.00")},
            {"description": "Service for a year", "price": price("300.00"), "is_optional": True},
        ]
        given = {
            "name": "Machines for Luna",
            "account": account["id"],
            "contact": contact["id"],
            "language": "en",
            "currency": "EUR",
            "quote-lines": lines,
        }
        quote = put("quotes", given)
        put(f"quotes/{quote['id']}/send", {})
        mail = site.mail_to(f"Ana Luna <{email}>").replace("=\n", "").replace("=3D", "=")
        return quote["id"], re.search(r"/p/demo/[\w-]{43}", mail)[0]

    return make


def signed_page(page: Page) -> None:
    """Draw a name and sign."""
    page.get_by_role("button", name="Draw").click()
    canvas = page.locator("trato-sign canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    for step in range(1, 12):
        page.mouse.move(box["x"] + 20 + 15 * step, box["y"] + (70 if step % 2 else 20))
    page.mouse.up()
    page.locator(".sign-agree input").check()
    page.get_by_role("button", name="Accept and sign").click()
    expect(page.locator(".notice-good").first).to_contain_text("accepted and signed")


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1440, "dark")])
def test_a_customer_reads_chooses_and_signs(
    site: Site, open_as: Open, sent: Callable[[str], tuple[str, str]], width: int, scheme: str
) -> None:
    quote_id, path = sent(f"ana{width}@luna.example")
    page = open_as(None, path, width=width, scheme=scheme, touch=width < 800)
    expect(page.locator("h1")).to_have_text("Machines for Luna")
    total = page.locator(".offer-total dd")
    before = total.inner_text()
    page.get_by_label("Service for a year").check()
    page.get_by_role("button", name="Update the total").click()
    expect(page.locator(".notice-good")).to_contain_text("Your choice is kept")
    expect(total).not_to_have_text(before)
    if width < 800:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(SMALL) == []
    signed_page(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Signed PDF").click()
    assert download.value.suggested_filename.endswith(".pdf")

    inside = open_as(site.owner, f"/w/demo/quotes/{quote_id}")
    expect(inside.locator("#progress-title")).to_be_visible()
    expect(inside.locator(".signature-box svg")).to_be_visible()
    expect(inside.locator(".facts").first).to_contain_text("Accepted")


def test_a_customer_types_asks_and_declines(open_as: Open, sent: Callable[[str], tuple[str, str]]) -> None:
    _quote_id, path = sent("luis@luna.example")
    page = open_as(None, path, width=390, touch=True)
    page.get_by_role("button", name="Accept and sign").click()
    expect(page.locator("[role=alert]")).to_contain_text("Tick that you accept")
    page.get_by_text("Ask something").click()
    page.fill("#say-text", "Is delivery in?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".notice-good")).to_contain_text("on its way")
    page.locator("summary", has_text="Decline").click()
    page.fill("#decline-reason", "Too late")
    page.get_by_role("button", name="Decline this quote").click()
    expect(page.locator(".notice-good")).to_contain_text("Thank you")
    assert urlsplit(page.url).path == path
    expect(page.get_by_role("button", name="Accept and sign")).to_have_count(0)
