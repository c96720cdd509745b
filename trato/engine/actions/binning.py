"""Into the recycle bin and out of it, with what is part of a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import access, derived, merges, objects, values, wholes
from ..models import Record
from ..objects import Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from .base import broken_rule, current, lock, save, tell


def delete(
    actor: Actor, obj: Object, record_id: Any, *, version: int | None = None, frozen_too: bool = False
) -> Record:
    """Put a record into the recycle bin, with its parts; it disappears everywhere and can be restored.

    Raises Forbidden, Absent, Refused where it is frozen (but not with ``frozen_too``, for what was never meant in
    earnest: samples), and Conflict as ``update`` does.
    """
    access.require(actor, obj, "delete")
    with wholes.settling(actor):
        record = current(lock(actor, obj, record_id), obj, version)
        fields = obj.stored(actor.workspace)
        held = values.of_record(obj, record, fields)
        if not frozen_too and (words := wholes.frozen(actor, obj, {record.id: held}).get(record.id)):
            raise wholes.frozen_because(words)
        record.deleted_at = timezone.now()
        record.version += 1
        record.save(update_fields=["deleted_at", "version"])
        derived.forget(obj, record.id, derived.keys_of(obj, fields.values(), held))
        wholes.go_along(actor, obj, [record.id], record.deleted_at)
        tell(actor, obj, "deleted", record, {})
        wholes.touch(obj, [held.get(obj.within)])
    return record


def restore(actor: Actor, obj: Object, record_id: Any) -> Record:
    """Bring a record back from the recycle bin, with the parts that went with it; raises Forbidden, Absent, and Refused
    where a unique value is taken meanwhile, the record became part of another, or what it is a part of is deleted or
    frozen.
    """
    access.require(actor, obj, "delete")
    with wholes.settling(actor):
        return _restored(actor, obj, lock(actor, obj, record_id, deleted=True))


def _restored(actor: Actor, obj: Object, record: Record) -> Record:
    if merges.of_loser(obj.plural, record.id):
        words = _("This record was merged into another; undo the merge to bring it back.")
        raise Refused([Problem("", "merged", words)])
    went = record.deleted_at
    record.deleted_at = None
    record.version += 1
    fields = obj.stored(actor.workspace)
    held = values.of_record(obj, record, fields)
    if wholes.gone(obj, {record.id: held}):
        raise Refused([Problem("", "whole", str(wholes.GONE))])
    wholes.require(actor, obj, held.get(obj.within))
    current = held | merges.followed(fields.values(), held)
    changed = values.changes(fields, held, current)
    values.apply(record, fields, {name: current[name] for name in changed})
    columns = {column for name in changed for column in fields[name].written}
    save(obj, record, set(), derived.keys_of(obj, fields.values(), current), columns | {"deleted_at", "version"})
    derived.sync_moments(obj, record.id, current, record.created_at)
    if obj.moment:
        derived.bring_pins_back(obj, [record.id])
    with _words_for_rules(objects.parts_of(obj.plural)):
        wholes.come_along(actor, obj, {record.id: went} if went else {})
    tell(actor, obj, "restored", record, changed)
    wholes.touch(obj, [held.get(obj.within)])
    return record


@contextmanager
def _words_for_rules(parts: Iterable[Object]) -> Iterator[None]:
    """A database rule that parts break is a Refused in words."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Refused([broken_rule(next(iter(parts)), error)]) from error
