"""The people around one record: who may be mentioned on it, and who is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q

from .. import access
from ..objects import Object
from ..workspaces.actors import Actor, enter
from ..workspaces.models import User

#: People looked at to find those who may see a record.
LOOKED_AT = 60
OFFERED = 8


def _sees(actor: Actor, obj: Object, record_id: Any, user_id: Any) -> bool:
    entry = enter(user_id, actor.workspace)
    return entry is not None and access.visible(entry[1], obj).filter(id=record_id).exists()


def mentionable(actor: Actor, obj: Object, record_id: Any, words: str = "") -> list[User]:
    """Members who may see the record and whose name or address holds the words; a few, by name. Raises Absent."""
    record = access.get(actor, obj, record_id)
    members = access.members(actor)
    for word in words.split()[:5]:
        members = members.filter(Q(name__icontains=word[:60]) | Q(email__icontains=word[:60]))
    found: list[User] = []
    for user in members[:LOOKED_AT]:
        if len(found) == OFFERED:
            break
        if _sees(actor, obj, record.id, user.id):
            found.append(user)
    return found


def split(actor: Actor, obj: Object, record_id: Any, user_ids: Iterable[UUID]) -> tuple[list[User], list[User]]:
    """Of some ids the members who may see a record, and those who may not; ids of nobody here are dropped."""
    members = access.members(actor).filter(id__in=list(user_ids))
    seeing: list[User] = []
    blind: list[User] = []
    for user in members:
        (seeing if _sees(actor, obj, record_id, user.id) else blind).append(user)
    return seeing, blind
