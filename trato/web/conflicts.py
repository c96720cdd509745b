"""Two people wrote one record at once: what each of them wrote, and what can be put together silently."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from trato.engine.actions import Conflict
from trato.engine.kinds import Invalid, Reader, Typed
from trato.engine.objects import Field

from . import words


def touched(fields: Mapping[str, Field], given: Mapping[str, Any], conflict: Conflict) -> dict[str, Any]:
    """What this person changed: of the fields others wrote, those that differ from what the form began with."""
    before: dict[str, Any] = {}
    for entry in conflict.entries:
        for name, (old, _new) in entry.changes.items():
            before.setdefault(name, old)
    return {
        name: value
        for name, value in given.items()
        if name not in before
        or (
            fields[name].kind.dump(value) != before[name]
            and not (before[name] in (None, "", []) and fields[name].kind.is_empty(value))
        )
    }


def disputed(fields: Mapping[str, Field], mine: Mapping[str, Any], conflict: Conflict) -> set[str]:
    """The fields both wrote, and not the same into."""
    theirs = {name for entry in conflict.entries for name in entry.changes}
    return {
        name
        for name in set(mine) & theirs
        if fields[name].kind.dump(mine[name]) != fields[name].kind.dump(fields[name].read_from(conflict.record))
    }


def asked(
    conflict: Conflict, fields: Mapping[str, Field], names: Iterable[str], typed: Typed, reader: Reader
) -> dict[str, Any]:
    """The question for parts/conflict.html: mine or theirs, of each field in dispute."""
    last = conflict.entries[-1]
    wanted = set(names)
    return {
        "by": last.actor_name,
        "when": words.when(last.at, reader),
        "fields": [_row(fields[name], conflict, typed, reader) for name in fields if name in wanted],
    }


def _row(field: Field, conflict: Conflict, typed: Typed, reader: Reader) -> dict[str, Any]:
    kind = field.kind
    try:
        mine = kind.show(kind.from_form(typed.data, field.name, reader), reader)
    except Invalid:
        mine = typed.get(field.name)
    writers = [entry.actor_name for entry in conflict.entries if field.name in entry.changes]
    return {
        "name": field.name,
        "label": field.label,
        "mine": mine,
        "theirs": kind.show(field.read_from(conflict.record), reader),
        "who": writers[-1] if writers else "",
    }
