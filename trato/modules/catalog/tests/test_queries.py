"""Prices out of the books that are there: for whom, from which quantity, on which day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from trato.engine import access
from trato.engine.kinds.money import Money
from trato.modules.catalog import queries, rules

if TYPE_CHECKING:
    from tests.cast import As, Cast
    from trato.engine.models import Record
    from trato.engine.workspaces.actors import Actor

    from .conftest import Make

CUSTOMERS = {"field": "lifecycle", "op": "is", "value": "customer"}
MAY = date(2026, 5, 3)


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def price(actor: Actor, product: Record, account: Record | None, **more: Any) -> Decimal | None:
    asked = {"currency": "EUR", "quantity": Decimal(1), **more}
    found = queries.price_of(actor, product.id, account and account.id, **asked)
    return found.price and found.price.amount


def told(actor: Actor, product: Record, account: Record | None, **more: Any) -> list[str]:
    asked = {"currency": "EUR", "quantity": Decimal(1), **more}
    found = queries.price_of(actor, product.id, account and account.id, **asked)
    return rules.told(found.steps, access.reader(actor))


def test_an_accounts_own_book_comes_before_one_of_a_filter_before_the_general_one(
    make: Make, owner: Actor, acme_bar: Record, huila: Record, book: Record
) -> None:
    lead = make("accounts", name="Not yet")
    make("prices", product=huila.id, book=book.id, price=euros("19"))
    assert price(owner, huila, acme_bar) == 19
    for_customers = make("price-books", name="Customers", segment=CUSTOMERS)
    make("prices", product=huila.id, book=for_customers.id, price=euros("18"))
    assert (price(owner, huila, acme_bar), price(owner, huila, lead), price(owner, huila, None)) == (18, 19, 19)
    own = make("price-books", name="Bar Sol", account=acme_bar.id)
    make("prices", product=huila.id, book=own.id, price=euros("17"))
    assert (price(owner, huila, acme_bar), price(owner, huila, lead)) == (17, 19)
    assert told(owner, huila, acme_bar) == ["Price book “Bar Sol”, for this account alone: €17.00 from 1 on."]
    first = make("price-books", name="Action", priority=5)
    make("prices", product=huila.id, book=first.id, price=euros("16"))
    assert price(owner, huila, acme_bar) == 16


def test_a_book_holds_from_its_first_to_its_last_day(make: Make, owner: Actor, acme_bar: Record, huila: Record) -> None:
    spring = make("price-books", name="May", since="2026-05-01", until="2026-05-31")
    make("prices", product=huila.id, book=spring.id, price=euros("15"))
    days = [date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 31), date(2026, 6, 1)]
    assert [price(owner, huila, acme_bar, day=day) for day in days] == [20, 15, 15, 20]


def test_the_highest_quantity_that_is_reached_gives_the_price(
    make: Make, owner: Actor, acme_bar: Record, huila: Record, book: Record
) -> None:
    for quantity, amount in (("10", "18"), ("100", "15")):
        make("prices", product=huila.id, book=book.id, quantity=quantity, price=euros(amount))
    asked = {Decimal(n): None for n in ("9.9999", "10", "99", "100", "5000")}
    assert [price(owner, huila, acme_bar, quantity=n) for n in asked] == [20, 18, 18, 15, 15]


def test_exchange_takes_the_latest_rate_of_the_day(make: Make, owner: Actor, acme_bar: Record, huila: Record) -> None:
    for day, rate in (("2026-05-01", "1.10"), ("2026-05-03", "1.20"), ("2026-05-04", "1.50")):
        make("exchange-rates", currency="USD", day=day, rate=rate)
    assert "no price book in USD converts" in told(owner, huila, acme_bar, currency="USD", day=MAY)[0]
    make("price-books", name="US", currency="USD", converts=True)
    assert price(owner, huila, acme_bar, currency="USD", day=MAY) == 24
    assert "List price €20.00 at the day's exchange rate" in told(owner, huila, acme_bar, currency="USD", day=MAY)[0]
    before = told(owner, huila, acme_bar, currency="USD", day=date(2026, 4, 1))
    assert "no exchange rate from EUR to USD" in before[0]
    assert queries.in_currency(owner, Money(Decimal(12), "USD"), "EUR", MAY) == Money(Decimal(10), "EUR")


def test_a_variant_has_what_it_leaves_empty_of_its_product(make: Make, owner: Actor, acme_bar: Record) -> None:
    taxes = dict(access.visible(owner, _object("tax-classes")).values_list("name", "id"))
    coffee = make(
        "products", name="Huila", price=euros("20"), unit="bag", tax_class=taxes["Reduced"], category="Coffee"
    )
    small = make("products", name="Huila", parent=coffee.id, options={"size": "250 g"}, price=euros("8"))
    other = make("products", name="Huila", parent=coffee.id, options={"size": "1 kg"})
    assert (small.title, other.title) == ("Huila, 250 g", "Huila, 1 kg")
    assert (price(owner, small, acme_bar), price(owner, other, acme_bar)) == (8, 20)
    found = {item.id: item for item in queries.items(access.visible(owner, _object("products")))}
    assert (found[small.id].unit, found[small.id].tax_class_id) == ("bag", taxes["Reduced"])
    make("discounts", name="Coffee week", percent=10, category="Coffee")
    assert price(owner, small, acme_bar) == Decimal("7.20")


def test_a_bundle_in_a_bundle_costs_what_is_in_it(make: Make, owner: Actor, acme_bar: Record, huila: Record) -> None:
    cup = make("products", name="Cup", price=euros("4"))
    inner = make("products", name="Pair", kind="bundle", bundle__items=[{"product": cup.id, "quantity": 2}])
    items = [{"product": inner.id}, {"product": huila.id, "quantity": 3}]
    box = make("products", name="Box", kind="bundle", bundle__items=items)
    assert price(owner, box, acme_bar) == 68
    assert told(owner, box, acme_bar) == ["The sum of its parts: 1 × Pair (€8.00), 3 × Huila (€20.00)."]


def test_rates_follow_country_region_and_day(make: Make, owner: Actor) -> None:
    standard = access.visible(owner, _object("tax-classes")).get(name="Standard")
    zero = access.visible(owner, _object("tax-classes")).get(name="Zero")
    for values in (
        {"country": "RO", "rate": 19, "until": "2025-07-31"},
        {"country": "RO", "rate": 21, "since": "2025-08-01"},
        {"country": "ES", "region": "Canarias", "rate": 7},
    ):
        make("tax-rates", tax_class=standard.id, **values)
    rate = queries.rate_of
    assert [rate(standard.id, "RO", day) for day in (date(2025, 7, 31), date(2025, 8, 1))] == [19, 21]
    assert (rate(standard.id, "ES", MAY), rate(standard.id, "ES", MAY, region="Canarias")) == (21, 7)
    assert rate(standard.id, "RO", MAY, reverse_charge=True) == 0
    assert (rate(zero.id, "US", MAY), rate(standard.id, "US", MAY), rate(None, "US", MAY)) == (0, None, 0)


def test_a_seller_gets_the_right_price_though_they_see_no_books(
    make: Make, cast: Cast, as_: As, set_role: Callable[..., None], acme_bar: Record, huila: Record
) -> None:
    own = make("price-books", name="Bar Sol", account=acme_bar.id)
    make("prices", product=huila.id, book=own.id, price=euros("17"))
    nothing = {"see": "none", "change": "none"}
    everything = {"see": "all", "change": "none"}
    set_role(cast.member, {"objects": {"*": everything, "price-books": nothing, "prices": nothing}})
    with as_(cast.member) as member:
        assert price(member, huila, acme_bar) == 17
    set_role(cast.member, {"objects": {"*": everything, "products": nothing}})
    with as_(cast.member) as member, pytest.raises(access.Absent):
        price(member, huila, acme_bar)


def test_more_off_than_a_seller_may_give_needs_an_approval(
    make: Make, cast: Cast, as_: As, acme_bar: Record, huila: Record
) -> None:
    make("discount-limits", percent=10)
    with as_(cast.member) as member:
        found = [
            queries.price_of(member, huila.id, acme_bar.id, "EUR", discount_percent=Decimal(off)) for off in (10, 11)
        ]
        assert [each.approval_needed for each in found] == [False, True]
        assert "11\u00a0% off by hand is more" in rules.told(found[1].steps, access.reader(member))[-1]


def test_many_lines_are_priced_in_a_handful_of_statements(
    make: Make, owner: Actor, acme_bar: Record, book: Record, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    products = [make("products", name=f"P{n}", price=euros(str(n + 1))) for n in range(30)]
    make("prices", product=products[0].id, book=book.id, price=euros("100"))
    make("discounts", name="Half", percent=50, segment=CUSTOMERS)
    asked = [(products[n % 30].id, Decimal(1)) for n in range(200)]
    with django_assert_max_num_queries(7):
        found = queries.prices_of(owner, asked, account=acme_bar.id, currency="EUR")
    assert [each.price.amount for each in found[:3]] == [50, 1, Decimal("1.50")]
    assert len(found) == 200


def _object(plural: str) -> Any:
    from trato.engine import objects

    return objects.get(plural)
