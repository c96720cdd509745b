"""The list of an object: its query parameters read, the page fetched, the rows dumped."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from trato.engine import access, filters, paging
from trato.engine.objects import Field, Object
from trato.engine.views import Settings
from trato.engine.workspaces.actors import Actor

from .endpoint import Answer, Call
from .problems import bad_request
from .shapes import dump_rows, shape_of
from .views import settings_of

#: Parameters of a list that are no conditions.
WORDS = ("view", "filter", "sort", "fields", "include", "limit", "cursor", "count", "deleted")
CONDITION = re.compile(r"([a-z][a-z0-9_.]{0,200}?)(?:\[([a-z_]+)\])?")
SEVERAL = frozenset({"in", "not_in", "between", "has_any", "has_none"})
MOST, USUAL = 200, 50
BOOLEANS = {"true": True, "false": False}


def list_records(call: Call, obj: Object) -> Answer:
    """One page of what the caller may see: ``{"data": [...], "next": cursor or null, "count": n or null}``. A ``view``
    gives its filter, beside which others hold too, and its order where none is said.
    """
    words, conditions = _split(call)
    actor = call.actor
    shape = shape_of(actor, obj, words.get("fields"), words.get("include"))
    shape.deleted = choice("deleted", words.get("deleted", "false"), BOOLEANS)
    rows = access.in_bin(actor, obj) if shape.deleted else access.visible(actor, obj)
    kept = settings_of(actor, obj, words["view"]) if "view" in words else Settings()
    rows = filters.narrow(actor, obj, rows, kept.filter)
    rows = filters.narrow(actor, obj, rows, _tree(actor, obj, words.get("filter"), conditions))
    order = paging.order_of(access.fields(actor, obj), obj, words.get("sort", kept.sort))
    page = paging.page(
        rows.annotate(**shape.texts), order, shape.list_columns, limit_of(words), words.get("cursor", "")
    )
    return Answer(
        {"data": dump_rows(actor, shape, page.rows), "next": page.next, "count": _count(rows, words.get("count"))}
    )


def _split(call: Call) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """The words of the list, and the conditions ``name[op]=value``; raises Failure 400."""
    words, conditions = {}, []
    for name, values in call.request.GET.lists():
        if name in WORDS:
            if len(values) > 1:
                raise bad_request(name, "twice", _("Give this parameter once."))
            words[name] = values[0]
            continue
        found = CONDITION.fullmatch(name)
        if not found:
            raise bad_request(name[:80], "unknown", _("There is no such parameter here."))
        conditions += [(found[1], found[2] or "", value) for value in values]
    return words, conditions


def limit_of(words: Mapping[str, str], usual: int = USUAL) -> int:
    """How many rows are asked for; raises Failure 400."""
    text = words.get("limit", str(usual))
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= MOST:
        raise bad_request("limit", "range", _("A limit is a number from 1 to %(n)s.") % {"n": MOST})
    return int(text)


def choice(name: str, text: str, choices: Mapping[str, Any]) -> Any:
    """The value of one of a few words; raises Failure 400."""
    if text not in choices:
        allowed = ", ".join(choices)
        raise bad_request(name, "choice", _("Choose one of: %(allowed)s.") % {"allowed": allowed})
    return choices[text]


def _tree(
    actor: Actor, obj: Object, filter_: str | None, conditions: list[tuple[str, str, str]]
) -> dict[str, Any] | None:
    """One filter of the JSON tree and the simple conditions together."""
    tree = filters.parse(filter_)
    if not conditions:
        return tree
    known = access.fields(actor, obj)
    parts = [_condition(known, *condition) for condition in conditions]
    return {"and": parts + ([tree] if tree else [])}


def _condition(known: Mapping[str, Field], name: str, op: str, value: str) -> dict[str, Any]:
    """``last_name[starts]=Gar`` as a condition; without an operator ``has`` for lists of items, else ``is``."""
    found = known.get(name)
    own, rest = filters.hop(name)
    if found is None and name != "id" and (own not in known or not rest):
        raise bad_request(name, "unknown", _("There is no field or parameter “%(name)s”.") % {"name": name[:80]})
    op = op or ("has" if found is not None and "has" in found.kind.operators else "is")
    if op in ("empty", "filled"):
        yes = choice(f"{name}[{op}]", value, BOOLEANS)
        return {"field": name, "op": op if yes else {"empty": "filled", "filled": "empty"}[op]}
    return {"field": name, "op": op, "value": value.split(",") if op in SEVERAL else value}


def _count(rows: QuerySet, how: str | None) -> int | None:
    """How many rows meet the filter: exactly, as the planner expects, or not asked."""
    if how is None:
        return None
    if choice("count", how, {"exact": True, "estimate": False}):
        return rows.order_by().count()
    plan = json.loads(rows.order_by().values("id").explain(format="json"))
    return int(plan[0]["Plan"]["Plan Rows"])
