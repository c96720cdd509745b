"""One filter language for lists, views, the API, reports and rules: a small tree, compiled to one SQL condition.

``{"field": "last_name", "op": "is", "value": "García"}`` compares; ``{"and": [...]}``, ``{"or": [...]}`` and
``{"not": {...}}`` combine; ``{"field": "account.industry", ...}`` goes over a link, and only matches where the actor
may see the target; ``{"related": "tasks.about", "where": {...}, "count": true, "op": "gte", "value": 3}`` counts (or
sums, ``"sum": "amount"``) the records whose link points here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Count, DecimalField, Exists, F, OuterRef, Q, QuerySet, Sum, UUIDField, Value
from django.db.models.functions import Cast, Coalesce, Substr
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual, StartsWith
from django.utils.translation import gettext as _

from . import access, derived, objects
from .kinds import Invalid, Reader
from .kinds.lookups import NotTrue
from .models import Key, Moment
from .objects import Field, Object
from .workspaces.actors import Actor

DEEPEST, WIDEST = 8, 200
COMPARE = {"gt": GreaterThan, "gte": GreaterThanOrEqual, "lt": LessThan, "lte": LessThanOrEqual}
TURNED = {"gt": "lte", "gte": "lt", "lt": "gte", "lte": "gt"}


#: What an empty list of conditions means: all of none hold, none of none does.
ALL, NONE = Q(Value(True)), Q(pk__in=[])


class BadFilter(ValueError):
    """A filter that says something impossible; ``path`` points at the part, ``message`` says what and what to do."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path, self.message = path, message


