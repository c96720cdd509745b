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
#: Records of one group, at most; how far a group reaches from its likeliest pairs, and pairs read at each step.
LARGEST_GROUP, STEPS, MOST_NEAR = 20, 4, 500


@dataclass(frozen=True)
class Group:
    """Records that look the same, directly or through one another; its pairs, the likeliest first."""

    ids: tuple[UUID, ...]
    pairs: tuple[DuplicatePair, ...]

    @property
    def score(self) -> float:
        """The points of its likeliest pair."""
        return self.pairs[0].score


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
    there is not. A group stands where its likeliest pair does.
    """
    rows = seen(actor, obj, state)
    found = list((after(obj, rows, place) if place else rows)[: PAGE + 1])
    shown = found[:PAGE]
    first = {pair.id for pair in shown}
    groups = [group for group in _groups(_near(rows, shown)) if group.pairs[0].id in first]
    return groups, str(shown[-1].id) if len(found) > PAGE else ""


def _near(rows: QuerySet, pairs: Iterable[DuplicatePair]) -> list[DuplicatePair]:
    """These pairs and those that hang together with them, a few steps far, the likeliest first."""
    known = {pair.id: pair for pair in pairs}
    for _step in range(STEPS):
        ids = {record_id for pair in known.values() for record_id in (pair.left_id, pair.right_id)}
        near = rows.filter(Q(left_id__in=ids) | Q(right_id__in=ids)).exclude(id__in=known)[:MOST_NEAR]
        more = {pair.id: pair for pair in near}
        if not more:
            break
        known |= more
    return sorted(known.values(), key=_place)


def _groups(pairs: Iterable[DuplicatePair]) -> list[Group]:
    """The pairs, the likeliest first, by the records they connect; none grows beyond what can be merged at once."""
    members: dict[UUID, set[UUID]] = {}
    held: list[DuplicatePair] = []
    for pair in pairs:
        left, right = (members.get(key) or {key} for key in (pair.left_id, pair.right_id))
        if len(left | right) <= LARGEST_GROUP:
            both = left | right
            members |= dict.fromkeys(both, both)
            held.append(pair)
    found: dict[int, list[DuplicatePair]] = {}
    for pair in held:
        found.setdefault(id(members[pair.left_id]), []).append(pair)
    return [Group(tuple(sorted(members[mine[0].left_id])), tuple(mine)) for mine in found.values()]


def _place(pair: DuplicatePair) -> tuple[float, int]:
    return -pair.score, -pair.id.int


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
