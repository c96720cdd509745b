"""Named reads of subscriptions: lines, what is due, and recurring revenue."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum

from trato.engine import access, objects
from trato.engine.kinds.money import Money
from trato.engine.workspaces.actors import Actor
from trato.modules.billing.models import Invoice

from .models import Contract, Subscription, SubscriptionLine

#: What invoices of a subscription are known by elsewhere: the subscription and the first day of the period.
KEY = "subscription:{id}:{day}"


def hold(subscription_id: UUID) -> Subscription:
    """The subscription, locked: one invoice of it at a time."""
    rows = Subscription.objects.select_for_update(of=("self",), no_key=True)
    return rows.defer("search", "title_key").get(id=subscription_id)


def lines_of(subscription_ids: Iterable[UUID]) -> dict[UUID, list[SubscriptionLine]]:
    """The lines of some subscriptions in their order."""
    rows = SubscriptionLine.objects.filter(subscription_id__in=list(subscription_ids), deleted_at=None)
    found: dict[UUID, list[SubscriptionLine]] = defaultdict(list)
    for line in rows.defer("search", "title_key").order_by("position", "id"):
        found[line.subscription_id].append(line)
    return found


def set_monthly(line_id: UUID, monthly: Money) -> None:
    """Keep what a line brings a month: worked out of the rest of it, so that no history tells it."""
    rows = SubscriptionLine.objects.filter(id=line_id)
    rows.update(monthly=monthly.amount, monthly_currency=monthly.currency)


def due(day: date, limit: int) -> list[UUID]:
    """The next subscriptions to be invoiced by a day, those that wait longest first."""
    rows = Subscription.objects.filter(deleted_at=None, next_on__lte=day)
    return list(rows.order_by("next_on", "id").values_list("id", flat=True)[:limit])


def ended(day: date, limit: int) -> list[UUID]:
    """Subscriptions whose last day has passed, with nothing left to invoice, that still say they are under way."""
    rows = Subscription.objects.filter(deleted_at=None, status__in=("active", "paused"), ends_on__lte=day, next_on=None)
    return list(rows.order_by("ends_on", "id").values_list("id", flat=True)[:limit])


def waiting(day: date) -> int:
    """How many subscriptions are to be invoiced by a day."""
    return Subscription.objects.filter(deleted_at=None, next_on__lte=day).count()


def hold_due(ids: Iterable[UUID], day: date) -> list[Subscription]:
    """Those of some subscriptions that are to be invoiced by a day, locked; those that wait longest first."""
    held = [record for record in hold_all(ids) if record.next_on is not None and record.next_on <= day]
    return sorted(held, key=lambda record: (record.next_on, record.id))


def hold_all(ids: Iterable[UUID]) -> list[Subscription]:
    """Some subscriptions that were not deleted, locked in the order of their ids."""
    rows = Subscription.objects.filter(id__in=list(ids), deleted_at=None).order_by("id")
    return list(rows.defer("search", "title_key").select_for_update(of=("self",), no_key=True))


def billed(keys: Iterable[str]) -> set[str]:
    """Which of these keys invoices have already, also ones in the recycle bin."""
    return set(Invoice.objects.filter(external_key__in=list(keys)).values_list("external_key", flat=True))


def invoices_of(actor: Actor, subscription_id: UUID, count: int) -> list[Invoice]:
    """The newest invoices of a subscription that the actor sees, found by a range of keys: LIKE would use no index."""
    rows = access.visible(actor, objects.get("invoices")).filter(
        external_key__gte=f"subscription:{subscription_id}:", external_key__lt=f"subscription:{subscription_id};"
    )
    return list(rows.order_by("-external_key")[:count])


def last_invoice(subscription_id: UUID, at_least: Decimal) -> Invoice | None:
    """The newest issued invoice of a subscription that was not credited yet and comes to at least an amount."""
    rows = Invoice.objects.filter(external_key__startswith=f"subscription:{subscription_id}:", kind="invoice")
    rows = rows.exclude(status="draft").filter(deleted_at=None, credited=0, total__gte=at_least)
    return rows.order_by("-issued_on", "-id").defer("search", "title_key").first()


def contracts_to_remind(day: date) -> QuerySet:
    """Contracts in force whose last day of notice is not past, and that were not reminded of for it."""
    rows = Contract.objects.filter(deleted_at=None, status="active", notice_by__gte=day)
    return rows.exclude(reminded_for__isnull=False, reminded_for__gte=day).defer("search", "title_key")


def contracts_past(day: date) -> QuerySet:
    """Contracts in force whose last day is over."""
    rows = Contract.objects.filter(deleted_at=None, status__in=("active", "noticed"), ends_on__lt=day)
    return rows.defer("search", "title_key")


def revenue(actor: Actor, days: Iterable[date]) -> dict[date, dict[tuple[Any, str], Decimal]]:
    """Recurring revenue on some days as far as the actor may see the subscriptions: by account and currency."""
    seen = access.visible(actor, objects.get("subscriptions")).exclude(status="draft").order_by().values("id")
    lines = SubscriptionLine.objects.filter(deleted_at=None, subscription_id__in=seen, monthly__gt=0).order_by()
    found = {}
    for day in days:
        there = lines.filter(Q(until=None) | Q(until__gt=day), since__lte=day)
        rows = there.values_list("subscription__account_id", "monthly_currency").annotate(sum=Sum("monthly"))
        found[day] = {(account, currency): amount for account, currency, amount in rows}
    return found


def began_before(actor: Actor, day: date) -> set[Any]:
    """The accounts that brought recurring revenue at any time before a day."""
    seen = access.visible(actor, objects.get("subscriptions")).exclude(status="draft").order_by().values("id")
    lines = SubscriptionLine.objects.filter(deleted_at=None, subscription_id__in=seen, monthly__gt=0)
    lines = lines.filter(Q(until=None) | Q(until__gt=F("since")), since__lt=day)
    return set(lines.order_by().values_list("subscription__account_id", flat=True).distinct())
