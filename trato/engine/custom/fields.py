"""Fields an administrator adds: an overlay over the objects, on every surface from the moment it is saved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import access, expressions, jobs, objects, slots
from ..fields import RELATIVE, custom_field
from ..kinds import KINDS, Formula, Invalid, Kind, make
from ..models import CustomField
from ..objects import Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from .shaping import FIELDS, alone, decided, differing
from .uniqueness import begin, make_common, make_unique, needs_job

NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
MOST_FIELDS = 300
CHANGEABLE = ("label", "help", "options", "required", "default", "position")


def add(actor: Actor, obj: Object, given: Mapping[str, Any]) -> CustomField:
    """Add a field from name, label, kind, options, required, unique, default, help; raises Refused,
    NotAdministrator.
    """
    alone(actor)
    problems = []
    name = str(given.get("name") or "")
    if not NAME.fullmatch(name):
        problems.append(Problem("name", "name", _("A name is small letters, digits and _, and begins with a letter.")))
    if not str(given.get("label") or "").strip():
        problems.append(Problem("label", "required", _("Fill in this field.")))
    if not isinstance(given.get("kind"), str) or given["kind"] not in KINDS:
        problems.append(Problem("kind", "kind", _("Choose a kind.")))
    if CustomField.objects.filter(object=obj.plural).count() >= MOST_FIELDS:
        problems.append(
            Problem("", "too_many", _("An object has at most %(n)s fields of its own.") % {"n": MOST_FIELDS})
        )
    if problems:
        raise Refused(problems)
    last = CustomField.objects.filter(object=obj.plural).aggregate(last=Max("position"))["last"] or 0
    row = CustomField(
        object=obj.plural, name=name, kind=given["kind"], unique=bool(given.get("unique")), position=last + 1
    )
    _assign(actor, obj, row, given)
    slot = slots.free(_kind(row), CustomField.objects.filter(object=obj.plural).values_list("slot", flat=True))
    row.slot = str(slot) if slot else None
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Refused(
            [Problem("name", "unique", _("There is a field of that name already, or there was one."))]
        ) from None
    decided(actor, FIELDS, row.id, "created", {"name": (None, f"{obj.plural}.{row.name}"), "kind": (None, row.kind)})
    if slot and not is_indexed(obj, slot):
        words = _("Lists in the order of “%(field)s”") % {"field": row.label}
        jobs.enqueue(actor, "index field", words, object=obj.plural, name=row.name)
    return row


def is_indexed(obj: Object, slot: slots.Slot) -> bool:
    """Whether the index of a slot is there: the first field in its place had it made, in whichever workspace."""
    with connection.cursor() as cursor:
        name = f"{obj.model._meta.db_table[:40]}_{slot.column}_{slot.place}"
        cursor.execute("SELECT to_regclass(quote_ident(%s)) IS NOT NULL", [name])
        return bool(cursor.fetchone()[0])


def change(actor: Actor, obj: Object, name: str, given: Mapping[str, Any]) -> CustomField:
    """Change what may be changed of a field without touching its values. One with values that several records share
    can't become unique (NotUnique); of very many records a job sees to it. Raises Refused, Absent, NotAdministrator.
    """
    alone(actor)
    row = CustomField.objects.filter(object=obj.plural, name=name).first()
    if row is None:
        raise access.Absent(name)
    before = 0 if row.kind == "formula" else getattr(_kind(row), "digits", 0)
    known = {key: getattr(row, key) for key in (*CHANGEABLE, "unique")}
    _assign(actor, obj, row, {key: given.get(key, getattr(row, key)) for key in CHANGEABLE})
    if getattr(_kind(row), "digits", 0) < before:
        words = _("There may be values with %(n)s digits, which would lose some: only more can be chosen.")
        raise Refused([Problem("options", "digits", words % {"n": before})])
    row.unique = bool(given.get("unique", row.unique)) and row.kind != "formula"
    with transaction.atomic():
        if row.unique and not known["unique"] and needs_job(obj, custom_field(row)):
            row.unique = False
            begin(actor, obj, custom_field(row))
        row.save()
        if row.unique != known["unique"]:
            (make_unique if row.unique else make_common)(obj, custom_field(row))
    decided(actor, FIELDS, row.id, "updated", differing(known, row))
    return row


def archive(actor: Actor, obj: Object, name: str, *, archived: bool = True) -> None:
    """Take a field off every surface, or bring it back; its values are kept. Raises Absent, NotAdministrator."""
    alone(actor)
    row = CustomField.objects.filter(object=obj.plural, name=name).first()
    if row is None:
        raise access.Absent(name)
    if archived:
        _unused(actor, obj, name)
    row.archived_at = timezone.now() if archived else None
    row.save(update_fields=["archived_at"])
    decided(actor, FIELDS, row.id, "archived" if archived else "restored")


def _unused(actor: Actor, obj: Object, name: str) -> None:
    """Raise Refused where formulas need the field, naming them."""
    users = expressions.users_of(actor, obj.plural, f"custom.{name}")
    if users:
        named = ", ".join(f"{known.label} ({other.label_plural})" for other, known in users)
        words = _("These formulas need the field: %(names)s. Change or archive them first. Nothing was archived.")
        raise Refused([Problem("", "used", words % {"names": named})])


def _assign(actor: Actor, obj: Object, row: CustomField, given: Mapping[str, Any]) -> None:
    """Put checked settings into the row; the kind itself judges its options and the default."""
    row.label = str(given.get("label") or "").strip()[:100]
    row.help = str(given.get("help") or "").strip()[:300]
    row.options = given.get("options") or {}
    row.required = bool(given.get("required"))
    position = given.get("position", row.position)
    if type(position) is not int or not 0 <= position < 2**31:
        raise Refused([Problem("position", "number", _("A position is a whole number."))])
    row.position = position
    kind = _kind(row)
    if isinstance(kind, Formula):
        _judge(actor, obj, row, kind)
        return
    default = given.get("default")
    if isinstance(default, Mapping) and "relative" in default:
        row.default = _relative(row.kind, default)
        return
    try:
        row.default = None if default in (None, "", []) else kind.dump(kind.clean(default, access.reader(actor)))
    except Invalid as problem:
        raise Refused([Problem("default", problem.code, str(problem))]) from None


def _relative(kind: str, given: Mapping[str, Any]) -> dict[str, str]:
    """A default such as ``{"relative": "today"}``, checked; raises Refused."""
    word = given["relative"]
    if len(given) > 1 or not isinstance(word, str) or RELATIVE.get(word, ("",))[0] != kind:
        offered = ", ".join(name for name, (fits, _value) in RELATIVE.items() if fits == kind) or "…"
        raise Refused(
            [Problem("default", "relative", _("A relative default here is: %(words)s.") % {"words": offered})]
        )
    return {"relative": word}


def _judge(actor: Actor, obj: Object, row: CustomField, kind: Formula) -> None:
    """Check a formula and keep what it comes to; raises Refused. Nothing is asked of its values: none is written."""
    try:
        found = expressions.judge(actor, obj, row.name, kind.expression)
    except expressions.BadExpression as problem:
        raise Refused([Problem("options", "formula", str(problem))]) from None
    result = expressions.result_of(found)
    digits = expressions.digits_of(found) if kind.digits is None else kind.digits
    row.options = {"expression": kind.expression, "digits": digits, "result": result}
    row.required = row.unique = False
    row.default = None


def _kind(row: CustomField) -> Kind:
    """The kind of a field with its options, checked; raises Refused."""
    if not isinstance(row.options, Mapping):
        raise Refused([Problem("options", "object", _("Give the options as an object of names and values."))])
    try:
        kind = make(row.kind, {**row.options, "required": False})
        for plural in kind.to:
            if plural != "users":
                objects.get(plural)
    except Invalid as problem:
        raise Refused([Problem("options", problem.code, str(problem))]) from None
    except objects.UnknownObject as unknown:
        words = _("There is no object “%(name)s” to link to.") % {"name": str(unknown.args[0])[:80]}
        raise Refused([Problem("options", "object", words)]) from None
    return kind


def listed(actor: Actor, obj: Object, *, archived: bool = False) -> list[CustomField]:
    """The workspace's own fields of an object, in order."""
    rows = CustomField.objects.filter(object=obj.plural, archived_at__isnull=not archived)
    return list(rows.order_by("position", "id"))
