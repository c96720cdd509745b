"""The addresses: those of every object, and those of none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from trato.engine import actions
from trato.engine.duplicates.pairs import STATES
from trato.engine.mass import FEW, MOST_TICKED
from trato.engine.objects import Field, Object

from ..listing import SEVERAL
from .parts import Json, operation, page_of, paging, parameter, query, ref


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
                parameters=[parameter("key"), *shown, parameter("duplicates")],
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
                also=(404, 409, 412, 422),
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
        f"{single}/destroy": at
        | {
            "post": of(
                f"Delete for good from the recycle bin: {one}",
                parameters=[parameter("key")],
                status=204,
                also=(404, 422),
            )
        },
        f"{single}/history": at
        | {
            "get": of(f"History: {one}", parameters=paging(), answer=page_of(ref("change"), counted=False), also=(404,))
        },
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
        f"{base}/change": {"post": change_operation(obj)},
        **duplicate_paths(obj, record),
    }
    for known in actions.of(obj.plural).values():
        paths[f"{single}/{known.name}"] = at | {"post": action_operation(obj, known, record)}
    return paths


def change_operation(obj: Object) -> Json:
    """One change on many records."""
    some: Json = {"type": "object"}
    body = {
        "type": "object",
        "properties": {
            "ids": {"type": "array", "items": {"type": "string", "format": "uuid"}, "maxItems": MOST_TICKED},
            "filter": {"type": ["object", "null"], "description": "Instead of ids; null for all records."},
            "set": some | {"description": "A value by field."},
            "add": some | {"description": "Items by field of several values."},
            "remove": some | {"description": "Items by field of several values."},
            "delete": {"const": True},
            "action": {"type": "string"},
            "parameters": some | {"description": "What the action asks for."},
        },
        "additionalProperties": False,
    }
    return operation(
        f"Change many: {obj.label_plural}",
        obj.plural,
        parameters=[parameter("key")],
        body=body,
        answer=some,
        also=(409, 422),
        description=f"Up to {FEW} records at once; more as a job (202), whose address is /jobs/{{id}}. "
        "It is one batch of history: POST /undo/{batch} takes all of it back.",
    )


def duplicate_paths(obj: Object, record: Json) -> Json:
    """What looks the same, and making it one."""
    base, tag, many = f"/{obj.plural}", obj.plural, str(obj.label_plural)
    states = query("state", {"enum": list(STATES), "default": "open"}, "What was decided about the pairs.")
    at, pair = {"parameters": [parameter("id")]}, ref("duplicate")
    state = {
        "type": "object",
        "properties": {"state": {"enum": list(STATES)}},
        "required": ["state"],
        "additionalProperties": False,
    }

    def write(words: str, **more: Any) -> Json:
        return operation(words, tag, parameters=[parameter("key")], also=(404, 409, 422), **more)

    return {
        f"{base}/duplicates": {
            "get": operation(
                f"Pairs that look the same: {many}",
                tag,
                parameters=[states, *paging()],
                answer=page_of(pair, counted=False),
            )
        },
        f"{base}/duplicates/scan": {
            "post": write(f"Look for duplicates: {many}", answer={"type": "object"}, status=202)
        },
        f"{base}/duplicates/{{id}}": at | {"patch": write(f"Decide about a pair: {many}", body=state, answer=pair)},
        f"{base}/{{id}}/merge": at
        | {
            "post": write(
                f"Merge others into it: {obj.label}",
                body=ref("merge"),
                answer=record,
                description="How it is undone: unmerge, or undo of its batch, restores all of them as they were.",
            )
        },
        f"{base}/{{id}}/unmerge": at | {"post": write(f"Take its last merge apart: {obj.label}", answer=record)},
    }


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


def list_parameters(fields: Mapping[str, Field]) -> list[Json]:
    """The parameters of a list: those of all lists, the orders there are, and the conditions of each field."""
    names = "|".join(re.escape(name) for name, field in fields.items() if field.sortable)
    pattern = f"^(-?id|-?({names})(,-?({names})){{0,3}})$"
    named = [parameter(name) for name in ("view", "filter", "fields", "include", "limit", "cursor", "count", "deleted")]
    sort = query("sort", {"type": "string", "pattern": pattern}, "One field or up to four; - turns one round.")
    return [*named, sort, *map(conditions, fields.values())]


def conditions(field: Field) -> Json:
    """The simple conditions on a field, such as ``last_name[starts]=Gar``."""
    operators: Json = {op: {"type": "string"} for op in field.kind.operators}
    for op in operators.keys() & {"empty", "filled"}:
        operators[op] = {"enum": ["true", "false"]}
    several = ", ".join(op for op in operators if op in SEVERAL)
    words = f"{field.label}[operator]=value." + (f" {several}: values separated by commas." if several else "")
    schema = {"type": "object", "properties": operators, "additionalProperties": False}
    return query(field.name, schema, words) | {"style": "deepObject", "explode": True}
