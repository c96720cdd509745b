"""What formula fields come to for somebody: their SQL beside the columns of every record that is read.

Checked formulas are remembered by workspace until its fields change, as its own fields are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from .. import access, objects
from ..fields import Field
from ..kinds import Kind, Reader, make
from ..objects import Object
from ..workspaces.actors import Actor, system_actor
from .checked import Checked, Context, nothing, of_field
from .checking import Checker, rounded
from .grammar import BadExpression
from .over import FARTHEST
from .sql import Amount

#: How long a preview may take, and how many records it shows.
PATIENCE, SHOWN = "2s", 5
#: The kinds of what formulas come to, by type; ``digits`` are an administrator's.
RESULTS: Mapping[str, str] = {
    "number": "number",
    "money": "money",
    "text": "text",
    "bool": "bool",
    "date": "date",
    "datetime": "datetime",
}


@dataclass(frozen=True)
class Worked:
    """A formula field after its check: its value (None where it can't be worked out any more), and what it needs."""

    value: Checked | None
    inputs: frozenset[tuple[str, str]]


_known: dict[UUID, tuple[int, dict[tuple[str, str], Worked]]] = {}


def _worked(actor: Actor, obj: Object, known: Field) -> Worked:
    """A formula field of the workspace, checked once for each version of its fields."""
    workspace = actor.workspace
    version, found = _known.get(workspace.id, (-1, {}))
    if version != workspace.fields_version:
        found = {}
        if len(_known) > 1000:
            _known.clear()
        _known[workspace.id] = workspace.fields_version, found
    key = obj.plural, known.name
    if key not in found:
        found[key] = _check(actor, obj, known)
    return found[key]


def _check(actor: Actor, obj: Object, known: Field) -> Worked:
    checker = Checker(system_actor(actor.workspace))
    try:
        value = checker.formula(obj, known.name, known.formula)
    except BadExpression:
        return Worked(None, frozenset(checker.inputs))
    fits = value.type == RESULTS_BACK.get(known.kind.name)
    return Worked(rounded(value, getattr(known.kind, "digits", 2)) if fits else None, frozenset(checker.inputs))


RESULTS_BACK = {kind: name for name, kind in RESULTS.items()}


@access.computing
class Computing:
    """What ``access`` asks of formula fields."""

    @staticmethod
    def may_see(actor: Actor, obj: Object, known: Field) -> bool:
        """Whether the actor may see everything a formula is made of, and so the formula."""
        rights = actor.rights
        if rights.admin and rights.scopes is None:
            return True
        for plural, name in _worked(actor, obj, known).inputs:
            if plural == "timeline":
                continue
            if rights.scope(plural, "see") == "none" or rights.field(plural, name) == "hidden":
                return False
        return True

    @staticmethod
    def columns(actor: Actor, obj: Object, fields: Iterable[Field]) -> dict[str, Any]:
        """The SQL of some formula fields by their columns."""
        context = Context(actor)
        columns: dict[str, Any] = {}
        for known in fields:
            value = _worked(actor, obj, known).value
            made = value.make(context) if value else nothing(RESULTS_BACK[known.kind.name])
            parts = (made.amount, made.currency) if isinstance(made, Amount) else (made,)
            columns |= dict(zip(known.columns, parts, strict=True))
        return columns


def judge(actor: Actor, obj: Object, name: str, source: str) -> Checked:
    """A formula as it would be saved as ``custom.<name>``; raises BadExpression."""
    checker = Checker(system_actor(actor.workspace))
    found = checker.formula(obj, f"custom.{name}", source)
    if found.type == "empty":
        raise BadExpression(0, _("This formula is always empty."))
    _stands(checker, obj, name)
    return found


def _stands(checker: Checker, obj: Object, name: str) -> None:
    """Raise BadExpression where too much would stand on links in the end."""
    if checker.hops > FARTHEST:
        raise BadExpression(0, _("This formula goes over more than %(n)s links.") % {"n": FARTHEST})


def digits_of(found: Checked) -> int:
    """To how many digits a formula is rounded unless somebody says otherwise."""
    return 0 if found.whole else 2


def works_with(known: Field) -> bool:
    """Whether a field can stand in a formula."""
    return bool(known.formula) or of_field(known) is not None


def result_of(found: Checked) -> str:
    """The name of the kind of what a formula comes to."""
    return RESULTS[found.type]


def broken(actor: Actor, obj: Object, known: Field) -> str:
    """Why a formula field can't be worked out any more; "" where it can."""
    try:
        found = Checker(system_actor(actor.workspace)).formula(obj, known.name, known.formula)
    except BadExpression as problem:
        return str(problem)
    if found.type != RESULTS_BACK.get(known.kind.name):
        return _("What it comes to is of another kind than it was; save it again.")
    return ""


def users_of(actor: Actor, plural: str, name: str) -> list[tuple[Object, Field]]:
    """The formula fields, of any object, that need a field."""
    return [
        (obj, known)
        for obj in objects.all_objects()
        for known in obj.fields(actor.workspace).values()
        if known.formula and (plural, name) in _worked(actor, obj, known).inputs
    ]


@dataclass(frozen=True)
class Preview:
    """What a formula comes to on some records: their names and values, as the reader sees them."""

    kind: Kind
    rows: list[tuple[str, Any]]


def preview(actor: Actor, obj: Object, name: str, source: str, digits: int | None) -> Preview:
    """A formula tried on the newest records; raises BadExpression, also where it takes too long."""
    found = judge(actor, obj, name, source)
    digits = digits_of(found) if digits is None else digits
    kind = kind_of(found, digits)
    made = rounded(found, digits).make(Context(actor))
    parts = (made.amount, made.currency) if isinstance(made, Amount) else (made,)
    columns = {f"preview{n}_": each for n, each in enumerate(parts)}
    rows = access.bare(actor, obj).order_by("-id").annotate(**columns).values("title", *columns)[:SHOWN]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            usual = cursor.fetchone()[0]
            cursor.execute(f"SET LOCAL statement_timeout = '{PATIENCE}'")
            read = list(rows)
            cursor.execute(f"SET LOCAL statement_timeout = '{usual}'")
    except DatabaseError:
        raise BadExpression(0, _("This formula takes too long on your records: make it simpler.")) from None
    reader = access.reader(actor)
    return Preview(kind, [(row["title"] or str(obj.label), _shown(kind, row, columns, reader)) for row in read])


def kind_of(found: Checked, digits: int) -> Kind:
    """The kind of what a formula comes to."""
    name = result_of(found)
    return make(name, {"digits": digits} if name == "number" else {})


def _shown(kind: Kind, row: Mapping[str, Any], columns: Iterable[str], reader: Reader) -> Any:
    values = tuple(row[column] for column in columns)
    return kind.cell(kind.join(values), reader)
