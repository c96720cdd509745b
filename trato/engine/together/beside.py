"""What one person has beside a record, asked for in one look: pages of records ask it every time they open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from ..objects import Object
from ..postgres.scope import current_workspace_id
from ..workspaces.actors import Actor
from .person import person

# Written out since it is of every record's page: put together by Django the parts take four times as long.
BESIDE = """
SELECT
  (SELECT is_on FROM engine_follow WHERE workspace_id = %(workspace)s AND user_id = %(user)s
   AND object = %(object)s AND record_id = %(record)s),
  (SELECT follow_own FROM engine_wishes WHERE workspace_id = %(workspace)s AND user_id = %(user)s),
  EXISTS (SELECT FROM engine_reminder WHERE workspace_id = %(workspace)s AND record_id = %(record)s
          AND user_id = %(user)s AND object = %(object)s AND told_at IS NULL),
  EXISTS (SELECT FROM engine_comment WHERE workspace_id = %(workspace)s AND record_id = %(record)s
          AND object = %(object)s)
"""


@dataclass(frozen=True)
class Beside:
    """Whether a person is told of a record, and whether there are reminders of theirs and comments by anybody."""

    following: bool
    reminders: bool
    comments: bool


def beside(actor: Actor, obj: Object, record: Any) -> Beside:
    """What the actor has beside a record they may see; raises Forbidden for Trato itself."""
    told = {"workspace": current_workspace_id(), "user": person(actor), "object": obj.plural, "record": record.id}
    with connection.cursor() as cursor:
        cursor.execute(BESIDE, told)
        is_on, follows_own, reminders, comments = cursor.fetchone()
    owned = record.owner_id == actor.user_id and follows_own is not False
    return Beside(owned if is_on is None else is_on, reminders, comments)
