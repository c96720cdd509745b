"""The points of records follow their addresses: one job for the records of a transaction or of a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from .. import access, events, objects
from ..jobs import Run, enqueue, job
from ..models import HistoryEntry, Job
from ..objects import Field, Object
from ..postgres.scope import current_workspace_id, in_workspace, note, noted
from ..workspaces.actors import Actor
from ..workspaces.models import Workspace
from . import gazetteer
from .gazetteer import Place, Position
from .models import Point

#: Kinds whose values have a place.
PLACED = ("address", "addresses")
PORTION = 5000
#: Writes of single records that one job follows; more of them in one transaction become another.
TOGETHER = 500
LOCATE = "places.locate"
#: Kept of an address.
LONGEST = 200


def placed(obj: Object, workspace: Workspace | None) -> list[Field]:
    """The fields of an object that have a place."""
    return [field for field in obj.fields(workspace).values() if field.kind.name in PLACED]


@events.react_to_all
def follow(actor: Actor, event: Mapping[str, Any]) -> None:
    """Locate what a write has moved: records whose addresses changed, or those of a batch."""
    plural = event.get("object", "")
    fields = placed(objects.get(plural), actor.workspace) if plural and objects.is_known(plural) else []
    if not fields:
        return
    if batch := event.get("batch"):
        _once(actor, plural, batch)
    elif event["name"].endswith(".merged") or any(field.name in event["fields"] for field in fields):
        _together(actor, plural, str(event["id"]))


def locate_all(actor: Actor, obj: Object) -> None:
    """Look all places of an object up anew, in the background. Raises Forbidden for who may not import into it."""
    access.require(actor, obj, "import")
    if not Job.objects.filter(name=LOCATE, state="waiting", arguments={"object": obj.plural}).exists():
        enqueue(actor, LOCATE, _label(obj.plural), object=obj.plural)


def _label(plural: str) -> str:
    return _("Places of %(objects)s on the map") % {"objects": objects.get(plural).label_plural}


def _once(actor: Actor, plural: str, batch: str) -> None:
    """One job for a batch, however many portions of it are written before it begins."""
    told = {"object": plural, "batch": str(batch)}
    if not Job.objects.filter(name=LOCATE, state="waiting", arguments=told).exists():
        enqueue(actor, LOCATE, _label(plural), **told)


def _together(actor: Actor, plural: str, record_id: str) -> None:
    """One job for the records that one transaction writes: until it ends, no worker sees the job."""
    known = noted().get(f"{LOCATE} {plural}")
    if known is None or len(known.arguments["records"]) >= TOGETHER:
        known = enqueue(actor, LOCATE, _label(plural), object=plural, records=[record_id])
        note(f"{LOCATE} {plural}", known)
    elif record_id not in known.arguments["records"]:
        known.arguments["records"].append(record_id)
        known.save(update_fields=["arguments"])


@job(LOCATE)
def locate(run: Run, object: str, records: Sequence[str] | None = None, batch: str = "") -> dict[str, int]:
    """Make the points of these records those of their addresses: of some, of a batch, or of all."""
    done, last = 0, UUID(int=0)
    known: dict[Place, Position | None] = {}
    while True:
        with in_workspace(run.workspace.id):
            if not objects.is_known(object):
                return {"located": done}
            obj = objects.get(object)
            _alone(obj)
            fields = placed(obj, run.workspace)
            rows = _chosen(obj, records, batch).filter(id__gt=last).order_by("id")
            columns = {column for field in fields for column in field.columns}
            portion = list(rows.values("id", *columns)[:PORTION])
            if not portion:
                return {"located": done}
            _replace(obj, fields, portion, run.workspace.country, known=known, fresh=not (records or batch))
            done, last = done + len(portion), portion[-1]["id"]
            run.progress(done)


def _alone(obj: Object) -> None:
    """Wait for other jobs that locate records of the object: what is read last is written last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"points {obj.plural} {current_workspace_id()}"]
        )


def _chosen(obj: Object, records: Sequence[str] | None, batch: str) -> QuerySet:
    rows = obj.rows()
    if records is not None:
        return rows.filter(id__in=list(records))
    if batch:
        return rows.filter(id__in=HistoryEntry.objects.filter(batch_id=batch, object=obj.plural).values("record_id"))
    return rows


def _replace(
    obj: Object,
    fields: Sequence[Field],
    rows: Sequence[Mapping[str, Any]],
    home: str,
    *,
    known: dict[Place, Position | None],
    fresh: bool,
) -> None:
    """Write the points of some records anew; ``known`` is what the job has looked up before, and grows."""
    told = [(row["id"], field.name, place) for row in rows for field in fields for place in _places(field, row)]
    _look_up({place for _id, _name, place in told} - known.keys(), home, known=known, fresh=fresh)
    Point.objects.filter(object=obj.plural, record_id__in=[row["id"] for row in rows]).delete()
    points = [_point(obj, record_id, name, place, known[place]) for record_id, name, place in told]
    Point.objects.bulk_create(points, batch_size=2000)


def _point(obj: Object, record_id: UUID, name: str, place: Place, where: Position | None) -> Point:
    return Point(
        object=obj.plural,
        record_id=record_id,
        field=name,
        city=place.city,
        country=place.country,
        latitude=where.latitude if where else None,
        longitude=where.longitude if where else None,
        precision=where.precision if where else "",
    )


def _places(field: Field, row: Mapping[str, Any]) -> Iterator[Place]:
    """The places that a field's value names, each once."""
    value = field.read(row)
    items: list[Any] = (value if field.kind.many else [value]) if value else []
    named = (Place(item["city"][:LONGEST], item["region"], item["country"][:2]) for item in items)
    yield from dict.fromkeys(place for place in named if place.city or place.country)


def _look_up(places: set[Place], home: str, *, known: dict[Place, Position | None], fresh: bool) -> None:
    """Where these places are: as it is known from other records of the workspace, else from the gazetteer."""
    if not fresh:
        plain = [place for place in places if not place.region]
        rows = Point.objects.filter(city__in={place.city for place in plain}).exclude(precision="").order_by()
        told = rows.values_list("city", "country", "latitude", "longitude", "precision").distinct()[:2000]
        found = {(row[0], row[1]): Position(row[2] or 0.0, row[3] or 0.0, row[4]) for row in told}
        known |= {place: found[place.city, place.country] for place in plain if (place.city, place.country) in found}
    if unknown := places - known.keys():
        known |= dict.fromkeys(unknown) | gazetteer.find(unknown, home)
