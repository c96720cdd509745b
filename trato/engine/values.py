"""From what a caller says to what is stored: known fields, kinds, rights, link targets, whole-record rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Func, TextField, Value
from django.utils.translation import gettext as _

from . import access, conditions, derived, filters, gates, objects, slots
from .kinds import Invalid, Unresolved
from .models import Key, Record, StoredFile
from .objects import Field, Object
from .workspaces.actors import Actor


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one value: the field's name ("" for the record as a whole), a code, and
    words for a person.
    """

    field: str
    code: str
    message: str


class Refused(ValueError):
    """A write that was not done: nothing was changed, and every problem is listed."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(f"{p.field}: {p.message}" if p.field else p.message for p in self.problems))


def flatten(values: Mapping[str, Any]) -> dict[str, Any]:
    """``{"custom": {"x": 1}}`` as ``{"custom.x": 1}``; raises Refused where ``custom`` is no object."""
    flat = {name: value for name, value in values.items() if name != "custom"}
    custom = values.get("custom", {})
    if not isinstance(custom, Mapping):
        raise Refused([Problem("custom", "object", _("Give the custom fields as an object of names and values."))])
    return flat | {f"custom.{name}": value for name, value in custom.items()}


def clean(
    actor: Actor,
    obj: Object,
    values: Mapping[str, Any],
    old: Mapping[str, Any] | None,
    *,
    retired_too: bool = False,
    readonly_too: bool = False,
    linked: bool = True,
) -> dict[str, Any]:
    """Stored values of what a caller gave, by field name; ``old`` holds the record's values on update, None on create.

    Choices that are offered no longer are taken only from a record that holds them, or where they are ``retired_too``.
    What only actions set is taken where that is ``readonly_too``. Where not ``linked``, links are taken as they are:
    the caller looks those of many records up at once.
    Raises Refused with every problem found. Fields the actor may not see are unknown to them; so are links to records
    they may not see.
    """
    reader = access.reader(actor)
    known, writable = access.fields(actor, obj), access.writable(actor, obj, readonly_too=readonly_too)
    cleaned, problems = {}, []
    for name, value in flatten(values).items():
        field = known.get(name)
        if field is None:
            problems.append(Problem(str(name)[:80], "unknown", _("There is no such field.")))
            continue
        if name not in writable:
            problems.append(Problem(name, "read_only", _("This field can't be changed here.")))
            continue
        try:
            cleaned[name] = field.kind.clean(value, reader)
            if not retired_too:
                offered(field, cleaned[name], (old or {}).get(name))
        except Invalid as problem:
            problems.append(Problem(name, problem.code, str(problem)))
    problems += _resolve(actor, known, cleaned, old or {}) if linked else []
    problems += stored_files(actor, known, cleaned, old or {})
    if old is None:
        _fill(obj, actor, cleaned, problems)
    if problems:
        raise Refused(problems)
    return cleaned


def retired(field: Field) -> frozenset[str]:
    """The choices of a field that are offered no longer, though records may hold them."""
    offer = getattr(field.kind, "offer", None)
    return offer.retired if offer else frozenset()


def offered(field: Field, value: Any, before: Any) -> None:
    """Raise Invalid for a choice that is offered no longer, unless the record holds it already."""
    left_out = retired(field)
    if not left_out or not value:
        return
    held = {*before} if isinstance(before, list) else {before}
    if late := left_out.intersection(value if isinstance(value, list) else [value]) - held:
        words = _("“%(choice)s” is offered no longer; choose another.")
        label = field.kind.offer.label  # type: ignore[attr-defined]
        raise Invalid("retired", words % {"choice": ", ".join(sorted(map(label, late)))})


def _fill(obj: Object, actor: Actor, cleaned: dict[str, Any], problems: list[Problem]) -> None:
    """Defaults of a new record, and the fields it can't do without."""
    named = {problem.field for problem in problems}
    for name, field in obj.fields(actor.workspace).items():
        if name in cleaned or name in named or field.readonly:
            continue
        if name == "owner":
            cleaned[name] = actor.user_id
        elif (initial := field.initial(actor)) not in (None, "", [], {}):
            cleaned[name] = initial
        elif field.required:
            problems.append(Problem(name, "required", _("Fill in this field.")))
        else:
            cleaned[name] = [] if field.kind.many else field.kind.empty


