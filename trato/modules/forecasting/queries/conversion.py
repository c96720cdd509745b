"""How deals come through: by stage, by seller, by where they came from; how fast, and why they are lost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Aggregate, Count, F, FloatField, Q, QuerySet, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Extract

from trato.engine import access, objects
from trato.engine.workspaces.actors import Actor
from trato.modules.sales.models import DealLine, StageVisit

from ..rules.periods import Period
from .exchange import Exchange
from .figures import midnight, today

#: What deals can be grouped by, as columns of a deal.
BY = {"owner": "owner_id", "source": "source", "campaign": "campaign", "industry": "account__industry"}
#: Groups told one by one.
MOST = 50


class Median(Aggregate):
    """The middle value."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


def days(until: str, since: str) -> Combinable:
    """Days between two moments of a row."""
    return Extract(F(until) - F(since), "epoch") / 86400.0


@dataclass(frozen=True)
class Step:
    """A stage: deals that came to it in the period, how many of them went on (to a later stage, or were won), were won
    and were lost so far, and the days they stood there (the median of those that left).
    """

    stage: UUID
    name: str
    pipeline: str
    came: int
    went_on: int
    won: int
    lost: int
    days: float | None


@dataclass(frozen=True)
class Group:
    """Deals that have something in common: those decided in the period, what the won ones are worth in the base
    currency, days from opening to winning (the median), and how many are open now.
    """

    key: Any
    won: int
    lost: int
    worth: Decimal
    days: float | None
    open: int

    @property
    def rate(self) -> float | None:
        """The share won of those decided, in percent."""
        return 100 * self.won / (self.won + self.lost) if self.won + self.lost else None

    @property
    def velocity(self) -> Decimal | None:
        """What the open ones bring a day: their number, times the win rate, times the mean worth, over the days."""
        if not self.won or not self.days or self.rate is None:
            return None
        return self.open * Decimal(self.rate) / 100 * self.worth / self.won / Decimal(self.days)


def steps(actor: Actor, period: Period, owners: set[UUID | None] | None = None) -> list[Step]:
    """The stages of all pipelines in their order, with the deals that came to them in the period; one that came twice
    counts once.
    """
    start, end = midnight(actor, period.first), midnight(actor, period.after)
    visits = StageVisit.objects.filter(entered_at__gte=start, entered_at__lt=end, stage__kind="open")
    if owners is None and access.owners_seen(actor, objects.get("deals")) is None:  # none has to be looked up
        visits = visits.filter(deal__deleted_at=None)
    else:
        visits = visits.filter(deal__in=_deals(actor, owners).values("id"))
    on = Q(deal__status="won") | Q(deal__stage__pipeline=F("stage__pipeline"), deal__stage__kind="open") & Q(
        deal__stage__position__gt=F("stage__position")
    )
    told = {
        "came": Count("deal_id", distinct=True),
        "went_on": Count("deal_id", distinct=True, filter=on),
        "won": Count("deal_id", distinct=True, filter=Q(deal__status="won")),
        "lost": Count("deal_id", distinct=True, filter=Q(deal__status="lost")),
        "stood": Median(days("left_at", "entered_at"), filter=Q(left_at__isnull=False)),
    }
    order = ("stage__pipeline__position", "stage__pipeline__name", "stage__position")
    names = ("stage_id", "stage__name", "stage__pipeline__name")
    rows = visits.order_by(*order).values(*names, *order).annotate(**told)
    return [
        Step(
            *(row[name] for name in names),
            *(row[name] for name in ("came", "went_on", "won", "lost")),
            row["stood"],
        )
        for row in rows
    ]


def groups(
    actor: Actor, period: Period, by: str, owners: set[UUID | None] | None = None
) -> tuple[list[Group], set[str]]:
    """Deals decided in the period, by one of ``BY`` or by ``product`` (a deal counts for that of each of its lines,
    with what these lines are worth), those worth most first, and the currencies without a rate, by today's rates.
    """
    rows, over, key, worth = _deals(actor, owners), "", BY.get(by, ""), "value"
    if by == "product":
        lines = DealLine.objects.filter(deleted_at=None, is_optional=False, product__isnull=False)
        rows, over, key, worth = lines.filter(deal__in=rows.values("id")), "deal__", "product_id", "net"
    start, end = midnight(actor, period.first), midnight(actor, period.after)

    def are(*kinds: str, decided: bool = True) -> Q:
        on = {f"{over}closed_at__gte": start, f"{over}closed_at__lt": end} if decided else {}
        return Q(**{f"{over}status__in": kinds}, **on)

    deals = f"{over}id"
    counted = (
        rows.filter(are("won", "lost") | are("open", decided=False))
        .order_by()
        .values(key)
        .annotate(
            n_won=Count(deals, distinct=True, filter=are("won")),
            n_lost=Count(deals, distinct=True, filter=are("lost")),
            n_open=Count(deals, distinct=True, filter=are("open", decided=False)),
            took=Median(days(f"{over}closed_at", f"{over}opened_at"), filter=are("won")),
        )
    )
    amounts = list(rows.filter(are("won")).order_by().values(key, f"{worth}_currency").annotate(amount=Sum(worth)))
    exchange, day = Exchange(actor, {row[f"{worth}_currency"] for row in amounts}), today(actor)
    sums: dict[Any, Decimal] = {}
    for row in amounts:
        sums[row[key]] = sums.get(row[key], Decimal(0)) + exchange.to_base(row["amount"], row[f"{worth}_currency"], day)
    found = [
        Group(row[key], row["n_won"], row["n_lost"], sums.get(row[key], Decimal(0)), row["took"], row["n_open"])
        for row in counted
        if row["n_won"] or row["n_lost"]
    ]
    return sorted(found, key=lambda group: (-group.worth, -group.won))[:MOST], exchange.missing


def losses(actor: Actor, period: Period, owners: set[UUID | None] | None = None) -> list[dict[str, Any]]:
    """Why deals were lost in the period: ``loss_reason_id``, its name (``reason``) and how many (``n``), most first."""
    start, end = midnight(actor, period.first), midnight(actor, period.after)
    rows = _deals(actor, owners).filter(status="lost", closed_at__gte=start, closed_at__lt=end).order_by()
    found = rows.values("loss_reason_id", reason=F("loss_reason__name")).annotate(n=Count("id"))
    return sorted(found, key=lambda row: (-row["n"], row["reason"] or ""))


def _deals(actor: Actor, owners: set[UUID | None] | None) -> QuerySet:
    rows = access.visible(actor, objects.get("deals"))
    return rows if owners is None else rows.filter(owner_id__in=owners)
