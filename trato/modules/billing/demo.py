"""A year of orders of the roastery: delivered, invoiced, paid on time, late or not yet."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from trato.engine import access, actions, objects, seeding
from trato.engine.values import Refused
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog.demo import fill
from trato.modules.catalog.queries import today

from . import actions as billing
from . import queries

#: The story this one goes on from.
BEFORE = fill
ORDERS, EVERY = 24, 14
#: How many days after the due date an invoice is paid, by how somebody pays; None for not at all.
HABITS: tuple[tuple[int | None, ...], ...] = ((-6, -2, 0), (0, 1, 3), (9, 14, 22), (4, 30, None))


@seeding.story
def tell(actor: Actor) -> None:
    """Orders of the customers there are; nothing where nothing is sold."""
    seller = actor.via("web", seeding.SOURCE)
    chance = random.Random(2028)  # noqa: S311 - no secret comes of it
    accounts = list(access.visible(actor, objects.get("accounts")).filter(lifecycle="customer").order_by("name")[:9])
    products = list(
        access.visible(actor, objects.get("products"))
        .filter(price__isnull=False, is_active=True, recurring__in=("", "none"))
        .order_by("sku")
    )
    if not accounts or not products:
        return
    for number in range(ORDERS):
        day = today(actor) - timedelta(days=(ORDERS - number) * EVERY)
        account = accounts[number % len(accounts)]
        _order(seller, account, chance.sample(products, min(3, len(products))), chance, day)


def _order(actor: Actor, account: Any, products: Iterable[Any], chance: random.Random, day: date) -> None:
    """One order and what became of it up to today."""
    lines = [
        {"product": str(product.id), "quantity": chance.choice([1, 2, 6, 12]), "position": place}
        for place, product in enumerate(products, start=1)
    ]
    given = {"account": str(account.id), "ordered_on": day, "order-lines": lines}
    order = actions.create(actor, objects.get("orders"), given)
    order = _run(actor, order, "confirm")
    if (today(actor) - day).days < EVERY * 2:
        return  # it is still to be done
    delivery = _run(actor, order, "deliver", carrier="Parcel Post", tracking_number=f"PP{chance.randint(10**8, 10**9)}")
    sent, came = day + timedelta(days=2), day + timedelta(days=4)
    actions.update(actor, objects.get("deliveries"), delivery.id, {"shipped_on": sent, "delivered_on": came})
    _run(actor, delivery, "arrive")
    draft = _run(actor, order, "invoice_rest")
    try:
        invoice = billing.issue_on(actor, queries.hold_invoices([draft.id])[draft.id], came)
    except Refused:  # no tax rate is known in this country: it stays a draft
        return
    late = chance.choice(HABITS[hash_of(account.name) % len(HABITS)])
    paid_on = invoice.due_on + timedelta(days=late or 0)
    if late is not None and paid_on <= today(actor):
        _run(actor, invoice, "record_payment", received_on=paid_on.isoformat(), reference=f"TR {invoice.number}")


def hash_of(name: str) -> int:
    """A number that is the same in every process."""
    return sum(map(ord, name))


def _run(actor: Actor, record: Any, name: str, **given: Any) -> Any:
    done = actions.run(actor, objects.of_record(record), name, record.id, given)
    return access.get(actor, objects.of_record(done), done.id)
