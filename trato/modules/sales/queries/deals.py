"""Deals: where they stand and stood, and which of one's own wait for something."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from trato.engine import access, boards, gates, objects
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog.models import Product

from ..models import Deal, DealSplit, StageVisit
from ..rules.deals import is_stale, time_in_stages

#: Deals that are looked through at once for those that are quiet too long, and that My day shows of each sort.
LOOKED_THROUGH, SHOWN = 500, 8
ROW = ("id", "title", "owner_id", "stage_id", "status", "opened_at", "closed_at", "value", "value_currency", "stood")


def moved(ids: Iterable[UUID]) -> list[dict[str, Any]]:
    """Those of these deals that stand in another stage than was written last (``stood``; None: in none yet)."""
    last = StageVisit.objects.filter(deal_id=OuterRef("id"), left_at=None).values("stage_id")[:1]
    rows = Deal.objects.filter(id__in=list(ids), deleted_at=None).annotate(stood=Subquery(last))
    return list(rows.filter(Q(stood=None) | ~Q(stood=F("stage_id"))).exclude(stage=None).values(*ROW))


def open_visits(deal_ids: Iterable[UUID]) -> QuerySet:
    """Where these deals stand, as it was written last."""
    return StageVisit.objects.filter(deal_id__in=list(deal_ids), left_at=None)


def visits(deal_id: UUID) -> list[StageVisit]:
    """Where a deal stood when, the oldest first; whoever may see the deal may see that."""
    return list(StageVisit.objects.filter(deal_id=deal_id).select_related("stage").order_by("entered_at", "id"))


def times(deal_id: UUID, now: datetime) -> dict[UUID, timedelta]:
    """How long a deal stood in each stage."""
    rows = StageVisit.objects.filter(deal_id=deal_id).values_list("stage_id", "entered_at", "left_at")
    return time_in_stages(rows, now)


def last_open_stage(deal_id: UUID) -> UUID | None:
    """The open stage a deal stood in last."""
    rows = StageVisit.objects.filter(deal_id=deal_id, stage__kind="open", stage__deleted_at=None)
    return rows.order_by("-entered_at", "-id").values_list("stage_id", flat=True).first()


def mine(actor: Actor) -> QuerySet:
    """The actor's own open deals."""
    return access.visible(actor, objects.get("deals")).filter(owner_id=actor.user_id, status="open")


def stale(actor: Actor, now: datetime | None = None) -> list[dict[str, Any]]:
    """The actor's own open deals that have been quiet for longer than their stage allows, with ``quiet`` days; the
    quietest first.
    """
    now, deals = now or timezone.now(), objects.get("deals")
    limits = gates.staleness(deals, "stage")
    if not limits or "stage" not in access.fields(actor, deals):
        return []
    shortest = now - timedelta(days=min(limits.values()))
    rows = mine(actor).filter(stage_id__in=list(limits), updated_at__lt=shortest).order_by("updated_at", "id")
    found = list(rows.values("id", "title", "stage_id", "updated_at")[:LOOKED_THROUGH])
    active = boards.last_active(deals, [row["id"] for row in found])
    for row in found:
        since = max(row["updated_at"], min(active.get(row["id"]) or row["updated_at"], now))
        row["since"], row["quiet"] = since, (now - since).days
    quiet = [row for row in found if is_stale(limits.get(str(row["stage_id"])), row["since"], now)]
    return sorted(quiet, key=lambda row: row["since"])[:SHOWN]


def gone_quiet(now: datetime, ids: Iterable[UUID] | None) -> dict[UUID, datetime]:
    """The open deals, of these or of all, that have been quiet for longer than their stages allow, each since when."""
    deals = objects.get("deals")
    limits = gates.staleness(deals, "stage")
    if not limits:
        return {}
    shortest = now - timedelta(days=min(limits.values()))
    rows = Deal.objects.filter(status="open", deleted_at=None, stage_id__in=list(limits), updated_at__lt=shortest)
    rows = rows if ids is None else rows.filter(id__in=list(ids))
    waiting, found = list(rows.order_by("id").values_list("id", "stage_id", "updated_at")), {}
    for at in range(0, len(waiting), LOOKED_THROUGH):
        some = waiting[at : at + LOOKED_THROUGH]
        active = boards.last_active(deals, [deal for deal, _stage, _updated in some])
        for deal, stage, updated in some:
            since = max(updated, min(active.get(deal) or updated, now))
            if is_stale(limits.get(str(stage)), since, now):
                found[deal] = since
    return found


def marked_quiet(ids: Iterable[UUID] | None) -> dict[UUID, date]:
    """The deals, of these or of all, that are marked as quiet, each since which day."""
    rows = Deal.objects.exclude(quiet_since=None)
    return dict((rows if ids is None else rows.filter(id__in=list(ids))).values_list("id", "quiet_since"))


def owners_of(ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Whose these deals are."""
    rows = Deal.objects.filter(id__in=list(ids)).exclude(owner=None)
    return dict(rows.values_list("id", "owner_id"))


def quiet_since(record: Deal, now: datetime) -> datetime:
    """When a deal was changed last, or something happened with it."""
    active = boards.last_active(objects.get("deals"), [record.id]).get(record.id)
    return max(record.updated_at, min(active or record.updated_at, now))


def next_steps(actor: Actor, until: datetime) -> list[dict[str, Any]]:
    """The next steps of the actor's own open deals that are due before ``until``, the oldest first."""
    fields = access.fields(actor, objects.get("deals"))
    if not {"next_step", "next_step_at"} <= fields.keys():
        return []
    rows = mine(actor).filter(next_step_at__lt=until).order_by("next_step_at", "id")
    return list(rows.values("id", "title", "next_step", "next_step_at")[:SHOWN])


def other_shares(deal_id: UUID, besides: UUID | None = None) -> list[Decimal]:
    """The shares of a deal, besides one."""
    rows = DealSplit.objects.filter(deal_id=deal_id, deleted_at=None).exclude(id=besides)
    return list(rows.values_list("percent", flat=True))


def recurring(product_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """How often these products are charged, of those that are charged again and again."""
    rows = Product.objects.filter(id__in={each for each in product_ids if each}).exclude(recurring__in=("", "none"))
    return dict(rows.values_list("id", "recurring"))


def currency_of(actor: Actor, deal_id: UUID) -> str:
    """The currency a deal is counted in: that of its value, else the workspace's."""
    found = Deal.objects.filter(id=deal_id).values_list("value_currency", flat=True).first()
    return found or actor.workspace.currency
