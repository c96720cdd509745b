"""What fields begin with that follow from the workspace they are in; for ``default=`` of a model's field."""

from typing import Any

from ..postgres.scope import current_workspace_id, is_inside, note, noted
from .models import Workspace


def currency() -> str:
    """The base currency of the current workspace; "" outside of one."""
    return _told("currency")


def country() -> str:
    """The country of the current workspace; "" outside of one."""
    return _told("country")


def language() -> str:
    """The language of the current workspace; "" outside of one."""
    return _told("language")


def _told(name: str) -> str:
    """Read once a transaction, however many records are made in it."""
    if not is_inside():
        return ""
    known: Any = noted().get("defaults")
    if known is None:
        rows = Workspace.objects.filter(id=current_workspace_id())
        known = rows.values("currency", "country", "language").get()
        note("defaults", known)
    return str(known[name])
