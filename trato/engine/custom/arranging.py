"""What administrators decide about the pages of an object: their sections, the facts in their head, the columns of
lists; for everybody, or for a role.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from .. import access, layouts, objects
from ..decisions import require
from ..fields import Field
from ..kinds import Invalid, Reader, Text
from ..layouts import Layout, Look
from ..models import CustomField
from ..objects import Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from ..workspaces.models import Role
from .shaping import alone, decided

LAYOUTS = "layouts"
PARTS = ("sections", "hidden", "head", "columns")
MOST_SECTIONS, MOST_FACTS, MOST_COLUMNS = 30, 12, 60
NOTHING: Mapping[str, Any] = {"sections": None, "hidden": [], "head": None, "columns": None}
LABEL = Text(required=True, max_length=100)

#: What a layout says, as JSON: its PARTS.
Said = dict[str, Any]


def placeable(actor: Actor, obj: Object) -> dict[str, Field]:
    """The fields that can be given a place: all that are on any surface."""
    return {name: field for name, field in obj.fields(actor.workspace).items() if not field.hidden}


def _nameable(actor: Actor, obj: Object) -> dict[str, Any]:
    """What the fields that a layout may name are called: those there are, and archived ones, whose place is kept."""
    archived = CustomField.objects.filter(object=obj.plural, archived_at__isnull=False).order_by("position", "id")
    fields = obj.fields(actor.workspace).items()
    return {name: field.label for name, field in fields} | {f"custom.{row.name}": row.label for row in archived}


def layout_of(obj: Object, role_id: UUID | None) -> Said:
    """What the layout of a role (None: everybody's) says itself."""
    rows = Layout.objects.filter(object=obj.plural)
    row = (rows.filter(role_id=role_id) if role_id else rows.filter(role=None)).first()
    return {part: getattr(row, part) for part in PARTS} if row else dict(NOTHING)


def whole_layout(actor: Actor, obj: Object, role_id: UUID | None = None, *, own: bool = True) -> Said:
    """How an object looks to a role, every part of it said; not ``own``: as it looks without a layout of its own."""
    if own:
        return _whole(actor, obj, layouts.of_role(actor, obj, role_id))
    return _whole(actor, obj, layouts.of_role(actor, obj, declared=role_id is None))


def _whole(actor: Actor, obj: Object, look: Look) -> Said:
    known = placeable(actor, obj)
    found = layouts.placed(look, known, obj)
    placed = {field.name for _label, fields in found for field in fields}
    language = actor.workspace.language
    return {
        "sections": [
            {"label": (said := _in(label, language)), "labels": _in_others(label, said, language), "fields": names}
            for label, names in ((label, [field.name for field in fields]) for label, fields in found)
        ],
        "hidden": [name for name in known if name not in placed and name != "title"],
        "head": [name for name in look.head if name in known],
        "columns": [name for name in look.columns if name in known],
    }


def _in(label: Any, language: str) -> str:
    with override(language):
        return str(label)


def _in_others(label: Any, said: str, language: str) -> dict[str, str]:
    """A label in the languages in which it is another word."""
    words = {code: _in(label, code) for code, _name in settings.LANGUAGES if code != language}
    return {code: text for code, text in words.items() if text != said}


def set_layout(actor: Actor, obj: Object, role_id: UUID | None, given: Mapping[str, Any]) -> None:
    """Say how an object looks to a role (None: to everybody), parts that are not given staying as they are said.

    A part that is None, or says what holds without it, is taken away. Raises NotAdministrator, Absent for a role that
    is not the workspace's, and Refused with everything that is wrong.
    """
    require(actor)
    alone(actor)
    role = None if role_id is None else Role.objects.filter(id=access.as_uuid(role_id)).first()
    if role_id is not None and role is None:
        raise access.Absent(str(role_id)[:80])
    before = layout_of(obj, role_id)
    said = before | _checked(actor, obj, given)
    placed = {name for one in said["sections"] or [] for name in one["fields"]}
    said["hidden"] = [name for name in said["hidden"] if name not in placed]
    without = whole_layout(actor, obj, role_id, own=False)
    if all(said[part] == without[part] for part in ("sections", "hidden")):
        said["sections"] = None
    for part in ("head", "columns"):
        said[part] = None if said[part] == without[part] else said[part]
    if said["sections"] is None:
        said["hidden"] = []
    changes = {part: (before[part], said[part]) for part in PARTS if before[part] != said[part]}
    if not changes:
        return
    row, _made = Layout.objects.update_or_create(object=obj.plural, role=role, defaults=said)
    if said == NOTHING:
        Layout.objects.filter(id=row.id).delete()
    of = f"{obj.plural}/{role.name}" if role else obj.plural
    decided(actor, LAYOUTS, row.id, "updated", changes | {"of": (None, of)})


def _checked(actor: Actor, obj: Object, given: Mapping[str, Any]) -> Said:
    known = _nameable(actor, obj)
    problems = [Problem(str(part)[:80], "unknown", _("There is no such field.")) for part in given if part not in PARTS]
    said: Said = {}
    for part in PARTS:
        if part not in given:
            continue
        try:
            said[part] = _one(part, given[part], known)
        except Invalid as problem:
            problems.append(Problem(part, problem.code, str(problem)))
    placed = {name for one in said.get("sections") or [] for name in one["fields"]}
    if twice := placed & set(said.get("hidden", [])):
        problems.append(Problem("hidden", "twice", _twice(known, min(twice))))
    if problems:
        raise Refused(problems)
    return said


def _one(part: str, value: Any, known: Mapping[str, Any]) -> Any:
    """One part of a layout, checked; raises Invalid."""
    if part == "hidden":
        names = _names(value or [], known, len(known))
        return [name for name in known if name in names]
    if value is None:
        return None
    if part == "sections":
        return _sections(value, known)
    return _names(value, known, MOST_FACTS if part == "head" else MOST_COLUMNS)


def _sections(given: Any, known: Mapping[str, Any]) -> list[dict[str, Any]]:
    words = _("A layout has at most %(n)s sections, each with a label and a list of fields.") % {"n": MOST_SECTIONS}
    if not _is_list(given) or len(given) > MOST_SECTIONS:
        raise Invalid("sections", words)
    found: list[dict[str, Any]] = []
    placed: set[str] = set()
    for each in given:
        if not isinstance(each, Mapping) or not each.keys() <= {"label", "labels", "fields"}:
            raise Invalid("sections", words)
        names = _names(each.get("fields") or [], known, len(known))
        if twice := placed & set(names):
            raise Invalid("twice", _twice(known, min(twice)))
        placed |= set(names)
        label = _label(each.get("label"))
        found.append({"label": label, "labels": _labels(each.get("labels") or {}, label), "fields": names})
    return found


def _label(given: Any) -> str:
    """What a section is called; raises Invalid."""
    if not isinstance(given, str) or not given.strip():
        raise Invalid("label", _("Give every section a name."))
    return str(LABEL.clean(" ".join(given.split()), Reader()))


def _labels(given: Any, label: str) -> dict[str, str]:
    """A section's name in other languages, where it is another; raises Invalid."""
    if not isinstance(given, Mapping) or not given.keys() <= dict(settings.LANGUAGES).keys():
        raise Invalid("labels", _("Give for each language what the section is called."))
    named = {language: _label(text) for language, text in given.items() if text}
    return {language: text for language, text in named.items() if text != label}


def _names(given: Any, known: Mapping[str, Any], most: int) -> list[str]:
    """Names of fields, each once; raises Invalid."""
    if not _is_list(given):
        raise Invalid("list", _("Give a list."))
    for name in given:
        if not isinstance(name, str) or name not in known:
            raise Invalid("unknown", _("There is no field “%(name)s”.") % {"name": str(name)[:80]})
    names = list(dict.fromkeys(given))
    if len(names) > most:
        raise Invalid("too_many", _("At most %(n)s of them.") % {"n": most})
    return names


def _is_list(given: Any) -> bool:
    return isinstance(given, Sequence) and not isinstance(given, str | bytes)


def _twice(known: Mapping[str, Any], name: str) -> str:
    return _("“%(field)s” stands in two places; leave it in one.") % {"field": known[name]}


def layouts_said(actor: Actor) -> list[dict[str, Any]]:
    """Every layout of the workspace, in order, each with its object and the name of its role ("" for everybody's);
    fields and objects that are gone are left out.
    """
    require(actor)
    rows = Layout.objects.select_related("role").order_by("object", "role__name")
    return [
        {"object": row.object, "role": row.role.name if row.role else ""}
        | _here({part: getattr(row, part) for part in PARTS}, _nameable(actor, objects.get(row.object)))
        for row in rows
        if objects.is_known(row.object)
    ]


def _here(said: Said, known: Mapping[str, Any]) -> Said:
    """What a layout says of the fields that are there."""

    def kept(names: Sequence[str] | None) -> list[str] | None:
        return None if names is None else [name for name in names if name in known]

    sections = said["sections"]
    return {
        "sections": sections and [one | {"fields": kept(one["fields"])} for one in sections],
        **{part: kept(said[part]) for part in ("hidden", "head", "columns")},
    }
