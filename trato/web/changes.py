"""Entries of the history in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from trato.engine.kinds import Invalid, Reader
from trato.engine.models import HistoryEntry
from trato.engine.objects import Field


def named_changes(fields: Mapping[str, Field], entry: HistoryEntry, reader: Reader) -> list[tuple[str, Markup]]:
    """What one write changed: the fields' labels with what was put in and struck out."""
    return [
        (str(fields[name].label), fields[name].kind.diff(*_stored(fields[name], pair), reader))
        for name, pair in entry.changes.items()
        if name in fields
    ]


def _stored(field: Field, pair: Any) -> tuple[Any, Any]:
    """Old and new value; one of a kind the field no longer has counts as nothing."""
    values = []
    for data in pair:
        try:
            values.append(field.kind.empty if data is None else field.kind.load(data))
        except (Invalid, ValueError, TypeError, KeyError, AttributeError):
            values.append(field.kind.empty)
    return values[0], values[1]


def refs_of_change(fields: Mapping[str, Field], entry: HistoryEntry) -> set[str]:
    """The addresses of the link targets an entry names."""
    found: set[str] = set()
    for name, pair in entry.changes.items():
        if name in fields:
            for value in _stored(fields[name], pair):
                found.update(fields[name].kind.refs(value))
    return found
