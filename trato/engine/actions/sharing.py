"""Showing one record to somebody whose role does not."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from .. import access
from ..models import Share
from ..objects import Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from ..workspaces.models import Team
from .base import lock, tell


def share(
    actor: Actor, obj: Object, record_id: Any, *, user: Any = None, team: Any = None, can_change: bool = False
) -> None:
    """Show a record the actor may change to one person or one team too; raises Absent, Forbidden, Refused."""
    record = lock(actor, obj, record_id)
    try:
        person = access.members(actor).filter(id=access.as_uuid(user)).first() if user else None
        group = Team.objects.filter(id=access.as_uuid(team)).first() if team else None
    except access.Absent:
        person = group = None
    if obj.within:
        raise Refused([Problem("", "whole", _("Share the record that this is part of."))])
    if (person is None) == (group is None):
        raise Refused([Problem("user", "absent", _("Choose one member or one team."))])
    Share.objects.update_or_create(
        object=obj.plural, record_id=record.id, user=person, team=group, defaults={"can_change": can_change}
    )
    tell(actor, obj, "shared", record, {"shared": (None, str(person or group))})


def unshare(actor: Actor, obj: Object, record_id: Any, share_id: Any) -> None:
    """Take a share back; raises Absent, Forbidden."""
    record = lock(actor, obj, record_id)
    found = Share.objects.filter(id=access.as_uuid(share_id), object=obj.plural, record_id=record.id).first()
    if found is None:
        raise access.Absent(str(share_id))
    tell(actor, obj, "unshared", record, {"shared": (str(found.user or found.team), None)})
    found.delete()
