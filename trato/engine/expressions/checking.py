"""From the tree of a formula to values with types: every name is looked up, every type compared, before anything is
saved. What is wrong is said with its place and with what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from ..fields import Field
from ..objects import Object
from ..workspaces.actors import Actor
from . import over
from .checked import OUTPUTS, TYPES, Checked, Context, amount, built, currency, nothing, of_field, paired, unknown
from .functions import EVERY, FUNCTIONS, SPECIAL, TOTALS, Function
from .grammar import BadExpression, Call, Literal, Name, Node, parse
from .sql import BOOL, DATE, NUMBER, TEXT, Sql, literal

#: Parts of a formula with those of the formulas it uses, and how many of these stand on each other.
LARGEST, HIGHEST = 1_000, 5
#: Pieces of SQL, of which some parts need several.
LARGEST_SQL = 5_000
COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
tree_of = lru_cache(1_000)(parse)
Special = Callable[[Call, list["Checked"]], Checked]


class Checker:
    """Checks one formula of an object. ``inputs`` are, when it is done, the fields it uses in the end, as (object,
    name); ``everybody`` is an actor who sees all of the workspace, since what is right does not depend on who looks.
    """

    def __init__(self, everybody: Actor) -> None:
        self.everybody = everybody
        self.inputs: set[tuple[str, str]] = set()
        self.stack: list[tuple[Object, str]] = []
        self.parts = self.hops = 0

    def formula(self, obj: Object, name: str, source: str) -> Checked:
        """The value of a whole formula; raises BadExpression."""
        self.stack.append((obj, name))
        found = self.check(tree_of(source), obj)
        self.stack.pop()
        return found

    def check(self, node: Node, obj: Object) -> Checked:
        """The value of one part, over records of ``obj``; raises BadExpression."""
        self.parts += 1
        if self.parts > LARGEST:
            raise BadExpression(node.at, _("With the formulas it uses, this formula is too large."))
        if isinstance(node, Literal):
            return self.literal(node)
        if isinstance(node, Name):
            return over.value(self, obj, node.path, node.at).moved(node.at)
        assert isinstance(node, Call)
        if node.function in TOTALS:
            return over.total(self, obj, node)
        if node.where is not None:
            raise BadExpression(node.where.at, _("“where” belongs to count, sum, min, max and avg."))
        arguments = [self.check(each, obj) for each in node.arguments]
        found = self.call(node, arguments).moved(node.at)
        if found.size > LARGEST_SQL:
            raise BadExpression(node.at, _("With the formulas it uses, this formula is too large."))
        return found

    def literal(self, node: Literal) -> Checked:
        """A value that stands in the text."""
        value = node.value
        if value is None:
            return Checked("empty", lambda _context: None, node.at)
        if isinstance(value, bool):
            return Checked("bool", lambda _context: literal(value, BOOL, "boolean"), node.at)
        if isinstance(value, Decimal):
            return Checked("number", lambda _context: literal(value, NUMBER, "numeric"), node.at)
        return Checked("text", lambda _context: literal(value, TEXT, "text"), node.at, said=value)

    def stored(self, obj: Object, known: Field, at: int) -> Checked:
        """The value of a field of a record: what is stored, or what its own formula comes to."""
        if not known.formula:
            self.inputs.add((obj.plural, known.name))
            found = of_field(known)
            if found is None:
                words = _("“%(name)s” holds %(kind)s, which formulas can't work with.")
                raise BadExpression(at, words % {"name": known.name, "kind": known.kind.label})
            return found
        steps = [*self.stack, (obj, known.name)]
        path = " → ".join(f"{each.plural}.{name}" for each, name in steps)
        if any(each.plural == obj.plural and name == known.name for each, name in self.stack):
            raise BadExpression(at, _("This formula would need itself: %(path)s.") % {"path": path})
        if len(self.stack) >= HIGHEST:
            words = _("At most %(n)s formulas may depend on each other: %(path)s.")
            raise BadExpression(at, words % {"n": HIGHEST, "path": path})
        self.inputs.add((obj.plural, known.name))
        try:
            inner = self.formula(obj, known.name, known.formula)
        except BadExpression as problem:
            if "→" in problem.message:
                raise BadExpression(at, problem.message) from None
            words = _("The formula of “%(name)s” can't be worked out any more: %(problem)s")
            raise BadExpression(at, words % {"name": known.name, "problem": problem}) from None
        return rounded(inner, getattr(known.kind, "digits", 2))

    # -- operators and functions ------------------------------------------------------------------------------------

    def call(self, node: Call, arguments: list[Checked]) -> Checked:
        """What a function or an operator gives."""
        name = node.function
        if name in COMPARISONS:
            return self.compared(name, *arguments)
        if name in ("and", "or"):
            both = [self.wanted(each, "bool") for each in arguments]
            return built("bool", f"({{0}} {name.upper()} {{1}})", *both)
        if name == "not":
            return built("bool", "(NOT {0})", self.wanted(arguments[0], "bool"))
        if name in ("+", "-", "*", "/", "negative"):
            return self.reckoned(name, arguments)
        if name in FUNCTIONS:
            return self.function(node, FUNCTIONS[name], arguments)
        if name in SPECIAL:
            special: Special = getattr(self, f"do_{name}")
            return special(node, arguments)
        raise BadExpression(node.at, unknown(_("There is no function “%(name)s”."), name, EVERY))

    def wanted(self, value: Checked, kind: str) -> Checked:
        """A value as one of another type, where it can be; raises BadExpression."""
        if value.type == kind:
            return value
        if value.type == "empty":
            return empty(kind).moved(value.at)
        if kind == "date" and value.said is not None:
            return self.day(value)
        if kind == "date" and value.type == "datetime":
            return Checked("date", lambda context: day_of(value.make(context), context), value.at, size=value.size + 1)
        if kind == "text" and value.type in AS_TEXT:
            return built("text", f"coalesce({AS_TEXT[value.type]}, '')", value).moved(value.at)
        words = _("This is %(found)s where %(wanted)s is needed.")
        raise BadExpression(value.at, words % {"found": TYPES[value.type], "wanted": TYPES[kind]})

    def day(self, value: Checked) -> Checked:
        """The date that a text in a formula names; raises BadExpression."""
        try:
            found = date.fromisoformat(value.said or "")
        except ValueError:
            raise BadExpression(value.at, _("Write a date as year, month and day, such as 2026-01-31.")) from None
        return Checked("date", lambda _context: literal(found, DATE, "date"), value.at)

    def alike(self, values: Sequence[Checked], among: Iterable[str] = ()) -> list[Checked]:
        """Values as ones of the same type; raises BadExpression."""
        kinds = [each.type for each in values if each.type != "empty"]
        if not kinds:
            raise BadExpression(values[0].at, _("At least one of these values has to be something."))
        shared = "date" if "date" in kinds else kinds[0]
        if among and shared not in among:
            raise self.misfit(next(each for each in values if each.type == shared), among)
        return [self.wanted(each, shared) for each in values]

    def misfit(self, value: Checked, among: Iterable[str]) -> BadExpression:
        """A value whose type fits none of those that are meant."""
        wanted = ", ".join(str(TYPES[each]) for each in among)
        words = _("This is %(found)s; use one of these: %(wanted)s.")
        return BadExpression(value.at, words % {"found": TYPES[value.type], "wanted": wanted})

    def compared(self, sign: str, left: Checked, right: Checked) -> Checked:
        """Whether two values are alike, or one before the other; what is empty is neither."""
        for one, other in ((left, right), (right, left)):
            if one.choices and other.said and other.said.lower() not in {each.lower() for each in one.choices}:
                words = unknown(_("“%(name)s” is none of the choices."), other.said, one.choices, every=True)
                raise BadExpression(other.at, words)
        if "empty" in (left.type, right.type):
            raise BadExpression(left.at, _("Ask with is_empty(…) or is_filled(…) whether something is empty."))
        left, right = self.alike([left, right])
        if left.type == "bool" and sign not in ("=", "<>"):
            raise BadExpression(left.at, _("Yes or no is only compared with = and <>."))
        operator, holds = ("=", "IS NOT TRUE") if sign == "<>" else (sign, "IS TRUE")
        if left.type == "money":
            template = f"(({{0}} {operator} {{1}} AND {{2}} = {{3}}) {holds})"
            return built("bool", template, amount(left), amount(right), currency(left), currency(right))
        if left.type == "text":
            return built("bool", f"((lower({{0}}) {operator} lower({{1}})) {holds})", left, right)
        return built("bool", f"(({{0}} {operator} {{1}}) {holds})", left, right)

    def reckoned(self, sign: str, values: list[Checked]) -> Checked:
        """What numbers, amounts and days come to. Amounts of two currencies come to nothing."""
        values = [self.wanted(each, "number") if each.type == "empty" else each for each in values]
        for each in values:
            if each.type not in ("number", "money"):
                words = self.misfit(each, ("number", "money"))
                hint = {"text": _("Texts are joined with concat(…)."), "date": _("Use days_between(…) or add_days(…).")}
                raise BadExpression(words.at, f"{words.message} {hint.get(each.type, '')}".strip())
        kinds = [each.type for each in values]
        template = {"/": "({0} / nullif({1}, 0))", "negative": "(- {0})"}.get(sign, f"({{0}} {sign} {{1}})")
        if "money" not in kinds:
            return built("number", template, *values)
        amounts = [amount(each) if each.type == "money" else each for each in values]
        if (
            sign == "negative"
            or (kinds == ["money", "number"] and sign in "*/")
            or (kinds == ["number", "money"] and sign == "*")
        ):
            [of] = [each for each in values if each.type == "money"]
            return paired(built("number", template, *amounts), currency(of))
        if kinds != ["money", "money"] or sign == "*":
            raise BadExpression(values[0].at, _("Money is added to money, and multiplied or divided by numbers."))
        left, right = map(currency, values)
        same = f"CASE WHEN {{2}} = {{3}} THEN {template} END"
        come_to = built("number", same, *amounts, left, right)
        return come_to if sign == "/" else paired(come_to, built("text", SHARED, left, right))

    def function(self, node: Call, known: Function, values: list[Checked]) -> Checked:
        """What a function of the table gives; raises BadExpression."""
        values = [*values, *([WHOLE] if node.function == "round" and len(values) == 1 else [])]
        short = len(values) < len(known.takes) + (known.gives == "same")
        if short or (not known.many and len(values) > len(known.takes)):
            raise BadExpression(node.at, _("%(name)s takes %(n)s.") % {"name": node.function, "n": takes(known)})
        if known.gives == "same":
            values = self.alike(values, known.among)
        else:
            kinds = [*known.takes, *[known.takes[-1]] * (len(values) - len(known.takes))]
            values = [self.wanted(each, kind) for each, kind in zip(values, kinds, strict=True)]
        template = known.template.replace("{}", known.joined.join(f"{{{n}}}" for n in range(len(values))))
        kind = values[0].type if known.gives == "same" else known.gives
        return replace(built(kind, template, *values), whole=known.whole)

    # -- functions of their own kind --------------------------------------------------------------------------------

    def do_if(self, node: Call, values: list[Checked]) -> Checked:
        """Conditions, each with what holds then, and what holds otherwise."""
        if len(values) < 3 or len(values) % 2 == 0:
            raise BadExpression(node.at, _("if takes a condition, what holds then, and what holds otherwise."))
        conditions = [self.wanted(each, "bool") for each in values[:-1:2]]
        return chosen(conditions, self.alike([*values[1:-1:2], values[-1]]))

    def do_if_empty(self, node: Call, values: list[Checked]) -> Checked:
        """The first value that is something."""
        if len(values) < 2:
            raise BadExpression(node.at, _("if_empty takes a value and what stands in for it."))
        values = self.alike(values)
        return chosen([built("bool", "(NOT {0})", blank(each)) for each in values[:-1]], values)

    def do_is_empty(self, node: Call, values: list[Checked]) -> Checked:
        """Whether a value is nothing."""
        if len(values) != 1:
            raise BadExpression(node.at, _("%(name)s takes %(n)s.") % {"name": node.function, "n": _("one value")})
        return blank(values[0])

    def do_is_filled(self, node: Call, values: list[Checked]) -> Checked:
        """Whether a value is something."""
        return built("bool", "(NOT {0})", self.do_is_empty(node, values))

    def do_today(self, node: Call, values: list[Checked]) -> Checked:
        """The reader's day."""
        self.bare(node, values)
        return Checked("date", lambda context: literal(context.today, DATE, "date"))

    def do_now(self, node: Call, values: list[Checked]) -> Checked:
        """The moment at which somebody reads."""
        self.bare(node, values)
        return Checked("datetime", lambda context: literal(context.now, OUTPUTS["datetime"], "timestamptz"))

    def bare(self, node: Call, values: list[Checked]) -> None:
        """Raise BadExpression where something is given to a function that takes nothing."""
        if values:
            raise BadExpression(values[0].at, _("%(name)s takes nothing: write %(name)s().") % {"name": node.function})

    def do_amount(self, node: Call, values: list[Checked]) -> Checked:
        """Of money the number."""
        return amount(self.wanted(self.one(node, values), "money"))

    def do_currency(self, node: Call, values: list[Checked]) -> Checked:
        """Of money the currency."""
        return currency(self.wanted(self.one(node, values), "money"))

    def one(self, node: Call, values: list[Checked]) -> Checked:
        """The one value a function takes."""
        if len(values) != 1:
            raise BadExpression(node.at, _("%(name)s takes %(n)s.") % {"name": node.function, "n": _("one value")})
        return values[0]

    def do_money(self, node: Call, values: list[Checked]) -> Checked:
        """A number as money, in a currency or the workspace's."""
        if len(values) not in (1, 2):
            raise BadExpression(node.at, _("money takes a number and, in quotes, a currency."))
        said = values[1].said if len(values) == 2 else self.everybody.workspace.currency
        if not said or len(said) != 3 or not said.isalpha() or not said.isascii():
            raise BadExpression(values[-1].at, _("money takes a number and, in quotes, a currency."))
        code = Checked("text", lambda _context: literal(said.upper(), TEXT, "text"))
        return paired(self.wanted(values[0], "number"), code)


