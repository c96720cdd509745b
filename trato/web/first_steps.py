"""First steps that belong to no module: oneself, colleagues, and shaping the workspace."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from trato.engine import access, objects
from trato.engine.welcome import step
from trato.engine.workspaces.actors import Actor


def _administers(actor: Actor) -> bool:
    return actor.rights.admin


step(
    name="self",
    label=_("Say who you are"),
    text=_("Your name, language and time zone: dates and numbers follow."),
    icon="user",
    place="settings/profile",
    done=lambda actor: actor.time_zone != "UTC",
)
step(
    "manager",
    "administrator",
    name="colleagues",
    label=_("Invite your colleagues"),
    text=_("The whole team sees at once what one of you writes down."),
    icon="users",
    place="settings/members",
    done=lambda actor: access.members(actor).count() > 1,
    may=_administers,
)
step(
    "administrator",
    name="field",
    label=_("Add a field of your own"),
    text=_("It is on every page, in every file and in the API at once."),
    icon="forms",
    place="settings/fields",
    done=lambda actor: any(f.custom for obj in objects.all_objects() for f in obj.fields(actor.workspace).values()),
    may=_administers,
)
