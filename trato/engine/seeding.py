"""Making sample data look lived in. Not for records of people's own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .models import HistoryEntry
from .objects import Object


def backdate(obj: Object, record_id: Any, moment: datetime) -> None:
    """Say that a sample record, and its first history entry, were made at an earlier moment."""
    obj.model.objects.filter(id=record_id).update(created_at=moment, updated_at=moment)
    HistoryEntry.objects.filter(object=obj.plural, record_id=record_id, action="created").update(at=moment)
