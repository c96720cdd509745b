"""Writes of visits that have a name of their own."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import actions, objects
from trato.engine.kinds import Choice, DateTime, Number, RichText
from trato.engine.models import Record
from trato.engine.workspaces.actors import Actor

from . import queries, rules
from .models import OUTCOMES

#: By how much a device's clock may be ahead of ours.
AHEAD = timedelta(minutes=10)
#: How far back somebody may say that they arrived or left.
LATEST = timedelta(days=31)


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
