"""Formulas over links: a field behind one, and what related records come to together.

Records at the other end are always narrowed to those the reader may see: a formula tells nobody what is hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from .. import access, filters, objects
from ..fields import Field
from ..filters import BadFilter, Relation, hop
from ..filters.relations import ID
from ..objects import Object
from .checked import NOTHING, OUTPUTS, TYPES, Checked, Context, paired, unknown
from .grammar import BadExpression, Call, Name
from .sql import NUMBER, TEXT, Scalar, Sql

if TYPE_CHECKING:
    from .checking import Checker

#: How often all of a formula may go over links.
FARTHEST = 16
#: Pieces of SQL that going over a link takes.
PIECES = 10
#: What can be added up, and what has a least and a most.
SUMMED, RANGED = ("number", "money"), ("number", "money", "date", "datetime")
#: What amounts come to: nothing where their currencies differ.
CODES = "(array_agg(g.value[2]) FILTER (WHERE g.value[1] IS NOT NULL))"
ONE_CODE = "count(DISTINCT g.value[2]) FILTER (WHERE g.value[1] IS NOT NULL) <= 1"


def value(checker: Checker, obj: Object, path: str, at: int) -> Checked:
    """The value of a field, maybe behind links; raises BadExpression."""
    first, rest = hop(path)
    names = obj.fields(checker.everybody.workspace)
    known = named(names, first)
    if known is None:
        words = _("%(object)s have no field “%(name)s”.")
        raise BadExpression(at, unknown(words, first, names, object=obj.label_plural))
    linking = known.kind.name in ("link", "links")
    if not rest and not linking:
        return checker.stored(obj, known, at)
    if not rest:
        words = _("“%(name)s” is a link: go on with a dot and a field of its records, such as %(name)s.title.")
        raise BadExpression(at, words % {"name": first})
    over = _asked(checker, at, lambda: filters.forwards(checker.everybody, obj, known, "", ""))
    if not over.single:
        words = _("“%(name)s” links to several records: use count(…), sum(…), min(…), max(…) or avg(…).")
        raise BadExpression(at, words % {"name": first})
    checker.inputs.add((obj.plural, known.name))
    return _reached(over, obj, value(checker, over.object, rest, at))


def named(names: Mapping[str, Field], name: str) -> Field | None:
    """A field by its name; those an administrator added may be named without ``custom.``."""
    return names.get(name) or names.get(f"custom.{name}")


def _asked(checker: Checker, at: int, ask: Callable[[], Relation]) -> Relation:
    """A relation, counted; raises BadExpression."""
    checker.hops += 1
    if checker.hops > FARTHEST:
        raise BadExpression(at, _("This formula goes over more than %(n)s links.") % {"n": FARTHEST})
    try:
        return ask()
    except BadFilter as problem:
        raise BadExpression(at, problem.message) from None


def rows_of(actor: Any, over: Relation, obj: Object) -> Any:
    """The records at the other end that the actor may see, without what their own formulas come to."""
    return over.rows(actor, obj) if over.object is filters.TIMELINE else access.bare(actor, over.object)


def _reached(over: Relation, obj: Object, inner: Checked) -> Checked:
    """What one record at the other end says, nothing where there is none to be seen."""
    if inner.pair:
        return paired(*(_reached(over, obj, part) for part in inner.pair))

    def make(context: Context) -> Any:
        rows, output = rows_of(context.actor, over, obj), OUTPUTS[inner.type]
        found = Scalar("g.value", over.pairs(rows, inner.make(context)), over.outer, NOTHING[inner.type], output)
        filled = {"text": "coalesce({0}, '')", "bool": "coalesce({0}, false)"}.get(inner.type)
        return Sql(filled, found, output=output) if filled else found

    return Checked(inner.type, make, choices=inner.choices, size=inner.size + PIECES)


def total(checker: Checker, obj: Object, node: Call) -> Checked:
    """What related records come to: ``count(calls.about)``, ``sum(calls.about.minutes where …)``."""
    word = node.function
    if len(node.arguments) != 1 or not isinstance(node.arguments[0], Name):
        words = _("%(word)s takes related records and, but for count, a field of theirs, such as %(example)s.")
        raise BadExpression(node.at, words % {"word": word, "example": "sum(calls.about.minutes)"})
    name = node.arguments[0]
    over, rest = _related(checker, obj, name.path, name.at)
    condition = checker.wanted(checker.check(node.where, over.object), "bool") if node.where else None
    if word == "count":
        if rest:
            raise BadExpression(
                name.at, _("count takes records, without a field: leave out “.%(name)s”.") % {"name": rest}
            )
        return _counted(over, obj, condition)
    if not rest:
        raise BadExpression(name.at, _("Say which field: go on with a dot, such as %(path)s.…") % {"path": name.path})
    measured = value(checker, over.object, rest, name.at)
    if measured.type not in (SUMMED if word in ("sum", "avg") else RANGED):
        words = _("Here stands %(found)s, which %(word)s can't be made of.")
        raise BadExpression(name.at, words % {"found": TYPES[measured.type], "word": word})
    return _measured(over, obj, word, measured, condition)


def _related(checker: Checker, obj: Object, path: str, at: int) -> tuple[Relation, str]:
    """The relation a path begins with, and the field it goes on with; raises BadExpression."""
    everybody = checker.everybody
    first, rest = hop(path)
    own = named(obj.fields(everybody.workspace), first)
    if own is not None and own.kind.name in ("link", "links"):
        checker.inputs.add((obj.plural, own.name))
        return _asked(checker, at, lambda: filters.forwards(everybody, obj, own, "", "")), rest
    plural, _dot, rest = path.partition(".")
    if plural == filters.TIMELINE.plural:
        return _asked(checker, at, lambda: filters.relation_of(everybody, obj, {"related": plural}, "")), rest
    known = {each.plural: each for each in objects.all_objects()}
    if plural not in known:
        ways = [f"{each.plural}.{field.name}" for each in known.values() for field in _links(each, obj, checker)]
        raise BadExpression(at, unknown(_("There are no related records “%(name)s”."), path, ways))
    links = {field.name: field for field in _links(known[plural], obj, checker)}
    name, rest = hop(rest)
    link = named(links, name)
    if link is None:
        said = ", ".join(f"{plural}.{each}" for each in links)
        words = _("“%(plural)s” do not point at these records by “%(name)s”.") % {"plural": plural, "name": name}
        raise BadExpression(at, f"{words} " + _("Did you mean: %(names)s?") % {"names": said} if said else words)
    checker.inputs.add((plural, link.name))
    tree = {"related": f"{plural}.{link.name}"}
    return _asked(checker, at, lambda: filters.relation_of(everybody, obj, tree, "")), rest


def _links(other: Object, obj: Object, checker: Checker) -> list[Any]:
    return other.links_to(obj.plural, checker.everybody.workspace)


def _rows(context: Context, over: Relation, obj: Object, condition: Checked | None) -> Any:
    rows = rows_of(context.actor, over, obj)
    return rows.filter(condition.make(context)) if condition else rows


def _counted(over: Relation, obj: Object, condition: Checked | None) -> Checked:
    """How many related records there are."""

    def make(context: Context) -> Any:
        rows = _rows(context, over, obj, condition)
        pairs = over.pairs(rows, ID) if condition else over.everything(context.actor, rows)
        return Scalar("count(*)::numeric", pairs, over.outer, "0::numeric", NUMBER)

    return Checked("number", make, whole=True, size=(condition.size if condition else 0) + PIECES)


def _measured(over: Relation, obj: Object, word: str, measured: Checked, condition: Checked | None) -> Checked:
    """The sum, least, most or average of a field of related records; a sum of nothing is 0."""

    size = measured.size + (condition.size if condition else 0) + PIECES
    if measured.type == "money":
        return paired(*(_amounts(over, obj, word, measured, condition=condition, part=part) for part in (0, 1)))

    def make(context: Context) -> Any:
        rows = _rows(context, over, obj, condition)
        sql = {"sum": "coalesce(sum(g.value), 0)"}.get(word, f"{word}(g.value)")
        empty = "0::numeric" if word == "sum" else NOTHING[measured.type]
        return Scalar(sql, over.pairs(rows, measured.make(context)), over.outer, empty, OUTPUTS[measured.type])

    return Checked(measured.type, make, size=size)


def _amounts(
    over: Relation, obj: Object, word: str, measured: Checked, *, condition: Checked | None, part: int
) -> Checked:
    """What amounts come to, or (``part`` 1) in which currency; a sum of none is 0 in the workspace's."""

    def make(context: Context) -> Any:
        said = measured.make(context)
        pair = Sql("ARRAY[({0})::text, {1}]", said.amount, said.currency, output=TEXT)
        pairs = over.pairs(_rows(context, over, obj, condition), pair)
        own = context.actor.workspace.currency
        code = f"'{own}'" if own.isalpha() and own.isascii() else "''"
        total = f"{word}((g.value[1])::numeric)"
        total = f"coalesce({total}, 0)" if word == "sum" else total
        amount = f"CASE WHEN {ONE_CODE} THEN {total} END"
        codes = f"CASE WHEN {ONE_CODE} THEN coalesce({CODES}[1], {code}) ELSE '' END"
        if part:
            return Scalar(codes, pairs, over.outer, code, TEXT)
        return Scalar(amount, pairs, over.outer, "0::numeric" if word == "sum" else "NULL::numeric", NUMBER)

    return Checked("text" if part else "number", make, size=measured.size * 2 + PIECES)
