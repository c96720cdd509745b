"""One change on many records with its history, and the undo of it, as the worker does them: from the order to the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from trato.engine import jobs, mass, objects, undo
from trato.engine.models import HistoryEntry, Job
from trato.engine.postgres.scope import in_workspace

NAMES = ("bulk edit with history", "undo of a bulk edit")
AIM = ">= 5,000"
#: A tenth of the contacts, 100,000 at the full scale: birthdays are spread over 19,000 days from 1950 on.
SOME = {"field": "birthday", "op": "between", "value": ["1960-01-01", "1965-03-14"]}


def rows(bench: Any) -> list[dict[str, Any]]:
    """Records a second of a new department for many contacts, and of taking it back."""
    if not any(bench.only in name for name in NAMES):
        return []
    change = {"set": {"department": f"Sales {time.time():.0f}"}}
    edit, edited = _timed(bench, lambda: mass.begin(bench.actor, objects.get("contacts"), {"filter": SOME}, change))
    with in_workspace(bench.workspace.id):
        many = HistoryEntry.objects.filter(batch_id=UUID(edited["batch"])).count()
    taken_back, undone = _timed(bench, lambda: undo.begin(bench.actor, UUID(edited["batch"])))
    speeds = zip(NAMES, (many / edit, undone["undone"] / taken_back), strict=True)
    return [{"name": name, "value": speed, "unit": "records/s", "aim": AIM} for name, speed in speeds]


def _timed(bench: Any, order: Callable[[], Job]) -> tuple[float, dict[str, Any]]:
    """The seconds of a job from the order to its end, and its result."""
    began = time.perf_counter()
    with in_workspace(bench.workspace.id):
        job = order()
    while True:
        time.sleep(0.05)
        with in_workspace(bench.workspace.id):
            if jobs.ended(job.id):
                break
    seconds = time.perf_counter() - began
    with in_workspace(bench.workspace.id):
        done = Job.objects.get(id=job.id)
    if done.state != "done":
        raise RuntimeError(f"{done.state}: {done.message}")
    return seconds, done.result
