"""Leads: who may get them, who is to be touched, what is taken up again."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from trato.engine import access, filters, objects
from trato.engine.models import HistoryEntry, Moment
from trato.engine.workspaces.actors import Actor
from trato.modules.people.queries import at_address

from ..models import Absence, Lead, LeadRule, LeadRuleMember
from ..models.leads import LIVE
from ..rules.leads import Candidate

#: What counts as touching somebody.
TOUCHES = ("calls", "meetings", "notes")
SHOWN = 8
#: Leads taken up again in one go.
AT_ONCE = 500


def rule_for(actor: Actor, lead_id: UUID) -> LeadRule | None:
    """The first rule in use whose filter holds a lead."""
    leads = objects.get("leads")
    for rule in LeadRule.objects.filter(is_on=True, deleted_at=None).order_by("position", "id"):
        try:
            rows = filters.narrow(actor, leads, Lead.objects.filter(id=lead_id), filters.parse(rule.condition))
            if rows.exists():
                return rule
        except filters.BadFilter:  # of a field that is gone: the rule holds nothing until it is corrected
            continue
    return None


def candidates(actor: Actor, rule_id: UUID, day: date) -> tuple[list[Candidate], dict[UUID, LeadRuleMember]]:
    """Whom a rule may give a lead to, in its order, locked until the transaction ends; and its rows by id."""
    active = access.members(actor).values("id")
    rows = LeadRuleMember.objects.filter(rule_id=rule_id, deleted_at=None, person_id__in=active)
    found = list(rows.order_by("position", "id").select_for_update(of=("self",)))
    people = [row.person_id for row in found]
    away = set(
        Absence.objects.filter(owner_id__in=people, since__lte=day, until__gte=day, deleted_at=None).values_list(
            "owner_id", flat=True
        )
    )
    held = Counter(
        dict(Lead.objects.filter(LIVE, owner_id__in=people).order_by().values_list("owner_id").annotate(Count("id")))
    )
    told = [
        Candidate(
            *(row.id, row.weight, row.balance, held[row.person_id], row.countries, row.regions, row.postcodes),
            is_away=row.person_id in away,
        )
        for row in found
    ]
    return told, {row.id: row for row in found}


def live_at(actor: Actor, address: str) -> Lead | None:
    """The newest lead that an e-mail address reaches and that somebody still works on."""
    return at_address(actor, "leads", address).filter(LIVE).first()


def first_touches(lead_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When somebody first called, met or wrote down something about each of some leads; what they wrote themselves, in
    mails, doesn't count.
    """
    theirs = HistoryEntry.objects.filter(record_id=OuterRef("item_id"), action="created", face="mail")
    rows = Moment.objects.filter(~Exists(theirs), object="leads", record_id__in=list(lead_ids), item_object__in=TOUCHES)
    return dict(rows.order_by().values_list("record_id").annotate(Min("at")))


def untouched(lead_ids: Iterable[UUID]) -> QuerySet:
    """Those of these leads that nobody has touched yet."""
    return Lead.objects.filter(LIVE, id__in=list(lead_ids), touched_at=None)


def to_touch(actor: Actor, now: datetime | None = None) -> list[dict[str, Any]]:
    """The actor's own leads that nobody has touched yet: those whose time runs out first."""
    now, leads = now or timezone.now(), objects.get("leads")
    rows = access.visible(actor, leads).filter(LIVE, owner_id=actor.user_id, touched_at=None)
    fresh = Q(due_at__isnull=False) | Q(created_at__gt=now - timedelta(days=14))
    return list(
        rows.filter(fresh)
        .order_by(F("due_at").asc(nulls_last=True), "id")
        .values("id", "title", "company", "due_at", "created_at")[:SHOWN]
    )


def to_recycle(day: date) -> QuerySet:
    """Disqualified leads that are to be taken up again by that day."""
    return Lead.objects.filter(status="disqualified", recycle_on__lte=day, deleted_at=None).order_by("id")[:AT_ONCE]
