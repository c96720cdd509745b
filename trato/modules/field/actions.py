"""Writes of visits that have a name of their own."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.files.base import File
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import access, actions, files, history, idempotency, objects
from trato.engine.kinds import Choice, DateTime, Number, RichText
from trato.engine.kinds.datetime import zone_of
from trato.engine.models import Record
from trato.engine.objects import Object
from trato.engine.workspaces.actors import Actor

from . import queries, rules
from .models import OUTCOMES

#: By how much a device's clock may be ahead of ours.
AHEAD = timedelta(minutes=10)
#: How far back somebody may say that they arrived or left.
LATEST = timedelta(days=31)
#: When the first visit of a day begins, how long one lasts, and what is left for the way to the next.
FIRST, LASTS, ON_THE_WAY = time(9), timedelta(hours=1), timedelta(minutes=30)
#: What photos are; devices make JPEGs of at most 1600 pixels a side, about half a megabyte.
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})
LARGEST_PHOTO = 10 * 2**20


def _refuse(field: str, code: str, words: str) -> actions.Refused:
    return actions.Refused([actions.Problem(field, code, words)])


def _moment(at: datetime | None) -> datetime:
    """When it was, now where nothing is said; raises Refused for what can't be."""
    now = timezone.now()
    if at is None:
        return now
    if not now - LATEST <= at <= now + AHEAD:
        raise _refuse("at", "moment", _now("This is not a time of the last days."))
    return min(at, now)


@actions.action(
    "visits",
    label=_("Check in"),
    icon="map-pin-check",
    prominent=True,
    undo=_("The visit is planned again."),
    applies=lambda visit: visit.status == "planned",
)
def check_in(
    actor: Actor,
    record: Record,
    *,
    at: DateTime() = None,
    latitude: Number(digits=6, minimum=-90, maximum=90) = None,
    longitude: Number(digits=6, minimum=-180, maximum=180) = None,
    accuracy: Number(minimum=0, maximum=1_000_000) = None,
) -> Record:
    """Somebody arrived: when, and where their device says they are; said twice, the first time counts."""
    if record.status in ("under_way", "done") and record.checked_in_at:
        return record
    if record.status != "planned":
        raise _refuse("", "status", _now("This visit was cancelled. Plan a new one."))
    if (latitude is None) != (longitude is None):
        missing = "latitude" if latitude is None else "longitude"
        raise _refuse(missing, "required", _now("A place has a latitude and a longitude."))
    values: dict[str, Any] = {"status": "under_way", "checked_in_at": _moment(at)}
    if latitude is not None and longitude is not None:
        values |= {"latitude": latitude, "longitude": longitude, "accuracy": accuracy}
        target = queries.position_of(actor, record)
        if target is not None:
            away = rules.distance((float(latitude), float(longitude)), target)
            values["distance"] = Decimal(str(round(away, 1)))
    return actions.write(actor, objects.get("visits"), record, values, verb="check_in")


@actions.action(
    "visits",
    label=_("Check out"),
    icon="door-exit",
    prominent=True,
    undo=_("The visit is under way again, with the report it had."),
    applies=lambda visit: visit.status == "under_way",
)
def check_out(
    actor: Actor,
    record: Record,
    *,
    at: DateTime() = None,
    outcome: Choice(choices=OUTCOMES) = None,
    report: RichText() = None,
) -> Record:
    """Somebody left, and tells what came of it; what is not said stays as it was."""
    visits = objects.get("visits")
    told = {name: value for name, value in (("outcome", outcome), ("report", report)) if value}
    if record.status == "cancelled":
        raise _refuse("", "status", _now("This visit was cancelled. Plan a new one."))
    if record.status == "planned":
        raise _refuse("", "status", _now("Check in first."))
    if told:
        record = actions.update(actor, visits, record.id, told)
    if record.status == "done":
        return record
    left = max(_moment(at), record.checked_in_at or record.planned_at)
    return actions.write(actor, visits, record, {"status": "done", "checked_out_at": left}, verb="check_out")


@actions.action(
    "visits",
    label=_("Cancel"),
    icon="calendar-x",
    undo=_("The visit is planned again."),
    applies=lambda visit: visit.status in ("planned", "under_way"),
)
def cancel(actor: Actor, record: Record) -> Record:
    """Nobody goes there; what is done stays done."""
    if record.status == "done":
        raise _refuse("", "status", _now("This visit is done. Delete it if it never was."))
    if record.status == "cancelled":
        return record
    return actions.write(actor, objects.get("visits"), record, {"status": "cancelled"}, verb="cancel")


def plan(actor: Actor, account_id: Any, day: date) -> Record:
    """A new visit of the person's to an account, after the others of the day; raises Forbidden, Absent, Refused."""
    account = access.get(actor, objects.get("accounts"), account_id)
    starts = datetime.combine(day, FIRST, zone_of(actor.time_zone))
    for row in queries.own_visits(actor, day).values("planned_at", "ends_at"):
        starts = max(starts, (row["ends_at"] or row["planned_at"] + LASTS) + ON_THE_WAY)
    if starts >= queries.bounds(actor, day)[1]:
        raise _refuse("planned_at", "full", _now("This day is full. Plan the visit for another one."))
    values = {
        "purpose": _now("Visit: %(account)s") % {"account": account.title[:150]},
        "account": account.id,
        "planned_at": starts,
        "ends_at": starts + LASTS,
        "owner": actor.user_id,
    }
    return actions.create(actor, objects.get("visits"), values)


