"""Named reads of field: the visits of a day, where they are, and who is near and was not seen for long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, FloatField, OuterRef, QuerySet, Value
from django.db.models.functions import ASin, Cos, Least, Power, Radians, Sin, Sqrt
from django.utils import timezone

from trato.engine import access, objects
from trato.engine.kinds.datetime import zone_of
from trato.engine.models import Record
from trato.engine.objects import Object
from trato.engine.places import clusters
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog.queries import own_terms, prices_of
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


#: What a device keeps of what, at most, for so many days to come; after ``KEPT`` days without word from here, nothing.
DAYS, KEPT = 7, 7
MOST = {"visits": 60, "accounts": 60, "contacts": 200, "orders": 100, "order-lines": 600, "products": 500}
#: Customers with prices of their own whose prices are kept; the others have everybody's.
MOST_BOOKS = 10
ALONG = {
    "visits": "account,contact,planned_at,ends_at,status,place,purpose,report,outcome,checked_in_at,checked_out_at",
    "accounts": "kind,industry,lifecycle,phones,emails,addresses,website,description,tags",
    "contacts": "account,job_title,phones,emails,preferences",
    "orders": "account,status,ordered_on,wanted_on,total,notes",
    "order-lines": "order,product,description,quantity,unit,price,net",
    "products": "sku,unit,category",
}


#: Tells some records by the names of their fields, at most so many, as the API does.
Dump = Callable[[Actor, Object, list[str], QuerySet, int], list[dict[str, Any]]]


def bundle(actor: Actor, dump: Dump) -> dict[str, Any]:
    """What a person's device keeps for work without a network, as the API tells it, so with their rights: the visits of
    the days to come, their accounts with contacts and open orders, and products with prices.
    """
    day = today(actor)
    visits = _along(dump, actor, "visits", own_visits(actor, day, DAYS))
    accounts = list({visit["account"]["id"] for visit in visits if visit.get("account")})
    orders = _along(dump, actor, "orders", _rows(actor, "orders", account_id__in=accounts, status__in=OPEN_ORDERS))
    return {
        "user": str(actor.user_id),
        "workspace": str(actor.workspace.id),
        "taken_at": timezone.now().isoformat(),
        "until": (timezone.now() + timedelta(days=KEPT)).isoformat(),
        "currency": actor.workspace.currency,
        "may": {plural: actor.rights.may(plural, "create") for plural in ("notes", "tasks", "orders", "files")}
        | {"visits": actor.rights.may("visits", "change")},
        "visits": visits,
        "accounts": _along(dump, actor, "accounts", _rows(actor, "accounts", id__in=accounts)),
        "contacts": _along(dump, actor, "contacts", _rows(actor, "contacts", account_id__in=accounts)),
        "orders": orders,
        "order-lines": _along(
            dump, actor, "order-lines", _rows(actor, "order-lines", order_id__in=[order["id"] for order in orders])
        ),
        "products": _priced(dump, actor, accounts, day),
    }


OPEN_ORDERS = ("draft", "confirmed", "in_delivery")


def _rows(actor: Actor, plural: str, **of: Any) -> QuerySet:
    rows = access.visible(actor, objects.get(plural)).filter(**of)
    return rows.order_by("position" if plural == "order-lines" else "title_key", "id")


def _along(dump: Dump, actor: Actor, plural: str, rows: QuerySet) -> list[dict[str, Any]]:
    """Some records as the API tells them, with those of the chosen fields that the actor may see."""
    obj = objects.get(plural)
    if not access.may_see_any(actor, obj):
        return []
    known = access.fields(actor, obj)
    hidden = {"place"} if "addresses" not in access.fields(actor, objects.get("accounts")) else set()
    names = [name for name in ("title", *ALONG[plural].split(",")) if name in known and name not in hidden]
    return dump(actor, obj, names, rows, MOST[plural])


def _priced(dump: Dump, actor: Actor, accounts: list[Any], day: date) -> list[dict[str, Any]]:
    """Products on sale with what one costs: everybody ("") and by the id of customers who have prices of their own."""
    products = objects.get("products")
    rows = _rows(actor, "products", is_active=True)
    found = _along(dump, actor, "products", rows)
    lines = access.fields(actor, objects.get("order-lines")) if access.may_see_any(actor, products) else {}
    if not found or "price" not in access.fields(actor, products) or "price" not in lines:
        return found
    asked = [(product["id"], Decimal(1)) for product in found]
    prices = {"": _prices(actor, asked, None, day)}
    own = [each for each in accounts if any(own_terms(actor, each, day))]
    prices |= {str(each): _prices(actor, asked, each, day) for each in own[:MOST_BOOKS]}
    return [
        product
        | {"prices": {whose: told[n] for whose, told in prices.items() if told[n] != prices[""][n] or not whose}}
        for n, product in enumerate(found)
    ]


def _prices(actor: Actor, asked: list[tuple[Any, Decimal]], account: Any, day: date) -> list[str | None]:
    quoted = prices_of(actor, asked, account=account, currency=actor.workspace.currency, day=day)
    return [str(each.price.amount) if each.price else None for each in quoted]
