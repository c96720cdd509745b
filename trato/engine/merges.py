"""Where a record went that became part of another, and which became part of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from .models import Merge
from .objects import Field


def in_force(plural: str) -> QuerySet:
    """The merges of an object that were not taken back."""
    return Merge.objects.filter(object=plural, undone_at=None)


def of_loser(plural: str, record_id: UUID) -> Merge | None:
    """The merge by which a record became part of another."""
    return in_force(plural).filter(loser_id=record_id).first()


def successor(plural: str, record_id: UUID) -> UUID | None:
    """The record this one is part of now; None where it is part of none."""
    current, seen = record_id, {record_id}
    while (merge := of_loser(plural, current)) and merge.winner_id not in seen:
        current = merge.winner_id
        seen.add(current)
    return current if current != record_id else None


def losers(plural: str, record_id: UUID) -> list[UUID]:
    """The records that became part of this one, directly or through others."""
    found: dict[UUID, None] = {}
    last = [record_id]
    while last:
        rows = in_force(plural).filter(winner_id__in=last).values_list("loser_id", flat=True)
        last = [loser for loser in rows if loser not in found]
        found |= dict.fromkeys(last)
    return list(found)


def followed(fields: Iterable[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """The links among these values that name records which became part of others, with what they became part of."""
    linking = {field.name: field for field in fields if field.kind.name in ("link", "links")}
    refs = {ref for name, field in linking.items() for ref in field.kind.refs(values[name])}
    moved: dict[str, str] = {}
    for row in Merge.objects.filter(undone_at=None, loser_id__in=_ids(refs)):
        if f"{row.object}/{row.loser_id}" in refs:
            moved[f"{row.object}/{row.loser_id}"] = f"{row.object}/{successor(row.object, row.loser_id)}"
    if not moved:
        return {}
    return {name: replaced(field.kind, values[name], moved) for name, field in linking.items()}


def replaced(kind: Any, value: Any, moved: Mapping[str, str]) -> Any:
    """A link's value with other targets: ``moved`` is ref -> ref."""
    refs = kind.refs(value)
    if moved.keys().isdisjoint(refs):
        return value
    new = list(dict.fromkeys(moved.get(ref, ref) for ref in refs))
    return new if kind.many else kind.point(new[0])


def _ids(refs: Iterable[str]) -> list[UUID]:
    return [UUID(ref.rpartition("/")[2]) for ref in refs if not ref.startswith("users/")]
