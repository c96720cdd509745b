"""The objects an administrator adds, and the configuration as a whole, in the OpenAPI document."""

from __future__ import annotations

from .common import SOME, listed, path_part, write
from .parts import Json, operation, query, ref, thing

SCHEMAS: Json = {
    "configuration": {
        "type": "object",
        "properties": {
            "format": {"const": "trato-configuration"},
            "version": {"const": 1},
            "workspace": {"type": "string"},
            "sections": {"type": "object", "additionalProperties": {"type": "array", "items": SOME}},
        },
        "required": ["format", "version", "sections"],
    },
    "custom-object": thing(
        "plural label label_plural labels help icon name_label position deleted_at",
        labels={"type": "object"},
        position={"type": "integer"},
        deleted_at={"type": ["string", "null"]},
    ),
}
_look: Json = {name: schema for name, schema in SCHEMAS["custom-object"]["properties"].items() if name != "deleted_at"}
SCHEMAS["custom-object-new"] = {
    "type": "object",
    "properties": _look,
    "required": ["plural", "label", "label_plural"],
    "additionalProperties": False,
}
SCHEMAS["custom-object-change"] = {
    "type": "object",
    "properties": {name: schema for name, schema in _look.items() if name != "plural"} | {"deleted": {"const": False}},
    "additionalProperties": False,
}


def custom_object_paths() -> Json:
    """The objects an administrator adds."""
    one, tag, at = ref("custom-object"), "workspace", {"parameters": [path_part("object")]}
    deleted = query("deleted", {"enum": ["true", "false"]}, "Those in the recycle bin instead.")
    confirmed = {
        "type": "object",
        "properties": {"confirm": {"type": "string", "description": "The object's plural."}},
        "required": ["confirm"],
        "additionalProperties": False,
    }
    return {
        "/custom-objects": {
            "get": operation("Custom objects", tag, parameters=[deleted], answer=listed(one)),
            "post": write("Add a custom object", tag, body=ref("custom-object-new"), answer=one, status=201),
        },
        "/custom-objects/{object}": at
        | {
            "patch": write("Change a custom object", tag, body=ref("custom-object-change"), answer=one),
            "delete": write("Delete a custom object", tag, also=(409,), status=204),
        },
        "/custom-objects/{object}/destroy": at
        | {"post": write("Delete a custom object for good", tag, body=confirmed, answer=SOME, status=202)},
    }


def configuration_paths() -> Json:
    """The configuration as one document."""
    tag, whole = "workspace", ref("configuration")
    compared = write("What taking a configuration over would change", tag, body=whole, answer=listed(SOME))
    put = write("Take a configuration over, whole or not at all", tag, body=whole, answer=listed(SOME))
    return {
        "/configuration": {"get": operation("The configuration", tag, answer=whole), "post": put},
        "/configuration/compare": {"post": compared},
    }
