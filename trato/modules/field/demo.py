"""Where the roastery's sellers went lately, where they go today, and what is planned for the days to come."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from trato.engine import access, actions, objects, seeding
from trato.engine.kinds.datetime import zone_of
from trato.engine.workspaces.actors import Actor
from trato.modules.billing import demo as billing

from . import queries, rules

#: The story this one goes on from.
BEFORE = billing.tell
#: Visits of one seller on days before and after today (days of work, today is 0), and at which hours.
DAYS, HOURS = (-9, -6, -4, -2, -1, 0, 1, 2, 5), (9, 11, 14)
PURPOSES = (
    "Taste the new harvest", "Look after the machine", "Agree on the order for the season", "Get to know the new chef",
    "Show the grinders", "Ask why they order less",
)  # fmt: skip
#: What came of a visit, and what was written about it.
CAME_OF = (
    ("talked", "They liked the Sidamo best and pour it as a guest coffee from next week."),
    ("order", "Twelve bags of the house blend and a box of filters, ordered at the bar."),
    ("follow_up", "The grinder is worn. They want a price for a new one by Friday."),
    ("talked", "A new head barista from spring on; she would like the course."),
    ("nobody", "Closed for a private party. Left samples with the neighbours."),
)


@seeding.story
def tell(actor: Actor) -> None:
    """A fortnight of visits to customers; nothing where there are none."""
    chance = random.Random(2033)  # noqa: S311 - no secret comes of it
    sellers = list(access.members(actor).order_by("email")[:3])
    rows = access.visible(actor, objects.get("accounts")).filter(lifecycle__in=("customer", "prospect", "advocate"))
    known, home = rows.exclude(kind="household").order_by("name"), actor.workspace.country
    near = [one for one in known if any(p.get("primary") and p.get("country") == home for p in one.addresses)]
    accounts = near or list(known)
    if not accounts:
        return
    for place, seller in enumerate(sellers):
        own = accounts[place :: len(sellers)] or accounts
        for ago, day in _days(actor):
            for hour in HOURS[: 3 if ago == 0 else chance.randint(1, 2)]:
                _visit(actor.via("web", seeding.SOURCE), seller, chance, chance.choice(own), day, hour)


def _days(actor: Actor) -> Iterator[tuple[int, date]]:
    """The days of the story, those of work; today whatever day it is."""
    today = timezone.now().astimezone(zone_of(actor.time_zone)).date()
    for ago in DAYS:
        day = today + timedelta(days=ago)
        if ago == 0 or day.weekday() < 5:
            yield ago, day


def _visit(actor: Actor, seller: Any, chance: random.Random, account: Any, day: date, hour: int) -> None:  # noqa: PLR0917
    """One visit, and what came of it where its day is over."""
    visits, zone = objects.get("visits"), zone_of(actor.time_zone)
    begins = datetime.combine(day, time(hour), zone)
    contacts = access.visible(actor, objects.get("contacts")).filter(account_id=account.id).order_by("title")
    given = {
        "purpose": chance.choice(PURPOSES),
        "account": account.id,
        "contact": contacts.values_list("id", flat=True).first(),
        "planned_at": begins,
        "ends_at": begins + timedelta(minutes=45),
        "owner": seller.id,
    }
    visit = actions.create(actor, visits, given)
    if day >= timezone.now().astimezone(zone).date():
        return
    outcome, words = chance.choice(CAME_OF)
    arrived = begins + timedelta(minutes=chance.randint(-8, 12))
    told: dict[str, Any] = {"status": "done", "checked_in_at": arrived, "outcome": outcome, "report": f"<p>{words}</p>"}
    told["checked_out_at"] = arrived + timedelta(minutes=chance.randint(5, 50))
    if town := queries.position_of(actor, visit):
        stood = (town[0] + chance.uniform(-0.02, 0.02), town[1] + chance.uniform(-0.02, 0.02))
        told |= {"latitude": Decimal(f"{stood[0]:.6f}"), "longitude": Decimal(f"{stood[1]:.6f}"), "accuracy": 12}
        told["distance"] = Decimal(f"{rules.distance(stood, town):.1f}")
    actions.write(actor, visits, visit, told, verb="check_out")
    seeding.backdate(visits, visit.id, begins - timedelta(days=3))
