"""What contracts and subscriptions are called, how they are laid out, and what they may say."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import numbers
from trato.engine.objects import Object, Span, register
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog.objects import PricedDocumentObject, PricedLineObject

from . import actions, rules
from .models import Contract, Subscription, SubscriptionLine

SALES = _("Sales")
UPKEEP = (_("Record details"), ("owner", "number", "created_at", "updated_at"))
#: What is charged for days that were invoiced already is not changed by hand.
CHARGED = ("product", "quantity", "price", "discount_percent", "tax_class", "is_optional", "since")


@register
class Contracts(Object):
    """Terms and notice."""

    model, name, plural = Contract, "contract", "contracts"
    label, label_plural, icon, group = _("Contract"), _("Contracts"), "writing-sign", SALES
    help = _("What both sides are bound to, how long, and until when notice can be given.")
    board_by = "status"
    calendar_on = (Span("ends_on"), Span("notice_by"))
    columns = ("title", "account", "status", "ends_on", "notice_by", "renewal", "owner")
    head = ("account", "status", "ends_on", "notice_by")
    sections = (
        (_("Contract"), ("name", "account", "contact", "deal", "starts_on", "ends_on")),
        (_("Notice and renewal"), ("renewal", "renewal_months", "notice", "notice_unit", "notice_by", "remind_days")),
        (_("End"), ("status", "noticed_on", "reason", "reason_note")),
        (_("More"), ("terms", "tags")),
        UPKEEP,
    )
    mergeable = False
    prepared = ("notice_by",)
    filters = {
        "soon": (
            _("Notice within 60 days"),
            {
                "and": [
                    {"field": "status", "op": "is", "value": "active"},
                    {"field": "notice_by", "op": "within", "value": {"next": 60, "unit": "day"}},
                ]
            },
        ),
        "in_force": (_("In force"), {"field": "status", "op": "in", "value": ["active", "noticed"]}),
    }

    def prepare(self, values: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        """The last day of notice follows from the term."""
        open_ended = values.get("ends_on") is None or values.get("renewal") != "auto"
        values["notice_by"] = (
            None if open_ended else rules.last_notice(values["ends_on"], values["notice"], values["notice_unit"])
        )

    def frozen(self, values: Mapping[str, Any]) -> str:
        """What ended stays as it was."""
        return _now("This contract ended; it stays for the record.") if values.get("status") == "ended" else ""

    thaw = ("owner", "tags", "reason", "reason_note")


@register
class Subscriptions(PricedDocumentObject):
    """What recurs."""

    model, name, plural = Subscription, "subscription", "subscriptions"
    label, label_plural, icon, group = _("Subscription"), _("Subscriptions"), "refresh", SALES
    help = _("What a customer has and pays for again and again: its lines, its periods, its invoices.")
    title_from = ("name", "number")
    dated_by = "starts_on"
    board_by, board_sums = "status", ("mrr",)
    calendar_on = (Span("next_on"),)
    columns = ("title", "account", "status", "interval", "mrr", "next_on", "ends_on", "owner")
    head = ("account", "status", "mrr", "next_on", "ends_on")
    sections = (
        (_("Subscription"), ("name", "account", "contact", "contract", "deal", "quote", "starts_on")),
        (_("Invoices"), ("interval", "billed", "issues", "days", "reference", "billed_until", "next_on", "held_up")),
        (_("Sums a period"), ("net", "tax", "total", "mrr")),
        (_("Course"), ("status", "paused_on", "ends_on", "reason", "reason_note")),
        (
            _("Prices and terms"),
            *(
                (
                    "currency",
                    "prices",
                    "rounding",
                    "country",
                    "reverse_charge",
                    "discount_percent",
                    "language",
                    "terms",
                ),
            ),
        ),
        UPKEEP,
    )
    mergeable = False
    thaw = ("owner", "reason", "reason_note")
    filters = {
        "active": (_("Active"), {"field": "status", "op": "in", "value": ["active", "paused"]}),
        "ending": (_("Ending"), {"field": "ends_on", "op": "filled"}),
        "held_up": (_("Can't be invoiced"), {"field": "held_up", "op": "filled"}),
        "due": (_("To be invoiced"), {"field": "next_on", "op": "lte", "value": "today"}),
    }

    def settle(self, actor: Actor, record: Any) -> None:
        """The sums of a period follow the lines in force, and so does the recurring revenue."""
        actions.settle_subscription(actor, record)

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """Periods that were invoiced are not moved."""
        if old is None or old.get("status") == "draft":
            return {}
        words = _now("It is under way. End it and begin another to change this.")
        moved = ("interval", "starts_on", "currency", "prices", "account", "billed")
        return {name: words for name in moved if values.get(name) != old.get(name)}

    def frozen(self, values: Mapping[str, Any]) -> str:
        """What ended stays as it was."""
        return _now("This subscription ended; it stays for the record.") if values.get("status") == "ended" else ""


@register
class SubscriptionLines(PricedLineObject):
    """Lines of subscriptions."""

    model, name, plural, within = SubscriptionLine, "subscription line", "subscription-lines", "subscription"
    label, label_plural, icon = _("Subscription line"), _("Subscription lines"), "list-details"
    columns = (*PricedLineObject.columns, "since", "until", "billed_until")
    sections = (
        (
            _("Line"),
            (
                *("subscription", "position", "product", "description", "quantity", "unit", "price"),
                *("discount_percent", "tax_class", "since"),
            ),
        ),
        (_("Sums"), ("net", "monthly", "until", "billed_until")),
    )

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """Nothing is had of nothing; and what was invoiced is changed from a day on, not backwards."""
        if old is not None and old.get("billed_until"):
            words = _now("Invoiced until %(day)s. Use “Change a line” to change it from a day on.")
            told = words % {"day": old["billed_until"].isoformat()}
            return {name: told for name in CHARGED if values.get(name) != old.get(name)}
        return super().check(values, old)


numbers.series("subscriptions", _("Subscriptions"), "SUB-{00000}")
numbers.series("contracts", _("Contracts"), "CTR-{year}-{000}")
