"""What became of the mails: for administrators all of them, for others those about a record they may see."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from .. import access
from ..decisions import require
from ..objects import Object
from ..workspaces.actors import Actor
from . import jobs
from .models import Mail

AT_ONCE = 50


def listed(actor: Actor, state: str = "", before: Any = "") -> tuple[list[Mail], bool]:
    """Mails, the newest first, of one state or all; whether there are more. Raises NotAdministrator, Absent."""
    require(actor)
    rows = Mail.objects.defer("text", "html").order_by("-id")
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(id__lt=access.as_uuid(before)) if before else rows
    found = list(rows[: AT_ONCE + 1])
    return found[:AT_ONCE], len(found) > AT_ONCE


def of_record(actor: Actor, obj: Object, record_id: Any) -> list[Mail]:
    """The latest mails about a record, the newest first; raises Absent."""
    record = access.get(actor, obj, record_id)
    rows = Mail.objects.filter(object=obj.plural, record_id=record.id).defer("text", "html")
    return list(rows.order_by("-id")[:AT_ONCE])


def retry(actor: Actor, mail_id: Any) -> Mail:
    """Try a mail that failed, or was taken back, once more; raises NotAdministrator, Absent."""
    mail = _one(actor, mail_id, ("failed", "cancelled"))
    Mail.objects.filter(id=mail.id).update(state="waiting", attempts=0, message="", ended_at=None)
    jobs.add(mail)
    return mail


def cancel(actor: Actor, mail_id: Any) -> Mail:
    """Take back a mail that has not left yet; raises NotAdministrator, Absent."""
    mail = _one(actor, mail_id, ("waiting",))
    Mail.objects.filter(id=mail.id).update(state="cancelled")
    return mail


def is_lately(key: str, within: timedelta) -> bool:
    """Whether a mail whose key begins so was written within this time, and did not fail (inside ``in_workspace``)."""
    rows = Mail.objects.filter(key__startswith=key, created_at__gt=timezone.now() - within)
    return rows.exclude(state="failed").exists()


def sweep(before: datetime) -> int:
    """Forget mails that were sent before a moment (inside ``in_workspace``); how many."""
    return Mail.objects.filter(state="sent", ended_at__lt=before).delete()[0]


def _one(actor: Actor, mail_id: Any, states: tuple[str, ...]) -> Mail:
    require(actor)
    rows = Mail.objects.select_for_update(skip_locked=True, of=("self",))
    found = rows.filter(id=access.as_uuid(mail_id), state__in=states).first()
    if found is None:
        raise access.Absent(str(mail_id))
    return found
