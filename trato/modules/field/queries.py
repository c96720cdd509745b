"""Named reads of field: the visits of a day, where they are, and who is near and was not seen for long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, FloatField, OuterRef, QuerySet, Value
from django.db.models.functions import ASin, Cos, Least, Power, Radians, Sin, Sqrt
from django.utils import timezone

from trato.engine import access, objects
from trato.engine.kinds.datetime import zone_of
from trato.engine.models import Record
from trato.engine.places import clusters
from trato.engine.workspaces.actors import Actor
from trato.modules.people.models import Account

from .models import Visit
from .rules import EARTH, Spot

#: Accounts offered near the way of a day.
NEAREST = 12


def may_visit(actor: Actor) -> bool:
    """Whether the person sees visits at all."""
    return access.may_see_any(actor, objects.get("visits"))


def bounds(actor: Actor, day: date, days: int = 1) -> tuple[datetime, datetime]:
    """When a day of the person's, or several from it on, begins and ends."""
    zone = zone_of(actor.time_zone)
    return datetime.combine(day, time.min, zone), datetime.combine(day + timedelta(days=days), time.min, zone)


def today(actor: Actor) -> date:
    """The day it is where the person is."""
    return timezone.now().astimezone(zone_of(actor.time_zone)).date()


def own_visits(actor: Actor, day: date, days: int = 1) -> QuerySet:
    """The person's visits of some days that were not cancelled, in order."""
    starts, ends = bounds(actor, day, days)
    rows = access.visible(actor, objects.get("visits")).filter(owner_id=actor.user_id)
    return rows.filter(planned_at__gte=starts, planned_at__lt=ends).exclude(status="cancelled").order_by("planned_at")


def address_of(account_id: UUID) -> list[dict[str, Any]]:
    """The primary one of an account's addresses, else the first, as a list; empty where it has none."""
    addresses = Account.objects.filter(id=account_id).values_list("addresses", flat=True).first() or []
    return [each for each in addresses if each.get("primary")][:1] or addresses[:1]


def positions(actor: Actor, plural: str, ids: Iterable[UUID]) -> dict[UUID, Spot]:
    """Where some records are, in degrees, as far as their towns are known and may be seen by the actor."""
    obj = objects.get(plural)
    rows = access.visible(actor, obj).filter(id__in=list(ids))
    found = clusters.points(actor, obj, rows).filter(precision="city").order_by("id")
    told = found.values_list("record_id", "latitude", "longitude")
    return {record_id: (up, over) for record_id, up, over in reversed(list(told))}


def spots(actor: Actor, visits: Iterable[Mapping[str, Any]]) -> dict[UUID, Spot]:
    """Where visits (rows of ``id`` and ``account_id``) are: their own places, else those of their accounts."""
    rows = list(visits)
    own = positions(actor, "visits", [row["id"] for row in rows])
    of_accounts = positions(actor, "accounts", [row["account_id"] for row in rows if row["id"] not in own])
    found = {row["id"]: own.get(row["id"]) or of_accounts.get(row["account_id"]) for row in rows}
    return {each: spot for each, spot in found.items() if spot is not None}


def position_of(actor: Actor, visit: Record) -> Spot | None:
    """Where a visit is, None where nobody knows."""
    return spots(actor, [{"id": visit.id, "account_id": visit.account_id}]).get(visit.id)


def nearest(actor: Actor, here: Spot, *, weeks: int, day: date) -> list[dict[str, Any]]:
    """The person's own accounts nearest to a place that nobody visited for some weeks before the day and that are not
    to be visited from then on: ``id``, ``title``, ``city`` and ``away`` in kilometres, and ``last``, when somebody was
    there.
    """
    accounts = objects.get("accounts")
    since = bounds(actor, day - timedelta(weeks=weeks))[0]
    # Whose visit it is does not matter, nor whether it may be seen: a customer seen yesterday is not neglected.
    seen = Visit.objects.filter(account_id=OuterRef("id"), deleted_at=None, planned_at__gte=since)
    rows = access.visible(actor, accounts).filter(owner_id=actor.user_id)
    rows = rows.filter(~Exists(seen.exclude(status="cancelled")))
    points = clusters.points(actor, accounts, rows).filter(precision="city")
    near = list(
        points.annotate(away=_away(here))
        .order_by("away", "record_id")
        .values("record_id", "city", "away")[: NEAREST * 3]
    )
    first: dict[UUID, dict[str, Any]] = {}
    for row in near:
        first.setdefault(row["record_id"], row)
    chosen = list(first.values())[:NEAREST]
    ids = [row["record_id"] for row in chosen]
    titles = dict(rows.filter(id__in=ids).values_list("id", "title"))
    last = _last_visits(actor, ids)
    return [
        {
            "id": row["record_id"],
            "title": titles[row["record_id"]],
            "city": row["city"],
            "away": row["away"],
            "last": last.get(row["record_id"]),
        }
        for row in chosen
        if row["record_id"] in titles
    ]


def _last_visits(actor: Actor, ids: list[UUID]) -> dict[UUID, datetime]:
    """When the accounts were last visited, as far as the person may see it."""
    rows = access.visible(actor, objects.get("visits")).filter(account_id__in=ids, status="done")
    return dict(rows.order_by("planned_at").values_list("account_id", "planned_at"))


def _away(here: Spot) -> Any:
    """Kilometres along the great circle from a place to a point, for the database to order by."""
    up = Power(Sin(Radians(F("latitude") - Value(here[0])) / 2), 2)
    over = Power(Sin(Radians(F("longitude") - Value(here[1])) / 2), 2)
    chord = up + Cos(Radians(Value(here[0]))) * Cos(Radians(F("latitude"))) * over
    return Value(2 * EARTH) * ASin(Least(Value(1.0), Sqrt(chord)), output_field=FloatField())


def centre(actor: Actor) -> Spot | None:
    """Where a day without stops begins: the middle of the person's own accounts, None where no place is known."""
    accounts = objects.get("accounts")
    rows = access.visible(actor, accounts).filter(owner_id=actor.user_id)
    found = clusters.points(actor, accounts, rows).filter(precision="city").order_by("-record_id")
    told = list(found.values_list("latitude", "longitude")[:500])
    middle = len(told) // 2
    return (sorted(up for up, _over in told)[middle], sorted(over for _up, over in told)[middle]) if told else None
