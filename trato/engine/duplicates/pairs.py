"""Pairs of records that look the same, and what people decided about them: the queue of review."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import access
from ..objects import Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from .models import DuplicatePair

#: What may be decided about a pair without merging it.
STATES = ("open", "later", "dismissed")
PAGE = 20
#: Records of one group, at most.
LARGEST_GROUP = 20


@dataclass(frozen=True)
class Group:
    """Records that look the same, directly or through one another."""

    ids: tuple[UUID, ...]
    pairs: tuple[DuplicatePair, ...]

    @property
    def score(self) -> float:
        """The points of its likeliest pair."""
        return max(pair.score for pair in self.pairs)


def seen(actor: Actor, obj: Object, state: str = "open") -> QuerySet:
    """The pairs of a state of which the actor may see both records, the likeliest first."""
    ids = access.visible(actor, obj).values("id")
    rows = DuplicatePair.objects.filter(object=obj.plural, state=state, left_id__in=ids, right_id__in=ids)
    return rows.order_by("-score", "-id")


def get(actor: Actor, obj: Object, pair_id: Any) -> DuplicatePair:
    """One pair whose records the actor may see; raises Absent."""
    pair = DuplicatePair.objects.filter(object=obj.plural, id=access.as_uuid(pair_id)).first()
    if pair is None or access.visible(actor, obj).filter(id__in=[pair.left_id, pair.right_id]).count() != 2:
        raise access.Absent(str(pair_id))
    return pair


def after(obj: Object, rows: QuerySet, place: str) -> QuerySet:
    """Those of the pairs that come after one; raises Absent where there is no such pair."""
    last = DuplicatePair.objects.filter(object=obj.plural, id=access.as_uuid(place)).first()
    if last is None:
        raise access.Absent(place)
    return rows.filter(Q(score__lt=last.score) | Q(score=last.score, id__lt=last.id))


def page(actor: Actor, obj: Object, state: str = "open", place: str = "") -> tuple[list[Group], str]:
    """Some groups, the likeliest first, and where the next page begins ("" for none); raises Absent for a place that
    there is not.
    """
    rows = seen(actor, obj, state)
    if place:
        rows = after(obj, rows, place)
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE]
    groups, taken = [], set()
    for pair in shown:
        if pair.id not in taken:
            group = around(actor, obj, pair)
            taken |= {each.id for each in group.pairs}
            if all((each.score, each.id) <= (pair.score, pair.id) for each in group.pairs):
                groups.append(group)
    return groups, str(shown[-1].id) if len(found) > PAGE else ""


def around(actor: Actor, obj: Object, pair: DuplicatePair) -> Group:
    """The pair with all that hang together with it."""
    pairs = {pair.id: pair}
    ids = {pair.left_id, pair.right_id}
    while len(ids) < LARGEST_GROUP:
        near = seen(actor, obj, pair.state).filter(Q(left_id__in=ids) | Q(right_id__in=ids))
        more = list(near.exclude(id__in=pairs)[:50])
        if not more:
            break
        for each in more:
            if len(ids | {each.left_id, each.right_id}) <= LARGEST_GROUP:
                ids |= {each.left_id, each.right_id}
                pairs[each.id] = each
        if all(each.id not in pairs for each in more):
            break
    return Group(tuple(sorted(ids)), tuple(sorted(pairs.values(), key=lambda each: (-each.score, each.id))))


def decide(actor: Actor, obj: Object, pair_ids: Iterable[Any], state: str) -> int:
    """Put pairs off, dismiss them for good, or open them again; how many. Raises Refused, Absent, Forbidden."""
    if state not in STATES:
        words = _("Choose one of: %(names)s.")
        raise Refused([Problem("state", "choice", words % {"names": ", ".join(STATES)})])
    chosen = [get(actor, obj, pair_id) for pair_id in list(pair_ids)[:500]]
    ids = {record_id for pair in chosen for record_id in (pair.left_id, pair.right_id)}
    if access.visible(actor, obj, "change").filter(id__in=ids).count() != len(ids):
        raise access.Forbidden(obj.plural, "change")
    rows = DuplicatePair.objects.filter(id__in=[pair.id for pair in chosen]).exclude(state="merged")
    return rows.update(state=state, decided_by_id=actor.user_id, decided_at=timezone.now())
