"""Following records: by a row, or by owning them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import timezone

from .. import access, objects
from ..objects import Object
from ..workspaces.actors import Actor
from ..workspaces.ids import uuid7
from . import wishes
from .beside import beside
from .models import Follow
from .person import person


def set_follow(actor: Actor, obj: Object, record_id: Any, on: bool) -> bool:
    """Follow a record, or let go of it for good (also of one's own); raises Absent. Returns ``on``."""
    record = access.get(actor, obj, record_id)
    Follow.objects.update_or_create(
        user_id=person(actor),
        object=obj.plural,
        record_id=record.id,
        defaults={"is_on": on, "created_at": timezone.now()},
    )
    return on


def begin(user_ids: Iterable[Any], plural: str, record_id: Any) -> None:
    """Let people follow a record who did not say that they don't want to."""
    rows = [Follow(id=uuid7(), user_id=user_id, object=plural, record_id=record_id) for user_id in user_ids]
    Follow.objects.bulk_create(rows, ignore_conflicts=True)


def is_following(actor: Actor, obj: Object, record: Any) -> bool:
    """Whether the actor is told of the record."""
    return beside(actor, obj, record).following


def followers(plural: str, record_id: Any) -> set[UUID]:
    """Who is told of a record, whether they may still see it or not."""
    said = dict(Follow.objects.filter(object=plural, record_id=record_id).values_list("user_id", "is_on"))
    found = {user_id for user_id, is_on in said.items() if is_on}
    owner = objects.get(plural).rows().filter(id=record_id).values_list("owner_id", flat=True).first()
    if owner and owner not in said and wishes.of_people([owner])[owner].follow_own:
        found.add(owner)
    return found
