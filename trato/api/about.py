"""What a program asks before it works: who am I, which objects and fields are there, who are the people and teams."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from trato.engine import access, actions, objects, search
from trato.engine.objects import Field, Object
from trato.engine.workspaces.actors import VERBS

from .endpoint import Answer, Call
from .listing import limit_of
from .problems import bad_request


def me(call: Call) -> Answer:
    """The person and workspace behind the token, and what it may do."""
    call.parameters()
    actor = call.actor
    return Answer(
        {
            "user": {"id": actor.user_id, "name": str(call.token.user), "email": call.token.user.email},
            "workspace": {"id": actor.workspace.id, "slug": actor.workspace.slug, "name": actor.workspace.name},
            "token": {"name": call.token.name, "scopes": call.token.scopes, "expires_at": call.token.expires_at},
            "administrator": actor.rights.admin,
            "language": actor.language,
            "time_zone": actor.time_zone,
            "objects": {obj.plural: _rights(call, obj) for obj in objects.all_objects()},
        }
    )


def _rights(call: Call, obj: Object) -> dict[str, Any]:
    rights = call.actor.rights
    scopes = {verb: rights.scope(obj.plural, verb) for verb in ("see", "change")}
    return scopes | {verb: rights.may(obj.plural, verb) for verb in VERBS}


def known_objects(call: Call) -> Answer:
    """Every object with its fields, their kinds, operators and JSON Schemas."""
    call.parameters()
    return Answer({"data": [_object_json(call, obj) for obj in objects.all_objects()], "next": None})


def known_object(call: Call, plural: str) -> Answer:
    """One object with its fields."""
    call.parameters()
    return Answer(_object_json(call, objects.get(plural)))


def _object_json(call: Call, obj: Object) -> dict[str, Any]:
    fields, writable = access.fields(call.actor, obj), access.writable(call.actor, obj)
    return {
        "name": obj.plural,
        "label": str(obj.label),
        "label_plural": str(obj.label_plural),
        "icon": obj.icon,
        "part_of": obj.whole.plural if obj.whole else None,
        "fields": [_field_json(field, field.name in writable) for field in fields.values()],
        "actions": [
            {
                "name": known.name,
                "label": str(known.label),
                "parameters": {name: kind.schema() for name, kind in known.parameters.items()},
            }
            for known in actions.of(obj.plural).values()
        ],
        "filters": [{"name": name, "label": str(label)} for name, (label, _tree) in obj.filters.items()],
    }


def _field_json(field: Field, writable: bool) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": str(field.label),
        "help": str(field.help),
        "kind": field.kind.name,
        "required": field.required,
        "writable": writable,
        "sortable": field.sortable,
        "operators": list(field.kind.operators),
        "schema": field.kind.schema(),
    }


def people(call: Call) -> Answer:
    """The active members of the workspace: whom records can be given to and shared with."""
    call.parameters()
    rows = access.members(call.actor)
    return Answer({"data": [{"id": p.id, "title": str(p), "email": p.email} for p in rows], "next": None})


def teams(call: Call) -> Answer:
    """The teams of the workspace."""
    call.parameters()
    return Answer({"data": [{"id": t.id, "title": t.name} for t in access.teams(call.actor)], "next": None})


def found(call: Call) -> Answer:
    """Records found by words, best first, over all objects or those named by ``object=contacts,accounts``."""
    words = call.parameters("q", "object", "limit")
    if not words.get("q", "").strip():
        raise bad_request("q", "required", _("Say what to search for."))
    only = [_searched(name) for name in words.get("object", "").split(",") if name]
    hits = search.find(call.actor, words["q"], only or None, limit_of(words, 20))
    data = [
        {"object": hit.object.plural, "id": hit.id, "title": hit.title, "subtitle": hit.subtitle, "rank": hit.rank}
        for hit in hits
    ]
    return Answer({"data": data})


def _searched(name: str) -> Object:
    try:
        return objects.get(name)
    except objects.UnknownObject:
        raise bad_request("object", "unknown", _("There is no object “%(name)s”.") % {"name": name[:80]}) from None
