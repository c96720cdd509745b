"""Named reads of quoting."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from trato.engine import access, objects
from trato.engine.kinds.datetime import zone_of
from trato.engine.kinds.money import Money
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.models import Workspace
from trato.modules.people.models import Contact

from .. import rules
from ..models import Approval, ApprovalRule, Quote, QuoteLine, QuoteSettings, Signature


def today(workspace: Workspace) -> date:
    """The day it is where the workspace is."""
    return timezone.localtime(timezone.now(), zone_of(workspace.time_zone)).date()


def settings() -> QuoteSettings:
    """What new quotes begin with (inside ``in_workspace``)."""
    return QuoteSettings.objects.first() or QuoteSettings()


def lines(quote_id: UUID) -> list[QuoteLine]:
    """The lines of a quote that the caller has made sure may be seen, in order."""
    rows = QuoteLine.objects.filter(quote_id=quote_id, deleted_at=None).defer("search", "title_key")
    return list(rows.order_by("position", "id"))


def locked(actor: Actor, quote_id: Any) -> Quote:
    """A quote that the actor sees, locked until the transaction ends; raises Absent. For what customers do."""
    obj = objects.get("quotes")
    rows = access.visible(actor, obj).filter(id=access.as_uuid(quote_id)).defer("search", "title_key")
    found = rows.select_for_update(of=("self",), no_key=True).first()
    if found is None:
        raise access.Absent(obj.ref(quote_id))
    return found


def approval_rules() -> list[rules.Rule]:
    """The rules in use, in the order in which people are asked."""
    rows = ApprovalRule.objects.filter(deleted_at=None, is_active=True).order_by("position", "id")
    return [
        rules.Rule(
            row.name,
            row.approver_id,
            None if row.amount is None else Money(row.amount, row.amount_currency),
            row.discount,
        )
        for row in rows
    ]


def approvals(quote_id: UUID) -> list[Approval]:
    """Who was asked to approve a quote, in order, with ``approver`` and ``decided_by``."""
    rows = Approval.objects.filter(quote_id=quote_id).select_related("approver", "decided_by")
    return list(rows.order_by("position", "id"))


def waiting_for(actor: Actor, most: int = 20) -> list[Approval]:
    """What waits for the actor's approval now, the longest first, each with its ``quote``: of several who are asked the
    first who has not decided.
    """
    if actor.user_id is None:
        return []
    seen = access.visible(actor, objects.get("quotes")).filter(status="approval")
    earlier = Approval.objects.filter(
        quote_id=OuterRef("quote_id"), decision="waiting", position__lt=OuterRef("position")
    )
    rows = Approval.objects.filter(~Exists(earlier), approver_id=actor.user_id, decision="waiting")
    rows = rows.filter(quote_id__in=seen.values("id")).select_related("quote")
    return list(rows.order_by("asked_at", "id")[:most])


def signature(quote_id: UUID) -> Signature | None:
    """Who signed a quote."""
    return Signature.objects.filter(quote_id=quote_id).first()


def newest(quote: Quote) -> Quote | None:
    """The newest other version of a quote that replaced it; None where there is none (any more)."""
    if not quote.number:
        return None
    rows = Quote.objects.filter(number=quote.number, revision__gt=quote.revision, deleted_at=None)
    return rows.order_by("-revision").first()


def highest_revision(number: str) -> int:
    """The highest version of a number there was, deleted ones included."""
    rows = Quote.objects.filter(number=number).order_by("-revision").values_list("revision", flat=True)
    return rows.first() or 0


def versions(actor: Actor, quote: Quote) -> list[Quote]:
    """All versions of a quote that the actor sees, newest first."""
    if not quote.number:
        return []
    rows = access.visible(actor, objects.get("quotes")).filter(number=quote.number)
    return list(rows.order_by("-revision").defer("search", "title_key"))


def over(day: date) -> Iterable[UUID]:
    """The quotes that waited for an answer until before a day."""
    late = Q(status__in=rules.OPEN, valid_until__lt=day, deleted_at=None)
    return list(Quote.objects.filter(late).order_by("id").values_list("id", flat=True)[:1000])


def reach(contact_id: UUID | None) -> tuple[str, str]:
    """A contact's name and first e-mail address; "" for what there is not."""
    row = Contact.objects.filter(id=contact_id).only("title", "emails").first() if contact_id else None
    if row is None:
        return "", ""
    return row.title, next((one["address"] for one in row.emails if one.get("address")), "")
