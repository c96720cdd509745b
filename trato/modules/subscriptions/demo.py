"""Subscriptions of the roastery: coffee every month and machines under service, begun, grown, paused and left."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from trato.engine import access, actions, objects, seeding
from trato.engine.workspaces.actors import Actor
from trato.modules.billing.demo import tell as orders_told
from trato.modules.catalog.queries import today

from . import queries, rules

#: The story this one goes on from.
BEFORE = orders_told
#: Months since it began, quantity, and what became of it: months ago, the action and what it was given.
COURSES: tuple[tuple[int, int, tuple[tuple[int, str, dict[str, Any]], ...]], ...] = (
    (14, 4, ((5, "change", {"quantity": 6}),)),
    (13, 2, ((9, "cancel", {"reason": "closed"}),)),
    (11, 3, ((7, "reprice", {"percent": "5"}),)),
    (10, 1, ((4, "pause", {}), (2, "resume", {}))),
    (8, 8, ((2, "change", {"quantity": 5}),)),
    (6, 2, ((1, "cancel", {"reason": "price", "note": "Found it cheaper elsewhere."}),)),
    (3, 5, ()),
    (1, 2, ()),
)


@seeding.story
def tell(actor: Actor) -> None:
    """Subscriptions of some customers; nothing where nothing recurs. Up to this month they were invoiced elsewhere."""
    seller = actor.via("web", seeding.SOURCE)
    accounts = list(access.visible(actor, objects.get("accounts")).filter(lifecycle="customer").order_by("-name"))
    products = list(
        access.visible(actor, objects.get("products"))
        .filter(price__isnull=False, is_active=True, recurring="month")
        .order_by("sku", "name")
    )
    if not accounts or not products:
        return
    first = today(actor).replace(day=1)
    for number, (began, quantity, course) in enumerate(COURSES):
        account, product = accounts[number % len(accounts)], products[number % len(products)]
        made = _begin(seller, account, product, rules.add_months(first, -began), quantity)
        for ago, name, given in course:
            _then(seller, made, name, given, rules.add_months(first, -ago))
        _run(seller, made, "invoiced_elsewhere", until=first.isoformat())
    _contract(seller, accounts[0], first)


def _begin(actor: Actor, account: Any, product: Any, day: date, quantity: int) -> Any:
    lines = [{"product": str(product.id), "quantity": quantity, "position": 1}]
    given = {"account": str(account.id), "name": product.name, "starts_on": day}
    made = actions.create(actor, objects.get("subscriptions"), {**given, "subscription-lines": lines})
    _run(actor, made, "activate")
    return made


def _then(actor: Actor, made: Any, name: str, given: dict[str, Any], day: date) -> None:
    told = {**given, "on": day.isoformat()}
    if name == "change":
        line = next(line for line in queries.lines_of([made.id])[made.id] if line.until is None)
        told["line"] = f"subscription-lines/{line.id}"
    _run(actor, made, name, **told)


def _contract(actor: Actor, account: Any, first: date) -> None:
    """A contract whose notice is due soon."""
    given = {
        "name": "Service of two machines",
        "account": str(account.id),
        "starts_on": rules.add_months(first, -10),
        "ends_on": rules.add_months(first, 4) - timedelta(days=1),
        "notice": 3,
    }
    made = actions.create(actor, objects.get("contracts"), given)
    _run(actor, made, "enforce")


def _run(actor: Actor, record: Any, name: str, **given: Any) -> None:
    actions.run(actor, objects.of_record(record), name, record.id, given)
