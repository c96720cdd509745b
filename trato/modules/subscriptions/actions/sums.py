"""What follows from the lines of a subscription: its sums a period, and what it brings a month."""

from datetime import date
from decimal import Decimal
from typing import Any

from trato.engine import actions, objects
from trato.engine.kinds.money import Money
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog.actions import settle
from trato.modules.catalog.queries import today

from .. import queries, rules
from ..models import Subscription, SubscriptionLine


def in_force(line: SubscriptionLine, day: date) -> bool:
    """Whether a customer has a line on a day, or will have it without having another until then."""
    return line.until is None or line.until > day


def settle_subscription(actor: Actor, record: Subscription) -> None:
    """Sums of a period and recurring revenue follow the lines in force; what only begins later counts with them while
    nothing has begun.
    """
    day = max(today(actor), record.starts_on)
    obj = objects.get("subscriptions")

    def counts(line: Any) -> bool:
        return in_force(line, day) and (line.since is None or line.since <= day)

    settle(actor, obj, record, counts)
    months = rules.INTERVALS[record.interval]
    mrr = Decimal(0)
    for line in queries.lines_of([record.id])[record.id]:
        net = Decimal(0) if line.is_optional else line.net or Decimal(0)
        monthly = rules.monthly(net, months, record.discount_percent)
        mrr += monthly if counts(line) and record.status == "active" else Decimal(0)
        if (line.monthly, line.monthly_currency) != (monthly, record.currency):
            queries.set_monthly(line.id, Money(monthly, record.currency))
    actions.bring_up_to_date(actor, obj, record, {"mrr": Money(mrr, record.currency)})
