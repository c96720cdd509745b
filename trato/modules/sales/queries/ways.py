"""The pipelines of a workspace, its questions and rules: what administrators set up."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from trato.engine import access, objects
from trato.engine.kinds import Invalid, Unresolved
from trato.engine.objects import Field
from trato.engine.postgres.scope import note, noted
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.models import Workspace

from ..models import Pipeline, Question, Stage, StageCheck, StageStep
from ..rules.deals import Step, Ways

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


def settable(actor: Actor) -> dict[str, Field]:
    """The fields of deals that a stage may set: not the stage itself, nor what holds several values."""
    fields = access.writable(actor, objects.get("deals"))
    return {
        name: field
        for name, field in fields.items()
        if name not in ("stage", "pipeline") and not field.kind.many and field.kind.name not in ("file", "json")
    }


def value_of(actor: Actor, field: Field, text: str) -> Any:
    """The value a step sets, from its text; raises Invalid."""
    value = field.kind.parse(text, access.reader(actor))
    if isinstance(value, Unresolved):
        raise Invalid("link", f"{field.label}: {text}")
    return value


def steps_of(stages: set[UUID]) -> list[StageStep]:
    """What these stages do by themselves, in order."""
    return list(StageStep.objects.filter(stage_id__in=stages, deleted_at=None).order_by("position", "id"))


def checks_of(stage_id: UUID | None) -> list[tuple[UUID, str]]:
    """The checklist of a stage: ids and words, in order."""
    rows = StageCheck.objects.filter(stage_id=stage_id, deleted_at=None).order_by("position", "id")
    return list(rows.values_list("id", "name"))


def questions() -> list[Mapping[str, Any]]:
    """The questions asked of leads, in order: id, name, method."""
    rows = Question.objects.filter(is_on=True, deleted_at=None).order_by("method", "position", "id")
    return list(rows.values("id", "name", "method"))


def step_problem(actor: Actor, values: Mapping[str, Any]) -> dict[str, str]:
    """What is missing to carry out a step by itself: the words of a task or a message; a field of deals that can be
    set, and a value that it takes.
    """
    if values.get("what") != "field":
        return {} if values.get("words") else {"words": _("Say it in words.")}
    field = settable(actor).get(values.get("field") or "")
    if field is None:
        return {"field": _("Give the name of a field of deals that can be set, as in the API: next_step, category.")}
    try:
        value_of(actor, field, values.get("value") or "")
    except Invalid as problem:
        return {"value": str(problem)}
    return {}


def workspace_of(workspace_id: str) -> Workspace:
    """The workspace a task works in; raises Workspace.DoesNotExist."""
    return Workspace.objects.get(id=workspace_id)
