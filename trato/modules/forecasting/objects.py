"""What quotas and managers' calls are called and how they are laid out."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine.objects import Object, register
from trato.engine.workspaces.actors import Actor

from .models import ForecastCall, Quota
from .rules import periods

SALES = _("Sales")
PERIOD = ("person", "covers", "length", "starts_on", "amount")
MINE = {"mine": (_("Mine"), {"field": "person", "op": "is", "value": "me"})}


class Goals(Object):
    """What quotas and calls share."""

    group = SALES
    title_from, named_by = (), ("person",)
    order = "-starts_on"
    filters = MINE
    in_navigation, in_settings = False, True

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
    columns = ("title", "covers", "length", "starts_on", "amount", "updated_at")
    sections = ((_("Quota"), PERIOD), (_("Record details"), ("owner",)))

    def prepare(self, values: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        """Whose quota it is owns it, and so may see it."""
        super().prepare(values, old)
        if values.get("person"):
            values["owner"] = values["person"]

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
    columns = ("title", "covers", "length", "starts_on", "amount", "reason", "owner", "updated_at")
    sections = ((_("Forecast call"), (*PERIOD, "reason")), (_("Record details"), ("owner", "updated_at")))