def parse(source: str | Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The tree of a filter given as JSON text or as a mapping; None when there is none. Raises BadFilter."""
    if source is None or source in ("", {}):
        return None
    if isinstance(source, str):
        try:
            source = json.loads(source)
        except (ValueError, RecursionError):
            raise BadFilter("", _("The filter is no valid JSON.")) from None
    if not isinstance(source, Mapping):
        raise BadFilter("", _('A filter is an object such as {"field": …, "op": …, "value": …}.'))
    return dict(source)


def narrow(actor: Actor, obj: Object, rows: QuerySet, tree: Mapping[str, Any] | None) -> QuerySet:
    """``rows`` of ``obj`` that meet the filter; raises BadFilter."""
    return rows if not tree else rows.filter(condition(actor, obj, tree))


def condition(actor: Actor, obj: Object, tree: Mapping[str, Any]) -> Q:
    """The SQL condition of a filter over rows of ``obj``; raises BadFilter."""
    return _Compiler(actor, access.reader(actor)).compile(obj, tree, "", 0)


class _Compiler:
    """Walks one tree; remembers how much it has seen, so that no filter grows without bound."""

    def __init__(self, actor: Actor, reader: Reader) -> None:
        self.actor, self.reader, self.seen = actor, reader, 0

    def compile(self, obj: Object, tree: Any, path: str, depth: int) -> Q:
        self.seen += 1
        if depth > DEEPEST or self.seen > WIDEST:
            raise BadFilter(path, _("This filter is too large."))
        if not isinstance(tree, Mapping):
            raise BadFilter(path, _("Each condition is an object."))
        if "and" in tree or "or" in tree:
            return self._group(obj, tree, path, depth)
        if "not" in tree:
            _only(tree, {"not"}, path)
            return Q(NotTrue(self.compile(obj, tree["not"], f"{path}.not", depth + 1)))
        if "related" in tree:
            return self._related(obj, tree, path, depth)
        return self._compare(obj, tree, path, depth)

    def _group(self, obj: Object, tree: Mapping[str, Any], path: str, depth: int) -> Q:
        word = "and" if "and" in tree else "or"
        _only(tree, {word}, path)
        if not isinstance(tree[word], list):
            raise BadFilter(path, _("“%(word)s” takes a list of conditions.") % {"word": word})
        parts = [self.compile(obj, part, f"{path}.{word}[{n}]", depth + 1) for n, part in enumerate(tree[word])]
        if not parts:
            return ALL if word == "and" else NONE
        return reduce(and_ if word == "and" else or_, parts)

    def _compare(self, obj: Object, tree: Mapping[str, Any], path: str, depth: int) -> Q:
        _only(tree, {"field", "op", "value"}, path)
        name = tree.get("field")
        if not isinstance(name, str):
            raise BadFilter(path, _("A condition names its field."))
        known = access.fields(self.actor, obj)
        if name not in known and "." in name and not name.startswith("custom."):
            return self._over_link(obj, known, tree, path, depth)
        if name == "id":
            return Q(id__in=self._ids(tree, path))
        if name not in known:
            raise BadFilter(path, _("There is no field “%(name)s”.") % {"name": name[:80]})
        return self._on_field(obj, known[name], tree, path)

    def _ids(self, tree: Mapping[str, Any], path: str) -> list[Any]:
        values = tree.get("value") if tree.get("op") == "in" else [tree.get("value")]
        if tree.get("op") not in ("is", "in") or not isinstance(values, list):
            raise BadFilter(path, _("An id is compared with “is” or “in”."))
        try:
            return [access.as_uuid(value) for value in values]
        except access.Absent:
            raise BadFilter(path, _("That is no id.")) from None

    def _on_field(self, obj: Object, field: Field, tree: Mapping[str, Any], path: str) -> Q:
        op, value = tree.get("op", "is"), tree.get("value")
        if op not in field.kind.operators:
            allowed = ", ".join(field.kind.operators)
            raise BadFilter(
                path, _("“%(field)s” can be compared with: %(allowed)s.") % {"field": field.name, "allowed": allowed}
            )
        try:
            if op in ("has", "has_any", "has_none"):
                found = Q(id__in=self._by_key(obj, field, op, value))
                return ~found if op == "has_none" else found
            found = field.kind.lookup(field.expression(), op, value, self.reader)
        except Invalid as problem:
            raise BadFilter(path, str(problem)) from None
        return found if isinstance(found, Q) else Q(found)

    def _by_key(self, obj: Object, field: Field, op: str, value: Any) -> QuerySet:
        values = value if isinstance(value, list) else [value]
        if len(values) > 1000:
            raise Invalid("too_many", _("At most 1,000 values."))
        keys = [key for item in values for key in field.kind.query_keys(item, self.reader)]
        if obj.moment and field.name == obj.moment.about:
            ids = [key.removeprefix("link:").partition("/")[2] for key in keys]
            return Moment.objects.filter(item_object=obj.plural, record_id__in=ids).values("item_id")
        stored = derived.stored_keys(field, keys)
        return Key.objects.filter(object=obj.plural, key__in=stored).values("record_id")

    def _over_link(self, obj: Object, known: Any, tree: Mapping[str, Any], path: str, depth: int) -> Q:
        """A condition on a link's target: it holds only where the target is visible to the actor."""
        first, _dot, rest = str(tree["field"]).partition(".")
        field = known.get(first)
        if field is None or not field.kind.by_id or field.custom or field.kind.to in ((), ("users",)):
            raise BadFilter(path, _("There is no field “%(name)s”.") % {"name": str(tree["field"])[:80]})
        target = objects.get(field.kind.to[0])
        inner = self.compile(target, dict(tree) | {"field": rest}, path, depth + 1)
        rows = access.visible(self.actor, target).filter(inner, id=OuterRef(field.columns[0]))
        return Q(Exists(rows))

    def _related(self, obj: Object, tree: Mapping[str, Any], path: str, depth: int) -> Q:
        """Records pointed at by so many others, or by others whose values sum to so much."""
        _only(tree, {"related", "where", "count", "sum", "op", "value"}, path)
        source, field = self._source(obj, tree, path)
        rows = access.visible(self.actor, source)
        if tree.get("where"):
            rows = rows.filter(self.compile(source, tree["where"], f"{path}.where", depth + 1))
        if source.moment and field.name == source.moment.about:
            pairs = Moment.objects.filter(object=obj.plural, item_object=source.plural)
            if tree.get("where") or access.owners_seen(self.actor, source) is not None:
                pairs = pairs.filter(item_id__in=rows.values("id"))
            group, name = pairs, "record_id"
        elif field.kind.many:
            raise BadFilter(path, _("“%(name)s” can't be counted.") % {"name": tree["related"]})
        else:
            group, name = _pointing(rows, field, obj)
        total = self._sum(source, tree, path) if "sum" in tree else Count("*")
        return self._having(group.values(name), name, total, tree, path)

    def _source(self, obj: Object, tree: Mapping[str, Any], path: str) -> tuple[Object, Field]:
        plural, _dot, name = str(tree["related"]).partition(".")
        try:
            source = objects.get(plural)
            field = access.fields(self.actor, source)[name]
        except KeyError:
            raise BadFilter(path, _("There is no relation “%(name)s”.") % {"name": str(tree["related"])[:80]}) from None
        if not field.points_at(obj.plural) or not access.may_see_any(self.actor, source):
            raise BadFilter(path, _("“%(name)s” does not point at these records.") % {"name": tree["related"]})
        return source, field

    def _sum(self, source: Object, tree: Mapping[str, Any], path: str) -> Any:
        name = tree["sum"]
        field = access.fields(self.actor, source).get(name) if isinstance(name, str) else None
        if field is None or field.custom or field.kind.name not in ("number", "money", "percent") or source.moment:
            raise BadFilter(path, _("“%(name)s” can't be summed.") % {"name": str(name)[:80]})
        return Coalesce(Sum(F(field.columns[0])), Value(0), output_field=DecimalField())

    def _having(self, group: QuerySet, name: str, total: Any, tree: Mapping[str, Any], path: str) -> Q:
        """``id IN (... GROUP BY ... HAVING ...)``; a comparison that also holds for none is turned round, since none is
        no group.
        """
        op, value = tree.get("op", "gte"), tree.get("value", 1)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadFilter(path, _("Compare with a number."))
        grouped = group.annotate(total_=total)
        if op in ("is", "is_not"):
            inside = Q(id__in=grouped.filter(total_=value).values(name))
            if value == 0:
                inside |= ~Q(id__in=group)
            return inside if op == "is" else ~inside
        if not isinstance(op, str) or op not in COMPARE:
            raise BadFilter(path, _("Compare with: %(allowed)s.") % {"allowed": "is, is_not, gt, gte, lt, lte"})
        holds_for_none = {"gt": value < 0, "gte": value <= 0, "lt": value > 0, "lte": value >= 0}[op]
        used = TURNED[op] if holds_for_none else op
        ids = grouped.filter(COMPARE[used](F("total_"), Value(value))).values(name)
        return ~Q(id__in=ids) if holds_for_none else Q(id__in=ids)


def _pointing(rows: QuerySet, field: Field, obj: Object) -> tuple[QuerySet, str]:
    """The rows whose link points at records of ``obj``, and the name of what holds the ids of these."""
    if field.kind.by_id and not field.custom:
        return rows.filter(**{f"{field.columns[0]}__isnull": False}), field.columns[0]
    prefix = obj.ref("")
    pointing = rows.filter(StartsWith(field.expression(), Value(prefix)))
    target = Cast(Substr(field.expression(), len(prefix) + 1), UUIDField())
    return pointing.annotate(target_=target), "target_"


def _only(tree: Mapping[str, Any], allowed: set[str], path: str) -> None:
    unknown = set(tree) - allowed
    if unknown:
        raise BadFilter(path, _("Unknown word “%(word)s” in a condition.") % {"word": str(min(unknown, key=str))[:80]})
