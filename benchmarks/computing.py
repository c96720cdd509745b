"""Lists with formulas over own fields and over related records, against the same asked by hand in SQL."""

from __future__ import annotations

import statistics
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from trato.engine import access, custom, objects, paging
from trato.engine.postgres.scope import in_workspace

from .filtering import ALIVE, PLACED, TIMES, Bench, _once

FORMULAS = {"called": 'concat(first_name, " ", upper(last_name))', "talks": "count(calls.about)"}
SHOWN = ("title", "custom.called", "custom.talks")
BY_HAND = f"""SELECT c.title, c.first_name || ' ' || upper(c.last_name) AS called, (SELECT count(*) FROM engine_moment m
    WHERE {PLACED % "calls"} AND m.record_id = c.id) AS talks
    FROM people_contact c WHERE {ALIVE.format("c", ws="{ws}")} ORDER BY """
#: name -> (order of the list, the same by hand)
ASKED = {
    "formula, a page with a count": ("", f"{BY_HAND} c.id DESC LIMIT 51"),
    "formula, a page by another": ("-custom.called", f"{BY_HAND} called DESC, c.id DESC LIMIT 51"),
}


class _Back(Exception):
    """Takes the formulas away again: every other list is measured without."""


def rows(bench: Bench) -> list[dict[str, Any]]:
    """How long one page of contacts with two formulas takes, each against its hand-written floor."""
    return [_row(bench, name, *asked) for name, asked in ASKED.items() if bench.only in name]


def _row(bench: Bench, name: str, sort: str, by_hand: str) -> dict[str, Any]:
    compiled = _compiled(bench, sort)
    floor_sql = by_hand.format(ws=bench.workspace.id)
    taken = [[_once(bench.bare, sql) for sql in (floor_sql, compiled)] for _n in range(TIMES)]
    floor, median = (statistics.median(column) for column in zip(*taken, strict=True))
    more = {"p95": max(ours for _floor, ours in taken), "floor": floor, "ratio": median / floor}
    return {"name": name, "value": median, "unit": "ms", "aim": "<= 1.3x", **more}


def _compiled(bench: Bench, sort: str) -> str:
    """The statement that reads a page of the list."""
    obj, actor = objects.get("contacts"), bench.actor
    found = ""
    try:
        with in_workspace(bench.workspace.id), transaction.atomic():
            for name, expression in FORMULAS.items():
                options = {"expression": expression}
                custom.add(actor, obj, {"name": name, "label": name, "kind": "formula", "options": options})
            fields = access.fields(actor, obj)
            columns = [column for shown in SHOWN for column in fields[shown].columns]
            with CaptureQueriesContext(connection) as caught:
                paging.page(access.visible(actor, obj), paging.order_of(fields, obj, sort), columns, 50)
            found = next(query["sql"] for query in caught if "people_contact" in query["sql"])
            raise _Back
    except _Back:
        actor.workspace.refresh_from_db(fields=["fields_version"])
    return found
