"""The API described: its OpenAPI document, a page for people, and the files of both kept with the source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation

from trato.engine import access, actions, objects
from trato.engine.objects import Field, Object

from .endpoint import Answer, Call, Endpoint
from .openapi import document
from .problems import KINDS
from .wire import encode

Fields = Mapping[Object, Mapping[str, Field]]


def _builtin() -> Fields:
    return {obj: obj.builtin for obj in objects.registered()}


def _writable(fields: Mapping[str, Field]) -> list[str]:
    return [name for name, field in fields.items() if not field.readonly]


@cache
def _anybody() -> bytes:
    known = _builtin()
    with translation.override("en"):
        return encode(document(known, {obj: _writable(fields) for obj, fields in known.items()}))


def _mine(call: Call) -> Answer:
    """The document with the workspace's own fields, as far as the caller may see and write them."""
    known = {
        obj: access.fields(call.actor, obj)
        for obj in objects.all_objects()
        if call.actor.rights.token_allows(obj.plural, "see")
    }
    return Answer(document(known, {obj: list(access.writable(call.actor, obj)) for obj in known}))


_as_seen = Endpoint(GET=_mine)


def openapi(request: HttpRequest) -> HttpResponseBase:
    """The OpenAPI document: of a token's workspace, or without one of the objects as they are built in."""
    if request.method not in ("GET", "HEAD") or "Authorization" in request.headers:
        return _as_seen(request)
    return HttpResponse(_anybody(), content_type="application/json", headers={"Cache-Control": "max-age=300"})


openapi.csrf_exempt = True  # type: ignore[attr-defined]


def page(request: HttpRequest) -> HttpResponse:
    """The page for people: how to call, and every object with its fields, operators and actions."""
    context = {
        "address": request.build_absolute_uri("/api/v1"),
        "known": [
            {
                "object": obj,
                "fields": list(fields.values()),
                "actions": list(actions.of(obj.plural).values()),
                "example": example(fields),
            }
            for obj, fields in _builtin().items()
        ],
        "problems": [(code, status, title) for code, (status, title) in KINDS.items()],
    }
    return render(request, "api_docs.html", context, using="jinja2")


def example(fields: Mapping[str, Field]) -> str:
    """A body that creates a record with the fields it can't do without."""
    needed = [field for field in fields.values() if field.required and not field.readonly and field.default is None]
    if not needed:
        needed = [field for field in fields.values() if field.kind.name == "text" and not field.readonly][:2]
    words = {"text": "…", "longtext": "…", "richtext": "<p>…</p>"}
    return json.dumps({field.name: words.get(field.kind.name, "…") for field in needed}, ensure_ascii=False)


def files() -> dict[str, str]:
    """The documents kept below ``docs/``: path -> text. They show in review what a change opens to programs."""
    known = {obj: fields for obj, fields in _builtin().items() if type(obj).__module__.startswith("trato.")}
    whole = json.loads(encode(document(known, {obj: _writable(fields) for obj, fields in known.items()})))
    whole["info"]["version"] = "1"
    kept = {"api/openapi.json": json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True) + "\n"}
    return kept | {f"objects/{obj.plural}.md": described(obj, fields) for obj, fields in known.items()}


def described(obj: Object, fields: Mapping[str, Field]) -> str:
    """One object as Markdown."""
    lines = [
        f"# {obj.label_plural}",
        "",
        str(obj.help or (type(obj).__doc__ or "").strip()),
        "",
        f"Address: `/api/v1/{obj.plural}`.",
        "",
        "| field | label | kind | needed | written | sorted | compared with |",
        "|---|---|---|---|---|---|---|",
    ]
    for field in fields.values():
        yes = [
            "yes" if answer else ""
            for answer in (field.required and not field.readonly, not field.readonly, field.sortable)
        ]
        cells = [f"`{field.name}`", str(field.label), field.kind.name, *yes, " ".join(field.kind.operators)]
        lines.append("| " + " | ".join(cells) + " |")
    for known in actions.of(obj.plural).values():
        given = ", ".join(f"`{name}` ({kind.name})" for name, kind in known.parameters.items()) or "nothing"
        lines += ["", f"Action `{known.name}`: {known.label}. Takes {given}. {known.undo}"]
    return "\n".join(lines) + "\n"
