"""What quotes and what belongs to them are called, and how they are laid out."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from trato.engine import numbers
from trato.engine.models import Record
from trato.engine.objects import Object, register
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog import actions as catalog
from trato.modules.catalog.objects import PricedDocumentObject, PricedLineObject

from . import queries, rules
from .models import ApprovalRule, Quote, QuoteLine

SALES = _("Sales")
OWN = {"field": "owner", "op": "is", "value": "me"}
OPEN = {"field": "status", "op": "in", "value": ["sent", "seen"]}

numbers.series("quotes", _("Quotes"), "Q-{year}-{0000}")


@register
class Quotes(PricedDocumentObject):
    """Offers in writing."""

    model, name, plural = Quote, "quote", "quotes"
    rolls_up_to = ("account",)
    label, label_plural, icon, group = _("Quote"), _("Quotes"), "file-description", SALES
    mergeable = False
    help = _("Offers in writing: sent with a link, read, answered and signed by the customer.")
    columns = ("title", "account", "status", "total", "valid_until", "deal", "seen_at", "owner", "updated_at")
    head = ("status", "total", "valid_until", "owner")
    board_by, board_sums = "status", ("total",)
    sections = (
        (_("Quote"), ("name", "account", "contact", "deal", "valid_until", "intro", "terms")),
        (_("Prices"), ("currency", "prices", "discount_percent", "country", "reverse_charge", "rounding", "language")),
        (_("Sum"), ("net", "tax", "total")),
        (
            _("Answer"),
            ("status", "sent_at", "seen_at", "seen_count", "answered_at", "answered_by", "decline_reason"),
        ),
        (_("Documents"), ("document", "signed")),
        (_("Record details"), ("number", "revision", "previous", "tags", "owner", "created_at", "updated_at")),
    )
    thaw = ("owner", "deal", "tags")
    backwards = {"previous": _("Newer versions")}
    composer = True
    filters = {
        "mine": (_("Mine"), OWN),
        "drafts": (pgettext_lazy("quotes", "Drafts"), {"field": "status", "op": "is", "value": "draft"}),
        "approval": (_("In approval"), {"field": "status", "op": "is", "value": "approval"}),
        "open": (_("Waiting for an answer"), OPEN),
        "late": (
            _("Valid for a week at most"),
            {"and": [OPEN, {"field": "valid_until", "op": "within", "value": {"next": 7, "unit": "day"}}]},
        ),
        "accepted": (_("Accepted"), {"field": "status", "op": "is", "value": "accepted"}),
        "declined": (_("Declined"), {"field": "status", "op": "is", "value": "declined"}),
    }

    def title(self, values: Mapping[str, Any], language: str) -> str:
        """The number, once it has one, and the subject."""
        named = rules.label(values.get("number"), values.get("revision") or 1)
        return f"{named} · {values['name']}" if named else values["name"]

    def prepare(self, values: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        """A new one is valid as long, and has the terms, as the workspace says."""
        if old is None:
            usual = queries.settings()
            values["terms"] = values.get("terms") or usual.terms
            if not values.get("valid_until") and usual.valid_days:
                values["valid_until"] = timezone.localdate() + timedelta(days=usual.valid_days)

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """It does not end in the past."""
        return rules.check(values, old, timezone.localdate())

    def frozen(self, values: Mapping[str, Any]) -> str:
        """What the customer or an approver has stays as they have it."""
        return rules.frozen(values)

    def settle(self, actor: Actor, record: Record) -> None:
        """Prices and sums, of what is not optional or was chosen; what is decided stays as it was."""
        if record.status in ("draft", *rules.OPEN):
            catalog.settle(actor, self, record)


@register
class QuoteLines(PricedLineObject):
    """What is offered."""

    model, name, plural = QuoteLine, "quote line", "quote-lines"
    label, label_plural, icon, group = _("Quote line"), _("Lines"), "list", SALES
    within = "quote"
    columns = (*PricedLineObject.columns, "is_optional", "is_chosen")
    sections = (
        (
            _("Quote line"),
            (
                *("quote", "position", "product", "description", "quantity", "unit", "price", "discount_percent"),
                *("tax_class", "is_optional", "is_chosen", "net", "explanation"),
            ),
        ),
    )


@register
class ApprovalRules(Object):
    """Who approves what before it is sent."""

    model, name, plural = ApprovalRule, "approval rule", "approval-rules"
    label, label_plural, icon, group = _("Approval rule"), _("Approval rules"), "shield-check", SALES
    help = _("Who has to approve a quote before it is sent. All rules that fit are asked, one after the other.")
    columns = ("title", "position", "amount", "discount", "approver", "is_active")
    order = "position"
    sections = ((_("Approval rule"), ("name", "position", "amount", "discount", "approver", "is_active")),)
    in_navigation, in_settings = False, True
    importable = False
