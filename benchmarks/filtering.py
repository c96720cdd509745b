"""Filters over relations and what related records come to, against the same asked by hand in SQL."""

from __future__ import annotations

import statistics
import time
from typing import Any, Protocol

from django.db import connection
from django.test.utils import CaptureQueriesContext

from trato.engine import access, filters, objects
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.models import Workspace

from .floors import Bare

TIMES = 7
ALIVE = "{0}.workspace_id = '{ws}' AND {0}.deleted_at IS NULL"
PLACED = "m.workspace_id = '{ws}' AND m.object = 'contacts' AND m.item_object = '%s'"


class Bench(Protocol):
    """What of the benchmark is needed here."""

    actor: Actor
    workspace: Workspace
    bare: Bare
    only: str


#: name -> (object, filter, the same by hand)
ASKED: dict[str, tuple[str, dict[str, Any], str]] = {
    "filter, accounts with 3 customers": (
        "accounts",
        {
            "related": "contacts.account",
            "where": {"field": "lifecycle", "op": "is", "value": "customer"},
            "count": True,
            "op": "gte",
            "value": 3,
        },
        f"""SELECT count(*) FROM people_account a WHERE {ALIVE.format("a", ws="{ws}")} AND a.id IN (
            SELECT c.account_id FROM people_contact c WHERE {ALIVE.format("c", ws="{ws}")} AND c.lifecycle = 'customer'
            GROUP BY c.account_id HAVING count(*) >= 3)""",
    ),
    "filter, contacts of an industry with 2 calls": (
        "contacts",
        {
            "and": [
                {"field": "account.industry", "op": "is", "value": "Legal"},
                {"related": "calls.about", "count": True, "op": "gte", "value": 2},
            ]
        },
        f"""SELECT count(*) FROM people_contact c JOIN people_account a ON a.workspace_id = c.workspace_id
            AND a.id = c.account_id WHERE {ALIVE.format("c", ws="{ws}")} AND {ALIVE.format("a", ws="{ws}")}
            AND lower(a.industry) = 'legal' AND c.id IN (SELECT m.record_id FROM engine_moment m
            WHERE {PLACED % "calls"} GROUP BY m.record_id HAVING count(*) >= 2)""",
    ),
    "filter, contacts untouched for a year": (
        "contacts",
        {"related": "timeline", "none": {"field": "at", "op": "gte", "value": {"ago": 1, "unit": "year"}}},
        f"""SELECT count(*) FROM people_contact c WHERE {ALIVE.format("c", ws="{ws}")} AND NOT EXISTS (
            SELECT 1 FROM engine_moment m WHERE m.workspace_id = '{{ws}}' AND m.object = 'contacts'
            AND m.record_id = c.id AND m.at >= (current_date - interval '1 year'))""",
    ),
    "filter, contacts by their last done task": (
        "contacts",
        {"related": "tasks.about", "max": "done_at", "op": "lt", "value": {"ago": 90, "unit": "day"}},
        f"""SELECT count(*) FROM people_contact c WHERE {ALIVE.format("c", ws="{ws}")} AND c.id IN (
            SELECT m.record_id FROM engine_moment m JOIN people_task t ON t.workspace_id = m.workspace_id
            AND t.id = m.item_id WHERE {PLACED % "tasks"} AND {ALIVE.format("t", ws="{ws}")}
            GROUP BY m.record_id HAVING max(t.done_at) < current_date - interval '90 days')""",
    ),
}


def rows(bench: Bench) -> list[dict[str, Any]]:
    """How long the compiled filters take to count what they leave, each against its hand-written floor."""
    return [_row(bench, name, *asked) for name, asked in ASKED.items() if bench.only in name]


def _row(bench: Bench, name: str, plural: str, tree: dict[str, Any], by_hand: str) -> dict[str, Any]:
    obj, ws = objects.get(plural), bench.workspace.id
    with in_workspace(ws), CaptureQueriesContext(connection) as caught:
        found = filters.narrow(bench.actor, obj, access.visible(bench.actor, obj), tree).count()
    compiled, floor_sql = caught[-1]["sql"], by_hand.format(ws=ws)
    if (wanted := bench.bare.one(floor_sql)) != found:
        raise RuntimeError(f"{name}: {found} are left, by hand {wanted}")
    # One after the other, so that what the machine does besides falls on both.
    taken = [[_once(bench.bare, sql) for sql in (floor_sql, compiled)] for _n in range(TIMES)]
    floor, median = (statistics.median(column) for column in zip(*taken, strict=True))
    more = {"p95": max(ours for _floor, ours in taken), "floor": floor, "ratio": median / floor}
    return {"name": name, "value": median, "unit": "ms", "aim": "<= 1.3x", **more}


def _once(bare: Bare, sql: str) -> float:
    began = time.perf_counter()
    bare.run([sql])
    return (time.perf_counter() - began) * 1000