def arrange(actor: Actor, day: date) -> int:
    """Put the person's planned visits of a day in the order of the shortest way, at the times the day has them; those
    whose place nobody knows come last. Those that have begun stay, and the way goes on from the last of them. Returns
    how many were moved; raises Forbidden, Refused.
    """
    visits = objects.get("visits")
    rows = list(queries.own_visits(actor, day).values("id", "account_id", "planned_at", "ends_at", "status"))
    found = queries.spots(actor, rows)
    begun = [row for row in rows if row["status"] != "planned" and row["id"] in found][-1:]
    open_ = [row for row in rows if row["status"] == "planned"]
    known = [*begun, *(row for row in open_ if row["id"] in found)]
    if len(known) > rules.MOST_STOPS:
        raise _refuse(
            "", "too_many", _now("At most %(n)s visits of a day can be put in order.") % {"n": rules.MOST_STOPS}
        )
    order = rules.shortest_order([found[row["id"]] for row in known], start=0 if begun else None)
    wanted = [known[n] for n in order][len(begun) :] + [row for row in open_ if row["id"] not in found]
    moved = 0
    for row, slot in zip(wanted, [row["planned_at"] for row in open_], strict=True):
        if row["planned_at"] != slot:
            lasts = row["ends_at"] - row["planned_at"] if row["ends_at"] else None
            actions.update(actor, visits, row["id"], {"planned_at": slot, "ends_at": slot + lasts if lasts else None})
            moved += 1
    return moved


class Disputed(RuntimeError):
    """What somebody wrote without a network was changed by others meanwhile: their ``fields`` and the ``version`` of
    the record now. Nothing was changed.
    """

    def __init__(self, fields: list[dict[str, Any]], version: int) -> None:
        super().__init__(_now("Somebody changed this record meanwhile. Nothing was saved."))
        self.fields, self.version = fields, version


def take_in(actor: Actor, item: rules.Item, photo: File | None = None) -> tuple[int, dict[str, Any]]:
    """Do what was done on a device without a network, once however often it is sent: the status and the answer. A
    ``photo`` comes with an item that makes a file, and with no other.

    Raises Disputed, Refused, Absent, Forbidden, ValueError; then nothing was changed, and the device keeps it.
    """
    assert actor.user_id is not None
    if (item.object == "files") != (photo is not None):
        raise ValueError("photo")
    print_ = hashlib.sha256(repr(item).encode())
    for block in photo.chunks() if photo else ():
        print_.update(block)
    work = {"create": partial(_created, photo=photo), "change": _changed, "act": _acted}[item.does]
    done = idempotency.once(actor.user_id, str(item.id), print_.hexdigest(), lambda: work(actor, item))
    return done[:2]


def _told(plural: str, record: Record) -> dict[str, Any]:
    return {"ref": f"{plural}/{record.id}", "title": record.title, "version": record.version}


def _created(actor: Actor, item: rules.Item, photo: File | None) -> tuple[int, dict[str, Any]]:
    obj = objects.get(item.object)
    # The record has the id the device gave it: what was sent long ago is there, and is not made again.
    known = access.visible(actor, obj).filter(id=item.id).first()
    if known is not None:
        return 200, _told(obj.plural, known)
    if obj.rows().filter(id=item.id).exists():
        raise access.Absent(obj.ref(item.id))
    values = dict(item.values)
    if "owner" in access.writable(actor, obj):
        values["owner"] = str(actor.user_id)
    if photo is not None:
        values["file"] = _stored(actor, photo)
    with history.batch():
        return 201, _told(obj.plural, actions.create(actor, obj, values, record_id=item.id))


def _stored(actor: Actor, photo: File) -> dict[str, Any]:
    """The value of a file field for a photo, which is kept as every upload is; raises Forbidden, Refused."""
    if not actor.rights.may("files", "create"):
        raise access.Forbidden("files", "create")
    photo.seek(0)
    if files.sniff(photo.read(8192)) not in PICTURES:
        raise _refuse("file", "picture", _now("This is no photo (JPEG, PNG or WebP). Nothing was kept of it."))
    photo.seek(0)
    return files.described(files.store(actor, photo.name or "", photo, largest=LARGEST_PHOTO))


def _changed(actor: Actor, item: rules.Item) -> tuple[int, dict[str, Any]]:
    obj = objects.get(item.object)
    record = actions.lock(actor, obj, item.record)
    if item.version != record.version:
        _compare(actor, obj, record, item)
    with history.batch():
        return 200, _told(obj.plural, actions.update(actor, obj, record.id, item.values))


def _compare(actor: Actor, obj: Object, record: Record, item: rules.Item) -> None:
    """Whether others wrote what this item writes, and something else, since the device read it; raises Disputed."""
    reader, known = access.reader(actor), access.fields(actor, obj)
    disputed = []
    for name, value in item.values.items():
        field = known.get(name)
        now = field.kind.dump(field.read_from(record)) if field else None
        if field and now not in (value, item.base.get(name)) and not (not now and not item.base.get(name)):
            theirs = {"theirs": now, "shown": field.kind.plain(field.read_from(record), reader)}
            disputed.append({"name": name, "label": str(field.label), "mine": value} | theirs)
    if disputed:
        raise Disputed(disputed, record.version)


def _acted(actor: Actor, item: rules.Item) -> tuple[int, dict[str, Any]]:
    obj = objects.get(item.object)
    return 200, _told(obj.plural, actions.run(actor, obj, item.action, item.record, item.values))
