"""Where a deal stands, and what follows of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from trato.engine.kinds import Money
from trato.engine.kinds.currency import digits

#: How many months each period has.
MONTHS = {"month": 1, "quarter": 3, "year": 12}


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
    if before.get("status") == "lost" and stage.kind != "lost":
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


def shares_problem(shares: Iterable[Decimal]) -> dict[str, str]:
    """Shares of sellers are no more than all of a deal."""
    whole = sum(shares)
    if whole <= 100:
        return {}
    words = _("The shares of this deal would come to %(sum)s %%; together they make 100.")
    return {"percent": words % {"sum": f"{whole.normalize():f}"}}


def line_sums(
    lines: Iterable[tuple[UUID | None, Decimal]], recurring: Mapping[UUID, str], period: str, currency: str
) -> dict[str, Money]:
    """What lines (product, net) come to: ``value`` of what is paid once, ``recurring`` of what comes again, for one
    period of the deal (rounded to the currency's digits); no ``recurring`` where nothing does.
    """
    once, again, comes_again = Decimal(0), Decimal(0), False
    for product, net in lines:
        months = MONTHS.get(recurring.get(product, "")) if product else None
        if months is None:
            once += net
        else:
            again, comes_again = again + net * MONTHS[period] / months, True
    if not comes_again:
        return {"value": Money(once, currency)}
    cent = Decimal(1).scaleb(-digits(currency))
    return {"value": Money(once, currency), "recurring": Money(again.quantize(cent, ROUND_HALF_UP), currency)}


def is_stale(limit: int | None, quiet_since: datetime, now: datetime) -> bool:
    """Whether a deal has been quiet for longer than its stage allows (days; None for ever)."""
    return limit is not None and now - quiet_since > timedelta(days=limit)


def time_in_stages(visits: Iterable[tuple[UUID, datetime, datetime | None]], now: datetime) -> dict[UUID, timedelta]:
    """How long a deal stood in each stage altogether; ``visits`` are (stage, entered, left or None)."""
    found: dict[UUID, timedelta] = {}
    for stage, entered, left in visits:
        found[stage] = found.get(stage, timedelta()) + ((left or now) - entered)
    return found
