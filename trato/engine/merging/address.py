"""The old address of a record that became part of another leads there."""

from __future__ import annotations

from .. import access, merges, objects
from ..workspaces.actors import Actor


def moved(actor: Actor, absent: access.Absent) -> tuple[str, str] | None:
    """The ref that was not found, and that of the record it is part of now, if the actor may see that one."""
    plural, _slash, text = str(absent).partition("/")
    if not objects.is_known(plural):
        return None
    try:
        record_id = access.as_uuid(text)
    except access.Absent:
        return None
    end = merges.successor(plural, record_id)
    if end is None or not access.visible(actor, objects.get(plural)).filter(id=end).exists():
        return None
    return f"{plural}/{record_id}", f"{plural}/{end}"
