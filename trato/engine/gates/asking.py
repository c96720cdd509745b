"""What gates ask of a write. They are remembered by workspace until its fields change, as its own fields are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ..objects import Object
from ..postgres.scope import current_workspace_id, note, noted
from ..workspaces.actors import VERSION
from ..workspaces.models import Workspace
from .models import Gate

#: By object, field and value.
Gates = dict[str, dict[str, dict[str, Gate]]]

_known: dict[UUID, tuple[int, Gates]] = {}


def key_of(value: Any) -> str:
    """A value as gates and columns of boards name it; nothing is ""."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def of(obj: Object) -> dict[str, dict[str, Gate]]:
    """The gates of an object in the current workspace, by field and value."""
    workspace_id, version = current_workspace_id(), noted().get(VERSION)
    if version is None:
        version = Workspace.objects.values_list("fields_version", flat=True).get(id=workspace_id)
        note(VERSION, version)
    known_version, known = _known.get(workspace_id, (-1, {}))
    if version != known_version:
        known = {}
        for gate in Gate.objects.all():
            known.setdefault(gate.object, {}).setdefault(gate.field, {})[gate.value] = gate
        if len(_known) > 1000:
            _known.clear()
        _known[workspace_id] = version, known
    return known.get(obj.plural, {})


def staleness(obj: Object, field: str) -> dict[str, int]:
    """The days a record may stay quiet, by the value of the field; values without a limit are not named."""
    return {value: gate.stale_days for value, gate in of(obj).get(field, {}).items() if gate.stale_days}


def missing(obj: Object, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> list[str]:
    """The fields that are empty though a value that the record takes with this write asks for them."""
    found: dict[str, None] = {}
    for name, gates in of(obj).items():
        value = key_of(values.get(name))
        gate = gates.get(value) if old is None or key_of(old.get(name)) != value else None
        for needed in gate.required if gate else ():
            if needed in values and _is_empty(values[needed]):
                found[needed] = None
    return list(found)


def _is_empty(value: Any) -> bool:
    """Whether nothing is said; no and 0 say something."""
    return value is None or value in ("", [], {})
