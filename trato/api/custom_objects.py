"""The objects an administrator adds, over the API."""

from __future__ import annotations

from typing import Any

from trato.engine import custom
from trato.engine.access import Forbidden
from trato.engine.models import CustomObject

from .endpoint import Answer, Call
from .listing import BOOLEANS, choice

SETTABLE = ("label", "label_plural", "labels", "help", "icon", "name_label", "position")


def _administers(call: Call, verb: str) -> None:
    """Objects are an administrator's; a token with scopes needs one such as ``custom-objects:change``."""
    if not call.actor.rights.admin:
        raise custom.NotAdministrator
    if not call.actor.rights.token_allows("custom-objects", verb):
        raise Forbidden("custom-objects", verb)


def listed(call: Call) -> Answer:
    """The workspace's own objects, or with ``deleted=true`` those in the recycle bin."""
    _administers(call, "see")
    words = call.parameters("deleted")
    deleted = choice("deleted", words.get("deleted", "false"), BOOLEANS)
    return Answer({"data": [_json(row) for row in custom.listed_objects(call.actor, deleted=deleted)], "next": None})


def add(call: Call) -> Answer:
    """A new object, on every surface from now on; its fields are added at ``/custom-fields/<plural>``."""
    _administers(call, "create")
    call.parameters()
    return Answer(_json(custom.add_object(call.actor, call.only("plural", *SETTABLE))), 201)


def change(call: Call, plural: str) -> Answer:
    """Change what an object is called; ``{"deleted": false}`` brings one back."""
    _administers(call, "change")
    call.parameters()
    given = call.only("deleted", *SETTABLE)
    if given.pop("deleted", None) is False:
        custom.revive_object(call.actor, plural)
    return Answer(_json(custom.change_object(call.actor, plural, given)))


def delete(call: Call, plural: str) -> Answer:
    """Put an object with its records into the recycle bin."""
    _administers(call, "delete")
    call.parameters()
    custom.bury_object(call.actor, plural)
    return Answer(status=204)


def destroy(call: Call, plural: str) -> Answer:
    """Delete an object in the recycle bin for good, in the background; ``confirm`` is its name typed again."""
    _administers(call, "delete")
    call.parameters()
    job = custom.destroy_object(call.actor, plural, call.only("confirm").get("confirm"))
    return Answer({"job": job.id}, 202)


def _json(row: CustomObject) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("plural", *SETTABLE)} | {"deleted_at": row.deleted_at}
