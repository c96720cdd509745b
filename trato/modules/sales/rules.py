"""Pure rules of sales: where a deal stands, what a lead needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Step:
    """A stage as the rules know it."""

    id: UUID
    pipeline: UUID
    name: str
    kind: str
    probability: Decimal


@dataclass(frozen=True)
class Ways:
    """The pipelines of a workspace in their order, each with its stages in theirs."""

    stages: Mapping[UUID, Step] = field(default_factory=dict)
    pipelines: Mapping[UUID, tuple[Step, ...]] = field(default_factory=dict)

    def first(self, pipeline: UUID | None) -> Step | None:
        """The stage new deals stand in: the first open one of the pipeline, or of the first pipeline."""
        known = self.pipelines.get(pipeline) if pipeline else next(iter(self.pipelines.values()), ())
        return next((step for step in known or () if step.kind == "open"), None)

    def ending(self, pipeline: UUID | None, kind: str) -> Step | None:
        """The first stage of a pipeline that is won, or lost."""
        return next((step for step in self.pipelines.get(pipeline, ()) if step.kind == kind), None)


def settle_deal(values: dict[str, Any], old: Mapping[str, Any] | None, ways: Ways, now: datetime) -> None:
    """What follows from the stage, in place: pipeline, status, probability (unless it was said with this write) and the
    moment of the decision. Another pipeline without another stage begins that pipeline anew.
    """
    before = old or {}
    stage = ways.stages.get(values.get("stage"))
    same_stage = values.get("stage") == before.get("stage")
    moved_pipeline = values.get("pipeline") and values["pipeline"] != before.get("pipeline")
    if stage is None or (same_stage and moved_pipeline and stage.pipeline != values["pipeline"]):
        stage = ways.first(values.get("pipeline")) or stage
    if stage is None:
        return
    came = stage.id != before.get("stage")
    values["stage"], values["pipeline"], values["status"] = stage.id, stage.pipeline, stage.kind
    said = values.get("probability") is not None and values["probability"] != before.get("probability")
    if stage.kind != "open" or values.get("probability") is None or (came and not said):
        values["probability"] = stage.probability
    if stage.kind == "open":
        values["closed_at"] = None
    elif values.get("closed_at") is None:
        values["closed_at"] = now
    if stage.kind != "lost":
        values["loss_reason"] = None


def deal_problem(values: Mapping[str, Any]) -> dict[str, str]:
    """A deal stands in a stage and says why it was lost."""
    problems = {}
    if values.get("stage") is None:
        problems["stage"] = _("There is no pipeline with an open stage yet. An administrator adds it in the settings.")
    if values.get("status") == "lost" and not values.get("loss_reason"):
        problems["loss_reason"] = _("Say why it was lost.")
    opened, closed = values.get("opened_at"), values.get("closed_at")
    if opened and closed and closed < opened:
        problems["closed_at"] = _("It can't be decided before it was opened.")
    return problems


def lead_title(values: Mapping[str, Any]) -> str:
    """The person's name, else that of the company."""
    person = " ".join(part for part in (values.get("first_name"), values.get("last_name")) if part)
    return person or values.get("company") or ""


def lead_problem(values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
    """A lead becomes converted by converting it, and is disqualified for a reason."""
    status, before = values.get("status"), (old or {}).get("status")
    if before == "converted" and status != "converted":
        return {"status": _("This lead was converted already. Undo the conversion to take it up again.")}
    if status == "converted" and not values.get("converted_at"):
        return {"status": _("Use “Convert”: it makes the account, the contact and the deal.")}
    if status == "disqualified" and not values.get("loss_reason"):
        return {"loss_reason": _("Say why it is no lead.")}
    return {}
