"""What quotas and managers' calls are called and how they are laid out."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine.objects import Object, register
from trato.engine.workspaces.actors import Actor

from .models import CommissionMember, CommissionPlan, CommissionRate, ForecastCall, Quota
from .rules import periods

SALES = _("Sales")
PERIOD = ("person", "covers", "length", "starts_on", "amount")
MINE = {"mine": (_("Mine"), {"field": "person", "op": "is", "value": "me"})}


class Goals(Object):
    """What quotas and calls share."""

    group = SALES
    title_from = ()
    order = "-starts_on"
    filters = MINE
    in_navigation, in_settings = False, True

    def title(self, values: Mapping[str, Any], language: str) -> str:
        """Its period, as "Q3 2026"; whose it is stands beside."""
        length, day = values.get("length"), values.get("starts_on")
        return periods.Period(length, day).name(language) if day and length in periods.LENGTHS else ""

    def prepare(self, values: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        """It begins with the first day of its period."""
        if values.get("starts_on") and values.get("length") in periods.LENGTHS:
            values["starts_on"] = periods.first_day(values["length"], values["starts_on"])

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """It is no less than nothing."""
        amount = values.get("amount")
        return {"amount": _now("It can't be less than nothing.")} if amount is not None and amount.amount < 0 else {}


@register
class Quotas(Goals):
    """What people are to sell."""

    model, name, plural = Quota, "quota", "quotas"
    label, label_plural, icon = _("Quota"), _("Quotas"), "target"
    help = _("What each seller, or each leader's team, is to sell in a month, a quarter or a year.")
    columns = ("title", "person", "covers", "amount", "updated_at")
    sections = ((_("Quota"), PERIOD), (_("Record details"), ("owner",)))

    def verify(
        self,
        actor: Actor,
        record_id: UUID,
        values: Mapping[str, Any],
        old: Mapping[str, Any] | None,
        pending: Callable[[UUID], Mapping[str, Any] | None],
    ) -> dict[str, str]:
        """Nobody but administrators sets their own."""
        whose = {values.get("person"), (old or {}).get("person")}
        if actor.user_id in whose and not actor.rights.admin:
            return {"person": _now("Your own quota is set by somebody else.")}
        return {}


@register
class ForecastCalls(Goals):
    """What managers expect."""

    model, name, plural = ForecastCall, "forecast call", "forecast-calls"
    label, label_plural, icon = _("Forecast call"), _("Forecast calls"), "gavel"
    help = _("What a manager expects of somebody in a period, and why, in place of what the deals add up to.")
    columns = ("title", "person", "covers", "amount", "reason", "owner", "updated_at")
    sections = ((_("Forecast call"), (*PERIOD, "reason")), (_("Record details"), ("owner", "updated_at")))


@register
class CommissionPlans(Object):
    """What people earn on what they sell."""

    model, name, plural = CommissionPlan, "commission plan", "commission-plans"
    label, label_plural, icon, group = _("Commission plan"), _("Commission plans"), "businessplan", SALES
    help = _("Rates by product, category and step that sellers earn on won deals or paid invoices.")
    columns = ("title", "counts", "since", "until", "updated_at")
    sections = ((_("Commission plan"), ("name", "counts", "since", "until", "note")), (_("Record details"), ("owner",)))
    order = "title"
    in_navigation, in_settings = False, True


@register
class CommissionRates(Object):
    """The rates of a plan."""

    model, name, plural = CommissionRate, "commission rate", "commission-rates"
    label, label_plural, icon, group = _("Rate"), _("Rates"), "percentage", SALES
    within = "plan"
    title_from, named_by = ("category", "position"), ()
    columns = ("position", "product", "category", "start", "percent")
    sections = ((_("Rate"), ("product", "category", "start", "percent", "position")),)
    order = "position"

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """It begins with no less than nothing; a product's own rate comes before that of a category."""
        start = values.get("start")
        return {"start": _now("It can't be less than nothing.")} if start is not None and start.amount < 0 else {}


@register
class CommissionMembers(Object):
    """Whom a plan is for."""

    model, name, plural = CommissionMember, "person of a plan", "commission-members"
    label, label_plural, icon, group = _("Person of the plan"), _("People of the plan"), "user-dollar", SALES
    within = "plan"
    title_from, named_by = ("share",), ("person",)
    columns = ("position", "person", "share")
    sections = ((_("Person of the plan"), ("person", "share", "position")),)
    order = "position"
