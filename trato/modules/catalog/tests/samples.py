"""What the contract tests fill into this module's objects where their rules ask for more than the kinds."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

from trato.engine import actions, objects
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.models import Role

_numbers = count(1)


def _code(actor: Actor, n: int) -> str:
    return f"{'ABC'[n]}-{next(_numbers)}"


def _role(actor: Actor, n: int) -> str:
    return Role.objects.create(name=f"{'ABC'[n]} {next(_numbers)}").name


def _day(actor: Actor, n: int) -> str:
    return (date(2000 + 10 * n, 1, 1) + timedelta(days=next(_numbers))).isoformat()


def _bundle(actor: Actor, n: int) -> str:
    obj = objects.get("products")
    return obj.ref(actions.create(actor, obj, {"name": f"Bundle {next(_numbers)}", "kind": "bundle"}).id)


def euros(*amounts: str) -> list[dict[str, str]]:
    return [{"amount": amount, "currency": "EUR"} for amount in amounts]


QUANTITIES = [0.5, 1, 12]
SEGMENTS = [{"field": "name", "op": "is", "value": value} for value in ("a", "b", "c")]
#: What lines of documents with prices hold, for the modules above, too.
LINE: dict[str, Any] = {"quantity": QUANTITIES, "price": euros("0", "1.5", "1234.56")}
VALUES: dict[str, dict[str, Any]] = {
    "products": {
        "price": LINE["price"],
        "cost": LINE["price"],
        "options": [{"size": "250 g"}, {"size": "500 g"}, {"size": "1 kg"}],
        "sku": _code,
    },
    "bundle-items": {"bundle": _bundle, "bundle.": {"kind": "bundle"}, "quantity": QUANTITIES, "position": [0, 1, 2]},
    "price-books": {"segment": SEGMENTS, "currency": ["EUR", "EUR", "EUR"]},
    "prices": {"quantity": QUANTITIES, "price": LINE["price"]},
    "discounts": {"": {"percent": 5}, "percent": [5, 12.5, 99], "amount": None, "segment": SEGMENTS},
    "discount-limits": {"": {"role": _role}, "role": _role},
    "exchange-rates": {
        "currency": ["CHF", "GBP", "USD"],
        "base": ["EUR", "EUR", "EUR"],
        "day": _day,
        "rate": QUANTITIES,
    },
    "paper-lines": LINE,
}