WHOLE = Checked("number", lambda _context: literal(Decimal(0), NUMBER, "numeric"))
#: The currency of two amounts, "" where they differ.
SHARED = "(SELECT CASE WHEN a = b THEN a ELSE '' END FROM (SELECT {0} AS a, {1} AS b OFFSET 0) q)"
AS_TEXT = {"number": "trim_scale({0})::text", "date": "to_char({0}, 'YYYY-MM-DD')"}


def empty(kind: str) -> Checked:
    """An empty value of a type."""
    if kind == "money":
        return paired(empty("number"), empty("text"))
    return Checked(kind, lambda _context: nothing(kind))


def day_of(moment: Any, context: Context) -> Sql:
    """The reader's day of a moment."""
    zone = literal(context.actor.time_zone, TEXT, "text")
    return Sql("({0} AT TIME ZONE {1})::date", moment, zone, output=DATE)


def blank(value: Checked) -> Checked:
    """Whether a value is nothing; yes or no never is."""
    if value.type == "empty":
        return Checked("bool", lambda _context: literal(True, BOOL, "boolean"), value.at)
    templates = {"text": "({0} = '')", "bool": "({0} IS NULL)"}
    value = amount(value) if value.type == "money" else value
    return built("bool", templates.get(value.type, "({0} IS NULL)"), value).moved(value.at)


