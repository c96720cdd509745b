"""What the document is put together from: references, operations, parameters, and schemas that all objects share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trato.engine.exports.formats import FORMATS

from ..listing import MOST, USUAL
from ..problems import KINDS
from .filtering import FILTER

Json = dict[str, Any]
JSON = "application/json"
PROBLEM = "application/problem+json"
MOMENT: Json = {"type": "string", "format": "date-time"}
ID: Json = {"type": "string", "format": "uuid"}


def ref(name: str, place: str = "schemas") -> Json:
    """A reference to a component."""
    return {"$ref": f"#/components/{place}/{name}"}


def operation(
    summary: str,
    tag: str,
    *,
    parameters: Iterable[Json] = (),
    body: Json | None = None,
    answer: Json | None = None,
    status: int = 200,
    also: Iterable[int] = (),
    description: str = "",
) -> Json:
    """One operation; the problems every call may meet are named with it."""
    good: Json = {"description": "Done"}
    if answer is not None:
        good["content"] = {JSON: {"schema": answer}}
    problems = {str(code): ref("problem", "responses") for code in sorted({400, 401, 403, 404, 415, 429, *also})}
    made: Json = {"summary": summary, "tags": [tag], "responses": {str(status): good} | problems}
    if description:
        made["description"] = description
    if given := list(parameters):
        made["parameters"] = given
    if body is not None:
        made["requestBody"] = {"required": "required" in body or "$ref" in body, "content": {JSON: {"schema": body}}}
    return made


def page_of(item: Json, *, counted: bool = True) -> Json:
    """A page of items and the cursor of the next."""
    properties: Json = {"data": {"type": "array", "items": item}, "next": {"type": ["string", "null"]}}
    if counted:
        properties["count"] = {"type": ["integer", "null"]}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def parameter(name: str) -> Json:
    """A reference to a common parameter."""
    return ref(name, "parameters")


def paging() -> list[Json]:
    """The parameters of everything that has pages."""
    return [parameter("limit"), parameter("cursor")]


def query(name: str, schema: Json, description: str) -> Json:
    """A parameter of the query."""
    return {"name": name, "in": "query", "schema": schema, "description": description}


TEXT: Json = {"type": "string"}
PARAMETERS: Json = {
    "id": {"name": "id", "in": "path", "required": True, "schema": ID},
    "share": {"name": "share", "in": "path", "required": True, "schema": ID},
    "limit": query(
        "limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}, "How many on a page."
    ),
    "cursor": query("cursor", TEXT, "Where to go on: “next” of the page before."),
    "filter": query(
        "filter",
        TEXT | {"contentMediaType": "application/json", "contentSchema": ref("filter")},
        "A filter as JSON, with and, or, not, links and what related records come to.",
    ),
    "view": query("view", TEXT, "A saved view, by its id: its filter holds, and its order where none is said."),
    "fields": query("fields", TEXT, "Only these fields, separated by commas."),
    "include": query("include", TEXT, "Links to answer as whole records, and parts (lines), separated by commas."),
    "count": query("count", {"enum": ["exact", "estimate"]}, "Also say how many there are."),
    "deleted": query("deleted", {"enum": ["true", "false"]}, "What is in the recycle bin instead."),
    "duplicates": query(
        "duplicates",
        {"enum": ["refuse", "allow"], "default": "refuse"},
        "Where a record that looks the same is there: answer 409 with the candidates, or create it anyway.",
    ),
    "only": query("only", TEXT, "Only these kinds of entries, such as notes,calls or changes."),
    "op": query("op", {"enum": ["create", "update", "upsert"]}, "What to do with lines that do not say it."),
    "bulk-match": {**query("match", TEXT, "The fields that say which record a line is about."), "name": "match"},
    "key": {
        "name": "Idempotency-Key",
        "in": "header",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        "description": "The same call with the same key does its work once; kept for a day.",
    },
    "match": {
        "name": "If-Match",
        "in": "header",
        "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
        "description": "The ETag of the record as it was read; another version answers 412.",
    },
}


def thing(needed: str, optional: str = "", /, **schemas: Any) -> Json:
    """An object schema; members not given a schema are text."""
    names = [*needed.split(), *optional.split()]
    return {
        "type": "object",
        "properties": {name: schemas.get(name, TEXT) for name in names},
        "required": needed.split(),
    }


def all_are(schema: Json, names: str) -> Json:
    """The same schema for several members."""
    return dict.fromkeys(names.split(), schema)


COMMON: Json = {
    "filter": FILTER,
    "problem": thing(
        "type title status detail",
        "errors candidates",
        status={"enum": sorted({status for status, _title in KINDS.values()})},
        errors={"type": "array", "items": thing("field code message")},
        candidates={
            "type": "array",
            "items": thing(
                "id title certainty why", certainty={"type": "integer"}, why={"type": "array", "items": TEXT}
            ),
        },
    ),
    "duplicate": thing(
        "id state score certainty records why found_at",
        state={"enum": ["open", "later", "dismissed", "merged"]},
        score={"type": "number"},
        certainty={"type": "integer"},
        records={"type": "array", "items": ref("link")},
        why={"type": "array", "items": thing("field points", points={"type": "number"})},
    ),
    "merge": thing("others", "take", others={"type": "array", "items": ID}, take={"type": "object"})
    | {"additionalProperties": False},
    "link": thing("id title", "object"),
    "change": thing(
        "id at action by face source version changes batch undone_at",
        at=MOMENT,
        by=thing("kind name", "id", id={"type": ["string", "null"]}),
        version={"type": "integer"},
        changes={"type": "object", "additionalProperties": thing("old new", old={}, new={})},
        undone_at={"type": ["string", "null"], "format": "date-time"},
    ),
    "batch": thing(
        "id at by face source undone undo_of undoable writes",
        at=MOMENT,
        by=thing("kind name", "id", id={"type": ["string", "null"]}),
        undone={"enum": ["no", "part", "all"]},
        undo_of={"type": ["string", "null"], "format": "uuid"},
        undoable={"type": "boolean"},
        writes={
            "type": "array",
            "items": thing(
                "object action records undone fields",
                records={"type": ["integer", "null"]},
                undone={"type": ["integer", "null"]},
                fields={"type": "array", "items": {"type": "string"}},
            ),
        },
    ),
    "moment": thing(
        "at object id", "title on pinned change", at=MOMENT, pinned={"type": "boolean"}, change=ref("change")
    ),
    "share": thing(
        "id user team can_change",
        user={"anyOf": [ref("link"), {"type": "null"}]},
        team={"anyOf": [ref("link"), {"type": "null"}]},
        can_change={"type": "boolean"},
    ),
    "share-new": thing("", "user team can_change", user=ID, team=ID, can_change={"type": "boolean"})
    | {"additionalProperties": False},
    "file": thing("id name size type", size={"type": "integer"}),
    "import": thing(
        "id object file_name state rows created updated unchanged skipped failed",
        "message total mapping match on_match create_links country numbers dates read_as batch "
        "created_at started_at ended_at",
        **all_are({"type": "integer"}, "rows created updated unchanged skipped failed"),
        **all_are({}, "total mapping match on_match create_links country numbers dates read_as batch"),
        **all_are({"type": ["string", "null"]}, "started_at ended_at"),
        state={"enum": ["draft", "waiting", "running", "done", "failed", "cancelled", "undoing", "undone", "partly"]},
    ),
    "export": thing(
        "id object format state rows file",
        "message created_at ended_at",
        rows={"type": "integer"},
        file={"type": ["string", "null"]},
        ended_at={"type": ["string", "null"]},
    ),
    "export-new": thing(
        "object",
        "format fields filter sort view",
        format={"enum": list(FORMATS)},
        fields={"type": "array", "items": TEXT},
        filter=ref("filter"),
    )
    | {"additionalProperties": False},
    "hit": thing("object id title subtitle rank", rank={"type": "number"}),
    "custom-field": thing(
        "name label help kind options required unique default position archived_at",
        options={"type": "object"},
        required={"type": "boolean"},
        unique={"type": "boolean"},
        default={},
        position={"type": "integer"},
        archived_at={"type": ["string", "null"]},
    ),
}
_settings: Json = {
    name: schema for name, schema in COMMON["custom-field"]["properties"].items() if name != "archived_at"
}
COMMON["custom-field-new"] = {
    "type": "object",
    "properties": _settings,
    "required": ["name", "label", "kind"],
    "additionalProperties": False,
}
COMMON["custom-field-change"] = {
    "type": "object",
    "properties": {name: schema for name, schema in _settings.items() if name not in ("name", "kind")}
    | {"archived": {"type": "boolean"}},
    "additionalProperties": False,
}
