"""Every write of billing that is more than create or update."""

from .documents import follow_order, settle_invoice, settle_order
from .dunning import AT_ONCE, propose_reminders, send, send_reminder, turn_overdue
from .invoices import credit, issue, issue_on, write_off
from .many import make_invoices
from .online import change_settings, has_provider, hear, hook_address, open_page, provider_of
from .orders import beyond_limit, confirm, deliver, invoice_advance, invoice_delivered, invoice_rest
from .papers import data_of, entry_words, issued, lacks, paper_reader, send_invoice, statement_pdf
from .payments import (
    allocate,
    follow_allocations,
    follow_payments,
    record_payment,
    refund,
    settle_untouched,
    take,
    take_payment,
    void,
)
from .providers import Forged
from .quotes import order

__all__ = [
    "AT_ONCE",
    "Forged",
    "allocate",
    "beyond_limit",
    "change_settings",
    "confirm",
    "credit",
    "data_of",
    "deliver",
    "entry_words",
    "follow_allocations",
    "follow_order",
    "follow_payments",
    "has_provider",
    "hear",
    "hook_address",
    "invoice_advance",
    "invoice_delivered",
    "invoice_rest",
    "issue",
    "issue_on",
    "issued",
    "lacks",
    "make_invoices",
    "open_page",
    "order",
    "paper_reader",
    "propose_reminders",
    "provider_of",
    "record_payment",
    "refund",
    "send",
    "send_invoice",
    "send_reminder",
    "settle_invoice",
    "settle_order",
    "settle_untouched",
    "statement_pdf",
    "take",
    "take_payment",
    "turn_overdue",
    "void",
    "write_off",
]
