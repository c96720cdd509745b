"""What administrators decide about a field that is there: its words and choices, and when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from .. import access, conditions
from ..decisions import require
from ..fields import Field
from ..kinds import Bool, Invalid, Reader, Text
from ..kinds.options import Option
from ..objects import Object
from ..overlays import FieldOverlay
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from .shaping import alone, decided

OVERLAYS = "field-overlays"
#: What an overlay may say of any field, and of built-in ones besides: fields of one's own say that themselves.
CONDITIONS = ("visible_when", "required_when")
WORDS = ("label", "help", "required", "hidden", "choices")
NOTHING: Mapping[str, Any] = {
    "label": "",
    "help": "",
    "required": False,
    "hidden": False,
    "choices": [],
    "visible_when": None,
    "required_when": None,
}
TEXTS = {"label": Text(max_length=100), "help": Text(max_length=300)}


def overlay_of(obj: Object, name: str) -> dict[str, Any]:
    """What the workspace says of a field beyond its declaration."""
    row = FieldOverlay.objects.filter(object=obj.plural, field=name).first()
    return {key: getattr(row, key) for key in NOTHING} if row else dict(NOTHING)


def set_overlay(actor: Actor, obj: Object, name: str, given: Mapping[str, Any]) -> None:
    """Say something of a field, all else staying as it is said; what says nothing is taken away. Raises Absent,
    NotAdministrator, and Refused with everything that is wrong.
    """
    require(actor)
    alone(actor)
    known = obj.fields(actor.workspace).get(name)
    if known is None:
        raise access.Absent(name[:80])
    before = overlay_of(obj, name)
    said = before | _checked(actor, obj, known, given)
    changes = {key: (before[key], value) for key, value in said.items() if before[key] != value}
    if not changes:
        return
    if said == NOTHING:
        row = FieldOverlay.objects.get(object=obj.plural, field=name)
        FieldOverlay.objects.filter(id=row.id).delete()
    else:
        row, _made = FieldOverlay.objects.update_or_create(object=obj.plural, field=name, defaults=said)
    decided(actor, OVERLAYS, row.id, "updated", changes | {"of": (None, f"{obj.plural}.{name}")})


def _checked(actor: Actor, obj: Object, known: Field, given: Mapping[str, Any]) -> dict[str, Any]:
    allowed = CONDITIONS if known.own else (*WORDS, *CONDITIONS)
    problems = [Problem(str(key)[:80], "unknown", _("There is no such field.")) for key in given if key not in allowed]
    said: dict[str, Any] = {}
    for key in allowed:
        if key not in given:
            continue
        try:
            said[key] = _one(actor, obj, known, key, given[key])
        except (Invalid, conditions.BadCondition) as problem:
            problems.append(Problem(key, "overlay", str(problem)))
    if problems:
        raise Refused(problems)
    return said


def _one(actor: Actor, obj: Object, known: Field, key: str, value: Any) -> Any:
    """One thing said of a field, checked; raises Invalid, BadCondition."""
    if key in TEXTS:
        return TEXTS[key].clean(value, Reader())
    if key in CONDITIONS:
        if not value:
            return None
        if known.readonly or (key == "visible_when" and needed_always(obj, known)):
            raise conditions.BadCondition(_("This field is always there: no condition fits it."))
        conditions.check(obj.stored(actor.workspace), value, access.reader(actor), known.name)
        return dict(value)
    if key == "choices":
        return _choices(obj, known, value)
    told = Bool(tristate=False).clean(value, Reader())
    if key == "hidden" and told and needed_always(obj, known):
        raise Invalid("hidden", _("No record can do without this field; it can't be hidden."))
    return told


def needed_always(obj: Object, known: Field) -> bool:
    """Whether no record can do without a field: it names them, or has to be filled."""
    builtin = obj.builtin.get(known.name)
    lasting = {"title", "owner", "created_at", "updated_at", *obj.title_from, *obj.named_by}
    return known.name in lasting or bool(builtin and builtin.required)


def _choices(obj: Object, known: Field, given: Any) -> list[dict[str, Any]]:
    """The choices of a built-in field: its own values, each once; raises Invalid."""
    if not given:
        return []
    offer = getattr(obj.builtin[known.name].kind, "offer", None)
    choices = Option("choices", _("Choices"), "choices").clean(given)
    if offer is None or {each["value"] for each in choices} != set(offer.labels):
        values = ", ".join(offer.labels) if offer else "…"
        raise Invalid("choices", _("Name each of these values once: %(values)s.") % {"values": values})
    return choices


def overlays(actor: Actor) -> list[dict[str, Any]]:
    """Everything that is said of fields in the workspace, in order."""
    require(actor)
    rows = FieldOverlay.objects.order_by("object", "field")
    return [{"object": row.object, "field": row.field} | {key: getattr(row, key) for key in NOTHING} for row in rows]
