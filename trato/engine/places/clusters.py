"""What of some records stands on a part of the map: points near each other are one, counted by the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count, F, FloatField, Func, Max, Min, Q, QuerySet

from .. import access
from ..objects import Object
from ..workspaces.actors import Actor
from .locating import PLACED
from .models import Point

#: How many degrees of longitude a cluster takes in at zoom 0, where the world is 256 pixels wide: about 48 pixels.
WIDEST = 360 / (256 / 48)
DEEPEST = 12
#: No map holds more clusters, and no list beside it more places.
MOST, LISTED = 600, 60


@dataclass(frozen=True)
class Box:
    """A part of the map, in degrees; one that goes over the date line has its west east of its east."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class Cluster:
    """Records near each other. ``place`` names their town where it is one and the same ("ES|Madrid"), else is ""."""

    latitude: float
    longitude: float
    count: int
    place: str
    precision: str


def points(actor: Actor, obj: Object, rows: QuerySet, box: Box | None = None) -> QuerySet:
    """The points of these records that the actor may see, on a part of the map."""
    seen = [name for name, field in access.fields(actor, obj).items() if field.kind.name in PLACED]
    found = Point.objects.filter(object=obj.plural, field__in=seen, record_id__in=rows.order_by().values("id"))
    if box is None:
        return found
    inside = Q(longitude__gte=box.west), Q(longitude__lte=box.east)
    found = found.filter(latitude__gte=box.south, latitude__lte=box.north)
    return found.filter(inside[0] & inside[1] if box.west <= box.east else inside[0] | inside[1])


def clusters(actor: Actor, obj: Object, rows: QuerySet, box: Box, zoom: int) -> list[Cluster]:
    """The points on a part of the map, those within about 48 pixels of each other at this zoom as one; the largest
    first.
    """
    cell = WIDEST / 2 ** max(0, min(zoom, DEEPEST))
    found = (
        points(actor, obj, rows, box)
        .order_by()
        .values(across_=_cell("longitude", cell), down_=_cell("latitude", cell / 2))
    )
    named = {"town": Min("city"), "towns": Max("city"), "state": Min("country"), "states": Max("country")}
    counted = found.annotate(
        count=Count("record_id", distinct=True),
        lat=Avg("latitude"),
        lon=Avg("longitude"),
        exact=Min("precision"),
        **named,
    )
    return [_cluster(row) for row in counted.order_by("-count", "across_", "down_")[:MOST]]


def _cell(column: str, size: float) -> Func:
    return Func(F(column), template=f"floor(%(expressions)s / {size!r})", output_field=FloatField())


def _cluster(row: Mapping[str, Any]) -> Cluster:
    one = row["town"] == row["towns"] and row["state"] == row["states"]
    place = f"{row['state']}|{row['town']}" if one else ""
    return Cluster(row["lat"], row["lon"], row["count"], place, row["exact"])


def places(actor: Actor, obj: Object, rows: QuerySet, box: Box | None = None) -> list[dict[str, Any]]:
    """The towns on a part of the map as ``city``, ``country`` and ``count``; those of most records first."""
    found = points(actor, obj, rows, box).exclude(precision="").order_by().values("country", "city")
    return list(found.annotate(count=Count("record_id", distinct=True)).order_by("-count", "country", "city")[:LISTED])


def at(actor: Actor, obj: Object, rows: QuerySet, place: str) -> QuerySet:
    """Those of the records that are in a town ("ES|Madrid")."""
    country, _bar, city = place.partition("|")
    found = points(actor, obj, rows).filter(country=country[:2], city=city)
    return rows.filter(id__in=found.values("record_id"))


def extent(actor: Actor, obj: Object, rows: QuerySet) -> Box | None:
    """The part of the world that holds all points; None where there are none."""
    found = points(actor, obj, rows).aggregate(
        west=Min("longitude"), south=Min("latitude"), east=Max("longitude"), north=Max("latitude")
    )
    return Box(**found) if found["west"] is not None else None


def unknown(actor: Actor, obj: Object, rows: QuerySet) -> int:
    """How many of the records have an address whose place nobody knows."""
    nowhere = points(actor, obj, rows).filter(precision="")
    return nowhere.aggregate(n=Count("record_id", distinct=True))["n"]