def chosen(conditions: list[Checked], values: list[Checked]) -> Checked:
    """The value whose condition is the first that holds, else the last one."""
    kind = values[0].type
    if kind == "money":
        return paired(chosen(conditions, list(map(amount, values))), chosen(conditions, list(map(currency, values))))
    cases = " ".join(f"WHEN {{{2 * n}}} THEN {{{2 * n + 1}}}" for n in range(len(conditions)))
    pairs = [each for pair in zip(conditions, values, strict=False) for each in pair]
    return built(kind, f"(CASE {cases} ELSE {{{len(pairs)}}} END)", *pairs, values[-1])


def rounded(value: Checked, digits: int) -> Checked:
    """A value as it is shown, so that what formulas make of each other's values is what people see: numbers with so
    many digits and none that is too large to be kept, texts not longer than fields are.
    """
    if value.type == "money":
        return paired(rounded(amount(value), digits), currency(value))
    if value.type == "number":
        # OFFSET keeps the planner from working the value out twice.
        once = f"(SELECT CASE WHEN abs(v) < 1e15 THEN round(v, {int(digits)}) END FROM (SELECT {{0}} AS v OFFSET 0) q)"
        return built("number", once, value)
    return built("text", "left({0}, 10000)", value) if value.type == "text" else value


def takes(known: Function) -> str:
    """What a function takes, in words."""
    if known.gives == "same":
        return _("two values or more")
    kinds = ", ".join(str(TYPES[each]) for each in known.takes)
    return f"{kinds} …" if known.many else kinds
