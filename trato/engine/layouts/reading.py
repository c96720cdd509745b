"""What pages ask of layouts. They are remembered by workspace until its fields change, as its own fields are."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ..fields import Field
from ..objects import Object
from ..workspaces.actors import Actor
from ..workspaces.models import Role
from .models import Layout

#: By object, then by role; everybody's is that of None.
Layouts = dict[str, dict[UUID | None, Layout]]

_known: dict[UUID, tuple[int, Layouts]] = {}


@dataclass(frozen=True)
class Look:
    """How the pages of an object look to somebody.

    ``sections`` are (label, names of fields). ``hidden`` fields stand on no page. ``arranged``: an administrator said
    the sections, so that what came later stands in a last one.
    """

    sections: tuple[tuple[Any, tuple[str, ...]], ...]
    head: tuple[str, ...]
    columns: tuple[str, ...]
    hidden: frozenset[str] = frozenset()
    arranged: bool = False


def of(actor: Actor, obj: Object) -> Look:
    """How the object looks to the actor: as their role's layout says, else everybody's, else as it declares."""
    return _look(obj, _layouts(actor).get(obj.plural, {}), actor.role_id)


def of_role(actor: Actor, obj: Object, role_id: UUID | None = None, *, declared: bool = False) -> Look:
    """How the object looks to a role (None: to everybody without a layout of their own), or ``declared``."""
    return _look(obj, {} if declared else _layouts(actor).get(obj.plural, {}), role_id)


def _layouts(actor: Actor) -> Layouts:
    workspace = actor.workspace
    version, known = _known.get(workspace.id, (-1, {}))
    if version != workspace.fields_version:
        known = {}
        for row in Layout.objects.all():
            known.setdefault(row.object, {})[row.role_id] = row
        if len(_known) > 1000:
            _known.clear()
        _known[workspace.id] = workspace.fields_version, known
    return known


def _look(obj: Object, known: Mapping[UUID | None, Layout], role_id: UUID | None) -> Look:
    found = [known[key] for key in dict.fromkeys((role_id, None)) if key in known]
    arranged = next(((row.sections, row.hidden) for row in found if row.sections is not None), None)
    head = next((row.head for row in found if row.head is not None), obj.head)
    columns = next((row.columns for row in found if row.columns is not None), obj.columns)
    if arranged is None:
        return Look(obj.sections, tuple(head), tuple(columns))
    sections = tuple((_said(one["label"], one["labels"]), tuple(one["fields"])) for one in arranged[0])
    return Look(sections, tuple(head), tuple(columns), frozenset(arranged[1]), arranged=True)


def _say(label: str, labels: Mapping[str, str]) -> str:
    return labels.get((get_language() or "").partition("-")[0], label)


#: What a section is called, in the language of who reads.
_said = lazy(_say, str)


def placed(
    look: Look, fields: Mapping[str, Field], obj: Object, also: Container[str] = ()
) -> list[tuple[Any, list[Field]]]:
    """The fields of a page by section; those no section names come last, and hidden ones only where ``also`` names
    them. Sections with nothing in them are left out.
    """
    shown = {name: field for name, field in fields.items() if name not in look.hidden or name in also}
    sections = [(label, [shown[name] for name in names if name in shown]) for label, names in look.sections]
    named = {name for _label, names in look.sections for name in names}
    rest = [field for name, field in shown.items() if name not in named and (field.own or not field.readonly)]
    own = rest if look.arranged else [field for field in rest if field.own]
    plain = [] if look.arranged else [field for field in rest if not field.own]
    if plain and sections:
        label, last = sections[-1]
        sections[-1] = (label, last + plain)
    elif plain:
        sections.append((obj.label, plain))
    if own:
        sections.append((_("More about it"), own))
    return [section for section in sections if section[1]]


def hand_on(role: Role, other: Role) -> None:
    """Give a new role the layouts of another."""
    said = Layout.objects.filter(role=role).values("object", "sections", "hidden", "head", "columns")
    Layout.objects.bulk_create([Layout(role=other, **each) for each in said])
