"""Making and changing one record, and the parts it is made with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import access, derived, history, objects, values, wholes
from ..models import Record
from ..objects import Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from ..workspaces.ids import uuid7
from .base import current, lock, save, tell

#: Parts a record may be made with at once.
MOST_PARTS = 500


def create(
    actor: Actor,
    obj: Object,
    given: Mapping[str, Any],
    *,
    record_id: UUID | None = None,
    look: Callable[[Mapping[str, Any]], None] = lambda new: None,
) -> Record:
    """Make a record from JSON or stored values, with the parts it is given by the plural of their object, a list of
    values each; raises Forbidden, Refused. ``look`` is shown the values before anything is written, and may raise.
    """
    access.require(actor, obj, "create")
    own, parts = _parted(obj, given)
    new = values.clean(actor, obj, own, None)
    values.check(actor, obj, new, None)
    look(new)
    with wholes.settling(actor), transaction.atomic():
        wholes.require(actor, obj, new.get(obj.within))
        wholes.place(obj, new, own)
        record = _written(actor, obj, new, record_id or uuid7())
        _add_parts(actor, obj, record.id, parts)
    if parts or obj.within or obj.settles_on:  # it followed them, or what it is part of
        record.refresh_from_db()
    return record


def _written(actor: Actor, obj: Object, new: Mapping[str, Any], record_id: UUID) -> Record:
    """A new record of checked values; raises Refused."""
    fields = obj.stored(actor.workspace)
    record = obj.new(record_id)
    values.verify(actor, obj, record.id, new, None)
    values.apply(record, fields, new)
    record.title = obj.title(new, actor.language)
    record.created_at = record.updated_at = timezone.now()
    save(obj, record, set(), derived.keys_of(obj, fields.values(), new))
    derived.sync_moments(obj, record.id, new, record.created_at)
    changed = values.changes(fields, {}, new)
    tell(actor, obj, "created", record, changed)
    wholes.touch(obj, [new.get(obj.within)])
    return record


def _parted(obj: Object, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[Mapping[str, Any]]]]:
    """What is given of a record itself, and of its parts by the plural of their object; raises Refused."""
    plurals = {part.plural for part in objects.parts_of(obj.plural)}
    parts = {name: value for name, value in given.items() if name in plurals}
    for name, rows in parts.items():
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise Refused([Problem(name, "list", _("Give a list of objects."))])
        if len(rows) > MOST_PARTS:
            raise Refused([Problem(name, "too_many", _("At most %(n)s of them.") % {"n": MOST_PARTS})])
    return {name: value for name, value in given.items() if name not in plurals}, parts


def _add_parts(actor: Actor, obj: Object, whole_id: UUID, given: Mapping[str, list[Mapping[str, Any]]]) -> None:
    """The parts of a record just made, of whoever made it; raises Refused with the problems of all, each named by where
    it stood: ``quote-lines/0/price``.
    """
    problems: list[Problem] = []
    for plural, rows in given.items():
        part = objects.get(plural)
        for number, row in enumerate(rows):
            try:
                new = values.clean(actor, part, {**row, part.within: whole_id}, None)
                values.check(actor, part, new, None)
                wholes.place(part, new, row)
                with transaction.atomic():
                    _written(actor, part, new, uuid7())
            except Refused as refused:
                place = f"{plural}/{number}"
                problems += [replace(p, field=f"{place}/{p.field}" if p.field else place) for p in refused.problems]
    if problems:
        raise Refused(problems)


def update(
    actor: Actor,
    obj: Object,
    record_id: Any,
    given: Mapping[str, Any],
    *,
    version: int | None = None,
    put_back: bool = False,
) -> Record:
    """Change some fields of a record; raises Absent, Forbidden, Refused, and Conflict when ``version`` is not the
    current one. What is ``put_back`` may be a choice that was retired since, and what only actions set.
    """
    with wholes.settling(actor):
        record = _update(actor, obj, current(lock(actor, obj, record_id), obj, version), given, put_back)
    if obj.within or obj.settles_on:  # it follows what it is part of, or its parts
        record.refresh_from_db()
    return record


def _update(actor: Actor, obj: Object, record: Record, given: Mapping[str, Any], put_back: bool) -> Record:
    fields = obj.stored(actor.workspace)
    old = values.of_record(obj, record, fields)
    words = wholes.frozen(actor, obj, {record.id: old}).get(record.id, "")
    try:
        new = old | values.clean(actor, obj, given, old, retired_too=put_back, readonly_too=put_back)
        values.check(actor, obj, new, old)
    except Refused as refused:
        raise wholes.frozen_because(words) if words else refused from None
    changed = values.changes(fields, old, new)
    if not changed:
        return record
    if problem := wholes.refuse_change(obj, words, changed):
        raise Refused([problem])
    wholes.touch(obj, [old.get(obj.within)])
    wholes.touch_changed(obj, record.id, changed)
    return rewrite(actor, obj, record, old, new, changed=changed)


def write(actor: Actor, obj: Object, record: Record, given: Mapping[str, Any], *, verb: str = "updated") -> Record:
    """Write stored values to a locked record, whoever may set them and whether it is frozen: for what follows from an
    action and not from a form. Raises Refused.
    """
    fields = obj.stored(actor.workspace)
    old = values.of_record(obj, record, fields)
    changed = values.changes(fields, old, dict(given))
    if not changed:
        return record
    return rewrite(actor, obj, record, old, {**old, **given}, changed=changed, verb=verb)


def bring_up_to_date(actor: Actor, obj: Object, record: Record, given: Mapping[str, Any]) -> Record:
    """``write`` what follows from a record's parts, for ``Object.settle``: it is never undone by itself."""
    return write(actor, obj, record, given, verb=history.SETTLED)


def rewrite(
    actor: Actor,
    obj: Object,
    record: Record,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    *,
    changed: Mapping[str, tuple[Any, Any]],
    verb: str = "updated",
) -> Record:
    """Write values that were checked to a locked record, whoever may set them; raises Refused."""
    fields = obj.stored(actor.workspace)
    values.verify(actor, obj, record.id, new, old)
    values.apply(record, fields, {name: new[name] for name in changed})
    record.title = obj.title(new, actor.language)
    record.version += 1
    record.updated_at = timezone.now()
    before, after = (derived.keys_of(obj, fields.values(), each) for each in (old, new))
    columns = {column for name in changed for column in fields[name].written}
    save(obj, record, before, after, columns | {"title", "version", "updated_at"})
    derived.sync_moments(obj, record.id, new, record.created_at)
    tell(actor, obj, verb, record, changed)
    return record
