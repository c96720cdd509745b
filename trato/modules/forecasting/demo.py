"""Quotas of this quarter, a manager's call, what changed in the pipeline within a week, and what sellers earn."""

from datetime import timedelta
from typing import Any

from trato.engine import access, actions, objects, seeding
from trato.engine.kinds import Money
from trato.engine.workspaces.actors import Actor
from trato.modules.sales import demo as sales

from .actions import keep_states
from .queries.figures import sums, today
from .rules.periods import period_of

#: The story this one goes on from.
BEFORE = sales.tell
#: What quotas are, as a share of what is won and open.
SHARE, STEP = 0.8, 1000


@seeding.story
def tell(actor: Actor) -> None:
    """How the deals there are stood a week ago, with what happened since; nothing where there are none."""
    seller, day = actor.via("web", seeding.SOURCE), today(actor)
    keep_states(actor.workspace, day - timedelta(days=7))
    deals = objects.get("deals")
    rows = access.visible(actor, deals).filter(status="open", value__isnull=False).order_by("id")
    changes: tuple[Any, ...] = (
        lambda deal: {"value": Money(deal.value * 2, deal.value_currency)},
        lambda deal: {"value": Money(deal.value / 2, deal.value_currency)},
        lambda deal: {"close_date": day + timedelta(days=100)},
        lambda deal: {"close_date": day + timedelta(days=3), "category": "commit"},
    )
    for deal, change in zip(rows, changes, strict=False):
        actions.update(seller, deals, deal.id, change(deal))
    keep_states(actor.workspace, day)
    _goals(seller)
    _plan(seller)


def _goals(actor: Actor) -> None:
    """A quota for everybody who sells in this quarter, and what their manager expects of the first."""
    period = period_of("quarter", today(actor))
    found = sums(actor, period.first, period.after)
    people = sorted(person for person in found.owners if person is not None)
    for place, person in enumerate(people):
        total = sum(float(found.of({person}, column).total) for column in ("won", "commit", "best_case", "pipeline"))
        amount = {"amount": str((round(SHARE * total / STEP) or 1) * STEP), "currency": actor.workspace.currency}
        given = {"person": person, "length": "quarter", "starts_on": period.first, "amount": amount}
        actions.create(actor, objects.get("quotas"), given)
        if place == 0:
            reason = "The two large ones come, but not before the quarter ends."
            actions.create(actor, objects.get("forecast-calls"), given | {"reason": reason})


def _plan(actor: Actor) -> None:
    """A plan for everybody who sells: three in a hundred of what they win in a month, five beyond the first step."""
    deals = access.visible(actor, objects.get("deals")).filter(status="won").exclude(owner=None).order_by()
    people = sorted(set(deals.values_list("owner_id", flat=True)))
    if not people:
        return
    step = {"amount": str(10 * STEP), "currency": actor.workspace.currency}
    rates = [{"percent": 3, "position": 1}, {"percent": 5, "start": step, "position": 2}]
    members = [{"person": person, "position": place} for place, person in enumerate(people, start=1)]
    parts = {"commission-rates": rates, "commission-members": members}
    actions.create(actor, objects.get("commission-plans"), {"name": "What sellers earn", "counts": "won", **parts})
