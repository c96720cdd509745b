"""Lists of an object an administrator added, against the same lists of contacts: the same people, with the same fields."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from django.db import connection, connections

from trato.engine import custom, objects
from trato.engine.postgres.scope import in_workspace

from .stack import timed

TIMES = 40
FIELDS: list[dict[str, Any]] = [
    {"name": "job_title", "label": "Job title", "kind": "text"},
    {"name": "lifecycle", "label": "Lifecycle", "kind": "choice"},
    {"name": "birthday", "label": "Birthday", "kind": "date"},
    {"name": "rank", "label": "Rank", "kind": "number"},
]
#: One portion of contacts as records of the object, as the one write path would have left them.
COPY = """
INSERT INTO engine_customrecord (workspace_id, id, part_id, title, name, owner_id, created_at, updated_at, version, custom,
    slot_texts, slot_dates, slot_numbers)
SELECT workspace_id, id, %s, title, title, owner_id, created_at, updated_at, 1,
    jsonb_build_object('job_title', job_title, 'lifecycle', lifecycle, 'birthday', birthday, 'rank', version),
    ARRAY[lower(job_title), lifecycle], ARRAY[birthday], ARRAY[version::float8]
FROM (SELECT * FROM people_contact WHERE workspace_id = %s AND id > %s AND deleted_at IS NULL ORDER BY id LIMIT 100000) AS c
RETURNING id
"""


def rows(bench: Any) -> list[dict[str, Any]]:
    """Each list of the object with the list of contacts as its floor."""
    wanted = {name: paths for name, paths in lists().items() if bench.only in name}
    if not wanted:
        return []
    _fill(bench)
    return [_row(bench, name, *paths) for name, paths in wanted.items()]


def lists() -> dict[str, tuple[str, str]]:
    """The addresses of the same list of contacts and of the object, by name."""
    left = ("lifecycle", "is", "former")
    born = ("birthday", "gte", "2001-12-01")
    begins, holds = ("job_title", "starts", "Eng"), ("job_title", "contains", "gine")
    shown = ("title", "job_title", "lifecycle", "birthday", "owner")
    return {
        "own object, first page": _paths(shown),
        "own object by name": _paths(shown, sort="title"),
        "own object by birthday": _paths(shown, sort="birthday"),
        "own object by job title": _paths(shown, sort="-job_title"),
        "own object, lifecycle": _paths(shown, left),
        "own object, youngest": _paths(shown, born),
        "own object, youngest by birthday": _paths(shown, born, sort="-birthday"),
        "own object, beginning of a text": _paths(shown, begins),
        "own object, part of a text": _paths(shown, holds),
        "own object, in no text": _paths(shown, ("job_title", "contains", "stronau")),
        "own object, nobody": _paths(shown, ("job_title", "is", "Astronaut")),
    }


def _paths(shown: tuple[str, ...], condition: tuple[str, str, str] | None = None, sort: str = "") -> tuple[str, str]:
    return _path("contacts", "", shown, condition, sort), _path("people-again", "custom.", shown, condition, sort)


def _path(plural: str, prefix: str, shown: tuple[str, ...], condition: tuple[str, str, str] | None, sort: str) -> str:
    def named(name: str) -> str:
        return prefix + name if name in {field["name"] for field in FIELDS} else name

    said = [f"columns={named(name)}" for name in shown]
    if condition:
        name, op, value = condition
        said.append("filter=" + quote(json.dumps({"field": named(name), "op": op, "value": value})))
    if sort:
        said.append("sort=" + ("-" if sort[0] == "-" else "") + named(sort.removeprefix("-")))
    return f"/w/bench/{plural}/?{'&'.join(said)}"


def _row(bench: Any, name: str, builtin: str, own: str) -> dict[str, Any]:
    floor, _p95 = timed(lambda: bench.browser.get(builtin), TIMES)
    median, p95 = timed(lambda: bench.browser.get(own), TIMES)
    return {
        "name": name,
        "value": median,
        "unit": "ms",
        "aim": "<= 2x",
        "p95": p95,
        "floor": floor,
        "ratio": median / floor,
    }


def _fill(bench: Any) -> None:
    """The object with a copy of every contact, once for each database."""
    with in_workspace(bench.workspace.id):
        if objects.is_known("people-again"):
            return
        given = {"plural": "people-again", "label": "Person", "label_plural": "People again"}
        row = custom.add_object(bench.actor, given)
        kinds = objects.get("contacts").builtin
        choices = [
            {"value": value, "label": str(label)} for value, label in kinds["lifecycle"].kind.offer.labels.items()
        ]
        for field in FIELDS:
            options = {"choices": choices} if field["kind"] == "choice" else {}
            custom.add(bench.actor, objects.get(row.plural), field | {"options": options})
    last = "00000000-0000-0000-0000-000000000000"
    while last:
        with in_workspace(bench.workspace.id), connection.cursor() as cursor:
            cursor.execute(COPY, [row.id, bench.workspace.id, last])
            last = max((str(record_id) for (record_id,) in cursor.fetchall()), default="")
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE engine_customrecord")
