"""What became of the open deals of a period since some night: what is new, won, lost, pushed, grown or shrunk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from trato.engine import access, objects
from trato.engine.workspaces.actors import Actor

from ..models import DealState
from ..rules.periods import Period
from .exchange import Exchange
from .figures import open_deals, today
from .shares import Owners, belongs, part

#: What may happen to the open deals of a period, in the order it is told: what comes in, what changes, what goes out.
MOVES = ("new", "reopened", "pulled", "grown", "shrunk", "pushed", "lost", "deleted", "won")
#: Deals told one by one.
MOST = 200


@dataclass(frozen=True)
class Moved:
    """What one sort of move comes to in the base currency (negative: less is open), and of how many deals."""

    amount: Decimal = Decimal(0)
    count: int = 0


@dataclass(frozen=True)
class Movement:
    """From ``before``, what was open on the night, over ``moves`` to ``after``, what is open now: the sum is exact."""

    before: Moved
    moves: Mapping[str, Moved]
    after: Moved
    missing: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Deal:
    """One deal that moved: what of it was open then and is open now, in the base currency."""

    id: UUID
    title: str
    owner: UUID | None
    move: str
    then: Decimal
    now: Decimal


def first_night(actor: Actor) -> date | None:
    """The day from which on it is kept how deals stood; None while it is not yet."""
    return DealState.objects.order_by("since").values_list("since", flat=True).first()


def movement(actor: Actor, period: Period, night: date, owners: Owners = None) -> Movement:
    """What moved in a period since a night, of the deals the actor may see, by the rates of today on both sides: what
    moves are the deals, not the currencies. ``owners`` and shares as deals have them now; None for everybody's.
    """
    told = {
        "then": Coalesce(Sum(F("value") * F("part")), Decimal(0)),
        "now": Coalesce(Sum(F("deal__value") * F("part")), Decimal(0)),
        "n": Count("id"),
    }
    known = list(
        _known(actor, period, night, owners)
        .values("move", was=F("value_currency"), is_=F("deal__value_currency"))
        .annotate(**told)
    )
    came = _came(actor, period, night, owners).values("move", is_=F("value_currency"))
    fresh = list(came.annotate(now=Coalesce(Sum(F("value") * F("part")), Decimal(0)), n=Count("id")))
    exchange = Exchange(actor, {row[name] for row in known for name in ("was", "is_")} | {row["is_"] for row in fresh})
    day = today(actor)
    before, amounts, counts = Decimal(0), defaultdict(Decimal), defaultdict(int)
    for row in known:
        then = exchange.to_base(row["then"], row["was"], day)
        stays = row["move"] in ("grown", "shrunk", "same")
        amounts[row["move"]] += (exchange.to_base(row["now"], row["is_"], day) if stays else Decimal(0)) - then
        counts[row["move"]] += row["n"]
        before += then
    for row in fresh:
        amounts[row["move"]] += exchange.to_base(row["now"], row["is_"], day)
        counts[row["move"]] += row["n"]
    stayed = sum(counts[move] for move in ("grown", "shrunk", "same"))
    amounts["grown"] += amounts.pop("same", Decimal(0))  # only where a deal's currency changed and its number did not
    return Movement(
        before=Moved(before, sum(row["n"] for row in known)),
        moves={move: Moved(amounts[move], counts[move]) for move in MOVES},
        after=Moved(before + sum(amounts.values(), Decimal(0)), stayed + sum(row["n"] for row in fresh)),
        missing=frozenset(exchange.missing),
    )


def moved(actor: Actor, period: Period, night: date, move: str = "", owners: Owners = None) -> list[Deal]:
    """The deals that moved, the largest change first; of one sort of move where it is said. At most ``MOST``."""
    wanted = [move] if move else list(MOVES)
    known = (
        _known(actor, period, night, owners).filter(move__in=wanted).order_by(F("value").desc(nulls_last=True), "id")
    )
    names = {"of": F("deal_id"), "title_": F("deal__title"), "whose": F("deal__owner_id"), "was": F("value_currency")}
    rows = [*known.values("move", "part", "value", now=F("deal__value"), is_=F("deal__value_currency"), **names)[:MOST]]
    came = _came(actor, period, night, owners).filter(move__in=wanted).order_by(F("value").desc(nulls_last=True), "id")
    fresh = came.values(
        "move", "part", of=F("id"), title_=F("title"), whose=F("owner_id"), now=F("value"), is_=F("value_currency")
    )
    rows += [row | {"value": None, "was": ""} for row in fresh[:MOST]]
    exchange, day = Exchange(actor, {row[name] for row in rows for name in ("was", "is_")}), today(actor)
    return sorted(_deals(rows, exchange, day), key=lambda deal: -abs(deal.now - deal.then))[:MOST]


def _deals(rows: list[dict[str, Any]], exchange: Exchange, day: date) -> Iterator[Deal]:
    gone = ("pushed", "lost", "deleted", "won")
    for row in rows:
        then = exchange.to_base(row["value"], row["was"], day) * row["part"]
        now = Decimal(0) if row["move"] in gone else exchange.to_base(row["now"], row["is_"], day) * row["part"]
        yield Deal(row["of"], row["title_"], row["whose"], row["move"], then, now)


def _on(night: date) -> QuerySet:
    """How all deals stood on a night."""
    return DealState.objects.filter(Q(until=None) | Q(until__gt=night), since__lte=night).order_by()


def _known(actor: Actor, period: Period, night: date, owners: Owners) -> QuerySet:
    """How the deals open in the period on the night stood then, with what became of each as ``move``."""
    deals = objects.get("deals")
    seen = Q()
    if access.owners_seen(actor, deals) is not None:  # who sees all deals needs none looked up
        seen = Q(deal__in=access.visible(actor, deals).values("id"))
        seen |= Q(deal__in=access.visible(actor, deals, deleted=True).values("id"))
    then = _on(night).filter(seen, status="open", close_date__gte=period.first, close_date__lt=period.after)
    then = then.exclude(category="omitted").filter(belongs(owners, "deal__"))
    inside = Q(deal__close_date__gte=period.first, deal__close_date__lt=period.after) & ~Q(deal__category="omitted")
    became = Case(
        When(deal__deleted_at__isnull=False, then=Value("deleted")),
        When(deal__status="won", then=Value("won")),
        When(deal__status="lost", then=Value("lost")),
        When(~inside, then=Value("pushed")),
        When(Q(deal__value__gt=Coalesce(F("value"), Decimal(0))), then=Value("grown")),
        When(Q(value__gt=Coalesce(F("deal__value"), Decimal(0))), then=Value("shrunk")),
        default=Value("same"),
        output_field=CharField(),
    )
    return then.annotate(move=became, part=part(owners, "deal__"))


def _came(actor: Actor, period: Period, night: date, owners: Owners) -> QuerySet:
    """The deals open in the period now that were not on the night, with how they came as ``move``."""
    there = _on(night).filter(status="open", close_date__gte=period.first, close_date__lt=period.after)
    now = open_deals(actor, period.first, period.after).filter(belongs(owners))
    now = now.exclude(id__in=there.exclude(category="omitted").values("deal_id"))
    before = _on(night).filter(deal=OuterRef("id"))
    return now.annotate(
        part=part(owners),
        move=Case(
            When(~Exists(before), then=Value("new")),
            When(Exists(before.exclude(status="open")), then=Value("reopened")),
            default=Value("pulled"),
            output_field=CharField(),
        ),
    )
