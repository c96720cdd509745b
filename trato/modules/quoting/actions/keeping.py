"""What the clock does to quotes, and what an administrator says of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from trato.engine import actions, objects
from trato.engine.actions import Problem, Refused
from trato.engine.administration import record as told
from trato.engine.administration import require
from trato.engine.workspaces.actors import Actor, system_actor
from trato.engine.workspaces.models import Workspace

from .. import queries, rules
from ..models import QuoteSettings

LONGEST_TERMS, MOST_DAYS = 10_000, 3_650


def expire(workspace: Workspace) -> int:
    """Say of the quotes whose last day is over that they are; how many (inside ``in_workspace``). Runs again safely."""
    actor, quotes, count = system_actor(workspace), objects.get("quotes"), 0
    for quote_id in queries.over(queries.today(workspace)):
        quote = queries.locked(actor, quote_id)
        if quote.status in rules.OPEN:
            actions.write(actor, quotes, quote, {"status": "expired"}, verb="expired")
            count += 1
    return count


def change_settings(actor: Actor, given: Mapping[str, Any]) -> None:
    """Set valid_days (0 for no end), terms and wins_deal; raises NotAdministrator, Refused."""
    require(actor)
    kept = QuoteSettings.objects.select_for_update().first() or QuoteSettings()
    days, terms = given.get("valid_days") or 0, str(given.get("terms") or "")
    if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= MOST_DAYS:
        words = _("Give a number of days from 0 to %(n)s.") % {"n": f"{MOST_DAYS:,}"}
        raise Refused([Problem("valid_days", "range", words)])
    if len(terms) > LONGEST_TERMS or "\0" in terms:
        words = _("At most %(n)s characters.") % {"n": f"{LONGEST_TERMS:,}"}
        raise Refused([Problem("terms", "too_long", words)])
    new = {"valid_days": days, "terms": terms, "wins_deal": bool(given.get("wins_deal"))}
    changes = {name: (getattr(kept, name), value) for name, value in new.items() if getattr(kept, name) != value}
    for name, value in new.items():
        setattr(kept, name, value)
    kept.save()
    if changes:
        told(actor, "quote-settings", kept.id, "updated", changes)
