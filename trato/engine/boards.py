"""An object's records in columns, one for each value of a field, and what each column comes to over all its records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Q, QuerySet, Sum, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

from . import access, objects
from .gates import key_of
from .kinds import Choice, Invalid, Link
from .models import Moment
from .objects import Field, Object
from .workspaces.actors import Actor

#: What a board can be made by, and what a column can be summed up in.
DIVIDING, SUMMED = ("choice", "bool", "user", "link"), ("number", "money")
#: A board with more columns than this is no board; another field is asked for.
MOST_COLUMNS = 100
EVERY = Q(Value(True))
#: A way with more steps is no way any more.
LONGEST_PATH = 16
GRAY = {"gray", ""}


class BadBoard(ValueError):
    """There is no such board; the message says what to do."""


@dataclass(frozen=True)
class Column:
    """One value of the field. ``key`` is how addresses name it ("" where nothing is said), ``count`` and ``sums`` are
    over all records: by field name, the sum in each currency ("" of plain numbers).
    """

    key: str
    label: str
    colour: str = ""
    count: int = 0
    sums: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)


def dividing(actor: Actor, obj: Object) -> dict[str, Field]:
    """The fields a board of the object can be made by, as far as the actor may see them."""
    return {name: each for name, each in access.fields(actor, obj).items() if each.kind.name in DIVIDING}


def summed(actor: Actor, obj: Object) -> dict[str, Field]:
    """The fields whose sums the columns can show."""
    return {name: each for name, each in access.fields(actor, obj).items() if each.kind.name in SUMMED}


def field_of(actor: Actor, obj: Object, name: str) -> Field:
    """The field a board is made by: the one named, else the object's own; raises BadBoard."""
    known = dividing(actor, obj)
    if name and name not in known:
        raise BadBoard(_("A board can't be made by “%(name)s”. Choose another field.") % {"name": name[:80]})
    first = next((each.name for each in known.values() if each.kind.name == "choice"), next(iter(known), ""))
    found = known.get(name or obj.board_by or first) or known.get(first)
    if found is None:
        raise BadBoard(_("These records have no field that a board could be made by."))
    return found


def inside_of(actor: Actor, obj: Object, by: Field) -> Field | None:
    """The link that a board by this field shows one value of (``Object.board_within``), if the actor sees both: what
    the columns stand for has a field of the same name.
    """
    field, target = access.fields(actor, obj).get(obj.board_within), _target(by)
    if field is None or target is None or by.name != obj.board_by or not field.kind.by_id or len(field.kind.to) != 1:
        return None
    twin = access.fields(actor, target).get(field.name)
    return field if twin is not None and twin.kind.name == "link" and twin.kind.to == field.kind.to else None


def insides(actor: Actor, field: Field) -> list[tuple[UUID, str]]:
    """What a board can show one of, in order: (id, title)."""
    target = objects.get(field.kind.to[0])
    rows = access.bare(actor, target).order_by(*(("position", "id") if _is_positioned(target) else ("id",)))
    return [(row[0], row[1] or str(target.label)) for row in rows.values_list("id", "title")[:MOST_COLUMNS]]


def _target(by: Field) -> Object | None:
    """The one object that a link kept as an id points at; None for people and all other fields."""
    kind: Any = by.kind
    if kind.name != "link" or not kind.by_id or len(kind.to) != 1 or not objects.is_known(kind.to[0]):
        return None
    return objects.get(kind.to[0])


def _is_positioned(obj: Object) -> bool:
    return "position" in obj.builtin and obj.builtin["position"].kind.name == "number"


def columns(
    actor: Actor,
    obj: Object,
    rows: QuerySet,
    by: Field,
    sums: Sequence[Field] = (),
    *,
    inside: tuple[Field, UUID] | None = None,
) -> list[Column]:
    """The columns in the order of the choices, or of the positions of what is linked (other links and people by name),
    counted and summed up by one statement. With ``inside``, a link and its one value, those of what lies inside that.

    What is filled with something the actor can't see counts as empty. Raises BadBoard where there are too many.
    """
    counts: dict[str, int] = defaultdict(int)
    totals: dict[str, dict[str, dict[str, Decimal]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(Decimal)))
    found = _grouped(rows, by, sums)
    labels = _labels(actor, by, {key_of(row["key_"]) for row in found}, inside)
    for row in found:
        key = key_of(row["key_"])
        key = key if key in labels else ""
        counts[key] += row["count_"]
        for number, each in enumerate(sums):
            if (amount := row[f"sum{number}_"]) is not None:
                totals[key][each.name][row.get(f"currency{number}_") or ""] += amount
    filled = by.required or by.kind.name == "bool" or by.name in obj.prepared
    first = [Column("", _("Empty"))] if counts[""] or not filled else []
    plain = [*first, *(Column(key, label, colour) for key, (label, colour) in labels.items() if key)]
    if len(plain) > MOST_COLUMNS:
        raise _too_many(by)
    return [Column(one.key, one.label, one.colour, counts[one.key], totals[one.key]) for one in plain]


def _too_many(by: Field) -> BadBoard:
    words = _(
        "“%(field)s” has more than %(n)s values, too many for a board. Choose another field, or filter the records."
    )
    return BadBoard(words % {"field": by.label, "n": MOST_COLUMNS})


