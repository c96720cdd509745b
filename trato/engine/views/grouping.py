"""Records in groups: by a choice, a person, a link, a tag, yes or no, or the stretch of time a date lies in.

Groups are counted by the database over all records at once. A link's target that the actor may not see makes no group
of its own: its records are among those without one, so that no count tells of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Case, Count, DateField, F, Func, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable, Subquery
from django.db.models.functions import Cast, Concat, NullIf, Trunc
from django.db.models.lookups import Exact, GreaterThanOrEqual, In, IsNull, LessThan
from django.utils.translation import gettext as _

from .. import access, objects, paging
from ..kinds import Choice
from ..kinds.datetime import zone_of
from ..kinds.periods import STEPS
from ..objects import Field, Object
from ..workspaces.actors import Actor

#: The kinds records can be grouped by; dates by one of STEPS, the first where none is said.
PLAIN = ("choice", "country", "language", "currency", "timezone", "text")
LINKING = ("link", "user", "links")
LISTS = ("tags", "choices", "links")
DATED = ("date", "datetime")
GROUPABLE = (*PLAIN, *LINKING, *LISTS, *DATED, "bool")
USUAL_STEP = "month"
#: Groups of one page.
PAGE = 50
#: The key of the records without a value.
NONE = ""


class BadGroup(paging.BadPage):
    """Records can't be grouped so, or there is no such group; the message says what to do."""


@dataclass(frozen=True)
class Grouping:
    """By which field records are grouped, and dates by which ``step`` ("" for all other kinds)."""

    obj: Object
    field: Field
    step: str = ""

    @property
    def text(self) -> str:
        """As it is written in addresses: ``stage``, ``made_on:month``."""
        return f"{self.field.name}:{self.step}" if self.step else self.field.name

    @property
    def kind(self) -> str:
        """The name of the field's kind."""
        return self.field.kind.name

    def key(self, actor: Actor) -> Combinable:
        """The SQL of the group a row is in, NULL for none; of lists it gives a row for each of their items."""
        held = self._held()
        if self.kind in LISTS:
            seen = _seen_refs(actor, self.field) if self.kind in LINKING else None
            return _Items(held, *([seen] if seen is not None else []))
        if self.kind == "bool":
            return held
        if self.kind in DATED:
            zone = zone_of(actor.time_zone) if self.kind == "datetime" else None
            return Trunc(held, self.step, output_field=DateField(), **({"tzinfo": zone} if zone else {}))
        if self.kind in LINKING:
            return _seen(actor, self.field, held)
        return NullIf(held, Value("", TextField()), output_field=TextField())

    def _held(self) -> Combinable:
        """The value as it is kept, whole: never a copy that holds only the beginning of a text."""
        field = self.field
        if not field.custom:
            return F(field.columns[0])
        if field.kind.many:
            return Func(
                F("custom"), Value(field.key), template="(%(expressions)s)", arg_joiner=" -> ", output_field=TextField()
            )
        return field.kind.custom(field.key)

    def only(self, actor: Actor, rows: QuerySet, key: str) -> QuerySet:
        """The rows of one group; raises BadGroup."""
        if key == NONE:
            return self._without(actor, rows)
        held = self._held()
        if self.kind in LISTS:
            return rows.filter(Q(_Holds(held, Value(key))))
        if self.kind in DATED:
            start, end = self._stretch(actor, key)
            return rows.filter(Q(GreaterThanOrEqual(held, start)) & Q(LessThan(held, end)))
        return rows.filter(Q(Exact(held, self._value(key))))

    def _without(self, actor: Actor, rows: QuerySet) -> QuerySet:
        held = self._held()
        if self.kind in ("link", "user"):
            return rows.filter(Q(IsNull(_seen(actor, self.field, held), True)))
        if self.kind == "links":
            return rows.filter(Q(_NoItems(held, _seen_refs(actor, self.field))))
        if self.kind in LISTS:
            return rows.filter(Q(_NoItems(held)))
        blank = Q(IsNull(held, True))
        return rows.filter(blank | Q(Exact(held, Value(""))) if self.kind in PLAIN else blank)

    def _value(self, key: str) -> Value:
        """A key as the column holds it; raises BadGroup."""
        if self.kind == "bool":
            if key not in ("true", "false"):
                raise BadGroup(_("There is no such group."))
            return Value(key == "true", BooleanField())
        if self.kind in LINKING and self.field.kind.by_id:
            return Value(_uuid(key), self.field.kind.model_field())
        return Value(key, TextField())

    def _stretch(self, actor: Actor, key: str) -> tuple[Value, Value]:
        """From when on and until when a group of dates goes; raises BadGroup."""
        try:
            first = date.fromisoformat(key)
            after = first + STEPS[self.step]
        except (ValueError, OverflowError):
            raise BadGroup(_("There is no such group.")) from None
        if self.kind == "date":
            return Value(first), Value(after)
        zone = zone_of(actor.time_zone)
        low, high = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, after))
        return Value(low), Value(high)

    def condition(self, key: str) -> dict[str, Any]:
        """The filter that says the same as being in this group, as far as filters can."""
        name = self.field.name
        if key == NONE:
            return {"field": name, "op": "empty"}
        if self.kind in DATED:
            first = date.fromisoformat(key)
            last = first + STEPS[self.step] - timedelta(days=1)
            return {"field": name, "op": "between", "value": [key, last.isoformat()]}
        value = key == "true" if self.kind == "bool" else key
        return {"field": name, "op": "has" if self.kind in LISTS else "is", "value": value}

    def ref(self, key: str) -> str:
        """The address of the record or person a group stands for; "" for what is no link."""
        if self.kind not in LINKING or key == NONE:
            return ""
        return f"{self.field.kind.to[0]}/{key}" if self.field.kind.by_id else key

    def stored(self, key: str) -> Any:
        """A group's key as its kind shows it: one value, of dates the first day; nothing for those without one."""
        if key == NONE:
            return None
        if self.kind in DATED:
            return date.fromisoformat(key)
        if self.kind == "bool":
            return key == "true"
        return UUID(key) if self.kind in LINKING and self.field.kind.by_id else key


