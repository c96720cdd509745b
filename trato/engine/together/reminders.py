"""Reminders of records: made by a person for themselves, told once when their time has come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import access
from ..kinds import DateTime, Invalid
from ..objects import Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from ..workspaces.ids import uuid7
from ..workspaces.models import Workspace
from .models import Notification, Reminder
from .person import person
from .telling import News, may_see, ring, tell

MOST = 50  # of one person on one record
FARTHEST = timedelta(days=3660)
AT_ONCE = 500


def of_record(actor: Actor, obj: Object, record_id: Any) -> QuerySet[Reminder]:
    """The actor's own reminders of a record that are still to come, the next first; raises Absent."""
    record = access.get(actor, obj, record_id)
    rows = Reminder.objects.filter(user_id=person(actor), object=obj.plural, record_id=record.id, told_at=None)
    return rows.order_by("at", "id") if actor.private_id else rows.none()


def create(actor: Actor, obj: Object, record_id: Any, at: Any, note: Any = "") -> Reminder:
    """Ask to be told of a record at a time to come; raises Absent, Refused."""
    record = access.get(actor, obj, record_id)
    try:
        moment = DateTime(required=True).clean(at, access.reader(actor))
    except Invalid as problem:
        raise Refused([Problem("at", problem.code, str(problem))]) from None
    now = timezone.now()
    if not isinstance(note, str) or len(note) > 200 or "\0" in note:
        raise Refused([Problem("note", "too_long", _("At most %(n)s characters.") % {"n": 200})])
    if not now < moment < now + FARTHEST:
        raise Refused([Problem("at", "future", _("Choose a time to come, at most ten years from now."))])
    if of_record(actor, obj, record.id).count() >= MOST:
        raise Refused([Problem("at", "many", _("You have %(n)s reminders here already.") % {"n": MOST})])
    return Reminder.objects.create(
        user_id=person(actor), object=obj.plural, record_id=record.id, at=moment, note=note.strip()
    )


def delete(actor: Actor, obj: Object, record_id: Any, reminder_id: Any) -> None:
    """Let go of a reminder of one's own; raises Absent."""
    if not of_record(actor, obj, record_id).filter(id=access.as_uuid(reminder_id)).delete()[0]:
        raise access.Absent(str(reminder_id))


def call(workspace: Workspace, obj_of: Any, now: datetime | None = None) -> int:
    """Tell the reminders that have come, each once however often this runs; returns how many.

    ``obj_of`` gives the object of a plural, or None where there is none any more.
    """
    now = now or timezone.now()
    due = list(
        Reminder.objects.filter(told_at=None, at__lte=now)
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("at")[:AT_ONCE]
    )
    Reminder.objects.filter(id__in=[one.id for one in due]).update(told_at=now)
    news = [
        News(
            one.user_id,
            "reminder",
            f"reminder:{one.id}",
            uuid7(),
            object=one.object,
            record_id=one.record_id,
            details={"note": one.note},
        )
        for one in due
        if (obj := obj_of(one.object)) is not None and may_see(workspace, one.user_id, obj, one.record_id)
    ]
    tell(workspace, news, now)
    return len(news)


def wake(workspace: Workspace, now: datetime | None = None) -> int:
    """Show again what was put off until now; returns how many."""
    rows = Notification.objects.filter(snoozed_until__lte=now or timezone.now())
    woken = list(rows.select_for_update(skip_locked=True, of=("self",)).values_list("id", "user_id")[:AT_ONCE])
    Notification.objects.filter(id__in=[one for one, _user in woken]).update(
        snoozed_until=None, read_at=None, at=now or timezone.now()
    )
    for user_id in {user for _one, user in woken}:
        ring(workspace.id, user_id)
    return len(woken)
