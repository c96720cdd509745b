"""The addresses of saved views."""

from __future__ import annotations

from trato.engine.views import DENSITIES, KINDS, TOTALS, VISIBILITIES

from .common import listed, path_part, write
from .parts import ID, MOMENT, Json, operation, query, ref, thing

FLAG: Json = {"type": "boolean"}
NUMBER: Json = {"type": "integer"}
MAYBE_ID: Json = {"type": ["string", "null"], "format": "uuid"}
TEXTS: Json = {"type": "array", "items": {"type": "string"}}
SETTINGS: Json = {
    "type": "object",
    "description": "What the view shows; what is not said is as the object's own list.",
    "properties": {
        "filter": ref("filter"),
        "columns": TEXTS,
        "widths": {"type": "object", "additionalProperties": NUMBER, "description": "Pixels by column."},
        "sort": {"type": "string", "description": "Up to four fields, as the parameter of lists."},
        "group_by": {"type": "string", "description": "A field; of a date also the step: made_on:month."},
        "totals": {"type": "object", "additionalProperties": {"enum": list(TOTALS)}},
        "density": {"enum": list(DENSITIES)},
        **{kind: {"type": "object", "additionalProperties": TEXTS} for kind in KINDS if kind != "table"},
    },
    "additionalProperties": False,
}
WRITTEN: Json = {
    "name": {"type": "string", "minLength": 1, "maxLength": 100},
    "icon": {"type": "string", "maxLength": 40},
    "visibility": {"enum": list(VISIBILITIES)},
    "team": MAYBE_ID,
    "kind": {"enum": list(KINDS)},
    "settings": ref("view-settings"),
    "position": NUMBER | {"minimum": 0},
    "pinned": FLAG,
}
SCHEMAS: Json = {
    "view-settings": SETTINGS,
    "view": thing(
        "id object name icon kind visibility team owner settings left_out position pinned may_change version "
        "created_at updated_at",
        id=ID,
        **(WRITTEN | {"owner": MAYBE_ID}),
        left_out=NUMBER | {"description": "Parts that use a field that is gone or hidden from you."},
        may_change=FLAG,
        version=NUMBER,
        created_at=MOMENT,
        updated_at=MOMENT,
    ),
    "view-new": {
        "type": "object",
        "properties": WRITTEN | {"object": {"type": "string"}},
        "required": ["object", "name"],
        "additionalProperties": False,
    },
    "view-change": {"type": "object", "properties": WRITTEN | {"version": NUMBER}, "additionalProperties": False},
}


def view_paths() -> Json:
    """Views listed, made, changed and taken away."""
    one, tag, at = ref("view"), "views", {"parameters": [path_part("id")]}
    of = query("object", {"type": "string"}, "The object whose views are listed.") | {"required": True}
    return {
        "/views": {
            "get": operation("Views of an object", tag, parameters=[of], answer=listed(one)),
            "post": write("Keep a view", tag, body=ref("view-new"), answer=one, status=201),
        },
        "/views/{id}": at
        | {
            "get": operation("One view", tag, answer=one),
            "patch": write("Change, share or pin a view", tag, body=ref("view-change"), answer=one),
            "delete": write("Take a view away", tag, status=204),
        },
    }
