"""Records that are part of others: the whole is locked first, asked whether it may change, and follows afterwards.

A quote is the whole of its lines. Whoever writes lines does it inside ``settling``, holds their wholes, and says which
it touched; at the end each touched whole is brought up to date once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import access, derived, merges, objects, values
from .models import Key, Record
from .objects import Object
from .values import Problem, Refused
from .workspaces.actors import Actor

#: The field that says which of several parts comes first, where they have it.
POSITION = "position"
GONE = gettext_lazy("What this is part of is deleted; restore that first.")
#: What was touched: a whole's object and id.
Touched = dict[tuple[str, UUID], None]

_touched: ContextVar[Touched | None] = ContextVar("trato_touched", default=None)


@contextmanager
def settling(actor: Actor) -> Iterator[None]:
    """Bring the wholes whose parts are written inside up to date at the end, each once; nested ones join the outer."""
    if _touched.get() is not None:
        yield
        return
    touched: Touched = {}
    token = _touched.set(touched)
    try:
        yield
        done: set[tuple[str, UUID]] = set()
        while left := [each for each in touched if each not in done]:
            done.update(left)
            for plural, whole_id in left:
                _settle(actor, objects.get(plural), whole_id)
    finally:
        _touched.reset(token)


def _settle(actor: Actor, obj: Object, whole_id: UUID) -> None:
    rows = obj.rows().filter(id=whole_id, deleted_at=None).defer("search", "title_key")
    record = rows.select_for_update(of=("self",), no_key=True).first()
    if record is not None:
        obj.settle(actor, record)


def touch(obj: Object, whole_ids: Iterable[Any]) -> None:
    """Say that parts of these records were written; outside of ``settling`` nothing follows."""
    touched = _touched.get()
    if obj.whole is None or touched is None or type(obj.whole).settle is Object.settle:
        return
    touched |= dict.fromkeys((obj.whole.plural, whole_id) for whole_id in whole_ids if whole_id)


def touch_changed(obj: Object, record_id: UUID, changed: Iterable[str]) -> None:
    """Say which fields of a record were changed; it is brought up to date where it settles on one of them."""
    touched = _touched.get()
    if touched is not None and not set(obj.settles_on).isdisjoint(changed):
        touched[obj.plural, record_id] = None


def touch_written(obj: Object, drafts: Iterable[Any]) -> None:
    """Say what was written set-wise: records with their ``changes``, new ``values`` and ``old`` ones, None of new
    records.
    """
    for draft in drafts if obj.within or obj.settles_on else ():
        touch(obj, {held[obj.within] for held in (draft.values, draft.old) if held is not None and obj.within})
        touch_changed(obj, draft.id, draft.changes if draft.old is not None else ())


def ids_of(obj: Object, ids: Iterable[UUID]) -> set[UUID]:
    """The records that these parts, the deleted ones too, are part of; nothing for what is part of none."""
    if obj.whole is None:
        return set()
    rows = obj.rows().filter(id__in=list(ids)).order_by()
    return set(rows.values_list(f"{obj.within}_id", flat=True).distinct())


def hold(actor: Actor, obj: Object, whole_ids: Iterable[Any]) -> dict[UUID, str]:
    """Lock those of these wholes of ``obj`` that are there and the actor may change, in the order of their ids; each
    with why it is frozen, "" where it is not.
    """
    whole, wanted = obj.whole, {each for each in whole_ids if each}
    if whole is None or not wanted:
        return {}
    whole.guard(wanted)
    rows = access.bare(actor, whole, "change").filter(id__in=wanted).defer("search", "title_key").order_by("id")
    held = list(rows.select_for_update(of=("self",), no_key=True))
    if not freezes(whole):
        return {record.id: "" for record in held}
    fields = whole.stored(actor.workspace)
    return {record.id: whole.frozen(values.of_record(whole, record, fields)) for record in held}


def require(actor: Actor, obj: Object, whole_id: Any) -> None:
    """Hold the one whole that a part comes into; raises Forbidden where it can't be changed, Refused where it is
    frozen.
    """
    if obj.whole is None:
        return
    held = hold(actor, obj, [whole_id])
    if whole_id not in held:
        raise access.Forbidden(obj.whole.plural, "change")
    if held[whole_id]:
        raise frozen_because(held[whole_id])


def is_positioned(part: Object) -> bool:
    """Whether the parts of a record stand in an order that a person gives them."""
    field = part.builtin.get(POSITION)
    return field is not None and field.kind.name == "number"


def in_order(part: Object) -> tuple[str, ...]:
    """What the parts of a record are ordered by."""
    return (POSITION, "id") if is_positioned(part) else ("id",)


def place(obj: Object, new: dict[str, Any], given: Collection[str]) -> None:
    """A part whose position is not given comes last; its whole is held."""
    if obj.within and POSITION not in given and is_positioned(obj):
        rows = obj.rows().filter(**{f"{obj.within}_id": new[obj.within]}, deleted_at=None)
        new[POSITION] = (rows.aggregate(last=Max(POSITION))["last"] or 0) + 1


def freezes(obj: Object) -> bool:
    """Whether a record of an object, or the one it is part of, may be frozen."""
    return type(obj).frozen is not Object.frozen or (obj.whole is not None and freezes(obj.whole))


def frozen(actor: Actor, obj: Object, of_each: Mapping[UUID, Mapping[str, Any]]) -> dict[UUID, str]:
    """Why records of these stored values can't be changed any more, by id, for those of which that is so: by their own
    rule, or by that of what they are part of.
    """
    if not freezes(obj):
        return {}
    found = {record_id: words for record_id, held in of_each.items() if (words := obj.frozen(held))}
    if obj.whole is None or not freezes(obj.whole):
        return found
    fields = obj.whole.stored(actor.workspace)
    columns = {column for field in fields.values() for column in field.columns}
    rows = obj.whole.rows().filter(id__in={held[obj.within] for held in of_each.values()}).values("id", *columns)
    by_whole = {row["id"]: obj.whole.frozen({name: field.read(row) for name, field in fields.items()}) for row in rows}
    return {each: words for each, held in of_each.items() if (words := by_whole.get(held[obj.within], ""))} | found


def gone(obj: Object, of_each: Mapping[UUID, Mapping[str, Any]]) -> set[UUID]:
    """Those of these parts whose whole lies in the recycle bin."""
    if obj.whole is None:
        return set()
    ids = {held[obj.within] for held in of_each.values()}
    deleted = set(obj.whole.rows().filter(id__in=ids).exclude(deleted_at=None).values_list("id", flat=True))
    return {each for each, held in of_each.items() if held[obj.within] in deleted}


def why_frozen(actor: Actor, obj: Object, record: Record) -> str:
    """Why one record can't be changed any more, "" where it can."""
    if not freezes(obj):
        return ""
    held = values.of_record(obj, record, obj.stored(actor.workspace))
    return frozen(actor, obj, {record.id: held}).get(record.id, "")


