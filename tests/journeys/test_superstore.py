"""Four years of a shop by the ordinary importer: equal to the cent, dirt reported, and twice without a second copy."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from trato.engine import access, custom, objects
from trato.engine.imports.tests.running import counts, imported
from trato.engine.workspaces.models import Workspace

from .superstore import MAPPINGS, exported, rows

pytestmark = pytest.mark.slow
#: Published with the file: its lines, orders, customers and product ids, sales and profit.
LINES, ORDERS, CUSTOMERS, PRODUCTS, TWO_NAMES = 9994, 5009, 793, 1862, 32
SALES, PROFIT = Decimal("2297200.86"), Decimal("286397.02")


@pytest.fixture(autouse=True)
def files_of_this_test(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_the_shop_is_imported_to_the_cent_and_twice_is_once(owner: Any) -> None:
    Workspace.objects.filter(id=owner.workspace.id).update(currency="USD", country="US")
    owner.workspace.currency, owner.workspace.country = "USD", "US"
    for plural in ("accounts", "contacts"):
        field = {"name": "customer", "label": "Customer ID", "kind": "text", "unique": True}
        custom.add(owner, objects.get(plural), field)
    content = exported()

    def run(plural: str) -> Any:
        mapping, match = MAPPINGS[plural]
        return imported(owner, content, name="superstore.csv", plural=plural, mapping=mapping, match=match)

    source = rows()
    names: dict[str, str] = {}
    renamed = [row for row in source if names.setdefault(row["Product ID"], row["Product Name"]) != row["Product Name"]]
    first = {plural: run(plural) for plural in MAPPINGS}
    assert {plural: counts(done) for plural, done in first.items()} == {
        "accounts": {"created": CUSTOMERS, "unchanged": LINES - CUSTOMERS},
        "contacts": {"created": CUSTOMERS, "unchanged": LINES - CUSTOMERS},
        "products": {"created": PRODUCTS, "unchanged": LINES - PRODUCTS - len(renamed), "failed": len(renamed)},
        "orders": {"created": ORDERS, "unchanged": LINES - ORDERS},
        "order-lines": {"created": LINES},
    }
    dirt = first["products"].problems.all()
    assert {problem.row[13] for problem in dirt} == {row["Product ID"] for row in renamed}
    assert len({row["Product ID"] for row in renamed}) == TWO_NAMES
    assert all("must be unique" in problem.message for problem in dirt)
    as_published(owner)

    again = {plural: counts(run(plural)) for plural in MAPPINGS}
    assert again == {
        "accounts": {"unchanged": LINES},
        "contacts": {"unchanged": LINES},
        "products": {"unchanged": LINES - len(renamed), "failed": len(renamed)},
        "orders": {"unchanged": LINES},
        "order-lines": {"unchanged": LINES},
    }
    as_published(owner)


def as_published(owner: Any) -> None:
    """What the file says of itself, to the cent; an order is what its lines come to in whole cents."""
    lines = access.visible(owner, objects.get("order-lines"))
    told = lines.aggregate(sales=Sum("worth"), profit=Sum("margin"), net=Sum("net"))
    cent = Decimal("0.01")
    assert (told["sales"].quantize(cent), told["profit"].quantize(cent)) == (SALES, PROFIT)
    in_cents = sum(Decimal(row["Sales"]).quantize(cent, "ROUND_HALF_UP") for row in rows())
    orders = access.visible(owner, objects.get("orders"))
    assert told["net"] == orders.aggregate(n=Sum("total"))["n"] == in_cents
    assert orders.count() == ORDERS
    claire = orders.get(external_key="CA-2016-152156")
    assert (claire.account.title, claire.total, str(claire.ordered_on)) == (
        "Claire Gute",
        Decimal("993.90"),
        "2016-11-08",
    )
    assert claire.ship_to[0]["city"] == "Henderson"
