"""A workspace that sells: a customer in Spain, and orders of what is asked for."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest


@pytest.fixture
def customer(owner: Any) -> Any:
    """A Spanish company with an address to write to."""
    from trato.engine import actions, objects

    given = {
        "name": "Acme Iberia SL",
        "lifecycle": "customer",
        "tax_number": "ESB78640570",
        "emails": [{"address": "pagos@acme-iberia.example", "primary": True}],
        "addresses": [
            {"line1": "Calle Mayor 1", "postcode": "28013", "city": "Madrid", "country": "ES", "primary": True}
        ],
    }
    return actions.create(owner, objects.get("accounts"), given)


@pytest.fixture
def taxed(owner: Any) -> Callable[[str], Any]:
    """``taxed("21")``: the id of a tax class with this rate in Spain."""
    from trato.engine import actions, objects

    known: dict[str, Any] = {}

    def make(rate: str) -> Any:
        if rate not in known:
            classes = objects.get("tax-classes")
            given = {"name": f"Rate {rate}", "tax-rates": [{"country": "ES", "rate": rate}]}
            known[rate] = actions.create(owner, classes, given).id
        return known[rate]

    return make


@pytest.fixture
def order(owner: Any, customer: Any, taxed: Callable[[str], Any]) -> Callable[..., Any]:
    """``order(("2", "10.00", "21"), discount="10")``: a confirmed order of (quantity, price, tax rate) lines."""
    from trato.engine import actions, objects

    def make(*lines: tuple[str, str, str], currency: str = "EUR", **given: Any) -> Any:
        rows = [
            {
                "description": f"Item {n}",
                "quantity": quantity,
                "price": {"amount": price, "currency": currency},
                "tax_class": str(taxed(rate)),
                "position": n,
            }
            for n, (quantity, price, rate) in enumerate(lines, start=1)
        ]
        head = {"account": str(customer.id), "currency": currency, "country": "ES", "order-lines": rows} | given
        made = actions.create(owner, objects.get("orders"), head)
        return run(owner, made, "confirm")

    return make


def run(actor: Any, record: Any, name: str, **given: Any) -> Any:
    """Run an action on a record as people do; what comes of it is read again."""
    from trato.engine import actions, objects

    done = actions.run(actor, objects.of_record(record), name, record.id, given)
    return again(done)


def again(record: Any) -> Any:
    """The record as it is now."""
    return type(record).objects.get(id=record.id)


def lines_of(record: Any) -> list[Any]:
    """The lines of an order or invoice, in order."""
    from trato.modules.billing.models import InvoiceLine, Order, OrderLine

    model, link = (OrderLine, "order") if isinstance(record, Order) else (InvoiceLine, "invoice")
    return list(model.objects.filter(**{link: record}, deleted_at=None).order_by("position", "id"))


def eur(amount: str) -> Decimal:
    """An amount to compare with."""
    return Decimal(amount)
