"""What all decisions share: who may make them, the history they leave, and how a name is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from ..custom import NotAdministrator
from ..models import HistoryEntry
from ..postgres.notices import RIGHTS, notify
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from ..workspaces.ids import uuid7

LEVELS = ("write", "read", "hidden")


def require(actor: Actor) -> None:
    """Raise NotAdministrator unless the actor is one."""
    if not actor.rights.admin:
        raise NotAdministrator


def record(actor: Actor, what: str, record_id: UUID, action: str, changes: Mapping[str, tuple[Any, Any]]) -> None:
    """One line of history about something that is no record: a member, a role, a team, a token, the workspace.

    It may change what somebody is allowed, so whoever has their rights in mind is told.
    """
    HistoryEntry.objects.create(
        object=what,
        record_id=record_id,
        action=action,
        actor_kind=actor.kind,
        actor_id=actor.user_id,
        actor_name=actor.name,
        face=actor.face,
        source=actor.source,
        changes={name: list(pair) for name, pair in changes.items()},
        batch_id=uuid7(),
    )
    notify(actor.workspace.id, RIGHTS)


def name_in(given: Mapping[str, Any], name: str, longest: int) -> str:
    """A text that has to be there, on one line; raises Refused."""
    text = " ".join(str(given.get(name) or "").split())
    if not text:
        raise Refused([Problem(name, "required", _("Fill in this field."))])
    if len(text) > longest or "\0" in text:
        raise Refused([Problem(name, "too_long", _("At most %(n)s characters.") % {"n": longest})])
    return text


def taken(name: str) -> Refused:
    """Something of that name is there already."""
    return Refused([Problem(name, "unique", _("There is one of that name already."))])
