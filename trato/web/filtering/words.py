"""A filter in words: ``Lifecycle is Customer``, ``Contacts: at least one where …``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trato.engine import filters
from trato.engine.filters import MY_TEAM
from trato.engine.kinds import Invalid, Kind, Link, Links, Reader
from trato.engine.kinds.periods import read_period
from trato.engine.objects import Object
from trato.engine.workspaces.actors import Actor

from ..words import PERIODS, QUANTIFIERS, TOTALS, operator
from . import subjects
from .shapes import COUNT, WITHOUT_VALUE, Figure
from .trees import GROUPS, asked_of


def refs(actor: Actor, obj: Object, tree: Any, reader: Reader) -> Iterator[str]:
    """The addresses of records a filter names, so that their titles are asked for together."""
    if not isinstance(tree, Mapping):
        return
    for word in GROUPS:
        for part in tree[word] if isinstance(tree.get(word), list) else ():
            yield from refs(actor, obj, part, reader)
    yield from refs(actor, obj, tree.get("not"), reader)
    if not {"field", "related"} & set(tree):
        return
    subject = subjects.of_condition(actor, obj, tree)
    if subject is None:
        return
    if subject.relation is not None:
        yield from refs(actor, subject.relation.object, tree.get(asked_of(tree)), reader)
    elif isinstance(subject.kind, Link | Links):
        for value in tree["value"] if isinstance(tree.get("value"), list) else [tree.get("value")]:
            yield from _refs(subject.kind, value, reader)


def _refs(kind: Kind, value: Any, reader: Reader) -> list[str]:
    try:
        return kind.refs(kind.clean([value] if kind.many else value, reader))
    except Invalid:
        return []


def describe(actor: Actor, obj: Object, tree: Any, reader: Reader) -> str:
    """A condition in words, with all that is inside it."""
    if not isinstance(tree, Mapping):
        return str(tree)[:200]
    for word, joined in (("and", _("and")), ("or", _("or"))):
        if isinstance(tree.get(word), list):
            return f" {joined} ".join(_part(actor, obj, part, reader) for part in tree[word]) or "…"
    if isinstance(tree.get("not"), Mapping):
        return _("not (%(condition)s)") % {"condition": describe(actor, obj, tree["not"], reader)}
    said = head(actor, obj, tree, reader)
    inner = tree.get(asked_of(tree)) if "related" in tree else None
    subject = subjects.of_condition(actor, obj, tree) if inner else None
    if subject is None or subject.relation is None:
        return said
    inside = _part(actor, subject.relation.object, inner, reader)
    return _("%(what)s where %(condition)s") % {"what": said, "condition": inside}


def _part(actor: Actor, obj: Object, tree: Any, reader: Reader) -> str:
    """A condition among others: in brackets where it joins several itself."""
    said = describe(actor, obj, tree, reader)
    several = isinstance(tree, Mapping) and any(isinstance(tree.get(word), list) for word in GROUPS)
    return f"({said})" if several else said


def head(actor: Actor, obj: Object, tree: Mapping[str, Any], reader: Reader) -> str:
    """A condition in words, without what it asks of related records."""
    subject = subjects.of_condition(actor, obj, tree)
    if "related" in tree:
        return _related(actor, subject, tree, reader)
    name, op = str(tree.get("field", "")), str(tree.get("op", "is"))
    if subject is None or subject.kind is None:
        return f"{name} {op} {tree.get('value', '')}".strip()
    return f"{subject.label} {compared(subject.kind, op, tree.get('value'), reader)}"


def compared(kind: Kind, op: str, value: Any, reader: Reader) -> str:
    """An operator and its value in words."""
    said = "" if op in WITHOUT_VALUE else value_words(kind, op, value, reader)
    return f"{operator(kind.name, op)} {said}".strip()


def _related(actor: Actor, subject: subjects.Subject | None, tree: Mapping[str, Any], reader: Reader) -> str:
    relation = subject.relation if subject else None
    label = subject.label if subject else str(tree["related"])
    word = next((each for each in (*filters.QUANTIFIERS, *filters.TOTALS) if each in tree), "count")
    if word in QUANTIFIERS:
        return f"{label}: {QUANTIFIERS[word]}"
    kind: Kind = COUNT if word == "count" else Figure()
    of = ""
    if word != "count" and relation is not None:
        field = subjects.of_field(actor, relation.object, str(tree[word]))
        of = f" {field.label}" if field else f" {tree[word]}"
        if field and field.kind and (word in ("min", "max") or field.kind.name == "money"):
            kind = field.kind
    return f"{label}: {TOTALS[word]}{of} {compared(kind, str(tree.get('op', 'gte')), tree.get('value', 1), reader)}"


def value_words(kind: Kind, op: str, value: Any, reader: Reader) -> str:
    """A condition's value in words; what can't be read is said as it was given."""
    if isinstance(value, list):
        joined = _(" and ") if op == "between" else ", "
        return joined.join(value_words(kind, "is", item, reader) for item in value)
    if kind.name in ("date", "datetime") and (said := _period(value)):
        return said
    if kind.name == "user" and value in ("me", MY_TEAM):
        return _("me") if value == "me" else _("my team")
    if isinstance(kind, Link | Links):
        return ", ".join(reader.titles.get(ref, "…") for ref in _refs(kind, value, reader)) or str(value)
    try:
        plain = not kind.many and op in ("is", "is_not", "lt", "lte", "gt", "gte", "in", "not_in")
        return kind.plain(kind.clean(value, reader), reader) if plain else _item(kind, value, reader)
    except Invalid:
        return str(value)


def _item(kind: Kind, value: Any, reader: Reader) -> str:
    """One item of a field that holds several, as the field says it."""
    return kind.plain(kind.clean([value], reader), reader) if kind.name == "choices" else str(value)


def _period(value: Any) -> str:
    if isinstance(value, str) and value in PERIODS:
        return str(PERIODS[value])
    period = read_period(value)
    word = next((each for each in ("last", "next", "ago", "ahead") if isinstance(period, dict) and each in period), "")
    if not word or not isinstance(period[word], int):
        return ""
    n = period[word]
    length = {
        "day": ngettext("%(n)s day", "%(n)s days", n),
        "week": ngettext("%(n)s week", "%(n)s weeks", n),
        "month": ngettext("%(n)s month", "%(n)s months", n),
        "quarter": ngettext("%(n)s quarter", "%(n)s quarters", n),
        "year": ngettext("%(n)s year", "%(n)s years", n),
    }.get(str(period.get("unit")), "")
    said = {"last": _("the last %(t)s"), "next": _("the next %(t)s"), "ago": _("%(t)s ago"), "ahead": _("in %(t)s")}
    return said[word] % {"t": length % {"n": n}} if length else ""
