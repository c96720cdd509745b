"""The notification centre of one person: what they were told, read, unread and put off."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import access
from ..postgres.scope import current_workspace_id
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from .models import Notification
from .person import person
from .rules import KINDS
from .telling import ring

#: The bell counts no further.
MOST_COUNTED = 100
STATES = ("all", "unread", "snoozed")
FARTHEST = timedelta(days=366)
# Of every page, so it is written out; what it counts is what ``page`` shows as unread.
FRAME = """
SELECT (SELECT count(*) FROM (
  SELECT FROM engine_notification WHERE workspace_id = %s AND user_id = %s AND in_app AND read_at IS NULL
  AND snoozed_until IS NULL LIMIT %s
) AS counted),
EXISTS (SELECT FROM engine_favourite WHERE workspace_id = %s AND user_id = %s)
"""


def _own(actor: Actor) -> QuerySet[Notification]:
    rows = Notification.objects.filter(user_id=person(actor), in_app=True)
    return rows if actor.private_id else rows.none()


def unread(actor: Actor) -> int:
    """How many are unread, at most ``MOST_COUNTED``."""
    return frame(actor)[0]


def frame(actor: Actor) -> tuple[int, bool]:
    """What the frame of every page asks of a person, in one statement: how many are unread, and whether they have
    favourites.
    """
    if not actor.private_id:
        return 0, False
    place = [current_workspace_id(), person(actor)]
    with connection.cursor() as cursor:
        cursor.execute(FRAME, [*place, MOST_COUNTED, *place])
        count, favourites = cursor.fetchone()
        return int(count), bool(favourites)


def page(
    actor: Actor, state: str = "all", kind: str = "", before: Any = None, limit: int = 50
) -> tuple[list[Notification], bool]:
    """The newest, of one state and kind or all, and whether there are more; raises Absent for a strange ``before``."""
    rows = _own(actor).filter(snoozed_until__isnull=state != "snoozed")
    rows = rows.filter(read_at=None) if state == "unread" else rows
    rows = rows.filter(kind=kind) if kind in KINDS else rows
    if before:
        last = get(actor, before)
        rows = rows.filter(Q(at__lt=last.at) | Q(at=last.at, id__lt=last.id))
    found = list(rows.order_by("-at", "-id")[: limit + 1])
    return found[:limit], len(found) > limit


def get(actor: Actor, notification_id: Any) -> Notification:
    """One of the actor's own; raises Absent."""
    found = _own(actor).filter(id=access.as_uuid(notification_id)).first()
    if found is None:
        raise access.Absent(str(notification_id))
    return found


def mark(actor: Actor, notification_id: Any, *, read: bool) -> Notification:
    """Say that one was read, or is to be looked at again; raises Absent."""
    found = get(actor, notification_id)
    found.read_at = timezone.now() if read else None
    found.snoozed_until = None
    _keep(actor, [found.id], read_at=found.read_at, snoozed_until=None)
    return found


def mark_all(actor: Actor, kind: str = "") -> int:
    """Say that all (of a kind) were read; what is put off stays so. Returns how many."""
    rows = _own(actor).filter(read_at=None, snoozed_until=None)
    rows = rows.filter(kind=kind) if kind in KINDS else rows
    changed = rows.update(read_at=timezone.now())
    if changed:
        ring(actor.workspace.id, person(actor))
    return changed


def snooze(actor: Actor, notification_id: Any, until: datetime) -> Notification:
    """Put one off; it is unread again then. Raises Absent, Refused."""
    now = timezone.now()
    if not now < until < now + FARTHEST:
        raise Refused([Problem("until", "future", _("Choose a time to come, at most a year from now."))])
    found = get(actor, notification_id)
    found.snoozed_until, found.read_at = until, None
    _keep(actor, [found.id], snoozed_until=until, read_at=None)
    return found


def _keep(actor: Actor, ids: Iterable[Any], **values: Any) -> None:
    _own(actor).filter(id__in=list(ids)).update(**values)
    ring(actor.workspace.id, person(actor))
