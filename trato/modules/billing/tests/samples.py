"""What the contract tests fill into this module's objects where their rules ask for more than the kinds."""

from __future__ import annotations

from itertools import count
from typing import Any

from trato.engine import access, actions, objects
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog.tests.samples import LINE, QUANTITIES, euros

from .conftest import make_customer, make_order, run

_numbers = count(1)
#: What was made last: a delivery's line of the order, a payment's invoice.
_last: dict[str, Any] = {}
EURO = ["EUR", "EUR", "EUR"]


def _order(actor: Actor) -> Any:
    return make_order(actor, make_customer(actor), ("100", "10.00", "21"))


def _delivery(actor: Actor, n: int) -> str:
    order = _order(actor)
    line = access.visible(actor, objects.get("order-lines")).get(order_id=order.id)
    _last["order_line"] = f"order-lines/{line.id}"
    return f"deliveries/{actions.create(actor, objects.get('deliveries'), {'order': str(order.id)}).id}"


def _payment(actor: Actor, n: int) -> str:
    invoice = run(actor, run(actor, _order(actor), "invoice_rest"), "issue")
    _last["invoice"] = f"invoices/{invoice.id}"
    given = {"account": str(invoice.account_id), "amount": {"amount": "1000", "currency": "EUR"}}
    return f"payments/{actions.create(actor, objects.get('payments'), given).id}"


def _rank(actor: Actor, n: int) -> int:
    return 100_000 * (n + 1) + next(_numbers)


def _key(actor: Actor, n: int) -> str:
    return f"{'ABC'[n]}-{next(_numbers)}"


VALUES: dict[str, dict[str, Any]] = {
    "orders": {"external_key": _key, "number": _key, "currency": EURO, "status": ["draft", "confirmed", "delivered"]},
    "order-lines": {**LINE, "external_key": _key, "cost": LINE["price"]},
    "deliveries": {"order.": None, "external_key": _key, "number": _key, "status": ["planned", "shipped", "delivered"]},
    "delivery-lines": {
        "delivery": _delivery,
        "order_line": lambda actor, n: _last["order_line"],
        "order_line.": None,
        "delivery.": None,
        "quantity": QUANTITIES,
    },
    "invoices": {
        "external_key": _key,
        "kind": ["invoice", "invoice", "invoice"],
        "corrects": None,
        "corrects.": None,
        "currency": EURO,
    },
    "invoice-lines": {**LINE, "order_line": None, "order_line.": None, "corrects": None, "corrects.": None},
    "payments": {
        "external_key": _key,
        "reference": _key,
        "amount": euros("1", "1.5", "1234.56"),
        "invoice": None,
        "invoice.": None,
    },
    "payment-allocations": {
        "payment": _payment,
        "invoice": lambda actor, n: _last["invoice"],
        "invoice.": None,
        "payment.": None,
        "amount": euros("1", "1.5", "123.45"),
    },
    "dunning-levels": {"rank": _rank, "fee": LINE["price"]},
}
