"""Customers who buy again and again, machines that want their care, and what could be offered to them next."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from trato.engine import access, actions, objects, seeding
from trato.engine.workspaces.actors import Actor
from trato.modules.billing import demo as billing

from .actions import find

#: The story this one goes on from.
BEFORE = billing.tell
#: Days before today on which each of the first customers ordered their usual: about every month, every three weeks.
RHYTHMS = ((150, 119, 90, 58, 29), (86, 64, 43, 21), (200, 141, 82, 24))
#: Days before today on which the customers after these bought a machine that wants care every year.
MACHINES = (352, 368, 395)


@seeding.story
def tell(actor: Actor) -> None:
    """Orders in a rhythm; nothing where there are no customers or no products."""
    seller, orders = actor.via("web", seeding.SOURCE), objects.get("orders")
    accounts = access.visible(actor, objects.get("accounts")).filter(lifecycle="customer").order_by("name")
    goods = access.visible(actor, objects.get("products")).filter(price__isnull=False, is_active=True).order_by("sku")
    usual = list(goods.filter(recurring__in=("", "none"), parent=None).values_list("id", flat=True))[-2:]
    if len(usual) < 2:
        return

    def order(account: UUID, ago: int, products: Iterable[UUID], quantity: int) -> None:
        lines = [{"product": one, "quantity": quantity, "position": at} for at, one in enumerate(products, start=1)]
        day = timezone.localdate() - timedelta(days=ago)
        given = {"account": account, "ordered_on": day, "status": "closed", "order-lines": lines}
        actions.create(seller, orders, given)

    customers = list(accounts.values_list("id", flat=True))
    for account, rhythm in zip(customers, RHYTHMS, strict=False):
        for ago in rhythm:
            order(account, ago, usual, 2)
    machines = goods.filter(service_every=12).values_list("id", flat=True)[:1]
    for account, ago in zip(customers[len(RHYTHMS) :], MACHINES, strict=False):
        order(account, ago, machines, 1)
    find(actor.workspace)
