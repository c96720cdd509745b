"""One change on many records, and the jobs that long work becomes."""

from __future__ import annotations

from typing import Any

from trato.engine import jobs, mass
from trato.engine.models import Job

from .endpoint import Answer, Call
from .records import object_of


def change(call: Call, plural: str) -> Answer:
    """Change the records of ``ids`` or of a ``filter``: a few at once (200), many in the background (202, with the
    job).
    """
    call.parameters()
    given = call.only("ids", "filter", "set", "add", "remove", "delete", "action", "parameters")
    obj = object_of(call, plural, "delete" if given.get("delete") else "change")
    selection = {name: given.pop(name) for name in ("ids", "filter") if name in given}
    begun = mass.begin(call.actor, obj, selection, given)
    if isinstance(begun, Job):
        return Answer({"batch": begun.arguments["batch"], "job": begun.id}, 202)
    return Answer({"batch": begun.batch, **begun.count.kept()})


def read_job(call: Call, job_id: str) -> Answer:
    """How far a job is that the caller began (an administrator: any)."""
    call.parameters()
    return Answer(_json(jobs.own(call.actor, job_id)))


def cancel_job(call: Call, job_id: str) -> Answer:
    """Stop a job; what is done stays done."""
    call.parameters()
    call.only(optional=True)
    row = jobs.own(call.actor, job_id)
    jobs.cancel(call.actor, row.id)
    return Answer(_json(jobs.own(call.actor, job_id)))


def _json(row: Job) -> dict[str, Any]:
    names = "id name label state done total message created_at started_at ended_at".split()
    return {name: getattr(row, name) for name in names} | {"result": row.result.get("count", row.result)}
