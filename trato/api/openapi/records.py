"""Records as JSON Schemas: as they are answered, and as they are sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from trato.engine import objects
from trato.engine.actions import MOST_PARTS
from trato.engine.kinds import Kind
from trato.engine.objects import Field, Object

from .parts import ID, MOMENT, Json, ref


def described(field: Field) -> Json:
    """The schema of a field's value with its label and help."""
    words = str(field.help) or str(field.label)
    return field.kind.schema() | {"title": str(field.label), "description": words}


def read_schema(kind: Kind) -> Json:
    """What a value looks like in an answer: links carry their title, or are null where the target may not be seen."""
    if kind.name in ("link", "user"):
        return {"anyOf": [ref("link"), {"type": "null"}]}
    if kind.name == "links":
        return {"type": "array", "items": ref("link")}
    schema = kind.schema()
    return schema if kind.many or not schema or _nullable(schema) else {"anyOf": [schema, {"type": "null"}]}


def _nullable(schema: Json) -> bool:
    return {"type": "null"} in schema.get("anyOf", ())


def record_schema(obj: Object, fields: Mapping[str, Field]) -> Json:
    """A record as it is answered."""
    properties: Json = {"id": ID | {"readOnly": True}}
    custom: Json = {}
    for field in fields.values():
        place = custom if field.own else properties
        place[field.key] = {"title": str(field.label), **read_schema(field.kind)}
        if field.formula:
            place[field.key] |= {"readOnly": True, "description": str(field.help or field.formula)}
    properties["custom"] = {"type": "object", "properties": custom}
    for part in objects.parts_of(obj.plural):
        words = f"Only where it is included: ?include={part.plural}."
        properties[part.plural] = {"type": "array", "items": ref(part.plural), "readOnly": True, "description": words}
    properties["version"] = {"type": "integer", "readOnly": True}
    properties["deleted_at"] = MOMENT | {"readOnly": True}
    return {
        "type": "object",
        "title": str(obj.label),
        "properties": properties,
        "required": ["id", "version"],
        "additionalProperties": False,
    }


def written_schema(obj: Object, fields: Mapping[str, Field], writable: Iterable[str], *, required: bool) -> Json:
    """A record as it is sent; unknown members are refused."""
    allowed = set(writable)
    sent = [field for field in fields.values() if field.name in allowed]
    schema: Json = {
        "type": "object",
        "title": str(obj.label),
        "properties": {field.name: described(field) for field in sent if not field.own},
        "additionalProperties": False,
    }
    custom = {field.key: described(field) for field in sent if field.own}
    if required:
        for part in objects.parts_of(obj.plural):
            rows: Json = {"type": "array", "items": ref(f"{part.plural}-part"), "maxItems": MOST_PARTS}
            words = {"title": str(part.label_plural), "description": "Made with it, all or nothing."}
            schema["properties"][part.plural] = rows | words
    if custom:
        schema["properties"]["custom"] = {"type": "object", "properties": custom, "additionalProperties": False}
    needed = [field.name for field in sent if field.required and not field.own and field.default in (None, "")]
    if required and needed:
        schema["required"] = [name for name in needed if name != "owner"]
    return schema