def open_fields(obj: Object, fields: Mapping[str, Any], is_frozen: Any) -> dict[str, Any]:
    """Those of some fields that may be changed of a record, be it frozen."""
    return {name: field for name, field in fields.items() if not is_frozen or name in obj.thaw}


def thawed(actor: Actor, obj: Object, record: Record, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Those of some fields that may be changed of this record."""
    return open_fields(obj, fields, why_frozen(actor, obj, record))


def frozen_because(words: str) -> Refused:
    """The refusal of a write of what is frozen."""
    return Refused([Problem("", "frozen", words)])


def refuse_change(obj: Object, words: str, changed: Collection[str]) -> Problem | None:
    """What is wrong with a change of these fields: the record is frozen (``words`` say why) and they are not all
    thawed, or it would become part of another.
    """
    if words and set(changed) - set(obj.thaw):
        return Problem("", "frozen", words)
    return moves(obj) if obj.within in changed else None


def moves(obj: Object) -> Problem:
    """What is wrong with making a part that of another record."""
    return Problem(obj.within, "read_only", _("This stays what it is part of; write it anew there instead."))


# -- parts go and come back with their whole ------------------------------------------------------------------------


def go_along(actor: Actor, obj: Object, whole_ids: Collection[UUID], at: datetime) -> None:
    """The parts of records that went to the recycle bin at this moment go with them: they bear the same moment."""
    for part in objects.parts_of(obj.plural):
        rows = _parts(part, whole_ids).filter(deleted_at=None)
        by_key: dict[str, list[UUID]] = {}
        for record_id, keys in _keys(actor, part, rows):
            for key in keys:
                by_key.setdefault(key, []).append(record_id)
        went = [record_id for ids in by_key.values() for record_id in ids]
        if went:
            Key.objects.filter(object=part.plural, key__in=by_key, record_id__in=went).delete()
        rows.update(deleted_at=at)


def come_along(actor: Actor, obj: Object, back: Mapping[UUID, datetime]) -> None:
    """The parts that went with restored records come back with them; ``back`` says when each had gone. Raises
    IntegrityError where a unique value is taken meanwhile.
    """
    for part in objects.parts_of(obj.plural):
        mine = Q(pk__in=[])
        for whole_id, at in back.items():
            mine |= Q(**{f"{part.within}_id": whole_id, "deleted_at": at})
        ids = list(part.rows().filter(mine).values_list("id", flat=True))
        rows = part.rows().filter(id__in=ids)
        _follow_merges(actor, part, rows)
        rows.update(deleted_at=None)
        Key.objects.bulk_create(
            Key(object=part.plural, key=key, record_id=record_id)
            for record_id, keys in _keys(actor, part, rows)
            for key in sorted(keys)
        )


def _parts(part: Object, whole_ids: Collection[UUID]) -> QuerySet:
    return part.rows().filter(**{f"{part.within}_id__in": list(whole_ids)})


def _keys(actor: Actor, part: Object, rows: QuerySet) -> list[tuple[UUID, set[str]]]:
    """The look-up keys of some records, by their stored values."""
    fields = part.stored(actor.workspace)
    columns = {column for field in fields.values() for column in field.columns}
    return [
        (row["id"], derived.keys_of(part, fields.values(), {name: f.read(row) for name, f in fields.items()}))
        for row in rows.values("id", *columns)
    ]


def _follow_merges(actor: Actor, part: Object, rows: QuerySet) -> None:
    """What their links point at may have become part of other records meanwhile."""
    fields = part.stored(actor.workspace)
    for record in rows:
        held = values.of_record(part, record, fields)
        if followed := merges.followed(fields.values(), held):
            values.apply(record, fields, followed)
            record.save(update_fields=sorted({column for name in followed for column in fields[name].written}))
