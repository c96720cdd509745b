"""Deals, and who and what belongs to them."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from trato.engine.models import Record
from trato.engine.objects import Object, Span, register
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog.objects import PricedLineObject
from trato.modules.catalog.rules import line_problem

from ..actions.deals import sum_lines
from ..models import Deal, DealCompetitor, DealContact, DealLine, DealSplit
from ..queries.deals import currency_of, other_shares
from ..queries.ways import ways
from ..rules.deals import deal_problem, settle_deal, shares_problem

SALES = _("Sales")
OWN = {"field": "owner", "op": "is", "value": "me"}
OPEN = {"field": "status", "op": "is", "value": "open"}


@register
class Deals(Object):
    """What may be sold."""

    model, name, plural = Deal, "deal", "deals"
    label, label_plural, icon, group = _("Deal"), _("Deals"), "coins", SALES
    help = _("What may be sold to whom, how far it is, and what comes next.")
    columns = (
        "title",
        "account",
        "stage",
        "value",
        "close_date",
        "quiet_since",
        "chance",
        "next_step_at",
        "owner",
    )
    head = ("stage", "status", "value", "recurring", "close_date", "owner")
    board_by, board_within, board_sums = "stage", "pipeline", ("value",)
    calendar_on = (Span("close_date"), Span("next_step_at"))
    sections = (
        (_("Deal"), ("name", "account", "contact", "pipeline", "stage", "description")),
        (_("Money"), ("value", "recurring", "period")),
        (_("Forecast"), ("close_date", "probability", "category", "chance", "points")),
        (_("Next"), ("next_step", "next_step_at", "quiet_since")),
        (_("Decision"), ("status", "closed_at", "loss_reason", "loss_note")),
        (_("Origin"), ("source", "campaign", "lead", "opened_at")),
        (_("Record details"), ("owner", "tags", "checked", "created_at", "updated_at")),
    )
    rollup, rolls_up_to = ("leads.deal",), ("account",)
    settles_on = ("value", "account", "period")
    prepared = ("status", "stage", "pipeline")
    figures = ()
    composer = True
    filters = {
        "mine": (_("Mine, open"), {"and": [OWN, OPEN]}),
        "open": (pgettext_lazy("deals", "Open"), OPEN),
        "closing": (
            _("Closing this month"),
            {"and": [OPEN, {"field": "close_date", "op": "within", "value": "this_month"}]},
        ),
        "late": (_("Past their date"), {"and": [OPEN, {"field": "close_date", "op": "lt", "value": "today"}]}),
        "quiet": (_("Quiet too long"), {"and": [OPEN, {"field": "quiet_since", "op": "filled"}]}),
        "won": (_("Won"), {"field": "status", "op": "is", "value": "won"}),
        "lost": (_("Lost"), {"field": "status", "op": "is", "value": "lost"}),
    }

    def prepare(self, values: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        """Pipeline, probability, status and the day it was decided follow from the stage."""
        settle_deal(values, old, ways(), timezone.now())

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """It stands in a stage, and says why it was lost."""
        return deal_problem(values)

    def settle(self, actor: Actor, record: Record) -> None:
        """Its value is what its lines come to."""
        sum_lines(actor, record)


@register
class DealLines(PricedLineObject):
    """What is sold with it."""

    model, name, plural = DealLine, "deal line", "deal-lines"
    label, label_plural, icon, group = _("Product"), _("Products"), "package", SALES
    within = "deal"
    title_from, named_by = ("description",), ("product",)
    columns = ("product", "description", "quantity", "price", "discount_percent", "is_optional", "net")
    order = "position"
    sections = (
        (
            _("Deal line"),
            ("deal", "position", "product", "description", "quantity", "unit", "price", "discount_percent"),
        ),
        (_("More"), ("tax_class", "is_optional", "net", "explanation")),
    )
    in_navigation = False

    def verify(
        self,
        actor: Actor,
        record_id: UUID,
        values: Mapping[str, Any],
        old: Mapping[str, Any] | None,
        pending: Callable[[UUID], Mapping[str, Any] | None],
    ) -> dict[str, str]:
        """A price is in the currency of the deal."""
        if values.get("price") is None or (old and old.get("price") == values["price"]):
            return {}
        return line_problem(values, currency_of(actor, values["deal"]))


@register
class DealContacts(Object):
    """Who has a say."""

    model, name, plural = DealContact, "person of a deal", "deal-contacts"
    label, label_plural, icon, group = _("Person of a deal"), _("People of the deal"), "users", SALES
    within = "deal"
    title_from, named_by = ("note",), ("contact", "role")
    columns = ("contact", "role", "note")
    sections = ((_("Person of a deal"), ("deal", "contact", "role", "note")),)
    in_navigation = False


@register
class DealCompetitors(Object):
    """Who else wants it."""

    model, name, plural = DealCompetitor, "competitor", "deal-competitors"
    label, label_plural, icon, group = _("Competitor"), _("Competitors"), "swords", SALES
    within = "deal"
    columns = ("title", "account", "has_won", "note")
    sections = ((_("Competitor"), ("deal", "name", "account", "has_won", "note")),)
    in_navigation = False


@register
class DealSplits(Object):
    """Whom it counts for."""

    model, name, plural = DealSplit, "share of a deal", "deal-splits"
    label, label_plural, icon, group = _("Share of a deal"), _("Shares of sellers"), "chart-pie", SALES
    within = "deal"
    title_from, named_by = ("percent",), ("seller",)
    columns = ("seller", "percent")
    sections = ((_("Share of a deal"), ("deal", "seller", "percent")),)
    in_navigation = False

    def verify(
        self,
        actor: Actor,
        record_id: UUID,
        values: Mapping[str, Any],
        old: Mapping[str, Any] | None,
        pending: Callable[[UUID], Mapping[str, Any] | None],
    ) -> dict[str, str]:
        """Together the shares are no more than all of it."""
        others = other_shares(values["deal"], record_id)
        return shares_problem([*others, values["percent"]])
