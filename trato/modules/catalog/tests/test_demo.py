"""What the demo sells, told in somebody's own workspace."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from trato.engine import access, objects
from trato.modules.catalog import demo, queries, rules

if TYPE_CHECKING:
    from trato.engine.workspaces.actors import Actor

    from .conftest import Make


def test_the_roastery_sells_bags_machines_service_and_boxes(owner: Actor, make: Make) -> None:
    bar = make("accounts", name="Casa Lumbre", industry="Restaurant")
    group = make("accounts", name="Grupo Almendro", industry="Hospitality")
    demo.fill(owner)
    products = access.visible(owner, objects.get("products"))
    by_code = {product.sku: product.id for product in products}
    assert len(by_code) == 5 * 5 + 10 + 2

    def price(code: str, account: object, quantity: int = 1, currency: str = "EUR") -> rules.Quoted:
        return queries.price_of(owner, by_code[code], account, currency, Decimal(quantity), day=date.today())

    alba = "ALB-1000-W"
    # 23.50 x 0.82 = 19.27 by the wholesale book; the group has its own.
    assert [price(alba, who).price.amount for who in (None, bar.id, group.id)] == [
        Decimal("23.50"),
        Decimal("19.27"),
        Decimal("15.50"),
    ]
    assert price(alba, bar.id, 20).book == "Wholesale"
    assert price("BOX-T", None).price.amount == 24
    # 4 x 23.50 + 30.00 + 12.50
    assert price("BOX-O", None).price.amount == Decimal("136.50")
    assert price("DUO", None, currency="USD").price.currency == "USD"
