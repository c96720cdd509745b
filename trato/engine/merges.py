"""Where a record went that became part of another, and which became part of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from .models import Merge
from .objects import Field
from .postgres.scope import current_workspace_id

# Of every record's page; a merge that was taken back and made again the other way round can't lead in circles, since
# UNION drops what was found before.
LOSERS = """
WITH RECURSIVE part (id) AS (
  SELECT loser_id FROM engine_merge WHERE workspace_id = %(workspace)s AND object = %(object)s AND undone_at IS NULL
  AND winner_id = %(record)s
  UNION
  SELECT m.loser_id FROM engine_merge m JOIN part ON m.winner_id = part.id
  WHERE m.workspace_id = %(workspace)s AND m.object = %(object)s AND m.undone_at IS NULL
)
SELECT id FROM part WHERE id <> %(record)s
"""


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
    told: dict[str, Any] = {"workspace": current_workspace_id(), "object": plural, "record": record_id}
    with connection.cursor() as cursor:
        cursor.execute(LOSERS, told)
        return [row[0] for row in cursor.fetchall()]


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
