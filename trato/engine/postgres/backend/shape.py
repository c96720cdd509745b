"""How the backend recognises a workspace table and its links, also on the historical models of migrations."""

from typing import Any


def workspace_field(model: Any) -> Any | None:
    """The field that ties rows of ``model`` to their workspace, or None for a global table."""
    for field in model._meta.local_fields:
        if getattr(field, "ties_to_workspace", False):
            return field
    return None


def is_workspace_link(field: Any) -> bool:
    """Whether ``field`` is a foreign key between two workspace tables, whose database key is composite."""
    return getattr(field, "is_workspace_link", False)


def part_field(model: Any) -> Any | None:
    """The field that parts the records of ``model`` into those of several objects, if there is one."""
    return next((field for field in model._meta.local_fields if getattr(field, "parts_records", False)), None)
