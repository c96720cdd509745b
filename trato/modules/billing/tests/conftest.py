"""A workspace that sells: a customer in Spain, and orders of what is asked for."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest


@pytest.fixture
def customer(owner: Any) -> Any:
    """A Spanish company with an address to write to."""
    return make_customer(owner)


@pytest.fixture
def taxed(owner: Any) -> Callable[[str], Any]:
    """``taxed("21")``: the id of a tax class with this rate in Spain."""
    return lambda rate: tax_class(owner, rate)


@pytest.fixture
def order(owner: Any, customer: Any) -> Callable[..., Any]:
    """``order(("2", "10.00", "21"), terms="")``: a confirmed order of (quantity, price, tax rate) lines."""
    return lambda *lines, **given: make_order(owner, customer, *lines, **given)


def make_customer(actor: Any) -> Any:
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
    return actions.create(actor, objects.get("accounts"), given)


def tax_class(actor: Any, rate: str) -> Any:
    """The id of a tax class with this rate in Spain, made where there is none."""
    from trato.engine import access, actions, objects

    classes = objects.get("tax-classes")
    known = access.visible(actor, classes).filter(name=f"Rate {rate}").first()
    given = {"name": f"Rate {rate}", "tax-rates": [{"country": "ES", "rate": rate}]}
    return (known or actions.create(actor, classes, given)).id


def make_order(actor: Any, account: Any, *lines: tuple[str, str, str], currency: str = "EUR", **given: Any) -> Any:
    """A confirmed order of (quantity, price, tax rate) lines."""
    from trato.engine import actions, objects

    rows = [
        {
            "description": f"Item {n}",
            "quantity": quantity,
            "price": {"amount": price, "currency": currency},
            "tax_class": str(tax_class(actor, rate)),
            "position": n,
        }
        for n, (quantity, price, rate) in enumerate(lines, start=1)
    ]
    head = {"account": str(account.id), "currency": currency, "country": "ES", "order-lines": rows} | given
    return run(actor, actions.create(actor, objects.get("orders"), head), "confirm")


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
