"""Records that look like one being made: found by what is looked up by index, weighed by the object's rules."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Func, TextField, Value

from .. import access, derived
from ..models import Key
from ..objects import Comparison, Field, Object
from ..workspaces.actors import Actor
from . import weighing
from .scoring import certainty

#: Records that are looked at, at most.
MOST = 200
#: Records of the same name that are looked at; a name that more have tells too little alone.
NAMESAKES = 20


@dataclass(frozen=True)
class Likeness:
    """A record the actor may see, the labels of the fields in which it says the same, and the points. ``sure``: they
    reach the threshold, and more than the name agrees or nothing differs.
    """

    id: UUID
    title: str
    why: tuple[str, ...]
    score: float = 0.0
    certainty: int = 0
    sure: bool = False


def like(
    actor: Actor, obj: Object, values: Mapping[str, Any], *, besides: Any = None, limit: int = 5
) -> list[Likeness]:
    """The visible records that share a look-up value with these stored values, or whose points reach the threshold; the
    likeliest first. What the actor may not see of them is not compared.
    """
    fields = access.fields(actor, obj)
    shared = _sharing(obj, fields, values)
    scorer = weighing.of(obj).scorer(fields)
    called = {*_called(actor, obj, values)} - {besides}
    common = math.log2(max(1, len(called)))  # how many are called so tells how common the name is
    ids = {*shared, *(called if len(called) <= NAMESAKES else ())} - {besides}
    if not ids:
        return []
    columns = {column for known in [*scorer.fields.values()] for column in known.columns}
    rows = access.visible(actor, obj).filter(id__in=list(ids)[:MOST]).values("id", "title", *columns)
    mine = scorer.read(values)
    found = []
    for row in rows:
        verdict = scorer.score(mine, scorer.read({name: known.read(row) for name, known in scorer.fields.items()}))
        score = verdict.score - (common if row["id"] in called else 0)
        sure = score >= scorer.threshold and not scorer.only_named(verdict)
        why = dict.fromkeys(label_of(scorer.comparisons[n], fields) for n, _points in verdict.reasons)
        near = score >= scorer.threshold
        why = shared.get(row["id"], {}) | (why if near else {})
        if near or row["id"] in shared:
            percent = certainty(score, scorer.threshold)
            found.append(Likeness(row["id"], row["title"], tuple(why), round(score, 1), percent, sure))
    return sorted(found, key=lambda one: -one.score)[:limit]


def label_of(comparison: Comparison, fields: Mapping[str, Field]) -> str:
    """What is compared, in words: ``First name + Last name``."""
    return " + ".join(str(fields[name].label) if name in fields else name for name in comparison.fields)


def _sharing(obj: Object, fields: Mapping[str, Field], values: Mapping[str, Any]) -> dict[UUID, dict[str, None]]:
    """The records that share a look-up value, each with the labels of the fields."""
    asked: dict[str, str] = {}
    for name in obj.duplicate_keys:
        if name in fields and not fields[name].kind.is_empty(values.get(name)):
            keys = derived.stored_keys(fields[name], fields[name].kind.keys(values[name]))
            keys += derived.likeness_keys(obj, fields[name], values[name])
            asked |= dict.fromkeys(keys, str(fields[name].label))
    found: dict[UUID, dict[str, None]] = {}
    if asked:
        pairs = Key.objects.filter(object=obj.plural, key__in=asked).values_list("record_id", "key")
        for record_id, key in pairs[:MOST]:
            found.setdefault(record_id, {})[asked[key]] = None
    return found


def _called(actor: Actor, obj: Object, values: Mapping[str, Any]) -> Iterable[UUID]:
    """The records of the same name."""
    if not obj.likeness:
        return []
    blank: dict[str, Any] = {name: [] if known.kind.many else known.kind.empty for name, known in obj.builtin.items()}
    title = obj.title(blank | dict(values), actor.language)
    if not title:
        return []
    folded = Func(Value(title), function="trato_title_key", output_field=TextField())
    return access.visible(actor, obj).filter(title_key=folded).values_list("id", flat=True)[: NAMESAKES + 1]
