"""Named reads of offers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Least

from trato.engine import access, objects
from trato.engine.workspaces.actors import Actor

from .models import Offer

#: Offers on one page of the queue, and in the box of a record.
PAGE, BOX = 50, 6
#: How long before a contract ends, or notice is due, its renewal is told of; and how many are.
BEFORE, RENEWALS = timedelta(days=90), 50
TOLD_OF_ORDERS = frozenset({"account", "ordered_on", "status"})
TOLD_OF_CONTRACTS = frozenset({"account", "status", "ends_on", "notice_by", "renewal"})


def may_offer(actor: Actor) -> bool:
    """Whether offers are shown to the actor at all: they tell of accounts, products and what was ordered when."""
    seen = all(access.may_see_any(actor, objects.get(plural)) for plural in ("accounts", "products", "orders"))
    return seen and access.fields(actor, objects.get("orders")).keys() >= TOLD_OF_ORDERS


def offers_of(actor: Actor) -> QuerySet:
    """The open offers for the accounts the actor may see. Who may not see all orders gets those for accounts of which
    they see one: an offer tells what was ordered. When services are due tells when deliveries came.
    """
    if not may_offer(actor):
        return Offer.objects.none()
    accounts, products = (access.visible(actor, objects.get(plural)) for plural in ("accounts", "products"))
    rows = Offer.objects.filter(answer="", account__in=accounts.values("id"), product__in=products.values("id"))
    if not access.may_see_any(actor, objects.get("deliveries")):
        rows = rows.exclude(kind="service")
    orders = objects.get("orders")
    if access.owners_seen(actor, orders) is not None:
        rows = rows.filter(account__in=access.visible(actor, orders).values("account_id"))
    return rows


def queue(
    actor: Actor, *, kind: str = "", owner: UUID | None = None, page: int = 1
) -> tuple[list[dict[str, Any]], bool]:
    """One page of the offers, those due and likeliest first, and whether there are more; of one kind, or for the
    accounts of one owner.
    """
    rows = offers_of(actor)
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.filter(account__owner_id=owner) if owner else rows
    found = _shown(rows)[(page - 1) * PAGE : page * PAGE + 1]
    return list(found[:PAGE]), len(found) > PAGE


def next_for(actor: Actor, account_id: UUID) -> list[dict[str, Any]]:
    """What could be offered to one account next."""
    return list(_shown(offers_of(actor).filter(account_id=account_id))[:BOX])


def renewals(
    actor: Actor, day: date, *, account: UUID | None = None, owner: UUID | None = None
) -> list[dict[str, Any]]:
    """Contracts in force that end, or whose notice is due, within ``BEFORE``, the soonest first: of one account, or of
    the accounts of one owner. At most ``RENEWALS``.
    """
    contracts = objects.get("contracts")
    if not access.may_see_any(actor, contracts) or not access.fields(actor, contracts).keys() >= TOLD_OF_CONTRACTS:
        return []
    soon = (day, day + BEFORE)
    rows = access.visible(actor, contracts).filter(Q(ends_on__range=soon) | Q(notice_by__range=soon), status="active")
    rows = rows.filter(account__in=access.visible(actor, objects.get("accounts")).values("id"))
    rows = rows.filter(account_id=account) if account else rows
    rows = rows.filter(account__owner_id=owner) if owner else rows
    names = ("id", "title", "account_id", "account__title", "account__owner_id", "ends_on", "notice_by", "renewal")
    return list(rows.order_by(Least("ends_on", "notice_by"), "id").values(*names)[:RENEWALS])


def _shown(rows: QuerySet) -> QuerySet:
    names = ("account__title", "account__owner_id", "product__title", "kind", "due_on", "score", "facts")
    return rows.order_by("-score", "id").values("id", "account_id", "product_id", *names)
