"""Where a record went that became part of another, and which became part of one."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from .models import Merge


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
