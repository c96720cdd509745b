"""Short words for the tests of sales."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trato.engine import access, actions, objects
from trato.engine.models import Record
from trato.engine.workspaces.actors import Actor
from trato.modules.sales.models import LossReason, StageVisit

Make = Callable[..., Record]


def put(actor: Actor, plural: str, record: Record, **values: Any) -> Record:
    """Change a record."""
    return actions.update(actor, objects.get(plural), record.id, values)


def act(actor: Actor, plural: str, record: Record, name: str, **given: Any) -> Record:
    """Run an action."""
    return actions.run(actor, objects.get(plural), name, record.id, given)


def again(actor: Actor, plural: str, record: Record) -> Record:
    """The record as it is now."""
    return access.get(actor, objects.get(plural), record.id)


def reason(used_for: str = "deals") -> str:
    """The id of a reason for losing a deal, or a lead."""
    return str(LossReason.objects.filter(used_for=used_for, deleted_at=None).values_list("id", flat=True).first())


def trail(record: Record) -> list[tuple[str, bool]]:
    """The stages a deal stood in, in order, and whether it left each."""
    rows = StageVisit.objects.filter(deal_id=record.id).order_by("entered_at", "id")
    return [(visit.stage.name, visit.left_at is not None) for visit in rows]
