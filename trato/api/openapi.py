"""The OpenAPI 3.1 document: every path of every object, its schemas made from the fields' kinds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from trato import __version__
from trato.engine import actions
from trato.engine.kinds import Kind
from trato.engine.objects import Field, Object

from .listing import MOST, SEVERAL, USUAL
from .problems import KINDS

Json = dict[str, Any]
JSON = "application/json"
PROBLEM = "application/problem+json"
MOMENT = {"type": "string", "format": "date-time"}
ID = {"type": "string", "format": "uuid"}


def document(known: Mapping[Object, Mapping[str, Field]], writable: Mapping[Object, Iterable[str]]) -> Json:
    """The document for these objects with the fields that may be seen, and the names of those that may be written."""
    paths: Json = common_paths()
    schemas: Json = dict(COMMON)
    for obj, fields in known.items():
        schemas[obj.plural] = record_schema(obj, fields)
        schemas[f"{obj.plural}-new"] = written_schema(obj, fields, writable[obj], required=True)
        schemas[f"{obj.plural}-change"] = written_schema(obj, fields, writable[obj], required=False)
        paths |= object_paths(obj, fields)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Trato",
            "version": __version__,
            "description": "Records of a Trato workspace. Every object is read and written in the same way.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "tags": [{"name": obj.plural, "description": str(obj.help or obj.label_plural)} for obj in known],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas,
            "parameters": PARAMETERS,
            "responses": {"problem": {"description": "What is wrong", "content": {PROBLEM: {"schema": ref("problem")}}}},
        },
    }


def ref(name: str, place: str = "schemas") -> Json:
    """A reference to a component."""
    return {"$ref": f"#/components/{place}/{name}"}


# -- schemas of records --------------------------------------------------------------------------------------------


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
        place = custom if field.custom else properties
        place[field.key] = {"title": str(field.label), **read_schema(field.kind)}
    properties["custom"] = {"type": "object", "properties": custom}
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
        "properties": {field.name: described(field) for field in sent if not field.custom},
        "additionalProperties": False,
    }
    custom = {field.key: described(field) for field in sent if field.custom}
    if custom:
        schema["properties"]["custom"] = {"type": "object", "properties": custom, "additionalProperties": False}
    needed = [field.name for field in sent if field.required and not field.custom and field.default in (None, "")]
    if required and needed:
        schema["required"] = [name for name in needed if name != "owner"]
    return schema


# -- paths ---------------------------------------------------------------------------------------------------------


def object_paths(obj: Object, fields: Mapping[str, Field]) -> Json:
    """The addresses of one object."""
    one, many = str(obj.label), str(obj.label_plural)
    record = ref(obj.plural)
    at = {"parameters": [parameter("id")]}
    base, single = f"/{obj.plural}", f"/{obj.plural}/{{id}}"
    shown = [parameter("fields"), parameter("include")]

    def of(words: str, **more: Any) -> Json:
        return operation(words, obj.plural, **more)

    paths: Json = {
        base: {
            "get": of(f"List {many}", parameters=list_parameters(fields), answer=page_of(record)),
            "post": of(
                f"Create: {one}",
                parameters=[parameter("key"), *shown],
                body=ref(f"{obj.plural}-new"),
                answer=record,
                status=201,
                also=(409, 422),
            ),
        },
        single: at
        | {
            "get": of(f"Read: {one}", parameters=[*shown, parameter("deleted")], answer=record, also=(404,)),
            "patch": of(
                f"Change: {one}",
                parameters=[parameter("key"), parameter("match"), *shown],
                body=ref(f"{obj.plural}-change"),
                answer=record,
                also=(404, 409, 412, 422),
            ),
            "delete": of(
                f"Put into the recycle bin: {one}",
                parameters=[parameter("key"), parameter("match")],
                status=204,
                also=(404, 409, 412),
            ),
        },
        f"{single}/restore": at
        | {
            "post": of(
                f"Bring back from the recycle bin: {one}",
                parameters=[parameter("key")],
                answer=record,
                also=(404, 409, 422),
            )
        },
        f"{single}/history": at
        | {"get": of(f"History: {one}", parameters=paging(), answer=page_of(ref("change"), counted=False), also=(404,))},
        f"{single}/timeline": at
        | {
            "get": of(
                f"Timeline: {one}",
                parameters=[*paging(), parameter("only")],
                answer=page_of(ref("moment"), counted=False),
                also=(404,),
            )
        },
        f"{single}/shares": at
        | {
            "get": of(f"Shared with: {one}", answer=page_of(ref("share"), counted=False), also=(404,)),
            "post": of(
                f"Share: {one}",
                parameters=[parameter("key")],
                body=ref("share-new"),
                answer=page_of(ref("share"), counted=False),
                status=201,
                also=(404, 409, 422),
            ),
        },
        f"{single}/shares/{{share}}": {
            "parameters": [parameter("id"), parameter("share")],
            "delete": of(f"Take a share back: {one}", parameters=[parameter("key")], status=204, also=(404, 409)),
        },
        f"{base}/bulk": {"post": bulk_operation(obj)},
    }
    for known in actions.of(obj.plural).values():
        paths[f"{single}/{known.name}"] = at | {"post": action_operation(obj, known, record)}
    return paths


def action_operation(obj: Object, known: actions.Action, record: Json) -> Json:
    """A named action with its parameters."""
    needed = [name for name, kind in known.parameters.items() if kind.required]
    body: Json = {
        "type": "object",
        "properties": {name: kind.schema() for name, kind in known.parameters.items()},
        "additionalProperties": False,
    }
    if needed:
        body["required"] = needed
    return operation(
        f"{known.label}: {obj.label}",
        obj.plural,
        parameters=[parameter("key")],
        body=body,
        answer=record,
        also=(404, 409, 422),
        description=f"How it is undone: {known.undo}",
    )


def bulk_operation(obj: Object) -> Json:
    """Many records in one call."""
    lines = {"application/x-ndjson": {"schema": {"type": "string", "description": "One JSON object a line."}}}
    made = operation(
        f"Write many {obj.label_plural}",
        obj.plural,
        parameters=[parameter("key"), parameter("op"), parameter("bulk-match")],
        also=(409, 413, 415, 422),
        description="Up to 100,000 lines of NDJSON; one line of result for each.",
    )
    made["requestBody"] = {"required": True, "content": lines}
    made["responses"]["200"] = {"description": "A result line for each line", "content": lines}
    return made


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


# -- parameters ----------------------------------------------------------------------------------------------------


def parameter(name: str) -> Json:
    """A reference to a common parameter."""
    return ref(name, "parameters")


def paging() -> list[Json]:
    """The parameters of everything that has pages."""
    return [parameter("limit"), parameter("cursor")]


def list_parameters(fields: Mapping[str, Field]) -> list[Json]:
    """The parameters of a list: those of all lists, the orders there are, and a condition for each field and operator."""
    orders = [sign + name for name, field in fields.items() if field.sortable for sign in ("", "-")]
    named = [parameter(name) for name in ("filter", "fields", "include", "limit", "cursor", "count", "deleted")]
    sort = {"name": "sort", "in": "query", "schema": {"enum": ["id", "-id", *orders]}, "description": "One field; - turns it round."}
    return [*named, sort, *(condition(field, op) for field in fields.values() for op in field.kind.operators)]


def condition(field: Field, op: str) -> Json:
    """One simple condition, such as ``last_name[starts]``."""
    values = {"type": "boolean"} if op in ("empty", "filled") else {"type": "string"}
    several = " Several values are separated by commas." if op in SEVERAL else ""
    return {
        "name": f"{field.name}[{op}]",
        "in": "query",
        "schema": values,
        "description": f"{field.label}: {op}.{several}",
    }


def query(name: str, schema: Json, description: str) -> Json:
    """A parameter of the query."""
    return {"name": name, "in": "query", "schema": schema, "description": description}


TEXT: Json = {"type": "string"}
PARAMETERS: Json = {
    "id": {"name": "id", "in": "path", "required": True, "schema": ID},
    "share": {"name": "share", "in": "path", "required": True, "schema": ID},
    "limit": query("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}, "How many on a page."),
    "cursor": query("cursor", TEXT, "Where to go on: “next” of the page before."),
    "filter": query("filter", TEXT, "A filter as JSON, with and, or, not, links and counts."),
    "fields": query("fields", TEXT, "Only these fields, separated by commas."),
    "include": query("include", TEXT, "Links to answer as whole records, separated by commas."),
    "count": query("count", {"enum": ["exact", "estimate"]}, "Also say how many there are."),
    "deleted": query("deleted", {"enum": ["true", "false"]}, "What is in the recycle bin instead."),
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

# -- what is not of one object -------------------------------------------------------------------------------------


def thing(required: str, optional: str = "", **schemas: Any) -> Json:
    """An object schema; members not given a schema are text."""
    names = [*required.split(), *optional.split()]
    return {
        "type": "object",
        "properties": {name: schemas.get(name, TEXT) for name in names},
        "required": required.split(),
    }


COMMON: Json = {
    "problem": thing(
        "type title status detail",
        "errors",
        status={"enum": sorted({status for status, _title in KINDS.values()})},
        errors={"type": "array", "items": thing("field code message")},
    ),
    "link": thing("id title", "object"),
    "change": thing(
        "id at action by face source version changes batch undone_at",
        at=MOMENT,
        by=thing("kind name", "id", id={"type": ["string", "null"]}),
        version={"type": "integer"},
        changes={"type": "object", "additionalProperties": thing("old new", old={}, new={})},
        undone_at={"type": ["string", "null"], "format": "date-time"},
    ),
    "moment": thing("at object id", "title on pinned change", at=MOMENT, pinned={"type": "boolean"}, change=ref("change")),
    "share": thing(
        "id user team can_change",
        user={"anyOf": [ref("link"), {"type": "null"}]},
        team={"anyOf": [ref("link"), {"type": "null"}]},
        can_change={"type": "boolean"},
    ),
    "share-new": thing("", "user team can_change", user=ID, team=ID, can_change={"type": "boolean"})
    | {"additionalProperties": False},
    "file": thing("id name size type", size={"type": "integer"}),
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
