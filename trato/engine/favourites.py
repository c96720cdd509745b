"""Which records a person keeps at hand. What they may not see any more is not told, and comes back with the right."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from . import access, objects
from .objects import Object
from .values import Problem, Refused
from .workspaces.actors import Actor
from .workspaces.base import WorkspaceModel
from .workspaces.ids import uuid7
from .workspaces.models import User

#: Favourites that one person may have: what is at hand is few.
MOST = 100


class Favourite(WorkspaceModel):
    """A record that a person keeps at hand."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    object = models.CharField(max_length=60)
    record_id = models.UUIDField()
    at = models.DateTimeField(default=timezone.now)

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user", "object", "record_id"], name="favourite_once")
        ]


def set_favourite(actor: Actor, obj: Object, record_id: Any, on: bool) -> None:
    """Keep a record at hand, or no longer; raises Absent, and Refused where the person has too many already."""
    record = access.get(actor, obj, record_id)
    if actor.user_id is None:
        return  # Trato itself has nothing at hand
    own = Favourite.objects.filter(Q(user_id=actor.user_id))
    if not on:
        own.filter(object=obj.plural, record_id=record.id).delete()
        return
    if own.count() >= MOST:
        text = _("You have %(most)s favourites already. Take the star from one of them first.") % {"most": MOST}
        raise Refused([Problem("", "many", text)])
    row = Favourite(id=uuid7(), user_id=actor.user_id, object=obj.plural, record_id=record.id)
    Favourite.objects.bulk_create([row], ignore_conflicts=True)


def of(actor: Actor) -> list[tuple[Object, dict[str, Any]]]:
    """The actor's favourites as far as they may see them, in the order of their names: (object, {"id", "title"}). Who
    only looks with another's rights has none.
    """
    if not actor.private_id:
        return []
    rows = Favourite.objects.filter(Q(user_id=actor.private_id)).values_list("object", "record_id")
    titles = access.titles(actor, [f"{plural}/{record_id}" for plural, record_id in rows])
    known = [(ref.partition("/"), title) for ref, title in titles.items()]
    found = [(objects.get(plural), {"id": record_id, "title": title}) for (plural, _slash, record_id), title in known]
    return sorted(found, key=lambda one: (one[1]["title"].casefold(), one[1]["id"]))
