"""The workspace itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.utils.translation import gettext as _

from ..values import Problem, Refused
from ..workspaces.actors import Actor
from ..workspaces.models import Workspace
from .base import name_in, record, require


def change_workspace(actor: Actor, given: Mapping[str, Any]) -> None:
    """Set name, language, country, time_zone and currency; raises Refused."""
    require(actor)
    workspace = Workspace.objects.select_for_update().get(id=actor.workspace.id)
    values = {"name": name_in(given, "name", 100)}
    for name, allowed in (("language", dict(settings.LANGUAGES)), ("time_zone", available_timezones())):
        if given.get(name) not in allowed:
            raise Refused([Problem(name, "choice", _("Choose one of the list."))])
        values[name] = given[name]
    values |= {"country": given.get("country") or "", "currency": given.get("currency") or workspace.currency}
    changed = {name: (getattr(workspace, name), new) for name, new in values.items() if getattr(workspace, name) != new}
    Workspace.objects.filter(id=workspace.id).update(**values)
    if changed:
        record(actor, "workspace", workspace.id, "updated", changed)
