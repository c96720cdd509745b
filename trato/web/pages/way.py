"""How far a record is on the way of its object's board, in the head of its page: a click takes it to another step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from trato.engine import boards, gates
from trato.engine.objects import Object

from ..listing import ALL
from ..respond import base_of


def of_record(
    request: HttpRequest, obj: Object, found: Any, current: Mapping[str, Any], *, may: bool
) -> dict[str, Any] | None:
    """The steps as parts/way.html draws them; None for a record that is on no way."""
    known = boards.path(request.actor, obj, current) if obj.board_by else None
    if known is None:
        return None
    by, steps = known
    address = f"{base_of(request)}/{obj.plural}/{found.id}"
    keys = [step.key for step in steps]
    here = gates.key_of(current.get(by.name))
    place = keys.index(here) if here in keys else -1
    return {
        "label": by.label,
        "by": by.name,
        "may": may,
        "version": found.version,
        "field_url": f"{address}/field/{by.name}",
        "move_url": f"{address}/move?view={ALL}&by={by.name}",
        "steps": [
            {"key": step.key, "label": step.label, "colour": step.colour, "current": n == place, "passed": n < place}
            for n, step in enumerate(steps)
        ],
    }
