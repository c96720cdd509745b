"""How deals come through: by stage, how many go on, how long they stand there, and why they are lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Aggregate, Count, F, FloatField, Q, QuerySet

from trato.engine import access, objects
from trato.engine.workspaces.actors import Actor
from trato.modules.sales.models import StageVisit

from ..rules.periods import Period
from .figures import midnight
from .shares import Owners, belongs, days


class Median(Aggregate):
    """The middle value."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True)
class Step:
    """A stage: deals that came to it in the period, how many of them went on (to a later stage, or were won), were won
    and were lost so far, and the days they stood there (the median of those that left).
    """

    stage: UUID
    name: str
    pipeline: str
    came: int
    went_on: int
    won: int
    lost: int
    days: float | None


def steps(actor: Actor, period: Period, owners: Owners = None) -> list[Step]:
    """The stages of all pipelines in their order, with the deals that came to them in the period; one that came twice
    counts once.
    """
    start, end = midnight(actor, period.first), midnight(actor, period.after)
    visits = StageVisit.objects.filter(entered_at__gte=start, entered_at__lt=end, stage__kind="open")
    if owners is None and access.owners_seen(actor, objects.get("deals")) is None:  # none has to be looked up
        visits = visits.filter(deal__deleted_at=None)
    else:
        visits = visits.filter(deal__in=_deals(actor, owners).values("id"))
    on = Q(deal__status="won") | Q(deal__stage__pipeline=F("stage__pipeline"), deal__stage__kind="open") & Q(
        deal__stage__position__gt=F("stage__position")
    )
    told = {
        "came": Count("deal_id", distinct=True),
        "went_on": Count("deal_id", distinct=True, filter=on),
        "won": Count("deal_id", distinct=True, filter=Q(deal__status="won")),
        "lost": Count("deal_id", distinct=True, filter=Q(deal__status="lost")),
        "stood": Median(days("left_at", "entered_at"), filter=Q(left_at__isnull=False)),
    }
    order = ("stage__pipeline__position", "stage__pipeline__name", "stage__position")
    names = ("stage_id", "stage__name", "stage__pipeline__name")
    rows = visits.order_by(*order).values(*names, *order).annotate(**told)
    return [
        Step(
            *(row[name] for name in names),
            *(row[name] for name in ("came", "went_on", "won", "lost")),
            row["stood"],
        )
        for row in rows
    ]


def losses(actor: Actor, period: Period, owners: Owners = None) -> list[dict[str, Any]]:
    """Why deals were lost in the period: ``loss_reason_id``, its name (``reason``) and how many (``n``), most first."""
    start, end = midnight(actor, period.first), midnight(actor, period.after)
    rows = _deals(actor, owners).filter(status="lost", closed_at__gte=start, closed_at__lt=end).order_by()
    found = rows.values("loss_reason_id", reason=F("loss_reason__name")).annotate(n=Count("id"))
    return sorted(found, key=lambda row: (-row["n"], row["reason"] or ""))


def _deals(actor: Actor, owners: Owners) -> QuerySet:
    return access.visible(actor, objects.get("deals")).filter(belongs(owners))