def _resolve(
    actor: Actor, known: Mapping[str, Field], cleaned: dict[str, Any], old: Mapping[str, Any]
) -> list[Problem]:
    """Replace names by the records they stand for, and check that every new target is there for the actor.

    A link that was there to something the actor can't see (any more) stays: they can neither see it nor take it away.
    """
    problems: list[Problem] = []
    wanted: dict[str, list[str]] = {}
    before: dict[str, list[str]] = {}
    for name, value in cleaned.items():
        kind = known[name].kind
        if not hasattr(kind, "refs"):
            continue
        try:
            cleaned[name] = by_title(actor, kind, value)
        except Invalid as problem:
            problems.append(Problem(name, problem.code, str(problem)))
            continue
        before[name] = kind.refs(old.get(name, kind.empty))
        for ref in kind.refs(cleaned[name]):
            wanted.setdefault(ref, []).append(name)
    asked = wanted.keys() | {ref for refs in before.values() for ref in refs}
    if asked:
        found = access.titles(actor, asked)
        missing = {
            name for ref, names in wanted.items() if ref not in found for name in names if ref not in before[name]
        }
        for name, refs in before.items():
            if unseen := [ref for ref in refs if ref not in found]:
                cleaned[name] = kept(known[name].kind, cleaned[name], old[name], unseen)
        problems += [
            Problem(name, "absent", _("There is no such record, or you may not see it.")) for name in sorted(missing)
        ]
    return problems


def kept(kind: Any, value: Any, before: Any, unseen: list[str]) -> Any:
    """A link's new value with what it held and the actor can't see."""
    if kind.many:
        return [*value, *(ref for ref in unseen if ref not in value)]
    return before if kind.is_empty(value) else value


def stored_files(
    actor: Actor, known: Mapping[str, Field], cleaned: dict[str, Any], old: Mapping[str, Any]
) -> list[Problem]:
    """A file is one the actor uploaded, or the one that was there; its name, size and type are the store's, not the
    caller's.
    """
    problems = []
    for name, value in cleaned.items():
        if known[name].kind.name != "file" or not value or value == old.get(name):
            continue
        stored = StoredFile.objects.filter(id=value["id"], uploaded_by_id=actor.user_id).first()
        if stored is None:
            problems.append(Problem(name, "absent", _("There is no such file.")))
        else:
            cleaned[name] = {"id": str(stored.id), "name": stored.name, "size": stored.size, "type": stored.type}
    return problems


def by_title(actor: Actor, kind: Any, value: Any) -> Any:
    """A link given by name becomes the one visible record of that name."""
    if isinstance(value, Unresolved):
        return kind.point(find_by_title(actor, kind, value.text))
    if isinstance(value, list) and any(isinstance(item, Unresolved) for item in value):
        return [find_by_title(actor, kind, item.text) if isinstance(item, Unresolved) else item for item in value]
    return value


def find_by_title(actor: Actor, kind: Any, text: str) -> str:
    """The ref of the one visible record (or member) that is called exactly this, or else reached by it (such as a
    product by its code); raises Invalid for none or several.
    """
    text = text.strip()
    places = kind.to or [obj.plural for obj in objects.all_objects()]
    found = [f"{plural}/{record_id}" for plural in places for record_id in _called(actor, plural, text)]
    found = found or [f"{plural}/{record_id}" for plural in places for record_id in _reached(actor, plural, text)]
    if len(found) != 1:
        words = (
            _("Nothing is called “%(text)s”.") if not found else _("Several records are called “%(text)s”; choose one.")
        )
        raise Invalid("unresolved", words % {"text": text[:80]})
    return found[0]


