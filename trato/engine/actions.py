"""Every write: access, lock, transaction, history, event. Generic ones here; modules add theirs with ``@action``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import UniqueConstraint
from django.utils import timezone
from django.utils.translation import gettext as _

from . import access, derived, events, history, merges, values
from .kinds import Invalid, Kind
from .models import HistoryEntry, Key, Record, Share
from .objects import Object
from .values import Problem, Refused
from .workspaces.actors import Actor
from .workspaces.ids import uuid7
from .workspaces.models import Team

__all__ = [
    "Action",
    "Conflict",
    "Problem",
    "Refused",
    "action",
    "create",
    "delete",
    "of",
    "restore",
    "run",
    "share",
    "update",
]


class Conflict(RuntimeError):
    """The record changed since the caller read it; ``entries`` are the writes in between, oldest first. Nothing was
    changed.
    """

    def __init__(self, obj: Object, record: Record, entries: list[HistoryEntry]) -> None:
        super().__init__(_("Somebody changed this record meanwhile. Nothing was saved."))
        self.object, self.record, self.entries = obj, record, entries


def create(
    actor: Actor,
    obj: Object,
    given: Mapping[str, Any],
    *,
    record_id: UUID | None = None,
    look: Callable[[Mapping[str, Any]], None] = lambda new: None,
) -> Record:
    """Make a record from JSON or stored values; raises Forbidden, Refused. ``look`` is shown the values before anything
    is written, and may raise.
    """
    access.require(actor, obj, "create")
    new = values.clean(actor, obj, given, None)
    values.check(actor, obj, new, None)
    look(new)
    fields = obj.stored(actor.workspace)
    record = obj.new(record_id or uuid7())
    values.verify(actor, obj, record.id, new, None)
    values.apply(record, fields, new)
    record.title = obj.title(new, actor.language)
    record.created_at = record.updated_at = timezone.now()
    _save(obj, record, set(), derived.keys_of(obj, fields.values(), new))
    derived.sync_moments(obj, record.id, new, record.created_at)
    changed = values.changes(fields, {}, new)
    _tell(actor, obj, "created", record, changed)
    return record


def update(
    actor: Actor,
    obj: Object,
    record_id: Any,
    given: Mapping[str, Any],
    *,
    version: int | None = None,
    retired_too: bool = False,
) -> Record:
    """Change some fields of a record; raises Absent, Forbidden, Refused, and Conflict when ``version`` is not the
    current one. What is put back may be a choice that was retired since (``retired_too``).
    """
    record = _current(lock(actor, obj, record_id), obj, version)
    fields = obj.stored(actor.workspace)
    old = values.of_record(obj, record, fields)
    given_clean = values.clean(actor, obj, given, old, retired_too=retired_too)
    new = old | given_clean
    values.check(actor, obj, new, old)
    changed = values.changes(fields, old, new)
    if not changed:
        return record
    return rewrite(actor, obj, record, old, new, changed=changed)


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
    _save(obj, record, before, after, columns | {"title", "version", "updated_at"})
    derived.sync_moments(obj, record.id, new, record.created_at)
    _tell(actor, obj, verb, record, changed)
    return record


def _current(record: Record, obj: Object, version: int | None) -> Record:
    """The record, if it still has the version that the caller read (or they named none); raises Conflict."""
    if version is not None and version != record.version:
        since = HistoryEntry.objects.filter(object=obj.plural, record_id=record.id, version__gt=version)
        raise Conflict(obj, record, list(since.order_by("id")))
    return record


def delete(actor: Actor, obj: Object, record_id: Any, *, version: int | None = None) -> Record:
    """Put a record into the recycle bin; it disappears everywhere and can be restored.

    Raises Forbidden, Absent, and Conflict as ``update`` does.
    """
    access.require(actor, obj, "delete")
    record = _current(lock(actor, obj, record_id), obj, version)
    record.deleted_at = timezone.now()
    record.version += 1
    record.save(update_fields=["deleted_at", "version"])
    fields = obj.stored(actor.workspace)
    derived.forget(obj, record.id, derived.keys_of(obj, fields.values(), values.of_record(obj, record, fields)))
    _tell(actor, obj, "deleted", record, {})
    return record


def restore(actor: Actor, obj: Object, record_id: Any) -> Record:
    """Bring a record back from the recycle bin; raises Forbidden, Absent, and Refused where a unique value is taken
    meanwhile, or the record is part of another.
    """
    access.require(actor, obj, "delete")
    record = lock(actor, obj, record_id, deleted=True)
    if merges.of_loser(obj.plural, record.id):
        words = _("This record was merged into another; undo the merge to bring it back.")
        raise Refused([Problem("", "merged", words)])
    record.deleted_at = None
    record.version += 1
    fields = obj.stored(actor.workspace)
    held = values.of_record(obj, record, fields)
    current = held | merges.followed(fields.values(), held)
    changed = values.changes(fields, held, current)
    values.apply(record, fields, {name: current[name] for name in changed})
    columns = {column for name in changed for column in fields[name].written}
    _save(obj, record, set(), derived.keys_of(obj, fields.values(), current), columns | {"deleted_at", "version"})
    derived.sync_moments(obj, record.id, current, record.created_at)
    if obj.moment:
        derived.bring_pins_back(obj, [record.id])
    _tell(actor, obj, "restored", record, changed)
    return record


def share(
    actor: Actor, obj: Object, record_id: Any, *, user: Any = None, team: Any = None, can_change: bool = False
) -> None:
    """Show a record the actor may change to one person or one team too; raises Absent, Forbidden, Refused."""
    record = lock(actor, obj, record_id)
    try:
        person = access.members(actor).filter(id=access.as_uuid(user)).first() if user else None
        group = Team.objects.filter(id=access.as_uuid(team)).first() if team else None
    except access.Absent:
        person = group = None
    if (person is None) == (group is None):
        raise Refused([Problem("user", "absent", _("Choose one member or one team."))])
    Share.objects.update_or_create(
        object=obj.plural, record_id=record.id, user=person, team=group, defaults={"can_change": can_change}
    )
    _tell(actor, obj, "shared", record, {"shared": (None, str(person or group))})


def unshare(actor: Actor, obj: Object, record_id: Any, share_id: Any) -> None:
    """Take a share back; raises Absent, Forbidden."""
    record = lock(actor, obj, record_id)
    found = Share.objects.filter(id=access.as_uuid(share_id), object=obj.plural, record_id=record.id).first()
    if found is None:
        raise access.Absent(str(share_id))
    _tell(actor, obj, "unshared", record, {"shared": (str(found.user or found.team), None)})
    found.delete()


def lock(actor: Actor, obj: Object, record_id: Any, *, deleted: bool = False) -> Record:
    """The record, locked until the transaction ends; raises Absent where it can't be seen, Forbidden where it can't be
    changed.
    """
    key = access.as_uuid(record_id)
    rows = access.visible(actor, obj, "change", deleted=deleted).filter(id=key).defer("search", "title_key")
    record = rows.select_for_update(of=("self",), no_key=True).first()  # others may still point at it
    if record is None:
        access.get(actor, obj, key, deleted=deleted)
        raise access.Forbidden(obj.plural, "change")
    return record


def _save(
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


def _tell(actor: Actor, obj: Object, verb: str, record: Record, changed: Mapping[str, tuple[Any, Any]]) -> None:
    """One history row and one event for one write."""
    history.write(actor, obj, verb, [history.Written(record.id, changed, record.version)])
    told = {"about": list(getattr(record, obj.moment.about) or ())[:50]} if obj.moment else {}
    events.emit(actor, f"{obj.plural}.{verb}", fields=changed, object=obj.plural, id=record.id, **told)


@dataclass(frozen=True)
class Action:
    """A write with a name of its own: a button, a bulk action, an endpoint and an automation step at once."""

    name: str
    plural: str
    label: Any
    function: Callable[..., Any]
    parameters: Mapping[str, Kind]
    icon: str = "bolt"
    undo: str = ""
    applies: Callable[[Record], bool] = field(default=lambda record: True)
    prominent: bool = False


_actions: dict[str, dict[str, Action]] = {}


def action(
    plural: str,
    *,
    label: Any,
    undo: str,
    icon: str = "bolt",
    applies: Callable[[Record], bool] | None = None,
    prominent: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator of ``function(actor, record, *, parameter: kind)``: keyword-only parameters whose annotations are
    kinds.

    ``undo`` says in words how it is undone, or that it can't be. ``applies`` tells for which records the button is
    shown; a ``prominent`` one stands in the record's head, the others in its menu.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        annotations = inspect.get_annotations(function, eval_str=True)
        kinds = {name: kind for name, kind in annotations.items() if isinstance(kind, Kind)}
        known = Action(
            function.__name__, plural, label, function, kinds, icon, undo, applies or (lambda record: True), prominent
        )
        _actions.setdefault(plural, {})[known.name] = known
        return function

    return decorate


def all_actions() -> list[Action]:
    """Every registered action."""
    return [known for named in _actions.values() for known in named.values()]


def of(plural: str) -> dict[str, Action]:
    """The actions of an object by name (create, update, delete and restore are everybody's and not listed)."""
    return _actions.get(plural, {})


def parameters(actor: Actor, obj: Object, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The stored values of an action's parameters; raises Refused, and Absent where there is no such action."""
    known = of(obj.plural).get(name)
    if known is None:
        raise access.Absent(name[:80])
    reader = access.reader(actor)
    cleaned, problems = {}, []
    for unknown in set(given) - set(known.parameters):
        problems.append(Problem(str(unknown)[:80], "unknown", _("There is no such field.")))
    for parameter, kind in known.parameters.items():
        try:
            cleaned[parameter] = kind.clean(given.get(parameter), reader)
        except Invalid as problem:
            problems.append(Problem(parameter, problem.code, str(problem)))
    if problems:
        raise Refused(problems)
    return cleaned


def run(actor: Actor, obj: Object, name: str, record_id: Any, given: Mapping[str, Any]) -> Any:
    """Run an action on one record as one batch of history; raises Absent, Forbidden, Refused."""
    cleaned = parameters(actor, obj, name, given)
    record = lock(actor, obj, record_id)
    with transaction.atomic(), history.batch(name):
        return of(obj.plural)[name].function(actor, record, **cleaned)
