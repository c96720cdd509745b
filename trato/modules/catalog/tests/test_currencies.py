"""Filters on amounts in several currencies: compared at the latest rates, as calculated by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from trato.engine import access, conditions, custom, filters, objects, values

if TYPE_CHECKING:
    from trato.engine.workspaces.actors import Actor

    from .conftest import Make

pytestmark = pytest.mark.django_db

#: One unit of the base is 1.25 of USD and 160 of JPY: what each price is in EUR, None where there is no rate.
PRICES = {
    ("100", "EUR"): 100,
    ("120", "USD"): 96,
    ("130", "USD"): 104,
    ("16500", "JPY"): 103.125,
    ("15000", "JPY"): 93.75,
    ("500", "GBP"): None,
    ("", ""): None,
}
ALL = {f"{amount} {code}".strip() or "none" for amount, code in PRICES}


def money(text: str) -> dict[str, str]:
    amount, code = text.split()
    return {"amount": amount, "currency": code}


@pytest.fixture
def priced(make: Make, owner: Actor) -> Actor:
    """Products whose names are their prices, in a workspace of euros."""
    assert owner.workspace.currency == "EUR"
    for amount, code in PRICES:
        price = {"amount": amount, "currency": code} if amount else None
        make("products", name=f"{amount} {code}".strip() or "none", price=price)
    return owner


@pytest.fixture
def rated(priced: Actor, make: Make) -> Actor:
    """The same where rates are known, and older ones that hold no more."""
    for day, code, rate in (("2020-01-01", "USD", "9"), ("2021-01-01", "USD", "1.25"), ("2021-01-01", "JPY", "160")):
        make("exchange-rates", day=day, base="EUR", currency=code, rate=rate)
    return priced


def found(actor: Actor, tree: dict[str, Any]) -> set[str]:
    """The names of what a filter holds; what Python says of each is the same."""
    products = objects.get("products")
    rows = list(access.visible(actor, products))
    held = set(filters.narrow(actor, products, access.visible(actor, products), tree).values_list("name", flat=True))
    fields, reader = access.fields(actor, products), access.reader(actor)
    if "field" in tree:
        told = {
            row.name for row in rows if conditions.holds(fields, tree, values.of_record(products, row, fields), reader)
        }
        assert told == held
    return held


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        ("gt", "100 EUR", {"130 USD", "16500 JPY"}),
        ("gte", "100 EUR", {"100 EUR", "130 USD", "16500 JPY"}),
        ("lt", "100 EUR", {"120 USD", "15000 JPY"}),
        ("lte", "104 EUR", {"100 EUR", "120 USD", "130 USD", "16500 JPY", "15000 JPY"}),
        ("gt", "120 USD", {"100 EUR", "130 USD", "16500 JPY"}),
        ("lt", "15001 JPY", {"15000 JPY"}),
        ("gt", "400 GBP", {"500 GBP"}),
        ("lt", "400 GBP", set()),
        ("is", "100 EUR", {"100 EUR"}),
        ("is", "125 USD", set()),
        ("is_not", "100 EUR", ALL - {"100 EUR"}),
    ],
)
def test_each_amount_is_compared_in_its_own_currency(rated: Actor, op: str, value: str, expected: set[str]) -> None:
    assert found(rated, {"field": "price", "op": op, "value": money(value)}) == expected


def test_a_number_alone_is_in_the_currency_of_the_workspace(rated: Actor) -> None:
    assert found(rated, {"field": "price", "op": "gt", "value": 100}) == {"130 USD", "16500 JPY"}
    both = [money("95 EUR"), money("130 USD")]
    assert found(rated, {"field": "price", "op": "between", "value": both}) == {
        *("100 EUR", "120 USD", "130 USD", "16500 JPY")
    }
    assert found(rated, {"field": "price", "op": "empty"}) == {"none"}


def test_without_rates_only_the_same_currency_is_found(priced: Actor) -> None:
    assert found(priced, {"field": "price", "op": "gt", "value": money("99 EUR")}) == {"100 EUR"}
    assert found(priced, {"field": "price", "op": "lt", "value": money("125 USD")}) == {"120 USD"}


def test_sums_and_the_most_of_related_records_are_in_one_currency(rated: Actor, make: Make) -> None:
    """60 EUR and 60 USD (48 EUR) are 108 EUR; 300 GBP have no rate."""
    whole = make("products", name="Whole")
    for name, price in (("One", "60 EUR"), ("Two", "60 USD"), ("Three", "300 GBP")):
        make("products", name=name, parent=str(whole.id), price=money(price))

    def of_parts(**asked: Any) -> set[str]:
        return found(rated, {"related": "products.parent", **asked})

    assert of_parts(sum="price", op="gt", value=money("107 EUR")) == {"Whole"}
    assert of_parts(sum="price", op="gt", value=money("109 EUR")) == set()
    assert of_parts(sum="price", op="between", value=[money("134 USD"), money("109 EUR")]) == {"Whole"}  # 135 USD
    assert of_parts(avg="price", op="is", value=money("54 EUR")) == {"Whole"}
    assert of_parts(max="price", op="lt", value=money("76 USD")) == {"Whole"}
    assert of_parts(min="price", op="lte", value=money("48 EUR")) == {"Whole"}
    assert of_parts(max="price", op="filled") == {"Whole"}
    with pytest.raises(filters.BadFilter, match="no exchange rate"):
        of_parts(sum="price", op="between", value=[money("1 GBP"), money("1 EUR")])


def test_a_rate_that_no_currency_has_and_amounts_without_end_break_nothing(rated: Actor, make: Make) -> None:
    make("exchange-rates", day="2021-01-01", base="EUR", currency="IRR", rate="9999999999")
    make("exchange-rates", day="2021-01-01", base="EUR", currency="KWD", rate="0.00000001")
    for value in ("999999999999999.9999 EUR", "-999999999999999 KWD", "0.0001 IRR"):
        for op in ("gt", "lt"):
            found(rated, {"field": "price", "op": op, "value": money(value)})
        found(rated, {"related": "products.parent", "sum": "price", "op": "gt", "value": money(value)})


def test_amounts_in_a_field_of_ones_own_are_compared_alike(rated: Actor, make: Make) -> None:
    custom.add(rated, objects.get("products"), {"name": "fee", "label": "Fee", "kind": "money"})
    for name, fee in (("Fair", "130 USD"), ("Cheap", "120 USD"), ("Odd", "500 GBP")):
        make("products", name=name, custom={"fee": money(fee)})
    assert found(rated, {"field": "custom.fee", "op": "gt", "value": money("100 EUR")}) == {"Fair"}
    assert found(rated, {"field": "custom.fee", "op": "is", "value": money("500 GBP")}) == {"Odd"}