def _called(actor: Actor, plural: str, text: str) -> list[UUID]:
    """The ids of at most two visible records, or all members, of this name."""
    if plural == "users":
        return [p.id for p in access.members(actor) if text.casefold() in (p.name.casefold(), p.email)]
    # The folded title has an index; the title itself has none.
    folded = Func(Value(text), function="trato_title_key", output_field=TextField())
    rows = access.visible(actor, objects.get(plural)).filter(title_key=folded, title=text)
    return list(rows.values_list("id", flat=True)[:2])


def _reached(actor: Actor, plural: str, text: str) -> list[UUID]:
    """The ids of at most two visible records that have this as one of their duplicate keys."""
    if plural == "users" or not text:
        return []
    obj = objects.get(plural)
    keys = derived.reached_by(obj, access.fields(actor, obj), text, access.reader(actor))
    if not keys:
        return []
    ids = Key.objects.filter(object=plural, key__in=keys).values("record_id")
    return list(access.visible(actor, obj).filter(id__in=ids).values_list("id", flat=True)[:2])


def check(actor: Actor, obj: Object, values: dict[str, Any], old: Mapping[str, Any] | None) -> None:
    """The object's own rules over the whole record, and what the workspace asks where a value is taken; raises
    Refused.
    """
    obj.prepare(values, old)
    problems = [Problem(name, "rule", str(message)) for name, message in obj.check(values, old).items()]
    problems += [
        Problem(name, "required", _("This is needed here. Fill it in.")) for name in gates.missing(obj, values, old)
    ]
    fields = obj.stored(actor.workspace)
    ruled = conditions.wrong(fields, values, old, access.reader(actor)) if conditions.ruled(fields) else {}
    problems += [Problem(name, "condition", message) for name, message in ruled.items()]
    if problems:
        raise Refused(problems)


def verify(
    actor: Actor,
    obj: Object,
    record_id: UUID,
    values: Mapping[str, Any],
    old: Mapping[str, Any] | None,
    *,
    pending: Callable[[UUID], Mapping[str, Any] | None] = lambda record_id: None,
) -> None:
    """The object's rules that need a look at other records, and filters that must be there to be asked; raises
    Refused.
    """
    wrong = {**_bad_filters(actor, obj, values, old), **obj.verify(actor, record_id, values, old, pending)}
    if wrong:
        raise Refused(Problem(name, "rule", str(message)) for name, message in wrong.items())


def _bad_filters(actor: Actor, obj: Object, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
    """What is wrong with the filters a record holds, by field. One that stays as it was is left alone: it may ask for
    what the actor doesn't see, or for what is gone meanwhile.
    """
    wrong = {}
    for name, kind in obj.filtering.items():
        tree, about = values.get(name), kind.objects(values)
        if not tree or (old and old.get(name) == tree and kind.objects(old) == about):
            continue
        try:
            for plural in about:
                filters.condition(actor, objects.get(plural), tree)
        except filters.BadFilter as problem:
            wrong[name] = str(problem)
    return wrong


def of_record(obj: Object, record: Record, fields: Mapping[str, Field]) -> dict[str, Any]:
    """All stored values of a record by field name."""
    return {name: field.read_from(record) for name, field in fields.items()}


def apply(record: Record, fields: Mapping[str, Field], values: Mapping[str, Any]) -> None:
    """Put stored values into the columns of a record."""
    for name, value in values.items():
        field = fields[name]
        if field.custom:
            record.custom = {key: old for key, old in record.custom.items() if key != field.key}
            if not field.kind.is_empty(value):
                record.custom[field.key] = field.kind.dump(value)
            if slot := field.slot:
                array = slot.put(getattr(record, slot.column), slots.copy(field.kind, value))
                setattr(record, slot.column, array)
            continue
        for column, part in zip(field.columns, field.kind.split(value), strict=True):
            setattr(record, column, part)


def changes(fields: Mapping[str, Field], old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What differs, as JSON: field name -> (old, new)."""
    pairs = {}
    for name, value in new.items():
        kind = fields[name].kind
        before, after = kind.dump(old.get(name, kind.empty)), kind.dump(value)
        if before != after and not (kind.is_empty(old.get(name)) and kind.is_empty(value)):
            pairs[name] = (before, after)
    return pairs
