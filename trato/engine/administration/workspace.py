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

#: Days that deleted records may be kept.
LONGEST_IN_BIN = 3_650


def change_workspace(actor: Actor, given: Mapping[str, Any]) -> None:
    """Set name, language, country, time_zone, currency and bin_days (0: for ever); raises Refused."""
    require(actor)
    workspace = Workspace.objects.select_for_update().get(id=actor.workspace.id)
    values: dict[str, Any] = {"name": name_in(given, "name", 100)}
    for name, allowed in (("language", dict(settings.LANGUAGES)), ("time_zone", available_timezones())):
        if given.get(name) not in allowed:
            raise Refused([Problem(name, "choice", _("Choose one of the list."))])
        values[name] = given[name]
    values |= {"country": given.get("country") or "", "currency": given.get("currency") or workspace.currency}
    days = given.get("bin_days", workspace.bin_days)
    if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= LONGEST_IN_BIN:
        told = _("Give a number of days from 0 to %(n)s.") % {"n": f"{LONGEST_IN_BIN:,}"}
        raise Refused([Problem("bin_days", "range", told)])
    values["bin_days"] = days
    changed = {name: (getattr(workspace, name), new) for name, new in values.items() if getattr(workspace, name) != new}
    Workspace.objects.filter(id=workspace.id).update(**values)
    if changed:
        record(actor, "workspace", workspace.id, "updated", changed)
