"""When a field is seen and when it is needed: a filter over the record's own fields, asked of values before they are
written, so by Python. It says the same as the filter says in SQL; a test asks both.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from operator import eq, ge, gt, le, lt
from typing import Any

from django.utils.translation import gettext as _

from .fields import Field
from .kinds import Invalid, Kind, Money, MoneyKind, Reader, lookups
from .kinds.periods import is_period, period

Values = Mapping[str, Any]
DEEPEST, WIDEST = 8, 50
COMPARE = {"is": eq, "lt": lt, "lte": le, "gt": gt, "gte": ge}
OPPOSITES = {"is_not": "is", "not_in": "in", "not_contains": "contains", "filled": "empty", "has_none": "has_any"}
#: Kinds whose values a condition can be about.
ASKED = frozenset(
    """text longtext choice choices number percent money date bool email phone url country language currency timezone
    tags""".split()
)


class BadCondition(ValueError):
    """A condition that can't be asked of a record's own values."""


def check(fields: Mapping[str, Field], tree: Any, reader: Reader, own: str = "", depth: int = 0) -> None:
    """Raise BadCondition unless a condition can be asked of these fields, another than ``own`` each."""
    if depth > DEEPEST or not isinstance(tree, Mapping):
        raise BadCondition(_("This condition is too large."))
    for word in ("and", "or"):
        if word in tree:
            parts = tree[word]
            if not isinstance(parts, list) or len(parts) > WIDEST or len(tree) > 1:
                raise BadCondition(_("This condition is too large."))
            for part in parts:
                check(fields, part, reader, own, depth + 1)
            return None
    if "not" in tree:
        return check(fields, tree["not"], reader, own, depth + 1)
    name = tree.get("field")
    known = fields.get(name) if isinstance(name, str) else None
    if known is None or known.kind.name not in ASKED or known.formula or known.name == own:
        words = _(
            "When a field is asked for depends on other fields of the same record; “%(name)s” is none that can tell."
        )
        raise BadCondition(words % {"name": str(tree.get("field") or tree.get("related") or "")[:80]})
    if tree.get("op", "is") not in known.kind.operators:
        raise BadCondition(_("“%(op)s” can't be used with this field.") % {"op": str(tree.get("op"))[:40]})
    try:
        _test(known.kind, known.kind.empty, tree.get("op", "is"), tree.get("value"), reader)
    except (Invalid, TypeError, ValueError) as problem:
        raise BadCondition(str(problem)) from None
    return None


def holds(fields: Mapping[str, Field], tree: Values, values: Values, reader: Reader) -> bool:
    """Whether values fulfil a condition; one about a field that is gone does not hold."""
    if "and" in tree:
        return all(holds(fields, part, values, reader) for part in tree["and"])
    if "or" in tree:
        return any(holds(fields, part, values, reader) for part in tree["or"])
    if "not" in tree:
        return not holds(fields, tree["not"], values, reader)
    known = fields.get(tree.get("field", ""))
    if known is None:
        return False
    try:
        value = values.get(known.name, known.kind.empty)
        return _test(known.kind, value, tree.get("op", "is"), tree.get("value"), reader)
    except Invalid:
        return False


def _test(kind: Kind, value: Any, op: str, asked: Any, reader: Reader) -> bool:
    """One comparison, as ``kinds.lookups`` makes it in SQL."""
    if op in OPPOSITES:
        return not _test(kind, value, OPPOSITES[op], asked, reader)
    if op == "empty":
        return kind.is_empty(value)
    if isinstance(kind, MoneyKind) and op in COMPARE:
        return _is_worth(kind, value, op, asked, reader)
    return _positive(kind, value, op, asked, reader)


def _positive(kind: Kind, value: Any, op: str, asked: Any, reader: Reader) -> bool:  # one an operator
    if op in ("has", "has_any"):
        wanted = {key for item in lookups.several(asked) for key in kind.query_keys(item, reader)}
        return bool(wanted & set(kind.keys(value)))
    if op == "between":
        low, high = lookups.bounds(asked)
        return _test(kind, value, "gte", low, reader) and _test(kind, value, "lte", high, reader)
    if kind.name == "date" and (op == "within" or is_period(asked)):
        start, end = period(asked, reader.now, reader.time_zone)
        return value is not None and _on_span(value, op, start.date(), end.date())
    held = _comparable(kind, value)
    if op in lookups.PATTERNS:
        if not isinstance(asked, str) or not asked:
            raise Invalid("no_value", _("Say what to compare with."))
        text, part = str(held or "").lower(), asked.lower()
        return {"contains": part in text, "starts": text.startswith(part), "ends": text.endswith(part)}[op]
    if op == "in":
        wanted_values = [_comparable(kind, kind.operand(item, reader)) for item in lookups.several(asked)]
        return held in wanted_values
    wanted_value = _comparable(kind, kind.operand(asked, reader))
    return held is not None and COMPARE[op](held, wanted_value)


def _is_worth(kind: MoneyKind, value: Money | None, op: str, asked: Any, reader: Reader) -> bool:
    """An amount against what is asked, in its own currency; without a rate it is neither more nor less."""
    worth = kind.worth(asked, reader)
    if value is None or op == "is":
        return value is not None and value == kind.clean(asked, reader)
    return value.currency in worth and COMPARE[op](value.amount, worth[value.currency])


def _comparable(kind: Kind, value: Any) -> Any:
    return value.lower() if isinstance(value, str) and kind.operators is lookups.TEXT else value


def _on_span(value: date, op: str, start: date, end: date) -> bool:
    if op in ("is", "within"):
        return start <= value < end
    edge = start if op in ("lt", "gte") else end
    return value < edge if op in ("lt", "lte") else value >= edge


def ruled(fields: Mapping[str, Field]) -> bool:
    """Whether any field is seen or needed only under a condition."""
    return any(known.visible_when or known.required_when for known in fields.values())


def unseen(fields: Mapping[str, Field], values: Values, reader: Reader) -> set[str]:
    """The fields that have no place on a record with these values."""
    return {
        name
        for name, known in fields.items()
        if known.visible_when and not holds(fields, known.visible_when, values, reader)
    }


def needed(fields: Mapping[str, Field], values: Values, reader: Reader) -> set[str]:
    """The fields that a record with these values needs, as far as it shows them."""
    wanted = {
        name
        for name, known in fields.items()
        if known.required_when and holds(fields, known.required_when, values, reader)
    }
    return wanted - unseen(fields, values, reader) if wanted else wanted


def wrong(fields: Mapping[str, Field], values: Values, old: Values | None, reader: Reader) -> dict[str, str]:
    """What a write does against these rules: field name -> what is wrong. What was so before may stay so."""
    found = {}
    for name in needed(fields, values, reader):
        was_missing = (
            old is not None and fields[name].kind.is_empty(old.get(name)) and name in needed(fields, old, reader)
        )
        if fields[name].kind.is_empty(values.get(name)) and not was_missing:
            found[name] = _("This is needed here. Fill it in.")
    for name in unseen(fields, values, reader):
        value = values.get(name)
        if not fields[name].kind.is_empty(value) and value != (old or {}).get(name):
            found[name] = _("This field has no place on such a record; leave it empty.")
    return found
