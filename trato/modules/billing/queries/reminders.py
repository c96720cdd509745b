"""What is to be reminded of, and the pages where it is paid."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet

from ..models import (
    Checkout,
    DunningLevel,
    Invoice,
    Reminder,
)
from .base import OWED


def levels() -> list[DunningLevel]:
    """The steps of reminding, in order."""
    return list(DunningLevel.objects.filter(deleted_at=None).order_by("rank"))


def overdue(today: date) -> QuerySet:
    """All invoices of the workspace that are owed longer than they should be."""
    return Invoice.objects.filter(kind="invoice", status__in=OWED, due_on__lt=today, deleted_at=None)


def turned_overdue(today: date) -> QuerySet:
    """Invoices that became overdue and don't say so yet."""
    return overdue(today).exclude(status="overdue")


def remindable(today: date) -> list[tuple[UUID, date, int, date | None]]:
    """Overdue invoices without a reminder that waits: id, due date, the step they had last, and when."""
    waiting = Reminder.objects.filter(invoice=OuterRef("id"), status="proposed", deleted_at=None)
    rows = overdue(today).filter(~Exists(waiting)).order_by("id")
    return list(rows.values_list("id", "due_on", "reminded", "reminded_on"))


def was_reminded(invoice_id: UUID, level_id: UUID) -> bool:
    """Whether an invoice had this step already, sent or not."""
    return Reminder.objects.filter(invoice_id=invoice_id, level_id=level_id, deleted_at=None).exists()


def proposed(invoice_id: UUID) -> Reminder | None:
    """The reminder of an invoice that waits to be sent, locked."""
    rows = Reminder.objects.filter(invoice_id=invoice_id, status="proposed", deleted_at=None)
    return rows.defer("search", "title_key").select_for_update(of=("self",), no_key=True).first()


def checkout(provider: str, key: str) -> Checkout | None:
    """The payment page of a provider that it calls by this key, locked."""
    return Checkout.objects.select_for_update(of=("self",)).filter(provider=provider, key=key).first()


def open_checkout(invoice: Invoice, now: Any) -> Checkout | None:
    """A payment page of an invoice that can still be used, for what is open now."""
    rows = Checkout.objects.filter(invoice=invoice, state="open", amount=F("invoice__open"), expires_at__gt=now)
    return rows.order_by("-id").first()