def _grouped(rows: QuerySet, by: Field, sums: Sequence[Field]) -> list[dict[str, Any]]:
    """How many records have each value, and what they come to in each combination of currencies."""
    groups: dict[str, Any] = {"key_": by.expression()}
    amounts: dict[str, Any] = {}
    for number, each in enumerate(sums):
        amounts[f"sum{number}_"] = Sum(each.kind.custom(each.key) if each.custom else F(each.columns[0]))
        if each.kind.name == "money":
            currency = KeyTextTransform("currency", KeyTransform(each.key, "custom"))
            groups[f"currency{number}_"] = currency if each.custom else F(each.columns[1])
    counted = rows.order_by().values(**groups).annotate(count_=Count("*"), **amounts)
    found = list(counted[: MOST_COLUMNS * 20 + 1])
    if len(found) > MOST_COLUMNS * 20:
        raise _too_many(by)
    return found


def path(actor: Actor, obj: Object, held: Mapping[str, Any]) -> tuple[Field, list[Column]] | None:
    """The values of the field of an object's own board as a way, for a record of these values, if they have an order
    and the actor may set them: choices, or records by their position, of the one that the record lies inside.
    """
    by = access.writable(actor, obj).get(obj.board_by)
    target = by and _target(by)
    if by is None or not (isinstance(by.kind, Choice) or (target and _is_positioned(target))):
        return None
    field = inside_of(actor, obj, by)
    value = held.get(field.name) if field else None
    labels = _labels(actor, by, {key_of(held.get(by.name))}, (field, value) if field and value else None)
    steps = [Column(key, label, colour) for key, (label, colour) in labels.items() if key]
    return (by, steps) if 1 < len(steps) <= LONGEST_PATH else None


def _stops(actor: Actor, by: Field, inside: tuple[Field, UUID] | None) -> dict[str, tuple[str, str]]:
    """What a link can point at, in order, where that has positions: all of it, also what nothing points at."""
    target = _target(by)
    if target is None or not _is_positioned(target):
        return {}
    rows = access.bare(actor, target).order_by("position", "id")
    if inside is not None:
        rows = rows.filter(**{f"{inside[0].name}_id": inside[1]})
    fields = access.fields(actor, target)
    painted: Any = next(
        (f for f in fields.values() if isinstance(f.kind, Choice) and set(f.kind.offer.colours.values()) - GRAY), None
    )
    columns_read = {"id", "title", *(painted.columns if painted else ())}
    found = {}
    for row in rows.values(*columns_read)[: MOST_COLUMNS + 1]:
        colour = painted.kind.offer.colours.get(painted.read(row), "") if painted else ""
        found[str(row["id"])] = (row["title"] or str(target.label), colour)
    return found


def _labels(
    actor: Actor, by: Field, keys: Iterable[str], inside: tuple[Field, UUID] | None = None
) -> dict[str, tuple[str, str]]:
    """Label and colour of every column by its key, in order: choices nobody has come too, and so do members, and what
    has positions.
    """
    kind = by.kind
    if isinstance(kind, Choice):
        known = {value: (str(label), kind.offer.colours[value]) for value, label in kind.offer.labels.items()}
        return known | {key: (key, "gray") for key in sorted(keys) if key and key not in known}
    if not isinstance(kind, Link):
        return {key: (kind.plain(value, access.reader(actor)), "") for key, value in (("false", False), ("true", True))}
    start = "" if not kind.by_id else f"{kind.to[0]}/"
    titles = access.titles(actor, {f"{start}{key}" for key in keys if key})
    named = {ref.removeprefix(start): title for ref, title in titles.items()}
    if kind.name == "user":
        named |= {str(person.id): str(person) for person in access.members(actor)[:MOST_COLUMNS]}
    by_name = {key: (title, "") for key, title in sorted(named.items(), key=lambda pair: pair[1].casefold())}
    stops = _stops(actor, by, inside)
    return stops | {key: told for key, told in by_name.items() if key not in stops}


def within(actor: Actor, by: Field, key: str, shown: Iterable[Column]) -> Q:
    """The condition that a record stands in a column; ``shown`` are the board's columns. Raises BadBoard."""
    expression, kind = by.expression(), by.kind
    if isinstance(kind, Choice) and key:  # also one that is no longer offered
        return Q(Exact(expression, Value(key, kind.model_field())))
    reader = access.reader(actor)
    try:
        if key:
            return kind.lookup(expression, "is", key, reader)
        seen = [column.key for column in shown if column.key]
        if isinstance(kind, Link):
            return kind.is_blank(expression) | (~kind.lookup(expression, "in", seen, reader) if seen else EVERY)
    except Invalid:
        raise BadBoard(_("There is no such column any more. Load the page again.")) from None
    return kind.is_blank(expression)


def last_active(obj: Object, record_ids: Iterable[Any]) -> dict[Any, Any]:
    """When something last happened with each of some records, by id."""
    rows = Moment.objects.filter(object=obj.plural, record_id__in=list(record_ids)).order_by()
    return dict(rows.values_list("record_id").annotate(Max("at")))
