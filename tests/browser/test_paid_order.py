"""The whole way of a sale by hand, on a desk and on a phone: a lead, an offer that is signed, goods, and the money."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.running import Person, Site

from .conftest import Open
from .test_phone import SMALL
from .test_together import axe

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop(site: Site) -> tuple[str, Person]:
    """A workspace in Spain, where standard tax is 21 %, that sells machines and filters."""
    slug, seller = site.workspace("Paid", "sofia@paid.example")
    caller, key = site.visitor(), site.token(slug, seller)
    for name, amount in (("Espresso machine", "100.00"), ("Paper filters", "15.50")):
        given = {"name": name, "price": {"amount": amount, "currency": "EUR"}}
        assert caller.post("/api/v1/products", json=given, headers=key).status_code == 201
    return slug, seller


def head(page: Page) -> Locator:
    """Name, buttons and facts of the record that is open."""
    return page.locator("#record-head")


def do(page: Page, action: str, **given: str) -> None:
    """Press an action's button in the head of a page, fill its form in where it has one, and see that it is done."""
    head(page).locator(".page-head-buttons").get_by_text(action, exact=True).click()
    if given:
        form = page.locator("form.record-form")
        expect(form).to_be_visible()
        assert axe(page) == [], action
        for name, value in given.items():
            form.locator(f"[name={name}]").fill(value)
        form.get_by_role("button", name=action, exact=True).click()
    expect(page.locator("trato-toasts")).to_contain_text(f"{action}: done.")


def add_product(page: Page, part: str, typed: str, quantity: str) -> None:
    """Add a line by keyboard: a few letters that only one product has, and how many."""
    lines = page.locator(f"#lines-{part}")
    if lines.locator(".lines-more summary").is_visible():
        lines.locator(".lines-more summary").click()
    form, before = lines.locator("[data-add]"), lines.locator("tbody tr").count()
    form.get_by_role("combobox").first.fill(typed)
    expect(form.locator(".choices [role=option]")).to_have_count(1)
    page.keyboard.press("Tab")
    form.locator("[name=quantity]").fill(quantity)
    form.locator("[name=quantity]").press("Enter")
    expect(lines.locator("tbody tr")).to_have_count(before + 1)


def sign(open_as: Open, path: str, width: int) -> None:
    """Be the customer: read the page at this width, type a name, accept and sign."""
    page = open_as(None, path, width=width, touch=width < 800)
    expect(page.locator(".offer-total dd")).to_have_text("€298.27")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width < 800:
        assert page.evaluate(SMALL) == []
    page.locator("#sign-name").fill("Ana Luna")
    page.locator(".sign-agree input").check()
    page.get_by_role("button", name="Accept and sign").click()
    expect(page.locator(".notice-good").first).to_contain_text("accepted and signed")
    assert axe(page) == []


def link_to(site: Site, slug: str, address: str) -> str:
    """The path of the customer's page that the last mail to an address names."""
    mail = site.mail_to(address).replace("=\n", "").replace("=3D", "=")
    return re.search(rf"/p/{slug}/[\w-]{{43}}", mail)[0]


@pytest.mark.parametrize(("width", "surname"), [(1440, "Luna"), (390, "Prieto")])
def test_from_a_lead_to_the_paid_order(
    site: Site, open_as: Open, shop: tuple[str, Person], width: int, surname: str
) -> None:
    slug, seller = shop
    company, email = f"Bar {surname}", f"ana@{surname.lower()}.example"
    page = open_as(seller, f"/w/{slug}/leads/new", width=width, touch=width < 800)
    page.locator("[name=first_name]").fill("Ana")
    page.locator("[name=last_name]").fill(surname)
    page.locator("[name=company]").fill(company)
    page.locator("[name=last_name]").press("Enter")
    expect(head(page).locator("h1")).to_have_text(f"Ana {surname}")
    do(page, "Convert", deal_name="Machines")
    page.locator("#record-fields").get_by_role("link", name="Machines").click()

    add_product(page, "deal-lines", "espres", "2")
    add_product(page, "deal-lines", "filters", "3")
    expect(head(page)).to_contain_text("€246.50")  # 2 x 100.00 and 3 x 15.50
    assert axe(page) == []
    do(page, "Make a quote")
    expect(page.locator("#lines-quote-lines [data-sums]")).to_contain_text("€298.27")  # 21 % of 246.50 is 51.765
    quote = page.url
    do(page, "Send", email=email)
    sign(open_as, link_to(site, slug, f"Ana {surname} <{email}>"), width)

    page.goto(quote)
    do(page, "Make an order")
    expect(head(page)).to_contain_text("€298.27")
    assert axe(page) == []
    order = page.url
    do(page, "Deliver the rest", carrier="SEUR", tracking_number="X1")
    do(page, "Arrived")
    page.goto(order)
    expect(head(page)).to_contain_text("Delivered")
    do(page, "Invoice the rest")
    do(page, "Issue")
    expect(head(page).locator("h1")).to_contain_text(re.compile(r"INV-\d{4}-\d+"))
    assert axe(page) == []
    do(page, "Record a payment", amount="98.27")
    expect(head(page)).to_contain_text("Partly paid")
    expect(head(page)).to_contain_text("€200.00")
    head(page).get_by_role("link", name="Record a payment").click()
    expect(page.locator("[name=amount]")).to_have_value("200.00")  # what is left stands there already
    page.locator("form.record-form").get_by_role("button", name="Record a payment").click()
    expect(head(page)).to_contain_text("Paid")
    expect(head(page).get_by_text("Record a payment")).to_have_count(0)

    do(page, "Send by mail", email=email)
    customer = open_as(None, link_to(site, slug, f"{company} <{email}>"), width=width, touch=width < 800)
    expect(customer.locator(".notice-good")).to_contain_text("is paid")
    expect(customer.locator(".offer-total dd")).to_have_text("€298.27")
    assert axe(customer) == []
    assert customer.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(order)
    expect(head(page)).to_contain_text("Invoiced")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
