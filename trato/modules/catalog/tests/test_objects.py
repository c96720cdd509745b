"""What the objects of the catalogue refuse, in words, and how a catalogue is brought in."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from trato.engine import access, actions, objects
from trato.engine.imports.tests.running import carry_out, counts, draft
from trato.engine.kinds import Unresolved
from trato.engine.values import Refused
from trato.modules.catalog.models import Price, Product

if TYPE_CHECKING:
    from pathlib import Path

    from trato.engine.models import Record
    from trato.engine.workspaces.actors import Actor

    from .conftest import Make


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def refused(make: Any, plural: str, **values: Any) -> str:
    with pytest.raises(Refused) as problem:
        make(plural, **values)
    return str(problem.value)


def test_there_are_no_variants_of_variants(make: Make, owner: Actor, huila: Record) -> None:
    small = make("products", name="Small", parent=huila.id)
    assert "no variants of variants" in refused(make, "products", name="Smaller", parent=small.id)
    products = objects.get("products")
    for record, parent, words in (
        (huila, huila, "variant of itself"),
        (huila, make("products", name="X"), "has variants"),
    ):
        with pytest.raises(Refused, match=words):
            actions.update(owner, products, record.id, {"parent": parent.id})


def test_no_bundle_is_in_itself_at_any_level(make: Make, huila: Record) -> None:
    inner = make("products", name="Inner", kind="bundle", bundle__items=[{"product": huila.id}])
    outer = make("products", name="Outer", kind="bundle", bundle__items=[{"product": inner.id}])
    for bundle, product in ((inner, inner), (inner, outer)):
        assert "can't be in itself" in refused(make, "bundle-items", bundle=bundle.id, product=product.id)
    assert "Only a bundle" in refused(make, "bundle-items", bundle=huila.id, product=inner.id)


def test_a_bundle_that_holds_something_stays_one(make: Make, owner: Actor, huila: Record) -> None:
    box = make("products", name="Box", kind="bundle", bundle__items=[{"product": huila.id}])
    with pytest.raises(Refused, match="take them out"):
        actions.update(owner, objects.get("products"), box.id, {"kind": "goods"})


def test_a_code_is_one_products(make: Make, huila: Record) -> None:
    assert "must be unique" in refused(make, "products", name="Other", sku="HUI")
    assert {make("products", name="No code").sku, make("products", name="None either").sku} == {None}


def test_a_price_is_in_its_books_currency_and_more_than_nothing(make: Make, huila: Record, book: Record) -> None:
    dollars = {"amount": "5", "currency": "USD"}
    values = {"product": huila.id, "book": book.id}
    assert "in EUR" in refused(make, "prices", **values, price=dollars)
    assert "less than nothing" in refused(make, "prices", **values, price=euros("-1"))
    assert "more than nothing" in refused(make, "prices", **values, price=euros("1"), quantity=0)
    make("prices", **values, price=euros("1"))
    assert "must be unique" in refused(make, "prices", **values, price=euros("2"))


def test_a_filter_of_customers_is_read_before_it_is_kept(make: Make) -> None:
    segment = {"field": "colour", "op": "is", "value": "red"}
    assert "no field" in refused(make, "price-books", name="Wrong", segment=segment)
    assert "no field" in refused(make, "discounts", name="Wrong", percent=5, segment=segment)


def test_a_discount_is_a_percentage_or_an_amount(make: Make) -> None:
    assert "one of the two" in refused(make, "discounts", name="Nothing")
    assert "one of the two" in refused(make, "discounts", name="Both", percent=5, amount=euros("2"))


def test_a_limit_names_a_role_there_is(make: Make) -> None:
    assert "Manager" in refused(make, "discount-limits", role="Boss", percent=5)


def test_an_exchange_rate_is_between_two_currencies(make: Make) -> None:
    assert "another currency" in refused(make, "exchange-rates", currency="EUR", day="2026-05-01", rate=1)
    assert "more than nothing" in refused(make, "exchange-rates", currency="USD", day="2026-05-01", rate=0)


def test_a_product_is_named_by_its_code(make: Make, owner: Actor, huila: Record) -> None:
    variant = make("products", name="Small", parent=Unresolved("hui"))
    assert variant.parent_id == huila.id
    assert "Nothing is called" in refused(make, "products", name="Lost", parent=Unresolved("NOPE-1"))


# -- a catalogue comes as files -------------------------------------------------------------------------------------

PRODUCTS = """Name,Code,Type,Variant of,Options,List price,Unit,Category
"Huila, 250 g",HUI-250,goods,HUI,"{""size"": ""250 g""}",EUR 8.50,,
Huila,HUI,goods,,,EUR 20.00,bag,Coffee
"Huila, 1 kg",HUI-1000,goods,HUI,size: 1 kg,EUR 30.00,,
Barista course,CRS,service,,,EUR 120.00,hour,Training
Ghost variant,GHO,goods,NOPE,,EUR 1.00,,
"""
PRICES = """Product,Price book,From quantity,Price
HUI-250,Wholesale,1,EUR 7.00
HUI-250,Wholesale,50,EUR 6.25
HUI-1000,Wholesale,1,EUR 25.00
HUI-999,Wholesale,1,EUR 5.00
CRS,Wholesale,1,USD 90.00
"""


@pytest.fixture
def files_of_this_test(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_a_catalogue_comes_in_as_files_and_again_without_a_second_copy(
    make: Make, owner: Actor, files_of_this_test: None
) -> None:
    run = carry_out(owner, draft(owner, PRODUCTS, name="products.csv", plural="products"))
    assert run.options["match"] == ["sku"]
    assert counts(run) == {"created": 4, "failed": 1}
    (ghost,) = run.problems.all()
    assert (ghost.line, "Nothing is called “NOPE”" in ghost.message) == (6, True)
    huila = Product.objects.get(sku="HUI")
    assert set(Product.objects.filter(parent=huila).values_list("sku", flat=True)) == {"HUI-250", "HUI-1000"}
    small = Product.objects.get(sku="HUI-250")
    assert (small.title, small.options, small.price) == ("Huila, 250 g", {"size": "250 g"}, Decimal("8.50"))
    again = carry_out(owner, draft(owner, PRODUCTS, name="products.csv", plural="products"))
    assert counts(again) == {"unchanged": 4, "failed": 1}

    make("price-books", name="Wholesale")
    run = carry_out(
        owner, draft(owner, PRICES, name="prices.csv", plural="prices"), match=["product", "book", "quantity"]
    )
    assert counts(run) == {"created": 3, "failed": 2}
    messages = " ".join(run.problems.values_list("message", flat=True))
    assert "HUI-999" in messages and "in EUR" in messages
    again = carry_out(
        owner, draft(owner, PRICES, name="prices.csv", plural="prices"), match=["product", "book", "quantity"]
    )
    assert counts(again) == {"unchanged": 3, "failed": 2}
    assert sorted(Price.objects.filter(product=small).values_list("quantity", "price")) == [
        (1, 7),
        (50, Decimal("6.25")),
    ]


def test_every_member_may_look_prices_up(make: Make, owner: Actor) -> None:
    assert access.may_see_any(owner, objects.get("products"))
