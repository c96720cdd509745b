"""Telling people: one row for one thing, however often it is found, and the bell of their open pages."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from .. import access
from ..kinds.datetime import zone_of
from ..objects import Object
from ..postgres.notices import notify
from ..workspaces.actors import Actor, actor_for_user
from ..workspaces.ids import uuid7
from ..workspaces.members import people_of
from ..workspaces.models import Workspace
from . import wishes

#: The event that makes a person's bell count again.
BELL = "notifications.told"


@dataclass(frozen=True)
class News:
    """One thing for one person. ``key`` names the thing; ``source`` (a UUIDv7) is the newest write it tells of."""

    user_id: UUID
    kind: str
    key: str
    source: UUID
    object: str = ""
    record_id: UUID | None = None
    comment_id: UUID | None = None
    by_id: UUID | None = None
    by_name: str = ""
    count: int = 1
    details: dict[str, Any] = field(default_factory=dict)


# What is unread adds up; what was read begins anew. A source that is not newer was told already.
UPSERT = """
INSERT INTO engine_notification AS n (workspace_id, id, user_id, kind, key, source, object, record_id, comment_id,
    by_id, by_name, count, details, at, in_app, mail_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s)
ON CONFLICT (workspace_id, user_id, key) DO UPDATE SET source = excluded.source, comment_id = excluded.comment_id,
    by_id = excluded.by_id, by_name = excluded.by_name, details = excluded.details, at = excluded.at,
    count = CASE WHEN n.read_at IS NULL THEN n.count + excluded.count ELSE excluded.count END,
    in_app = excluded.in_app, mail_at = coalesce(n.mail_at, excluded.mail_at), read_at = NULL, snoozed_until = NULL
WHERE n.source < excluded.source
RETURNING n.in_app
"""


def tell(workspace: Workspace, news: Iterable[News], now: datetime | None = None) -> int:
    """Write notifications as each person wishes; returns how many were new. Run again with the same news, none is."""
    news, now = list(news), now or timezone.now()
    people = people_of({one.user_id for one in news})
    chosen = wishes.of_people(people)
    rung: set[UUID] = set()
    told = 0
    with connection.cursor() as cursor:
        for one in news:
            person = people.get(one.user_id)
            if person is None:
                continue
            channels = chosen[one.user_id].channels
            mail_at = channels.mail_at(one.kind, now, zone_of(person.time_zone))
            if mail_at is None and not channels.in_app(one.kind):
                continue
            cursor.execute(UPSERT, _values(workspace, one, now, channels.in_app(one.kind), mail_at))
            for (in_app,) in cursor.fetchall():
                told += 1
                rung |= {one.user_id} if in_app else set()
    for user_id in rung:
        ring(workspace.id, user_id)
    return told


def _values(workspace: Workspace, one: News, now: datetime, in_app: bool, mail_at: datetime | None) -> list[Any]:
    return [
        *(workspace.id, uuid7(), one.user_id, one.kind, one.key[:160], one.source, one.object, one.record_id),
        *(one.comment_id, one.by_id, one.by_name, one.count, json.dumps(one.details), now, in_app, mail_at),
    ]


def ring(workspace_id: UUID, user_id: UUID) -> None:
    """Make the bell on a person's open pages count again; nobody else hears it."""
    notify(workspace_id, BELL, object="notifications", to=str(user_id))


def actor_of(workspace: Workspace, user_id: Any) -> Actor | None:
    """Who a person is in the workspace, with the rights of now; None for who is no active member."""
    person = people_of([user_id]).get(user_id)
    return actor_for_user(person, workspace, "job") if person else None


def member(workspace_id: UUID, user_id: UUID) -> Actor | None:
    """The same, where only ids are known."""
    workspace = Workspace.objects.filter(id=workspace_id).first()
    return actor_of(workspace, user_id) if workspace else None


def may_see(workspace: Workspace, user_id: Any, obj: Object, record_id: Any) -> bool:
    """Whether a person sees a record now."""
    actor = actor_of(workspace, user_id)
    return actor is not None and access.visible(actor, obj).filter(id=record_id).exists()


def reads(workspace: Workspace, user_id: Any, obj: Object, name: str) -> bool:
    """Whether a person may read a field."""
    actor = actor_of(workspace, user_id)
    return actor is not None and name in access.fields(actor, obj)
