"""The addresses that belong to no object."""

from __future__ import annotations

from typing import Any

from trato.engine.batches import KINDS
from trato.engine.imports import conventions

from ..imports import DECISIONS, WORDS
from .parts import Json, operation, page_of, parameter, query, ref

TEXT: Json = {"type": "string"}
SOME: Json = {"type": "object"}


def common_paths() -> Json:
    """Who and what there is, search, files, runs and custom fields."""
    return workspace_paths() | file_paths() | import_paths() | export_paths() | custom_field_paths()


def path_part(name: str) -> Json:
    """A part of the path."""
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def write(words: str, tag: str, also: tuple[int, ...] = (409, 422), **more: Any) -> Json:
    """An operation that writes: it takes an Idempotency-Key."""
    return operation(words, tag, parameters=[parameter("key")], also=also, **more)


def form(made: Json, parts: Json) -> Json:
    """The operation, sent as a form with a file and further parts."""
    schema = {
        "type": "object",
        "properties": {"file": {"type": "string", "format": "binary"}} | parts,
        "required": ["file", *(["object"] if "object" in parts else [])],
        "additionalProperties": False,
    }
    made["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    return made


def download(words: str, tag: str) -> Json:
    """An operation that answers a file."""
    made = operation(words, tag, also=(409,))
    made["responses"]["200"] = {"description": "The file", "content": {"*/*": {}}}
    return made


def listed(item: Json) -> Json:
    """A page without a count."""
    return page_of(item, counted=False)


def batch_words() -> list[Json]:
    """How batches are narrowed."""
    moment = {"type": "string", "format": "date-time"}
    return [
        query("person", TEXT, "`me`, or the id of a user."),
        query("object", TEXT, "Only those that wrote records of this object."),
        query("kind", {"enum": list(KINDS)}, "Only those that did this."),
        query("since", moment, "Begun at this moment or later."),
        query("until", moment, "Begun before this moment."),
        parameter("cursor"),
    ]


def workspace_paths() -> Json:
    """Who and what there is, search and undo."""
    found = {"type": "object", "properties": {"data": {"type": "array", "items": ref("hit")}}, "required": ["data"]}
    words = [
        query("q", {"type": "string", "minLength": 1}, "Words, or the beginnings of words.") | {"required": True},
        query("object", TEXT, "Only these objects, separated by commas."),
        parameter("limit"),
    ]
    tag = "workspace"
    return {
        "/me": {"get": operation("Who am I", tag, answer=SOME)},
        "/objects": {"get": operation("Objects and their fields", tag, answer=listed(SOME))},
        "/objects/{object}": {
            "parameters": [path_part("object")],
            "get": operation("One object and its fields", tag, answer=SOME),
        },
        "/users": {"get": operation("Members", tag, answer=listed(ref("link")))},
        "/teams": {"get": operation("Teams", tag, answer=listed(ref("link")))},
        "/search": {"get": operation("Search", tag, parameters=words, answer=found)},
        "/jobs/{id}": {"parameters": [path_part("id")], "get": operation("How far long work is", tag, answer=SOME)},
        "/jobs/{id}/cancel": {"parameters": [path_part("id")], "post": write("Stop long work", tag, answer=SOME)},
        "/batches": {
            "get": operation("What was done", tag, parameters=batch_words(), answer=listed(ref("batch"))),
        },
        "/batches/{batch}": {
            "parameters": [path_part("batch")],
            "get": operation("One batch of writes", tag, answer=ref("batch")),
        },
        "/undo/{batch}": {"parameters": [path_part("batch")], "post": write("Take back a write", tag, answer=SOME)},
    }


def file_paths() -> Json:
    """Files sent and fetched."""
    upload = write("Send a file", "files", also=(409, 413, 422), answer=ref("file"), status=201)
    return {
        "/uploads": {"post": form(upload, {})},
        "/uploads/{file}": {"parameters": [path_part("file")], "get": download("Fetch a file", "files")},
    }


def import_paths() -> Json:
    """Imports sent, followed and undone."""
    run, at = ref("import"), {"parameters": [path_part("id")]}
    sent = write("Send a file to import", "imports", also=(409, 413, 422), answer=run, status=202)
    decisions = {
        "type": "object",
        "properties": {
            "mapping": {"type": "object", "additionalProperties": TEXT},
            "match": {"type": "array", "items": TEXT},
            "on_match": {"enum": ["update", "fill", "skip"]},
            "create_links": {"type": "boolean"},
            "country": TEXT,
            "numbers": {"enum": ["", *conventions.NUMBERS]},
            "dates": {"enum": ["", *conventions.DATES]},
            "lawful_basis": TEXT,
            "source": TEXT,
        },
        "additionalProperties": False,
    }
    assert decisions["properties"].keys() == set(DECISIONS)
    pages = [parameter("limit"), query("before", TEXT, "Those before this one: “next” of the page before.")]
    problems = [parameter("limit"), parameter("cursor")]
    return {
        "/imports": {
            "get": operation("Imports", "imports", parameters=pages, answer=listed(run)),
            "post": form(sent, dict.fromkeys(WORDS, TEXT)),
        },
        "/imports/{id}": at | {"get": operation("How far an import is", "imports", answer=run)},
        "/imports/{id}/start": at
        | {"post": write("Begin an import", "imports", body=decisions, answer=run, status=202)},
        "/imports/{id}/cancel": at | {"post": write("Stop an import", "imports", answer=run)},
        "/imports/{id}/undo": at | {"post": write("Undo an import", "imports", answer=run)},
        "/imports/{id}/problems": at
        | {"get": operation("Rows not taken over", "imports", parameters=problems, answer=listed(SOME))},
    }


def export_paths() -> Json:
    """Exports asked for and fetched."""
    run, at = ref("export"), {"parameters": [path_part("id")]}
    pages = [parameter("limit"), query("before", TEXT, "Those before this one: “next” of the page before.")]
    return {
        "/exports": {
            "get": operation("Exports", "exports", parameters=pages, answer=listed(run)),
            "post": write("Ask for an export", "exports", body=ref("export-new"), answer=run, status=202),
        },
        "/exports/{id}": at | {"get": operation("How far an export is", "exports", answer=run)},
        "/exports/{id}/cancel": at | {"post": write("Stop an export", "exports", answer=run)},
        "/exports/{id}/file": at | {"get": download("Fetch the file", "exports")},
    }


def custom_field_paths() -> Json:
    """The fields an administrator adds."""
    one, tag = ref("custom-field"), "workspace"
    archived = query("archived", {"enum": ["true", "false"]}, "Those taken off instead.")
    return {
        "/custom-fields/{object}": {
            "parameters": [path_part("object")],
            "get": operation("Custom fields", tag, parameters=[archived], answer=listed(one)),
            "post": write("Add a custom field", tag, body=ref("custom-field-new"), answer=one, status=201),
        },
        "/custom-fields/{object}/{name}": {
            "parameters": [path_part("object"), path_part("name")],
            "patch": write("Change a custom field", tag, body=ref("custom-field-change"), answer=one),
            "delete": write("Archive a custom field", tag, also=(409,), status=204),
        },
    }
