"""Points and win chances: learned every night, and worked out anew when something changes."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, Q, Value, When
from django.db.models.functions import Cast
from django.utils import timezone

from trato.engine import objects
from trato.engine.workspaces.actors import system_actor
from trato.engine.workspaces.models import Workspace

from ..models import Chances
from ..queries import learning as queries
from ..rules.chances import calibrate, is_enough, judge, learn

#: Records whose points or chances are written by one statement.
AT_ONCE = 500


def relearn(workspace: Workspace) -> Chances:
    """Learn from the closed deals, and say how well that foretells (inside ``in_workspace``)."""
    examples = queries.examples()
    told = {"model": learn(examples), "calibration": calibrate(examples), "learned_at": timezone.now()}
    return Chances.objects.update_or_create(defaults=told)[0]


def rate(workspace: Workspace, ids: Iterable[UUID] | None = None) -> int:
    """Work out the win chances of these open deals, or of all (inside ``in_workspace``); returns how many there are.
    Without closed deals enough they have none.
    """
    known = queries.chances()
    if known is None or not is_enough(known.model):
        return objects.get("deals").rows().exclude(chance=None).update(chance=None)
    done = 0
    for chunk in queries.asked(timezone.now(), ids):
        told = {deal: _percent(judge(known.model, asked).chance) for deal, asked in chunk.items()}
        write_aside("deals", "chance", told)
        done += len(told)
    return done


def _percent(chance: float) -> Decimal:
    return Decimal(round(chance * 100))


def give_points(workspace: Workspace, plural: str, ids: Iterable[UUID] | None = None) -> int:
    """Sum up the points of these records, or of all (inside ``in_workspace``); returns how many changed."""
    actor, obj = system_actor(workspace, "job", "points"), objects.get(plural)
    rows = obj.rows().filter(deleted_at=None)
    rows = rows if ids is None else rows.filter(id__in=list(ids))
    points: Counter[UUID] = Counter()
    for rule in queries.score_rules(plural):
        for record_id in queries.held_by(actor, obj, rows, rule.condition):
            points[record_id] += rule.points
    had = dict(rows.exclude(points=0).values_list("id", "points"))
    changed = {each: points[each] for each in points.keys() | had.keys() if points[each] != had.get(each, 0)}
    write_aside(plural, "points", changed)
    return len(changed)


def write_aside(plural: str, column: str, values: dict[UUID, Any]) -> None:
    """What was worked out stands beside what people wrote: no history, no new version."""
    rows, ids = objects.get(plural).rows(), list(values)
    field = objects.get(plural).model._meta.get_field(column)
    for at in range(0, len(ids), AT_ONCE):
        some = ids[at : at + AT_ONCE]
        cases = [When(Q(id=each), then=Value(values[each], field)) for each in some]
        rows.filter(id__in=some).update(**{column: Cast(Case(*cases), field)})