def grouping_of(fields: Mapping[str, Field], obj: Object, text: str) -> Grouping | None:
    """What ``stage`` or ``made_on:month`` means, "" for nothing; raises BadGroup."""
    if not text:
        return None
    name, _colon, step = text.partition(":")
    field = fields.get(name)
    if field is None or field.kind.name not in GROUPABLE:
        raise BadGroup(_("Records can't be grouped by “%(name)s”.") % {"name": name[:80]})
    if field.kind.name not in DATED:
        return Grouping(obj, field)
    if (step or USUAL_STEP) not in STEPS:
        allowed = ", ".join(STEPS)
        raise BadGroup(_("Group dates by one of: %(allowed)s.") % {"allowed": allowed})
    return Grouping(obj, field, step or USUAL_STEP)


def keys_of(actor: Actor, by: Grouping, rows: QuerySet, start: int = 0, many: int = PAGE) -> list[tuple[str, int]]:
    """The groups from ``start`` on, each with how many of ``rows`` are in it: choices as they are declared, dates from
    the latest, all others from the largest; those without a value come last. A row with several tags is in several.
    """
    counted = rows.order_by().annotate(group_=by.key(actor)).values("group_").annotate(count_=Count("*"))
    if by.kind in LISTS:
        ordered = counted.order_by("-count_", "group_")
    elif isinstance(by.field.kind, Choice):
        places = [When(group_=value, then=Value(n)) for n, value in enumerate(by.field.kind.offer.labels)]
        last = When(IsNull(F("group_"), True), then=Value(len(places) + 1))
        ordered = counted.order_by(Case(last, *places, default=Value(len(places))), "group_")
    elif by.kind in (*DATED, "bool"):
        ordered = counted.order_by(F("group_").desc(nulls_last=True))
    else:
        ordered = counted.order_by(Case(When(IsNull(F("group_"), True), then=1), default=0), "-count_", "group_")
    found = [(key_text(key), n) for key, n in ordered.values_list("group_", "count_")[start : start + many]]
    if by.kind in LISTS and len(found) < many and (without := by.only(actor, rows, NONE).count()):
        found.append((NONE, without))
    return found


def key_text(key: Any) -> str:
    """A key of the database as addresses carry it."""
    if key is None:
        return NONE
    if isinstance(key, bool):
        return "true" if key else "false"
    return key.isoformat() if isinstance(key, date) else str(key)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadGroup(_("There is no such group.")) from None


# -- what of links the actor may see --------------------------------------------------------------------------------


def _seen(actor: Actor, field: Field, held: Combinable) -> Combinable:
    """A link as it is kept where the actor may see its target, else NULL."""
    output = field.kind.model_field()
    if field.kind.name == "user":
        return held
    if field.kind.by_id:
        target = access.visible(actor, objects.get(field.kind.to[0])).values("id")
        return Case(When(In(held, Subquery(target)), then=held), output_field=output)
    return Case(When(In(held, _seen_refs(actor, field)), then=held), output_field=output)


def _seen_refs(actor: Actor, field: Field) -> Combinable:
    """The refs of every record the field can point at that the actor may see, as one query."""
    places = field.kind.to or [obj.plural for obj in objects.all_objects()]
    found = [
        access.visible(actor, objects.get(plural))
        .order_by()
        .annotate(ref_=Concat(Value(f"{plural}/"), Cast("id", TextField()), output_field=TextField()))
        .values("ref_")
        for plural in places
        if objects.is_known(plural)
    ]
    if not found:
        return Value("", TextField())
    return Subquery(found[0].union(*found[1:], all=True) if len(found) > 1 else found[0])


class _Items(Func):
    """The items of a list of JSON, one row each. A second expression, a query, says which items are kept."""

    output_field: Any = TextField()
    set_returning = True
    items = (
        "SELECT e.v FROM jsonb_array_elements_text(CASE jsonb_typeof(%s) WHEN 'array' THEN %s ELSE '[]' END) AS e(v)"
    )
    template = "unnest(ARRAY({items}))"

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        """The items and the parameters."""
        sql, params = compiler.compile(self.source_expressions[0])
        items, given = self.items.replace("%s", sql), [*params, *params]
        if len(self.source_expressions) > 1:
            kept, more = compiler.compile(self.source_expressions[1])
            items, given = f"{items} WHERE e.v IN {kept}", [*given, *more]
        return self.template.format(items=items), tuple(given)


class _NoItems(_Items):
    """Whether a list has no item (that is kept)."""

    output_field = BooleanField()
    set_returning = False
    template = "NOT EXISTS ({items})"


class _Holds(Func):
    """Whether a list of JSON has a text among its items."""

    output_field = BooleanField()
    arity = 2
    function = "jsonb_exists"
