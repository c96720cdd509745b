"""What every write of one record does: lock it, write its row and keys, say what a broken rule means, tell of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import UniqueConstraint
from django.utils.translation import gettext as _

from .. import access, derived, events, history, wholes
from ..models import HistoryEntry, Key, Record
from ..objects import Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor


class Conflict(RuntimeError):
    """The record changed since the caller read it; ``entries`` are the writes in between, oldest first. Nothing was
    changed.
    """

    def __init__(self, obj: Object, record: Record, entries: list[HistoryEntry]) -> None:
        super().__init__(_("Somebody changed this record meanwhile. Nothing was saved."))
        self.object, self.record, self.entries = obj, record, entries


def current(record: Record, obj: Object, version: int | None) -> Record:
    """The record, if it still has the version that the caller read (or they named none); raises Conflict."""
    if version is not None and version != record.version:
        since = HistoryEntry.objects.filter(object=obj.plural, record_id=record.id, version__gt=version)
        raise Conflict(obj, record, list(since.order_by("id")))
    return record


def lock(actor: Actor, obj: Object, record_id: Any, *, deleted: bool = False) -> Record:
    """The record, locked until the transaction ends, after what it is part of; raises Absent where it can't be seen,
    Forbidden where it can't be changed.
    """
    key = access.as_uuid(record_id)
    wholes.hold(actor, obj, wholes.ids_of(obj, [key]))
    obj.guard([key])
    rows = access.visible(actor, obj, "change", deleted=deleted).filter(id=key).defer("search", "title_key")
    record = rows.select_for_update(of=("self",), no_key=True).first()  # others may still point at it
    if record is None:
        access.get(actor, obj, key, deleted=deleted)
        raise access.Forbidden(obj.plural, "change")
    return record


def save(
    obj: Object, record: Record, old_keys: set[str], new_keys: set[str], columns: Iterable[str] | None = None
) -> None:
    """Write a new row, or ``columns`` of one that is there, and its keys; a database rule it breaks becomes a Refused
    in words, and nothing is changed.
    """
    try:
        with transaction.atomic():
            record.save(force_insert=columns is None, update_fields=columns)
            derived.sync_keys(obj, record.id, old_keys, new_keys)
    except IntegrityError as error:
        raise Refused([broken_rule(obj, error, new_keys)]) from error


def broken_rule(obj: Object, error: Exception, keys: Iterable[str] = ()) -> Problem:
    """The words for a constraint of the database that a write broke; ``keys`` are the look-up keys it wanted."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", "") or ""
    if name == "key_unique":
        # PostgreSQL names no values of a table under row-level security, so the taken ones are looked up.
        unique = [key for key in keys if key.startswith("unique:")]
        taken = Key.objects.filter(object=obj.plural, key__in=unique).values_list("key", flat=True).first() or ""
        field_name = taken.removeprefix("unique:").partition(":")[0]
        return Problem(field_name, "unique", _("Another record has this value already; it must be unique."))
    for constraint in obj.model._meta.constraints:
        if constraint.name == name:
            named = [f for f in getattr(constraint, "fields", ()) if f != "workspace"]
            field_name = named[-1] if named else ""
            if isinstance(constraint, UniqueConstraint):
                return Problem(field_name, "unique", _("Another record has this value already; it must be unique."))
            return Problem(field_name, "rule", str(constraint.violation_error_message))
    return Problem("", "rule", _("The database refused this change, since it breaks a rule of the data."))


def tell(actor: Actor, obj: Object, verb: str, record: Record, changed: Mapping[str, tuple[Any, Any]]) -> None:
    """One history row and one event for one write."""
    history.write(actor, obj, verb, [history.Written(record.id, changed, record.version)])
    told = {"about": list(getattr(record, obj.moment.about) or ())[:50]} if obj.moment else {}
    events.emit(actor, f"{obj.plural}.{verb}", fields=changed, object=obj.plural, id=record.id, **told)
