"""The pure rules: totals that lose nothing, prices with their reasons, exchange."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trato.engine.kinds import Reader
from trato.engine.kinds.money import Money
from trato.modules.catalog import rules
from trato.modules.catalog.rules import Book, Cut, Item, Line, Shelf, document_totals, quote

D = Decimal
RATES = {"standard": D(22), "reduced": D(10), "zero": D(0), "odd": D("8.1"), "unknown": None}


def totals(lines: list[Line], **more: Any) -> rules.Totals:
    given = {"currency": "EUR", "prices": "exclusive", "rounding": "document", "discount_percent": None}
    return document_totals(lines, **{**given, "rate_of": RATES.get, **more})


# -- totals: whole documents ----------------------------------------------------------------------------------------

lines = st.builds(
    Line,
    quantity=st.decimals("-9999", "99999", places=4),
    price=st.decimals("-99999", "99999", places=4),
    discount_percent=st.none() | st.decimals(0, 100, places=4),
    tax_class=st.sampled_from(sorted(RATES)),
    is_optional=st.booleans(),
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(lines, max_size=12),
    st.sampled_from(["EUR", "JPY", "KWD"]),
    st.sampled_from(["exclusive", "inclusive"]),
    st.sampled_from(["line", "document"]),
    st.none() | st.decimals(0, 100, places=4),
)
def test_the_parts_make_the_whole(
    given: list[Line], currency: str, prices: str, rounding: str, off: Decimal | None
) -> None:
    found = totals(given, currency=currency, prices=prices, rounding=rounding, discount_percent=off)
    unit = Decimal(1).scaleb(-{"EUR": 2, "JPY": 0, "KWD": 3}[currency])
    counted = [net for net, line in zip(found.line_nets, given, strict=True) if not line.is_optional]
    assert sum(counted, D(0)) == found.subtotal
    assert found.subtotal - found.discount == found.net
    assert found.net + found.tax == found.total
    for name in ("net", "tax", "discount"):
        assert sum((getattr(each, name) for each in found.taxes), D(0)) == getattr(found, name)
    amounts = [found.total, found.tax, found.net, *found.line_nets]
    assert all(amount == amount.quantize(unit) for amount in amounts)


@settings(max_examples=200, deadline=None)
@given(st.lists(lines, max_size=12), st.sampled_from(["line", "document"]), st.decimals(0, 100, places=4))
def test_prices_with_tax_are_what_is_paid(given: list[Line], rounding: str, off: Decimal) -> None:
    """Whatever the taxes, who was told 9.99 pays 9.99; the discount is rounded once."""
    found = totals(given, prices="inclusive", rounding=rounding, discount_percent=off)
    asked = [
        (line.quantity * line.price * (100 - (line.discount_percent or 0)) / 100).quantize(D("0.01"), ROUND_HALF_UP)
        for line in given
        if not line.is_optional
    ]
    cut = rules.rounded(Fraction(sum(asked, D(0))) * Fraction(off) / 100, 2)
    assert found.total == sum(asked, D(0)) - cut


@settings(max_examples=200, deadline=None)
@given(st.lists(lines, max_size=12), st.sampled_from(["line", "document"]))
def test_tax_is_off_by_at_most_half_a_cent_a_rounding(given: list[Line], rounding: str) -> None:
    found = totals(given, rounding=rounding)
    for each in found.taxes:
        own = [line for line in given if line.tax_class == each.tax_class and not line.is_optional]
        roundings = 1 if rounding == "document" else len(own)
        exact = Fraction(each.net) * Fraction(each.rate or 0) / 100
        assert abs(Fraction(each.tax) - exact) <= Fraction(1, 200) * roundings


@settings(max_examples=200, deadline=None)
@given(st.lists(st.fractions(-1000, 1000, max_denominator=10_000), max_size=20), st.integers(0, 3))
def test_what_is_apportioned_is_no_unit_off(exact: list[Fraction], places: int) -> None:
    parts = rules.apportion(exact, places)
    unit = Fraction(1, 10**places)
    assert sum(map(Fraction, parts)) == Fraction(rules.rounded(sum(exact, Fraction()), places))
    assert all(abs(Fraction(part) - each) < unit for part, each in zip(parts, exact, strict=True))


@settings(max_examples=300, deadline=None)
@given(lines, st.integers(0, 4))
def test_a_line_is_rounded_once_and_exactly(line: Line, places: int) -> None:
    """As fractions of whole numbers have it, in which nothing is lost."""
    found = rules.totals.line_amount(line, places)
    exact = Fraction(line.quantity) * Fraction(line.price) * (100 - Fraction(line.discount_percent or 0)) / 100
    assert found == rules.rounded(exact, places)
    assert found or not found.is_signed()


def test_half_a_cent_of_a_line_goes_away_from_zero() -> None:
    halves = [
        Line(D(1), D("0.005")),
        Line(D(-1), D("0.005")),
        Line(D("0.5"), D("0.05"), D(10)),
        Line(D(1), D("-0.004")),
    ]
    assert [rules.totals.line_amount(line, 2) for line in halves] == [D("0.01"), D("-0.01"), D("0.02"), D(0)]
    assert rules.totals.line_amount(Line(D(1), D("0.045")), 2) == D("0.05")


def test_half_a_cent_goes_away_from_zero() -> None:
    assert [rules.rounded(Fraction(n, 1000), 2) for n in (5, -5, 4, 15)] == [D("0.01"), D("-0.01"), D(0), D("0.02")]


def test_rounding_by_line_and_by_document_differ_as_stated() -> None:
    # Three lines of 0.35 at 22 %: 0.077 each. By line 3 x 0.08 = 0.24; of 1.05 as a whole 0.231 -> 0.23.
    three = [Line(D(1), D("0.35"), None, "standard")] * 3
    assert totals(three, rounding="line").tax == D("0.24")
    assert totals(three, rounding="document").tax == D("0.23")


def test_an_invoice_of_two_rates_with_a_discount_by_hand() -> None:
    """By hand: 3 x 9.99 = 29.97 at 22 %; 1 x 100 less 10 % = 90.00 at 10 %; 5 % off the document is 6.00 of 119.97,
    1.50 of the first (1.4985 rounds up with the largest remainder) and 4.50 of the second.
    """
    given = [Line(D(3), D("9.99"), None, "standard"), Line(D(1), D(100), D(10), "reduced")]
    found = totals(given, discount_percent=D(5))
    assert (found.subtotal, found.discount, found.net) == (D("119.97"), D("6.00"), D("113.97"))
    assert [(each.net, each.tax) for each in found.taxes] == [(D("28.47"), D("6.26")), (D("85.50"), D("8.55"))]
    assert (found.tax, found.total) == (D("14.81"), D("128.78"))


def test_the_standard_invoice_of_the_norm() -> None:
    """The example EN 16931 is explained by ("Beispielrechnung" of ZUGFeRD 2.x, EN16931_Einfach): 20 x 9.90 at 19 % and
    50 x 5.50 at 7 %; net 473.00, tax 37.62 + 19.25 = 56.87, total 529.87.
    """
    rates = {"19": D(19), "7": D(7)}
    given = [Line(D(20), D("9.90"), None, "19"), Line(D(50), D("5.50"), None, "7")]
    found = totals(given, rate_of=rates.get)
    assert found.line_nets == [D("198.00"), D("275.00")]
    assert [each.tax for each in found.taxes] == [D("37.62"), D("19.25")]
    assert (found.net, found.tax, found.total) == (D("473.00"), D("56.87"), D("529.87"))


def test_a_currency_without_cents_is_rounded_to_whole_units() -> None:
    # 3 x 105 yen at 8 %: 315, tax 25.2 -> 25.
    found = totals([Line(D(3), D(105), None, "t")], currency="JPY", rate_of={"t": D(8)}.get)
    assert (found.net, found.tax, found.total) == (D(315), D(25), D(340))


def test_a_class_without_a_rate_is_told_and_not_taxed() -> None:
    (each,) = totals([Line(D(1), D(10), None, "unknown")]).taxes
    assert (each.rate, each.tax) == (None, 0)


def test_a_document_of_nothing_comes_to_nothing() -> None:
    found = totals([])
    assert (found.net, found.tax, found.total, found.taxes, found.line_nets) == (0, 0, 0, [], [])


# -- exchange -------------------------------------------------------------------------------------------------------


def test_exchange_goes_over_the_base_currency() -> None:
    # One euro is 1.08 dollars and 0.85 pounds: 54 dollars are 50 euros are 42.50 pounds.
    rates = {"EUR": D(1), "USD": D("1.08"), "GBP": D("0.85")}
    assert rules.convert(D(54), "USD", "GBP", rates) == D("42.50")
    assert rules.convert(D(54), "USD", "USD", {}) == D(54)
    assert rules.convert(D(54), "USD", "RON", rates) is None


# -- prices ---------------------------------------------------------------------------------------------------------

COFFEE, SMALL, BOX, CUP = (UUID(int=n) for n in range(1, 5))
WHOLESALE, STANDARD, DOLLARS = (UUID(int=n) for n in range(11, 14))


def item(record_id: UUID, title: str = "Huila", price: str | None = "20", **more: Any) -> Item:
    money = Money(D(price), more.pop("currency", "EUR")) if price else None
    values = {"parent_id": None, "kind": "goods", "category": "Coffee", "unit": "kg", "tax_class_id": None}
    values |= {"recurring": "none", "cost": None, "is_active": True}
    return Item(record_id, title=title, price=money, **{**values, **more})


def book(record_id: UUID, name: str = "Standard", currency: str = "EUR", **more: Any) -> Book:
    return Book(record_id, name, currency, **{"prices": "exclusive", "reach": "all", "converts": False, **more})


def cut(name: str, percent: str | None = None, amount: str | None = None, **more: Any) -> Cut:
    off = Money(D(amount), "EUR") if amount else None
    values = {"product_id": None, "category": "", "quantity": None, "stacks": False}
    return Cut(name, D(percent) if percent else None, off, **{**values, **more})


def told(quoted: rules.Quoted) -> list[str]:
    return rules.told(quoted.steps, Reader(language="en"))


def test_the_first_book_that_has_the_product_gives_the_price_by_quantity() -> None:
    books = [book(WHOLESALE, "Wholesale", reach="account"), book(STANDARD)]
    tiers = {(WHOLESALE, COFFEE): [(D(100), D(12)), (D(10), D(14))], (STANDARD, COFFEE): [(D(1), D(19))]}
    shelf = Shelf("EUR", books=books, tiers=tiers)
    found = {n: quote(item(COFFEE), D(n), shelf) for n in (1, 10, 99, 100)}
    assert {n: each.price.amount for n, each in found.items()} == {1: 19, 10: 14, 99: 14, 100: 12}
    assert (found[100].book, found[100].rule) == ("Wholesale", "100")
    assert told(found[10]) == ["Price book “Wholesale”, for this account alone: €14.00 from 10 on."]


def test_a_variant_has_its_own_price_or_that_of_its_product() -> None:
    shelf = Shelf("EUR", books=[book(STANDARD)], tiers={(STANDARD, COFFEE): [(D(1), D(19))]})
    small = item(SMALL, price=None, parent_id=COFFEE)
    assert quote(small, D(1), shelf).price.amount == 19
    own = Shelf("EUR", books=[book(STANDARD)], tiers={**shelf.tiers, (STANDARD, SMALL): [(D(1), D(6))]})
    assert quote(small, D(1), own).price.amount == 6


def test_a_price_in_another_currency_is_exchanged_only_where_a_book_allows_it() -> None:
    rates = {"EUR": D(1), "USD": D("1.08")}
    found = quote(item(COFFEE), D(1), Shelf("USD", books=[book(DOLLARS, "US", "USD")], rates=rates))
    assert found.price is None
    assert told(found) == ["There is no price in USD, only in EUR, and no price book in USD converts."]
    allowed = Shelf("USD", books=[book(DOLLARS, "US", "USD", converts=True)], rates=rates)
    assert quote(item(COFFEE), D(1), allowed).price == Money(D("21.60"), "USD")
    unknown = Shelf("USD", books=allowed.books, rates={"EUR": D(1)})
    assert "no exchange rate from EUR to USD" in told(quote(item(COFFEE), D(1), unknown))[0]


def test_a_product_without_any_price_says_so() -> None:
    found = quote(item(COFFEE, price=None), D(1), Shelf("EUR"))
    assert (found.price, found.list_price, found.discount) == (None, None, 0)
    assert "There is no price" in told(found)[0]


def test_the_best_of_the_discounts_comes_off_then_those_that_add_up() -> None:
    cuts = [cut("Spring", "10"), cut("Two euros", amount="2"), cut("Loyal", "5", stacks=True)]
    found = quote(item(COFFEE), D(1), Shelf("EUR", cuts=cuts))
    # 10 % of 20 and 2 euros are the same; the first stands. 18 less 5 % is 17.10, 14.5 % off in all.
    assert (found.price.amount, found.list_price.amount, found.discount) == (D("17.10"), 20, D("14.5"))
    assert told(found)[1:] == [
        "Discount “Spring”: 10\u00a0% off.",
        "Discount “Loyal”: 5\u00a0% off.",
        "After discounts: €17.10.",
    ]


@pytest.mark.parametrize(
    "other",
    [{"product_id": CUP}, {"category": "Cups"}, {"quantity": D(5)}],
    ids=["other product", "other category", "too few"],
)
def test_a_discount_for_something_else_does_not_come_off(other: dict[str, Any]) -> None:
    assert quote(item(COFFEE), D(4), Shelf("EUR", cuts=[cut("No", "50", **other)])).price.amount == 20


def test_nothing_costs_less_than_nothing() -> None:
    assert quote(item(COFFEE), D(1), Shelf("EUR", cuts=[cut("All", amount="30")])).price.amount == 0


def test_a_bundle_costs_what_its_parts_cost_unless_it_has_a_price() -> None:
    box = item(BOX, "Box", None, kind="bundle")
    items = {COFFEE: item(COFFEE), CUP: item(CUP, "Cup", "4.5"), BOX: box}
    shelf = Shelf("EUR", items=items, parts={BOX: [(COFFEE, D(2)), (CUP, D(6))]})
    found = quote(box, D(1), shelf)
    assert found.price.amount == 67  # 2 x 20 + 6 x 4.50
    assert told(found) == ["The sum of its parts: 2 × Huila (€20.00), 6 × Cup (€4.50)."]
    assert quote(item(BOX, "Box", "60", kind="bundle"), D(1), shelf).price.amount == 60


def test_a_bundle_whose_part_has_no_price_names_it_and_a_circle_ends() -> None:
    box = item(BOX, "Box", None, kind="bundle")
    shelf = Shelf("EUR", items={CUP: item(CUP, "Cup", None), BOX: box}, parts={BOX: [(CUP, D(1))]})
    assert "“Cup”" in told(quote(box, D(1), shelf))[0]
    assert quote(box, D(1), Shelf("EUR", items={BOX: box}, parts={BOX: [(BOX, D(1))]})).price is None


def test_a_book_with_tax_and_a_document_without_agree() -> None:
    tax = UUID(int=21)
    shelf = Shelf(
        "EUR",
        books=[book(STANDARD, prices="inclusive")],
        tiers={(STANDARD, COFFEE): [(D(1), D("24.20"))]},
        taxes={tax: D(21)},
    )
    found = quote(item(COFFEE, tax_class_id=tax), D(1), shelf)
    assert found.price.amount == 20
    assert told(found)[-1] == "Without 21\u00a0% tax: €20.00."


# -- words of checks ------------------------------------------------------------------------------------------------


def test_a_discount_is_a_percentage_or_an_amount() -> None:
    assert rules.discount_problem({"percent": None, "amount": None})
    assert rules.discount_problem({"percent": D(5), "amount": Money(D(1), "EUR")})
    assert rules.discount_problem({"percent": D(0), "amount": None})
    assert rules.discount_problem({"percent": None, "amount": Money(D(-1), "EUR")})
    assert rules.discount_problem({"percent": D(5), "amount": None}) == {}


def test_the_rates_of_well_known_countries_have_no_gap() -> None:
    for classes in rules.RATES.values():
        for first, then in ((rates[0], rates[1]) for rates in classes.values() if len(rates) > 1):
            assert first.until.toordinal() + 1 == then.since.toordinal()
    assert rules.RATES["DE"]["standard"][0].percent == 19
    assert [rate.percent for rate in rules.RATES["RO"]["standard"]] == [19, 21]
    assert "reduced" not in rules.RATES["DK"]
