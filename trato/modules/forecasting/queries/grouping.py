"""How deals come through by seller, product, source, campaign or industry: how many, worth what, how fast."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, Q, QuerySet, Sum

from trato.engine import access, objects
from trato.engine.workspaces.actors import Actor
from trato.modules.sales.models import DealLine, DealSplit

from ..rules.periods import Period
from .exchange import Exchange
from .figures import midnight, today
from .shares import Owners, belongs, days, part

#: What deals can be grouped by, as columns of a deal.
BY = {"owner": "owner_id", "source": "source", "campaign": "campaign", "industry": "account__industry"}
#: Groups told one by one.
MOST = 50


@dataclass
class Group:
    """Deals that have something in common: those decided in the period, what the won ones are worth in the base
    currency, days from opening to winning of each of them, and how many are open now.
    """

    key: Any
    won: int = 0
    lost: int = 0
    worth: Decimal = Decimal(0)
    took: list[float] = field(default_factory=list)
    open: int = 0

    @property
    def days(self) -> float | None:
        """Days from opening to winning (the median)."""
        return median(self.took) if self.took else None

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


@dataclass(frozen=True)
class _Source:
    """Rows that tell of deals (``over``: the way to them): whose group they are in, and what they are worth; with
    ``giver`` that is taken from another group.
    """

    rows: QuerySet
    key: str
    worth: Any
    currency: str = "value_currency"
    over: str = ""
    giver: str = ""

    def are(self, period: tuple[Any, Any] | None, *kinds: str) -> Q:
        """That the deal has one of these states, and was decided in the period."""
        span = zip(("gte", "lt"), period or (), strict=False)
        on = {f"{self.over}closed_at__{op}": moment for op, moment in span}
        return Q(**{f"{self.over}status__in": kinds}, **on)

    def counted(self, period: tuple[Any, Any]) -> Iterator[dict[str, Any]]:
        """By ``of``: ``n_won``, ``n_lost`` in the period, ``n_open`` now, days each won one ``took``."""
        won, lost, open_ = self.are(period, "won"), self.are(period, "lost"), self.are(None, "open")
        deals = f"{self.over}id"
        yield from (
            self.rows.filter(won | lost | open_)
            .order_by()
            .values(of=F(self.key))
            .annotate(
                n_won=Count(deals, distinct=True, filter=won),
                n_lost=Count(deals, distinct=True, filter=lost),
                n_open=Count(deals, distinct=True, filter=open_),
                took=ArrayAgg(days(f"{self.over}closed_at", f"{self.over}opened_at"), filter=won, default=[]),
            )
        )

    def worths(self, period: tuple[Any, Any]) -> Iterator[tuple[Any, Decimal, str]]:
        """What was won in the period: of which group, how much, in which currency."""
        rows = self.rows.filter(self.are(period, "won")).order_by().alias(part_=self.worth)
        told = {"of": F(self.key), "code": F(self.currency)} | ({"giver": F(self.giver)} if self.giver else {})
        for row in rows.values(**told).annotate(amount=Sum("part_")):
            yield row["of"], row["amount"] or Decimal(0), row["code"]
            if self.giver:
                yield row["giver"], -(row["amount"] or Decimal(0)), row["code"]


def groups(actor: Actor, period: Period, by: str, owners: Owners = None) -> tuple[list[Group], set[str]]:
    """Deals decided in the period, by one of ``BY`` or by ``product`` (a deal counts for that of each of its lines,
    with what these lines are worth), those worth most first, and the currencies without a rate, by today's rates.
    A deal that sellers share is one deal for each of them, worth their part; ``owners``: only what counts for these.
    """
    span = midnight(actor, period.first), midnight(actor, period.after)
    sources = _sources(actor, by, owners)
    worths = [worth for source in sources for worth in source.worths(span)]
    exchange, day = Exchange(actor, {currency for _key, _amount, currency in worths}), today(actor)
    found: dict[Any, Group] = {}
    for source in sources:
        for row in source.counted(span):
            group = found.setdefault(row["of"], Group(row["of"]))
            group.won += row["n_won"]
            group.lost += row["n_lost"]
            group.open += row["n_open"]
            group.took += row["took"]
    for key, amount, currency in worths:
        found.setdefault(key, Group(key)).worth += exchange.to_base(amount, currency, day)
    whose = None if by != "owner" or owners is None else set(owners)
    told = [one for key, one in found.items() if one.won + one.lost and (whose is None or key in whose)]
    return sorted(told, key=lambda group: (-group.worth, -group.won))[:MOST], exchange.missing


def _sources(actor: Actor, by: str, owners: Owners) -> list[_Source]:
    deals = access.visible(actor, objects.get("deals"))
    if by == "owner":  # of everybody: what one gives to others is taken from their own
        splits = DealSplit.objects.filter(deleted_at=None, deal__in=deals.values("id"))
        shared = splits.exclude(seller=F("deal__owner"))
        worth = F("deal__value") * F("percent") / 100
        of_sellers = _Source(shared, "seller_id", worth, "deal__value_currency", "deal__", giver="deal__owner_id")
        return [_Source(deals, "owner_id", F("value")), of_sellers]
    deals = deals.filter(belongs(owners))
    if by == "product":
        lines = DealLine.objects.filter(deleted_at=None, is_optional=False, product__isnull=False)
        lines = lines.filter(deal__in=deals.values("id"))
        return [_Source(lines, "product_id", F("net") * part(owners, "deal__"), "net_currency", "deal__")]
    return [_Source(deals, BY[by], F("value") * part(owners))]
