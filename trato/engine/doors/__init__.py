"""Secret addresses: somebody without an account reads, and answers, one record.

An address is ``/p/<workspace>/<secret>``; only the hash of the secret is kept. Whoever comes through acts as a
*customer*: they see that record, change nothing by themselves, and the history names them.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from .. import access
from ..objects import Object
from ..workspaces.actors import Actor, Rights
from ..workspaces.members import workspace_at
from ..workspaces.models import Workspace, digest_of
from .models import Door

SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Visit:
    """Somebody who came through a door: the workspace, the door, and who acts."""

    workspace: Workspace
    door: Door
    actor: Actor


def make(
    actor: Actor,
    obj: Object,
    record_id: Any,
    purpose: str,
    *,
    name: str = "",
    email: str = "",
    language: str = "",
    expires_at: datetime | None = None,
) -> tuple[Door, str]:
    """A new door to a record the actor may see, and its whole address, which is handed out and never kept; raises
    Absent.
    """
    record = access.get(actor, obj, record_id)
    secret = secrets.token_urlsafe(32)
    door = Door.objects.create(
        digest=digest_of(secret),
        purpose=purpose,
        object=obj.plural,
        record_id=record.id,
        name=name[:200],
        email=email[:254],
        language=language or actor.workspace.language,
        made_by_id=actor.user_id,
        expires_at=expires_at,
    )
    return door, f"{settings.TRATO_URL}/p/{actor.workspace.slug}/{secret}"


def handed_on(visit: Visit, obj: Object, record_id: Any) -> tuple[Door, str]:
    """A door of the same purpose, for the same person, to another record that the caller has decided to show them."""
    door = visit.door
    more: dict[str, Any] = {
        "name": door.name,
        "email": door.email,
        "language": door.language,
        "expires_at": door.expires_at,
    }
    return make(replace(visit.actor, only=(obj.plural, record_id)), obj, record_id, door.purpose, **more)


def close(actor: Actor, obj: Object, record_id: Any, purpose: str) -> int:
    """Close every door to a record that serves a purpose; how many there were. Raises Absent."""
    record = access.get(actor, obj, record_id)
    rows = Door.objects.filter(object=obj.plural, record_id=record.id, purpose=purpose, closed_at=None)
    return rows.update(closed_at=timezone.now())


def of_record(actor: Actor, obj: Object, record_id: Any, purpose: str) -> list[Door]:
    """The doors to a record that are open, the newest first; raises Absent."""
    record = access.get(actor, obj, record_id)
    rows = Door.objects.filter(_open(), object=obj.plural, record_id=record.id, purpose=purpose)
    return list(rows.order_by("-id"))


def _open() -> Q:
    """What makes a door open now."""
    return Q(closed_at=None) & (Q(expires_at=None) | Q(expires_at__gt=timezone.now()))


def place_of(slug: str, secret: str) -> tuple[Workspace, str] | None:
    """The workspace of an address and the digest of its secret; None for what can be no address (outside any
    workspace).
    """
    workspace = workspace_at(slug) if SECRET.fullmatch(secret) else None
    return (workspace, digest_of(secret)) if workspace else None


def enter(workspace: Workspace, digest: str) -> Visit | None:
    """Who comes through the door of this digest (inside ``in_workspace``); None for a wrong, closed or expired one, and
    where its record is gone: all look the same.
    """
    door = Door.objects.filter(_open(), digest=digest).first()
    if door is None:
        return None
    actor = Actor(
        workspace=workspace,
        kind="customer",
        name=door.name or door.email,
        face="public",
        source=f"door:{door.id}",
        rights=Rights(),
        only=(door.object, door.record_id),
        language=door.language,
        time_zone=workspace.time_zone,
    )
    return Visit(workspace, door, actor)


def sweep(before: datetime) -> int:
    """Forget the doors that closed or expired before a moment (inside ``in_workspace``); how many."""
    return Door.objects.filter(Q(closed_at__lt=before) | Q(expires_at__lt=before)).delete()[0]


__all__ = ["Visit", "close", "enter", "handed_on", "make", "of_record", "place_of", "sweep"]
