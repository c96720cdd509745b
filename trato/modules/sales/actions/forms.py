"""A form on the internet that was filled in becomes a lead."""

from collections.abc import Mapping
from typing import Any

from trato.engine import actions, objects
from trato.engine.models import Record
from trato.engine.workspaces.actors import system_actor
from trato.engine.workspaces.models import Workspace

#: What somebody may fill in; what else a form sends is left alone.
ASKED = ("first_name", "last_name", "company", "wish")


def fill_in(workspace: Workspace, form: Record, given: Mapping[str, str], door: str) -> Record:
    """Make a lead of what somebody without an account filled in; it belongs to nobody until a rule gives it away.
    Raises Refused.
    """
    values: dict[str, Any] = {name: given.get(name, "").strip() for name in ASKED}
    values["emails"] = [{"address": given["email"].strip()}] if given.get("email", "").strip() else []
    values["phones"] = [{"number": given["phone"].strip()}] if given.get("phone", "").strip() else []
    origin = {"source": form.source or form.name, "campaign": form.campaign, "owner": None}
    return actions.create(system_actor(workspace, "public", door), objects.get("leads"), values | origin)
