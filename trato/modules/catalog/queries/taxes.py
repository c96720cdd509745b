"""Taxes and exchange rates by day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from trato.engine.kinds.money import Money
from trato.engine.kinds.rates import knows_rates
from trato.engine.workspaces.actors import Actor

from ..models import ExchangeRate, TaxClass, TaxRate
from ..rules import convert


def today(actor: Actor) -> date:
    """The day it is where the actor is."""
    return datetime.now(ZoneInfo(actor.time_zone)).date()


def holds_on(day: date) -> Q:
    """What has a period, and holds on a day."""
    return Q(Q(since=None) | Q(since__lte=day), Q(until=None) | Q(until__gte=day), deleted_at=None)


def rate_of(
    tax_class: Any, country: str, on: date, reverse_charge: bool = False, *, region: str = ""
) -> Decimal | None:
    """The percentage of a tax class in a country on a day; None where none is known. Nothing is charged under reverse
    charge, nor of a class that is exempt or zero rated.
    """
    return tax_table(country, on, reverse_charge, region=region)(tax_class)


def tax_table(
    country: str, on: date, reverse_charge: bool = False, *, region: str = ""
) -> Callable[[UUID | None], Decimal | None]:
    """``rate_of`` of every tax class, read at once; of no class it is 0."""
    if reverse_charge:
        return lambda tax_class: Decimal(0)
    free = TaxClass.objects.exclude(category="S").values_list("id", flat=True)
    known: dict[UUID | None, Decimal] = dict.fromkeys(free, Decimal(0)) | {None: Decimal(0)}
    return (known | rates_of(country, on, region)).get


def rates_of(country: str, on: date, region: str = "") -> dict[UUID, Decimal]:
    """Percent by tax class: that of the region before that of the whole country, the latest of several."""
    rows = TaxRate.objects.filter(holds_on(on), country=country, region__in={region, ""})
    in_order = rows.order_by("region", "since").values_list("tax_class_id", "rate")
    return dict(in_order)


def usual_tax_class() -> UUID | None:
    """The tax class of what names no other."""
    rows = TaxClass.objects.filter(is_default=True, deleted_at=None)
    return rows.order_by("id").values_list("id", flat=True).first()


def rates_on(base: str, day: date) -> dict[str, Decimal]:
    """What one unit of the base currency was worth in others: the latest known by that day; the base itself is 1."""
    rows = ExchangeRate.objects.filter(base=base, day__lte=day, deleted_at=None)
    latest = rows.order_by("currency", "-day").distinct("currency").values_list("currency", "rate")
    return dict(latest) | {base: Decimal(1)}


@knows_rates
def latest_rates(actor: Actor) -> dict[str, Decimal]:
    """What one unit of the workspace's currency is worth in others today: by this, filters compare amounts."""
    return rates_on(actor.workspace.currency, today(actor))


def in_currency(actor: Actor, money: Money, currency: str, day: date) -> Money | None:
    """An amount at the exchange rate of a day; None where none is known."""
    if money.currency == currency:
        return money
    amount = convert(money.amount, money.currency, currency, rates_on(actor.workspace.currency, day))
    return None if amount is None else Money(amount, currency)
