"""Customers who buy again and again, and what could be offered to them next."""

from datetime import timedelta

from django.utils import timezone

from trato.engine import access, actions, objects, seeding
from trato.engine.workspaces.actors import Actor
from trato.modules.billing import demo as billing

from .actions import find

#: The story this one goes on from.
BEFORE = billing.tell
#: Days before today on which each of the first customers ordered their usual: about every month, every three weeks.
RHYTHMS = ((150, 119, 90, 58, 29), (86, 64, 43, 21), (200, 141, 82, 24))


@seeding.story
def tell(actor: Actor) -> None:
    """Orders in a rhythm; nothing where there are no customers or no products."""
    seller, orders = actor.via("web", seeding.SOURCE), objects.get("orders")
    accounts = access.visible(actor, objects.get("accounts")).filter(lifecycle="customer").order_by("name")
    goods = access.visible(actor, objects.get("products")).filter(price__isnull=False, is_active=True).order_by("sku")
    usual = list(goods.filter(recurring__in=("", "none"), parent=None).values_list("id", flat=True))[-2:]
    if len(usual) < 2:
        return
    for account, rhythm in zip(accounts, RHYTHMS, strict=False):
        for ago in rhythm:
            lines = [{"product": product, "quantity": 2, "position": at} for at, product in enumerate(usual, start=1)]
            day = timezone.localdate() - timedelta(days=ago)
            given = {"account": account.id, "ordered_on": day, "status": "closed", "order-lines": lines}
            actions.create(seller, orders, given)
    find(actor.workspace)
