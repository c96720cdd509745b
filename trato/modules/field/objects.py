"""What visits are called, how they are laid out, and what follows from what."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine.objects import Moment, Object, Span, register

from . import queries
from .models import Visit

OWN = {"field": "owner", "op": "is", "value": "me"}
PLANNED = {"field": "status", "op": "in", "value": ["planned", "under_way"]}


@register
class Visits(Object):
    """Going to see customers."""

    model, name, plural = Visit, "visit", "visits"
    label, label_plural, icon, group = _("Visit"), _("Visits"), "map-pin", _("Activities")
    help = _("Who goes to see whom, when and what for; and what came of it.")
    title_from = ("purpose",)
    columns = ("title", "account", "planned_at", "status", "outcome", "owner", "updated_at")
    head = ("account", "planned_at", "status", "outcome", "owner")
    order = "-planned_at"
    board_by = "outcome"
    calendar_on = (Span("planned_at", "ends_at"),)
    moment = Moment(at="planned_at")
    prepared = ("about",)
    sections = (
        (_("Visit"), ("purpose", "account", "contact", "planned_at", "ends_at", "place")),
        (_("Report"), ("outcome", "report", "photo")),
        (_("On the spot"), ("status", "checked_in_at", "checked_out_at", "distance", "accuracy")),
        (_("More"), ("latitude", "longitude", "about")),
        (_("Record details"), ("owner", "created_at", "updated_at")),
    )
    mergeable = False
    filters = {
        "mine": (_("Mine, to be done"), {"and": [OWN, PLANNED]}),
        "today": (_("Today"), {"field": "planned_at", "op": "within", "value": "today"}),
        "week": (_("This week"), {"field": "planned_at", "op": "within", "value": "this_week"}),
        "done": (_("Done"), {"field": "status", "op": "is", "value": "done"}),
    }

    def prepare(self, values: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        """It stands on the timelines of the account and of the contact, and is where the account is unless said."""
        account, before = values.get("account"), old or {}
        refs = (("accounts", account), ("contacts", values.get("contact")))
        values["about"] = [f"{plural}/{target}" for plural, target in refs if target]
        elsewhere = bool(values.get("place")) and values["place"] != before.get("place")
        if account and not elsewhere and (account != before.get("account") or not values.get("place")):
            values["place"] = queries.address_of(account)

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """A visit ends after it begins."""
        starts, ends = values.get("planned_at"), values.get("ends_at")
        return {"ends_at": _now("It can't end before it begins.")} if starts and ends and ends < starts else {}
