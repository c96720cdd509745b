"""What a change of stage leaves behind, and what the stages do by themselves, in the transaction of the change."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from trato.engine import actions, objects
from trato.engine.kinds import Invalid
from trato.engine.together.telling import News, may_see, tell
from trato.engine.workspaces.actors import Actor, system_actor
from trato.engine.workspaces.ids import uuid7

from ..models import StageStep, StageVisit
from ..queries import deals as queries
from ..queries import ways as ways_queries

#: Where a stage does nothing by itself: what is brought in or taken back happened already.
QUIET = ("import", "undo")


def follow(actor: Actor, ids: Iterable[UUID]) -> int:
    """Write down where these deals stand now, whatever moved them, and do what their stages do by themselves; returns
    how many had moved. Run again, it finds nothing to do.
    """
    moved = queries.moved(ids)
    if not moved:
        return 0
    now = timezone.now()
    before = {visit.deal_id: visit for visit in queries.open_visits(row["id"] for row in moved)}
    StageVisit.objects.bulk_create(_left(before, moved, actor, now))
    if actor.face not in QUIET:
        _by_themselves(actor, moved)
    return len(moved)


def _left(
    before: Mapping[UUID, StageVisit], moved: Iterable[Mapping[str, Any]], actor: Actor, now: datetime
) -> list[StageVisit]:
    """The new visits; the old ones are ended."""
    came = []
    for row in moved:
        visit, at = before.get(row["id"]), _came(row, now, row["id"] not in before)
        if visit is not None:
            at = max(at, visit.entered_at)
            StageVisit.objects.filter(id=visit.id).update(left_at=at)
        worth = {"value": row["value"], "value_currency": row["value_currency"]}
        came.append(
            StageVisit(
                deal_id=row["id"],
                stage_id=row["stage_id"],
                entered_at=at,
                by_id=actor.user_id,
                by_name=actor.name,
                **worth,
            )
        )
    return came


def _came(row: Mapping[str, Any], now: datetime, is_first: bool) -> datetime:
    """When a deal came into its stage: now, but a closed one when it was decided, and a new one when it was opened."""
    if row["status"] != "open" and row["closed_at"]:
        return min(row["closed_at"], now)
    return min(row["opened_at"], now) if is_first else now


def _by_themselves(actor: Actor, moved: Iterable[Mapping[str, Any]]) -> None:
    rows = list(moved)
    known = ways_queries.steps_of({row[name] for row in rows for name in ("stage_id", "stood")} - {None})
    system = system_actor(actor.workspace, "job", "stage") if known else actor
    for row in rows if known else ():
        for step in known:
            if step.stage_id == (row["stage_id"] if step.at == "entry" else row["stood"]):
                DO[step.what](system, actor, step, row)


def _task(system: Actor, actor: Actor, step: StageStep, row: Mapping[str, Any]) -> None:
    due = timezone.now() + timedelta(days=step.days) if step.days is not None else None
    values = {"subject": step.words, "about": [f"deals/{row['id']}"], "due_at": due, "owner": row["owner_id"]}
    actions.create(system, objects.get("tasks"), values)


def _field(system: Actor, actor: Actor, step: StageStep, row: Mapping[str, Any]) -> None:
    """Set a field; where the workspace's rules don't let it, the owner is told and the deal has moved all the same."""
    field = ways_queries.settable(system).get(step.field)
    try:
        if field is not None:
            value = ways_queries.value_of(system, field, step.value)
            actions.update(system, objects.get("deals"), row["id"], {field.name: value})
    except (Invalid, actions.Refused) as problem:
        _say(actor, row, f"{step}: {problem}")


def _notify(system: Actor, actor: Actor, step: StageStep, row: Mapping[str, Any]) -> None:
    _say(actor, row, step.words)


def _say(actor: Actor, row: Mapping[str, Any], words: str) -> None:
    """Tell the owner of a deal, as a change by whoever moved it."""
    deals, owner = objects.get("deals"), row["owner_id"]
    if owner is None or not may_see(actor.workspace, owner, deals, row["id"]):
        return
    news = News(
        *(owner, "changed", f"stage:{row['id']}", uuid7()),
        object="deals",
        record_id=row["id"],
        by_id=actor.user_id,
        by_name=actor.name,
        details={"note": words},
    )
    tell(actor.workspace, [news])


DO = {"task": _task, "field": _field, "notify": _notify}


def backdate(deal_id: UUID, way: Sequence[tuple[UUID, datetime]]) -> None:
    """Say of a sample deal in which stages it stood, each since when; it stands in the last of them."""
    last = StageVisit.objects.get(deal_id=deal_id, left_at=None)
    StageVisit.objects.filter(deal_id=deal_id).delete()
    ends = [*(entered for _stage, entered in way[1:]), None]
    same = {"by_id": last.by_id, "by_name": last.by_name, "value": last.value, "value_currency": last.value_currency}
    StageVisit.objects.bulk_create(
        StageVisit(deal_id=deal_id, stage_id=stage, entered_at=entered, left_at=left, **same)
        for (stage, entered), left in zip(way, ends, strict=True)
    )
