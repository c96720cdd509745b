"""The fields an administrator adds, over the API."""

from __future__ import annotations

from typing import Any

from trato.engine import custom, objects
from trato.engine.access import Forbidden
from trato.engine.kinds import Invalid, Reader, Text
from trato.engine.models import CustomField
from trato.engine.values import Problem, Refused

from .endpoint import Answer, Call, flag
from .listing import BOOLEANS, choice

SETTABLE = ("label", "help", "options", "required", "default", "position")
TEXTS = {"label": Text(required=True, max_length=100), "help": Text(max_length=300)}


def _administers(call: Call, verb: str) -> None:
    """Fields are an administrator's; a token with scopes needs one such as ``custom-fields:change``."""
    if not call.actor.rights.admin:
        raise custom.NotAdministrator
    if not call.actor.rights.token_allows("custom-fields", verb):
        raise Forbidden("custom-fields", verb)


def _check(given: dict[str, Any]) -> None:
    """The texts and the switch of a field's settings are what they must be; raises Refused."""
    flag(given, "required")
    problems = []
    for name, kind in TEXTS.items():
        try:
            if name in given:
                given[name] = kind.clean(given[name], Reader())
        except Invalid as problem:
            problems.append(Problem(name, problem.code, str(problem)))
    if problems:
        raise Refused(problems)


def listed(call: Call, plural: str) -> Answer:
    """The workspace's own fields of an object, or with ``archived=true`` those taken off."""
    _administers(call, "see")
    words = call.parameters("archived")
    archived = choice("archived", words.get("archived", "false"), BOOLEANS)
    rows = custom.listed(call.actor, objects.get(plural), archived=archived)
    return Answer({"data": [_json(row) for row in rows], "next": None})


def add(call: Call, plural: str) -> Answer:
    """A new field, on every surface from now on."""
    _administers(call, "create")
    call.parameters()
    given = call.only("name", "kind", "unique", *SETTABLE)
    flag(given, "unique")
    _check(given)
    return Answer(_json(custom.add(call.actor, objects.get(plural), given)), 201)


def change(call: Call, plural: str, name: str) -> Answer:
    """Change a field without touching its values; ``{"archived": false}`` brings one back."""
    _administers(call, "change")
    call.parameters()
    obj, given = objects.get(plural), call.only("archived", "unique", *SETTABLE)
    flag(given, "unique")
    _check(given)
    if "archived" in given:
        custom.archive(call.actor, obj, name, archived=flag(given, "archived"))
    rest = {key: value for key, value in given.items() if key != "archived"}
    return Answer(_json(custom.change(call.actor, obj, name, rest)))


def archive(call: Call, plural: str, name: str) -> Answer:
    """Take a field off every surface; its values are kept."""
    _administers(call, "delete")
    call.parameters()
    custom.archive(call.actor, objects.get(plural), name)
    return Answer(status=204)


def _json(row: CustomField) -> dict[str, Any]:
    plain = ("name", "label", "help", "kind", "options", "required", "unique", "default", "position")
    return {name: getattr(row, name) for name in plain} | {"archived_at": row.archived_at}
