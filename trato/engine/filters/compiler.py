"""From a tree to one SQL condition."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import reduce
from operator import and_, eq, ge, gt, le, lt, ne, or_
from typing import Any

from django.db.models import BigIntegerField, F, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from .. import access, derived
from ..kinds import Invalid, Kind, MoneyKind, Number, Reader
from ..kinds.lookups import NotTrue, several
from ..models import Key, Moment
from ..objects import Field, Object
from ..workspaces.actors import Actor
from ..workspaces.models import TeamMember
from . import groups
from .groups import Found
from .relations import RANGED, SUMMED, Relation, forwards, relation_of
from .tree import DEEPEST, FARTHEST, QUANTIFIERS, TOTALS, WIDEST, BadFilter, one_of, only

#: What counts are compared as, and what sums and averages are.
COUNT, NUMBER = Number(), Number(digits=6)
COMPARE = {"is": eq, "is_not": ne, "lt": lt, "lte": le, "gt": gt, "gte": ge}
NUMERIC = (*COMPARE, "between")
#: In place of a person: whoever reads and everybody they share a team with.
MY_TEAM = "my_team"

#: What an empty list of conditions means: all of none hold, none of none does.
ALL, NONE = Q(Value(True)), Q(pk__in=[])


def narrow(actor: Actor, obj: Object, rows: QuerySet, tree: Mapping[str, Any] | None) -> QuerySet:
    """``rows`` of ``obj`` that meet the filter; raises BadFilter."""
    return rows if not tree else rows.filter(condition(actor, obj, tree))


def condition(actor: Actor, obj: Object, tree: Mapping[str, Any]) -> Q:
    """The SQL condition of a filter over rows of ``obj``; raises BadFilter."""
    return _Compiler(actor, access.reader(actor)).compile(obj, tree, "", 0)


class _Compiler:
    """Walks one tree; remembers how much it has seen, so that no filter grows without bound."""

    def __init__(self, actor: Actor, reader: Reader) -> None:
        self.actor, self.reader, self.seen, self.hops = actor, reader, 0, 0

    def compile(self, obj: Object, tree: Any, path: str, depth: int) -> Q:
        """The condition of one node; raises BadFilter."""
        self.seen += 1
        if depth > DEEPEST or self.seen > WIDEST:
            raise BadFilter(path, _("This filter is too large."))
        if not isinstance(tree, Mapping):
            raise BadFilter(path, _("Each condition is an object."))
        if "and" in tree or "or" in tree:
            return self._group(obj, tree, path, depth)
        if "not" in tree:
            only(tree, {"not"}, path)
            return denied(self.compile(obj, tree["not"], f"{path}.not", depth + 1))
        if "related" in tree:
            return Q(self._related(obj, tree, path, depth))
        return self._compare(obj, tree, path, depth)

    def _group(self, obj: Object, tree: Mapping[str, Any], path: str, depth: int) -> Q:
        word = "and" if "and" in tree else "or"
        only(tree, {word}, path)
        if not isinstance(tree[word], list):
            raise BadFilter(path, _("“%(word)s” takes a list of conditions.") % {"word": word})
        parts = [self.compile(obj, part, f"{path}.{word}[{n}]", depth + 1) for n, part in enumerate(tree[word])]
        if not parts:
            return ALL if word == "and" else NONE
        return reduce(and_ if word == "and" else or_, parts)

    def _compare(self, obj: Object, tree: Mapping[str, Any], path: str, depth: int) -> Q:
        only(tree, {"field", "op", "value"}, path)
        name = tree.get("field")
        if not isinstance(name, str):
            raise BadFilter(path, _("A condition names its field."))
        known = access.fields(self.actor, obj)
        if name == "id":
            return Q(id__in=self._ids(tree, path))
        if name in known:
            return self._on_field(obj, known[name], tree, path)
        first, rest = hop(name)
        if first not in known or not rest:
            raise BadFilter(path, _("There is no field “%(name)s”.") % {"name": name[:80]})
        over = self._hop(forwards(self.actor, obj, known[first], "", path), path)
        inner = self.compile(over.object, dict(tree) | {"field": rest}, path, depth + 1)
        return Q(Found(over.pairs(over.rows(self.actor, obj).filter(inner), F("id")), over.outer))

    def _hop(self, relation: Relation, path: str) -> Relation:
        self.hops += 1
        if self.hops > FARTHEST:
            raise BadFilter(path, _("This filter goes over more than %(n)s links.") % {"n": FARTHEST})
        return relation

    def _ids(self, tree: Mapping[str, Any], path: str) -> list[Any]:
        values = tree.get("value") if tree.get("op") == "in" else [tree.get("value")]
        if tree.get("op") not in ("is", "in") or not isinstance(values, list):
            raise BadFilter(path, _("An id is compared with “is” or “in”."))
        try:
            return [access.as_uuid(value) for value in values]
        except access.Absent:
            raise BadFilter(path, _("That is no id.")) from None

    def _on_field(self, obj: Object, field: Field, tree: Mapping[str, Any], path: str) -> Q:
        op, value = self._people(field, tree.get("op", "is"), tree.get("value"))
        if op not in field.kind.operators:
            allowed = ", ".join(field.kind.operators)
            raise BadFilter(
                path, _("“%(field)s” can be compared with: %(allowed)s.") % {"field": field.name, "allowed": allowed}
            )
        try:
            if op in ("has", "has_any", "has_none"):
                found = Q(id__in=self._by_key(obj, field, op, value))
                return ~found if op == "has_none" else found
            found = field.lookup(op, value, self.reader)
        except Invalid as problem:
            raise BadFilter(path, str(problem)) from None
        return found if isinstance(found, Q) else Q(found)

    def _people(self, field: Field, op: Any, value: Any) -> tuple[Any, Any]:
        """``my_team`` in place of a person as the persons it means."""
        values = value if isinstance(value, list) else [value]
        if field.kind.name != "user" or MY_TEAM not in values or not isinstance(op, str):
            return op, value
        named = [each for each in values if each != MY_TEAM] + ["me"]
        if self.actor.user_id is not None:
            teams = TeamMember.objects.filter(user_id=self.actor.user_id).values("team_id")
            mates = TeamMember.objects.filter(team_id__in=teams).values_list("user_id", flat=True)
            named += map(str, mates)
        return {"is": "in", "is_not": "not_in"}.get(op, op), named

    def _by_key(self, obj: Object, field: Field, op: str, value: Any) -> QuerySet:
        keys = [key for item in several(value) for key in field.kind.query_keys(item, self.reader)]
        if obj.moment and field.name == obj.moment.about:
            ids = [key.removeprefix("link:").partition("/")[2] for key in keys]
            return Moment.objects.filter(item_object=obj.plural, record_id__in=ids).values("item_id")
        stored = derived.stored_keys(field, keys)
        return Key.objects.filter(object=obj.plural, key__in=stored).values("record_id")

    def _related(self, obj: Object, tree: Mapping[str, Any], path: str, depth: int) -> Found:
        """What some, none or all of the related records fulfil, or what they come to together."""
        word = one_of(tree, (*QUANTIFIERS, *TOTALS), path) or "count"
        only(tree, {"related", "object", word} | (set() if word in QUANTIFIERS else {"where", "op", "value"}), path)
        over = self._hop(relation_of(self.actor, obj, tree, path), path)
        rows, asked = over.rows(self.actor, obj), "where" if word in TOTALS else word
        inner = tree.get(asked)
        if inner:
            wanted = self.compile(over.object, inner, f"{path}.{asked}", depth + 1)
            rows = rows.filter(denied(wanted) if word == "all" else wanted)
        elif inner not in ({}, None):
            raise BadFilter(f"{path}.{asked}", _("Each condition is an object."))
        if word in TOTALS:
            return self._total(over, rows, word, tree, path)
        found = Found(over.pairs(rows, F("id")) if inner else self._all(over, rows, word), over.outer)
        return found if word == "any" else found.denied

    def _all(self, over: Relation, rows: QuerySet, word: str) -> Combinable:
        """The pairs of related records of which nothing is asked: of ``all`` none breaks it."""
        return over.pairs(rows.none(), F("id")) if word == "all" else over.everything(self.actor, rows)

    def _total(self, over: Relation, rows: QuerySet, word: str, tree: Mapping[str, Any], path: str) -> Found:
        """Records whose related ones come to so much. Where a record without any counts too, those that do not are
        left out instead: who has none is in no group.
        """
        op, value = tree.get("op", "gte"), tree.get("value", 1)
        if word == "count":
            if tree.get("count", True) is not True:
                raise BadFilter(path, _("“count” is true."))
            pairs = over.pairs(rows, F("id")) if tree.get("where") else over.everything(self.actor, rows)
            kind: Kind = COUNT
            amount = groups.total(word, BigIntegerField())
        else:
            field = self._measured(over.object, word, tree[word], path)
            kind = field.kind if word in ("min", "max") or field.kind.name == "money" else NUMBER
            value, addend = self._addend(field, op, value, path)
            pairs, amount = over.pairs(rows, addend), groups.total(word, kind.model_field())
        try:
            having = self._having(kind, amount, op, value, empty=word in ("min", "max", "avg"))
            if self._holds_for_none(kind, word, op, value):
                return Found(groups.groups(pairs, denied(having)), over.outer).denied
        except Invalid as problem:
            raise BadFilter(path, str(problem)) from None
        return Found(groups.groups(pairs, having), over.outer)

    def _addend(self, field: Field, op: Any, value: Any, path: str) -> tuple[Any, Any]:
        """The value that is compared with, and what is added up of each record: amounts in the value's currency."""
        if not isinstance(field.kind, MoneyKind) or op in ("empty", "filled"):
            return value, field.expression()
        try:
            alike = field.kind.alike(value, self.reader)
            return alike, field.kind.in_one(field.expression(), field.currency(), alike, self.reader)
        except Invalid as problem:
            raise BadFilter(path, str(problem)) from None

    def _measured(self, source: Object, word: str, name: Any, path: str) -> Field:
        field = access.fields(self.actor, source).get(name) if isinstance(name, str) else None
        if field is None or field.kind.name not in (RANGED if word in ("min", "max") else SUMMED):
            raise BadFilter(
                path, _("“%(name)s” can't be used with “%(word)s”.") % {"name": str(name)[:80], "word": word}
            )
        return field

    def _having(self, kind: Kind, amount: Any, op: Any, value: Any, *, empty: bool) -> Q:
        offered = [each for each in kind.operators if empty or each in NUMERIC]
        if op not in offered:
            raise Invalid("operator", _("Compare with: %(allowed)s.") % {"allowed": ", ".join(offered)})
        return kind.lookup(amount, op, value, self.reader)

    def _holds_for_none(self, kind: Kind, word: str, op: str, value: Any) -> bool:
        """Whether a record without related ones fulfils it: their count and sum are 0, else there is no value."""
        if word not in ("count", "sum"):
            return op in ("is_not", "empty")
        if op == "between":
            low, high = (kind.operand(each, self.reader) for each in value)
            return low <= 0 <= high
        return COMPARE[op](Decimal(0), kind.operand(value, self.reader))


def denied(condition: Q) -> Q:
    """The opposite, where unknown counts as not fulfilled. What is found or not is never unknown, and the planner makes
    more of NOT EXISTS.
    """
    one = condition.children[0] if len(condition.children) == 1 and not condition.negated else None
    return Q(one.denied) if isinstance(one, Found) else Q(NotTrue(condition))


def hop(name: str) -> tuple[str, str]:
    """A path over a link as the link's own name and the rest: ``custom.site.city`` is ``custom.site`` and ``city``."""
    parts = name.split(".")
    own = 2 if parts[0] == "custom" else 1
    return ".".join(parts[:own]), ".".join(parts[own:])
