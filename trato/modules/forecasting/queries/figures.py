"""What is won, and what open deals add up to: by seller, by how sure they are of it, and by month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, Count, DateField, F, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, TruncDate, TruncMonth
from django.utils import timezone

from trato.engine import access, objects
from trato.engine.kinds.datetime import zone_of
from trato.engine.workspaces.actors import Actor
from trato.modules.sales.models import DealSplit

from ..rules.periods import first_day
from .exchange import Exchange
from .shares import Owners, belongs

#: The columns of a forecast, surest first; deals that a seller left out of it are in none.
COLUMNS = ("won", "commit", "best_case", "pipeline")
#: What a forecast is made of: who may not see one of these fields has none.
MADE_OF = frozenset({"owner", "status", "stage", "category", "value", "close_date", "closed_at", "probability"})


class Amount(NamedTuple):
    """A sum in the base currency, what of it is to be expected by probability, and how many deals it is."""

    total: Decimal = Decimal(0)
    weighted: Decimal = Decimal(0)
    count: int = 0

    def __add__(self, other: Any) -> Amount:
        return Amount(*(one + two for one, two in zip(self, other, strict=True)))


class Key(NamedTuple):
    """Whose sum it is, in which column, and in which month (its first day; None where months are not told apart)."""

    owner: UUID | None
    column: str
    month: date | None = None


@dataclass
class Sums:
    """Amounts by key; ``missing`` are the currencies without a rate, whose deals are not in them; ``shared`` says that
    deals were split between sellers.
    """

    amounts: dict[Key, Amount] = field(default_factory=lambda: defaultdict(Amount))
    missing: set[str] = field(default_factory=set)
    shared: bool = False

    def of(self, owners: set[UUID | None] | None, column: str, month: date | None = None) -> Amount:
        """What some people's keys add up to; None for everybody's."""
        found = Amount()
        for key, amount in self.amounts.items():
            if key.column == column and (owners is None or key.owner in owners) and month in (None, key.month):
                found += amount
        return found

    @property
    def owners(self) -> set[UUID | None]:
        """Everybody who has any."""
        return {key.owner for key in self.amounts}


def may_forecast(actor: Actor) -> bool:
    """Whether the actor may see all that a forecast is made of, of any deal."""
    deals = objects.get("deals")
    return access.may_see_any(actor, deals) and access.fields(actor, deals).keys() >= MADE_OF


def today(actor: Actor) -> date:
    """The actor's own day."""
    return timezone.now().astimezone(zone_of(actor.time_zone)).date()


def midnight(actor: Actor, day: date) -> datetime:
    """The beginning of a day of the actor's clock: as filters of lists understand a day."""
    return datetime.combine(day, time(), zone_of(actor.time_zone))


def open_deals(actor: Actor, first: date, after: date) -> QuerySet:
    """The open deals expected in [first, after) that count for forecasts."""
    rows = access.visible(actor, objects.get("deals")).filter(
        status="open", close_date__gte=first, close_date__lt=after
    )
    return rows.exclude(category="omitted").order_by()


def undated(actor: Actor, owners: Owners) -> int:
    """How many open deals have no day on which they may close, of some people (None: of everybody)."""
    return access.visible(actor, objects.get("deals")).filter(belongs(owners), status="open", close_date=None).count()


def won_deals(actor: Actor, first: date, after: date) -> QuerySet:
    """The deals won in [first, after)."""
    start, end = midnight(actor, first), midnight(actor, after)
    rows = access.visible(actor, objects.get("deals"))
    return rows.filter(status="won", closed_at__gte=start, closed_at__lt=end).order_by()


def sums(actor: Actor, first: date, after: date, *, monthly: bool = False) -> Sums:
    """The forecast of [first, after) by owner and column, also by month with ``monthly``: open deals at today's rates,
    won ones at those of the day they were won. A deal split between sellers counts for each by their share.
    """
    rows = list(_rows(actor, first, after, monthly))
    exchange = Exchange(actor, {row["currency"] for row in rows})
    found = Sums()
    for row in rows:
        total = exchange.to_base(row["total"], row["currency"], row["day"])
        weighted = exchange.to_base(row["weighted"], row["currency"], row["day"])
        amount = Amount(total, weighted, row["n"])
        month = first_day("month", row["month"]) if monthly else None
        found.amounts[Key(row["whose"], row["column"], month)] += amount
        if "giver" in row:
            found.amounts[Key(row["giver"], row["column"], month)] += Amount(-total, -weighted)
            found.shared = True
    found.missing = exchange.missing
    return found


def _rows(actor: Actor, first: date, after: date, monthly: bool) -> Iterator[dict[str, Any]]:
    """Sums by owner, column, currency, day of the rate (and month): of whole deals, then what goes from their owners to
    others by shares.
    """
    day, base = today(actor), actor.workspace.currency
    month = {"month": TruncMonth("close_date")} if monthly else {}
    grown = {"total": Sum("value"), "weighted": Sum(F("value") * F("probability") / 100), "n": Count("id")}
    opened = open_deals(actor, first, after)
    told = {"whose": F("owner_id"), "currency": F("value_currency")}
    for row in opened.values("category", **told, **month).annotate(**grown):
        yield {"month": None, **row, "column": row["category"], "day": day}
    closed = won_deals(actor, first, after)
    on = TruncDate("closed_at", tzinfo=zone_of(actor.time_zone))
    whole = Cast(TruncMonth(on), DateField()) if monthly else Value(first)
    # The day matters where a rate does; otherwise months are not told apart by less.
    rated = Case(When(value_currency=base, then=whole), default=on, output_field=DateField())
    grown |= {"weighted": Sum("value")}
    for row in closed.values(**told, day=rated).annotate(**grown):
        yield {**row, "column": "won", "month": row["day"]}
    yield from _shares(opened, month, day)
    yield from _shares(closed, {"month": TruncDate(F("deal__closed_at"), tzinfo=zone_of(actor.time_zone))}, None)


def _shares(deals: QuerySet, month: dict[str, Any], day: date | None) -> Iterator[dict[str, Any]]:
    """What goes from owners to other sellers: of open deals (``day``: that of the rate) or of won ones."""
    if day is not None and month:
        month = {"month": TruncMonth("deal__close_date")}
    share = F("deal__value") * F("percent") / 100
    rows = DealSplit.objects.filter(deleted_at=None, deal__in=deals.values("id")).exclude(seller=F("deal__owner"))
    told = {"currency": F("deal__value_currency"), "giver": F("deal__owner_id"), "whose": F("seller_id")}
    grown = {"total": Sum(share), "weighted": Sum(share * F("deal__probability") / 100), "n": Count("id")}
    for row in rows.order_by().values("deal__category", **told, **month).annotate(**grown):
        column = "won" if day is None else row["deal__category"]
        yield {"month": None, **row, "column": column, "day": day or row["month"]}
