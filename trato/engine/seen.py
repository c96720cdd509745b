"""Which records a person opened lately."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from . import access, objects
from .models import Seen
from .objects import Object
from .postgres.scope import current_workspace_id
from .workspaces.actors import Actor
from .workspaces.ids import uuid7

# One statement, and nothing is written where the record was opened within the last minute. What every page of a record
# asks besides comes along.
TOUCH = """
WITH touched AS (
    INSERT INTO engine_seen (workspace_id, id, user_id, object, record_id, at)
    VALUES (%(workspace)s, %(id)s, %(user)s, %(object)s, %(record)s, now())
    ON CONFLICT (workspace_id, user_id, object, record_id) DO UPDATE SET at = excluded.at
    WHERE engine_seen.at < excluded.at - interval '1 minute'
)
SELECT EXISTS (SELECT 1 FROM engine_favourite WHERE workspace_id = %(workspace)s AND user_id = %(user)s
               AND object = %(object)s AND record_id = %(record)s)
"""


def touch(actor: Actor, obj: Object, record_id: UUID) -> bool:
    """Remember that the actor opened a record, at most once a minute; who only looks with another's rights did not.
    Returns whether it is one of their favourites.
    """
    if actor.user_id is None or actor.looking:
        return False
    told = {"workspace": current_workspace_id(), "id": uuid7(), "user": actor.user_id}
    with connection.cursor() as cursor:
        cursor.execute(TOUCH, told | {"object": obj.plural, "record": record_id})
        return bool(cursor.fetchone()[0])


def lately(actor: Actor, only: Iterable[Object] | None = None, limit: int = 12) -> list[tuple[Object, dict[str, Any]]]:
    """What the actor opened last and may still see, newest first: (object, {"id", "title"})."""
    plurals = [obj.plural for obj in (only if only is not None else objects.all_objects())]
    rows = Seen.objects.filter(Q(user_id=actor.user_id), object__in=plurals).order_by("-at", "-id")
    refs = [f"{plural}/{record_id}" for plural, record_id in rows.values_list("object", "record_id")[: limit * 2]]
    titles = access.titles(actor, refs)
    known = [(ref.partition("/"), titles[ref]) for ref in refs if ref in titles][:limit]
    return [(objects.get(plural), {"id": record_id, "title": title}) for (plural, _slash, record_id), title in known]
