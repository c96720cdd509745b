"""Named reads of sales."""

from collections.abc import Mapping
from typing import Any

from trato.engine import filters, objects
from trato.engine.postgres.scope import note, noted
from trato.engine.workspaces.actors import Actor

from .models import Pipeline, Stage
from .rules import Step, Ways

#: What the pipelines are noted as for the rest of a transaction.
WAYS = "sales.ways"


def ways() -> Ways:
    """The pipelines and stages of the workspace, read once a transaction unless they change in it (``forget_ways``)."""
    known = noted().get(WAYS)
    if known is None:
        known = _ways()
        note(WAYS, known)
    return known


def forget_ways() -> None:
    """Read the pipelines again when they are asked for next."""
    note(WAYS, None)


def _ways() -> Ways:
    wanted = ("id", "pipeline_id", "name", "kind", "probability")
    rows = Stage.objects.filter(deleted_at=None, pipeline__deleted_at=None).order_by("position", "id")
    steps = [Step(*row) for row in rows.values_list(*wanted)]
    order = Pipeline.objects.filter(deleted_at=None).order_by("position", "id").values_list("id", flat=True)
    pipelines = {id: tuple(step for step in steps if step.pipeline == id) for id in order}
    return Ways({step.id: step for step in steps}, pipelines)


def condition_problem(actor: Actor, plural: str, tree: Any) -> dict[str, str]:
    """Why a rule's filter can't be used, under its field."""
    if tree in (None, {}):
        return {}
    try:
        filters.condition(actor, objects.get(plural), filters.parse(tree) or {})
    except (filters.BadFilter, objects.UnknownObject) as problem:
        return {"condition": str(problem)}
    return {}


def step_problem(actor: Actor, values: Mapping[str, Any]) -> dict[str, str]:
    """What is missing to carry out a step by itself; a field it sets is one of deals that can be written."""
    return {}
