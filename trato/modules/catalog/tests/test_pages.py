"""The price check, and the boxes of products, accounts and documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from trato.engine import actions, objects

if TYPE_CHECKING:
    from django.test import Client

    from tests.cast import As, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(cast: Cast, signed_in: Callable[[Any], Client]) -> Client:
    return signed_in(cast.owner)


@pytest.fixture
def made(cast: Cast, as_: As) -> dict[str, Any]:
    """Coffee for 20 euros that costs 12, and a bar that pays 17 for it."""
    with as_(cast.owner) as actor:

        def make(plural: str, **values: Any) -> Any:
            return actions.create(actor, objects.get(plural), values)

        euros = {"price": {"amount": "20", "currency": "EUR"}, "cost": {"amount": "12", "currency": "EUR"}}
        coffee = make("products", name="Huila", sku="HUI", unit="bag", **euros)
        bar = make("accounts", name="Bar Sol")
        book = make("price-books", name="Sol prices", account=bar.id)
        make("prices", product=coffee.id, book=book.id, price={"amount": "17", "currency": "EUR"})
        paper = make("papers", account=bar.id, name="Paper", **{"paper-lines": [{"product": coffee.id}]})
        return {"coffee": coffee, "bar": bar, "paper": paper}


def page(browser: Client, address: str, status: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def test_the_price_check_tells_the_price_and_why(browser: Client, made: dict[str, Any]) -> None:
    assert "Huila" not in page(browser, "/w/acme/price-check")
    asked = f"/w/acme/price-check?product=products/{made['coffee'].id}&account=accounts/{made['bar'].id}"
    html = page(browser, asked)
    assert "€17.00" in html and "Price book “Sol prices”, for this account alone" in html
    assert "€20.00" in page(browser, f"/w/acme/price-check?product=products/{made['coffee'].id}")
    named = page(browser, "/w/acme/price-check?product=&product-text=HUI&account=&account-text=Bar+Sol&quantity=3")
    assert "€17.00" in named


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("product-text=Nothing", "Nothing is called"),
        ("product-text=Huila&quantity=0", "more than nothing"),
        ("product-text=Huila&quantity=x", "Write a number"),
        ("product-text=Huila&currency=XXZ", "Choose a currency"),
        ("product-text=Huila&day=31/31/31", "day"),
        ("product=products/00000000-0000-7000-8000-000000000000", "no such record"),
        ("product=rubbish", ""),
        ("product-text=Huila&account=accounts/1", ""),
        ("product-text=Huila&discount_percent=101", "At most 100"),
    ],
)
def test_wrong_questions_are_answered_in_words(browser: Client, made: dict[str, Any], asked: str, words: str) -> None:
    html = page(browser, f"/w/acme/price-check?{asked}")
    assert words in html
    assert 'id="price"' not in html


def test_a_product_says_what_it_costs_and_what_is_earned(browser: Client, made: dict[str, Any]) -> None:
    html = page(browser, f"/w/acme/products/{made['coffee'].id}")
    assert "Price today" in html and "€20.00" in html
    assert "€8.00 (40.00\u00a0%)" in html
    assert "In the bundle" not in html


def test_who_may_not_see_costs_sees_no_margin(
    cast: Cast, signed_in: Any, set_role: Callable[..., None], made: dict[str, Any]
) -> None:
    see = {"see": "all", "change": "none"}
    set_role(cast.member, {"objects": {"*": see, "products": see | {"fields": {"cost": "hidden"}}}})
    html = page(signed_in(cast.member), f"/w/acme/products/{made['coffee'].id}")
    assert "Price today" in html and "Margin" not in html


def test_who_may_not_see_prices_is_told_none(
    cast: Cast, signed_in: Any, set_role: Callable[..., None], made: dict[str, Any]
) -> None:
    see, hidden = {"see": "all", "change": "none"}, {"fields": {"price": "hidden"}}
    set_role(cast.member, {"objects": {"*": see, "products": see | hidden, "papers": see, "paper-lines": hidden}})
    browser = signed_in(cast.member)
    assert "Price today" not in page(browser, f"/w/acme/products/{made['coffee'].id}")
    assert "How the prices came about" not in page(browser, f"/w/acme/papers/{made['paper'].id}")
    page(browser, f"/w/acme/price-check?product=products/{made['coffee'].id}", 403)


def test_an_account_names_its_own_prices(browser: Client, made: dict[str, Any]) -> None:
    assert "Sol prices" in page(browser, f"/w/acme/accounts/{made['bar'].id}")


def test_a_document_explains_the_prices_of_its_lines(browser: Client, made: dict[str, Any]) -> None:
    html = page(browser, f"/w/acme/papers/{made['paper'].id}")
    assert "How the prices came about" in html and "Price book “Sol prices”" in html


def test_who_sees_no_products_checks_no_prices(cast: Cast, signed_in: Any, set_role: Callable[..., None]) -> None:
    set_role(cast.member, {"objects": {"*": {"see": "all"}, "products": {"see": "none"}}})
    browser = signed_in(cast.member)
    assert browser.get("/w/acme/price-check").status_code in (403, 404)
    assert "price-check" not in page(browser, "/w/acme/")
