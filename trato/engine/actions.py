"""Every write: access, lock, transaction, history, event. Generic ones here; modules add theirs with ``@action``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import UniqueConstraint
from django.utils import timezone
from django.utils.translation import gettext as _

from . import access, derived, events, history, merges, objects, values, wholes
from .kinds import Invalid, Kind
from .models import HistoryEntry, Key, Record, Share
from .objects import Object
from .values import Problem, Refused
from .workspaces.actors import Actor
from .workspaces.ids import uuid7
from .workspaces.models import Team

__all__ = [
    "MOST_PARTS",
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


#: Parts a record may be made with at once.
MOST_PARTS = 500


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
        record = _written(actor, obj, new, record_id or uuid7())
        _add_parts(actor, obj, record.id, parts)
    if parts:  # it followed them
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
    _save(obj, record, set(), derived.keys_of(obj, fields.values(), new))
    derived.sync_moments(obj, record.id, new, record.created_at)
    changed = values.changes(fields, {}, new)
    _tell(actor, obj, "created", record, changed)
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
    retired_too: bool = False,
) -> Record:
    """Change some fields of a record; raises Absent, Forbidden, Refused, and Conflict when ``version`` is not the
    current one. What is put back may be a choice that was retired since (``retired_too``).
    """
    with wholes.settling(actor):
        return _update(actor, obj, _current(lock(actor, obj, record_id), obj, version), given, retired_too)


def _update(actor: Actor, obj: Object, record: Record, given: Mapping[str, Any], retired_too: bool) -> Record:
    fields = obj.stored(actor.workspace)
    old = values.of_record(obj, record, fields)
    words = wholes.frozen(actor, obj, {record.id: old}).get(record.id, "")
    try:
        new = old | values.clean(actor, obj, given, old, retired_too=retired_too)
        values.check(actor, obj, new, old)
    except Refused as refused:
        raise wholes.frozen_because(words) if words else refused from None
    changed = values.changes(fields, old, new)
    if not changed:
        return record
    if problem := wholes.refuse_change(obj, words, changed):
        raise Refused([problem])
    wholes.touch(obj, [old.get(obj.within)])
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
    """Put a record into the recycle bin, with its parts; it disappears everywhere and can be restored.

    Raises Forbidden, Absent, Refused where it is frozen, and Conflict as ``update`` does.
    """
    access.require(actor, obj, "delete")
    with wholes.settling(actor):
        record = _current(lock(actor, obj, record_id), obj, version)
        fields = obj.stored(actor.workspace)
        held = values.of_record(obj, record, fields)
        if words := wholes.frozen(actor, obj, {record.id: held}).get(record.id):
            raise wholes.frozen_because(words)
        record.deleted_at = timezone.now()
        record.version += 1
        record.save(update_fields=["deleted_at", "version"])
        derived.forget(obj, record.id, derived.keys_of(obj, fields.values(), held))
        wholes.go_along(actor, obj, [record.id], record.deleted_at)
        _tell(actor, obj, "deleted", record, {})
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
    _save(obj, record, set(), derived.keys_of(obj, fields.values(), current), columns | {"deleted_at", "version"})
    derived.sync_moments(obj, record.id, current, record.created_at)
    if obj.moment:
        derived.bring_pins_back(obj, [record.id])
    _tell(actor, obj, "restored", record, changed)
    with _words_for_rules(objects.parts_of(obj.plural)):
        wholes.come_along(actor, obj, {record.id: went} if went else {})
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
    if obj.within:
        raise Refused([Problem("", "whole", _("Share the record that this is part of."))])
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
    """The record, locked until the transaction ends, after what it is part of; raises Absent where it can't be seen,
    Forbidden where it can't be changed.
    """
    key = access.as_uuid(record_id)
    wholes.hold(actor, obj, wholes.ids_of(obj, [key]))
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
    with transaction.atomic(), history.batch(name), wholes.settling(actor):
        return of(obj.plural)[name].function(actor, record, **cleaned)
