"""What is learned from: closed deals with their paths, and what is asked about open ones."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from trato.engine import filters
from trato.engine.models import Moment
from trato.engine.objects import Object
from trato.engine.workspaces.actors import Actor, system_actor
from trato.engine.workspaces.models import Workspace

from ..models import Chances, Deal, ScoreRule, StageVisit
from ..rules.chances import MOST, Asked, Example
from ..rules.leads import place_of

DAY = 86_400
CHUNK = 2_000
#: What counts as an activity.
HAPPENED = ("calls", "meetings", "notes", "emails")
KNOWN = (
    *("id", "status", "opened_at", "closed_at", "stage_id", "source", "owner_id"),
    *("account__industry", "account__addresses"),
)


def chances() -> Chances | None:
    """What was learned last."""
    return Chances.objects.first()


def examples() -> list[Example]:
    """The newest closed deals as examples, the oldest of them first."""
    rows = Deal.objects.filter(status__in=("won", "lost"), deleted_at=None, closed_at__isnull=False)
    newest = list(rows.order_by("-closed_at", "-id").values(*KNOWN)[:MOST])
    return [example for at in _chunks(newest[::-1]) for example in _examples(at)]


def _chunks(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[at : at + CHUNK] for at in range(0, len(rows), CHUNK))


def _examples(rows: Sequence[Mapping[str, Any]]) -> Iterator[Example]:
    ids = [row["id"] for row in rows]
    paths: dict[UUID, list[tuple[UUID, datetime]]] = defaultdict(list)
    stood = StageVisit.objects.filter(deal_id__in=ids, stage__kind="open").order_by("entered_at", "id")
    for deal, stage, at in stood.values_list("deal_id", "stage_id", "entered_at"):
        paths[deal].append((stage, at))
    moments = _moments(ids)
    for row in rows:
        opened, closed = row["opened_at"], row["closed_at"]
        yield Example(
            won=row["status"] == "won",
            path=tuple((str(stage), _days(opened, at)) for stage, at in paths[row["id"]]),
            days=_days(opened, closed),
            happened=tuple(_days(opened, at) for at in moments[row["id"]] if at <= closed),
            named=_named(row),
        )


def _days(since: datetime, at: datetime) -> float:
    return max(0.0, (at - since).total_seconds() / DAY)


def _moments(ids: Iterable[UUID]) -> dict[UUID, list[datetime]]:
    """When something happened with each of some deals, in order."""
    found: dict[UUID, list[datetime]] = defaultdict(list)
    rows = Moment.objects.filter(object="deals", record_id__in=list(ids), item_object__in=HAPPENED)
    for deal, at in rows.order_by("at", "id").values_list("record_id", "at"):
        found[deal].append(at)
    return found


def _named(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        "source": row["source"] or "",
        "country": place_of(row["account__addresses"] or ()).country,
        "industry": row["account__industry"] or "",
        "owner": str(row["owner_id"] or ""),
    }


def asked(now: datetime, ids: Iterable[UUID] | None = None) -> Iterator[dict[UUID, Asked]]:
    """What is known of open deals, a chunk at a time: of these, or of all."""
    rows = Deal.objects.filter(status="open", deleted_at=None)
    rows = rows if ids is None else rows.filter(id__in=list(ids))
    last: UUID | None = None
    while True:
        after = rows.filter(id__gt=last) if last else rows
        found = list(after.order_by("id").values(*KNOWN)[:CHUNK])
        if not found:
            return
        last = found[-1]["id"]
        moments = _moments([row["id"] for row in found])
        yield {
            row["id"]: Asked(
                stage=str(row["stage_id"]),
                days=_days(row["opened_at"], now),
                activities=sum(at <= now for at in moments[row["id"]]),
                named=_named(row),
            )
            for row in found
        }


def score_rules(plural: str) -> list[ScoreRule]:
    """The rules in use that give points to records of an object."""
    return list(ScoreRule.objects.filter(object=plural, is_on=True, deleted_at=None).order_by("id"))


def may_see_chances(actor: Actor) -> bool:
    """Whether somebody sees what chances are learned from: all deals."""
    return actor.rights.scope("deals", "see") == "all" and actor.rights.field("deals", "chance") != "hidden"


def points_of(workspace: Workspace, obj: Object, record_id: UUID) -> list[dict[str, Any]]:
    """The rules that give a record points: name and points, the most first."""
    actor = system_actor(workspace)
    rows = [
        {"name": rule.name, "points": rule.points}
        for rule in score_rules(obj.plural)
        if held_by(actor, obj, obj.rows().filter(id=record_id), rule.condition)
    ]
    return sorted(rows, key=lambda row: -row["points"])


def held_by(actor: Actor, obj: Object, rows: QuerySet, condition: Any) -> list[UUID]:
    """The ids of the rows that a rule's filter holds; none where it can't be read: its field is gone."""
    try:
        return list(filters.narrow(actor, obj, rows, filters.parse(condition)).values_list("id", flat=True))
    except filters.BadFilter:
        return []
