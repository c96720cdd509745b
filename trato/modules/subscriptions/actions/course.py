"""The course of a subscription: it begins, is changed from a day on, rests, goes on, ends."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import actions, objects
from trato.engine.actions import action
from trato.engine.kinds import Choice, Date, Link, MoneyKind, Number, Percent, Text
from trato.engine.kinds.money import Money
from trato.engine.models import Record
from trato.engine.numbers import next_number
from trato.engine.values import Problem, Refused
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog.queries import today

from .. import queries, rules
from ..models import REASONS, Subscription, SubscriptionLine
from .sums import in_force, settle_subscription

#: How far back or ahead something can be said to happen.
FARTHEST = timedelta(days=366 * 5)
#: What a line's successor takes over.
TAKEN = ("product", "description", "quantity", "unit", "discount_percent", "tax_class", "is_optional", "position")


def refuse(field: str, words: str, code: str = "state") -> Refused:
    """The refusal of a whole action, at one of its fields or none."""
    return Refused([Problem(field, code, words)])


def _day(actor: Actor, record: Subscription, on: date | None) -> date:
    """The day something happens on: today unless one is named, never before the first day; raises Refused."""
    day = on or _first(actor, record)
    if day < record.starts_on:
        words = _now("It begins on %(day)s; choose that day or a later one.")
        raise refuse("on", words % {"day": record.starts_on.isoformat()})
    if abs(day - today(actor)) > FARTHEST:
        raise refuse("on", _now("Choose a day within five years."))
    if record.ends_on and day >= record.ends_on:
        raise refuse("on", _now("It ends on %(day)s, before that.") % {"day": record.ends_on.isoformat()})
    return day


def _first(actor: Actor, record: Subscription) -> date:
    return max(today(actor), record.starts_on)


def _only_line(actor: Actor, record: Subscription) -> dict[str, Any]:
    """What a change begins with: today, and the line in force with what it has, where there is no other."""
    day = _first(actor, record)
    lines = [line for line in queries.lines_of([record.id])[record.id] if in_force(line, day)]
    if len(lines) != 1:
        return {"on": day}
    price = None if lines[0].price is None else Money(lines[0].price, record.currency)
    line = objects.get("subscription-lines").ref(lines[0].id)
    return {"line": line, "quantity": Decimal(f"{lines[0].quantity.normalize():f}"), "price": price, "on": day}


def write(actor: Actor, record: Subscription, **given: Any) -> Subscription:
    """Write stored values that only actions set."""
    actions.write(actor, objects.get("subscriptions"), record, given)
    return record


def write_line(actor: Actor, line: SubscriptionLine, **given: Any) -> None:
    """The same of one of its lines."""
    actions.write(actor, objects.get("subscription-lines"), line, given)


@action(
    "subscriptions",
    label=_("Begin"),
    icon="player-play",
    prominent=True,
    undo=_("End it on its first day; what was invoiced is given back."),
    applies=lambda record: record.status == "draft",
)
def activate(actor: Actor, record: Subscription) -> Record:
    """The subscription begins on its first day; from then on it is invoiced."""
    if record.status != "draft":
        raise refuse("", _now("It is under way already."))
    lines = queries.lines_of([record.id])[record.id]
    if not any(not line.is_optional for line in lines):
        raise refuse("", _now("Add a line first: there is nothing to invoice."))
    if gaps := [line.title for line in lines if line.price is None]:
        words = _now("There is no price for: %(lines)s. Give one, or add it to a price book.")
        raise refuse("", words % {"lines": ", ".join(gaps[:5])}, "price")
    for line in lines:
        write_line(actor, line, since=max(line.since or record.starts_on, record.starts_on))
    number = record.number or next_number("subscriptions", record.starts_on)
    write(actor, record, status="active", number=number, next_on=course_of(record).next_invoice(today(actor)))
    settle_subscription(actor, record)
    return record


def course_of(record: Subscription) -> rules.Course:
    """How a subscription is invoiced from now on."""
    stops_on = record.ends_on or record.paused_on
    months, advance = rules.INTERVALS[record.interval], record.billed == "advance"
    return rules.Course(record.starts_on, months, advance, record.billed_until, stops_on)


@action(
    "subscriptions",
    label=_("Change a line"),
    icon="arrows-up-down",
    undo=_("Change it back from the same day on."),
    text=_("Days that are invoiced already are settled with the next invoice. A quantity of zero ends the line."),
    begins=_only_line,
    applies=lambda record: record.status == "active",
)
def change(
    actor: Actor,
    record: Subscription,
    *,
    line: Link(to=("subscription-lines",), required=True),
    quantity: Number(digits=4),
    price: MoneyKind(),
    on: Date(),
) -> Record:
    """Another quantity or price from a day on. What is left of the days invoiced already is given back, and the new
    price charged for them, with the next invoice.
    """
    old = next((each for each in queries.lines_of([record.id])[record.id] if line.endswith(str(each.id))), None)
    day = _day(actor, record, on)
    if old is None or not in_force(old, day):
        raise refuse("line", _now("Choose a line of this subscription that is in force on that day."))
    if quantity is None and price is None:
        raise refuse("quantity", _now("Give a new quantity, a new price, or both."))
    if quantity is not None and quantity < 0:
        raise refuse("quantity", _now("Give a quantity of zero or more; with zero the line ends."))
    if price is not None and (price.currency != record.currency or price.amount < 0):
        raise refuse("price", _now("Give a price of zero or more in %(currency)s.") % {"currency": record.currency})
    _end_line(actor, old, day)
    if quantity != 0:
        _follow_on(actor, record, old, day, quantity=quantity, price=price)
    return _changed(actor, record)


@action(
    "subscriptions",
    label=_("Change all prices"),
    icon="percentage",
    undo=_("Change them back from the same day on."),
    text=_("By so many percent more, or less below zero, from that day on."),
    begins=lambda actor, record: {"on": _first(actor, record)},
    applies=lambda record: record.status == "active",
)
def reprice(
    actor: Actor, record: Subscription, *, percent: Percent(required=True, minimum=-100, maximum=1000), on: Date()
) -> Record:
    """All prices by so many percent more, or less below zero, from a day on."""
    day = _day(actor, record, on)
    for old in queries.lines_of([record.id])[record.id]:
        if in_force(old, day) and old.price is not None:
            amount = (old.price * (100 + percent) / 100).quantize(Decimal("0.0001"))
            _end_line(actor, old, day)
            _follow_on(actor, record, old, day, quantity=None, price=Money(amount, record.currency))
    return _changed(actor, record)


@action(
    "subscriptions",
    label=_("Pause"),
    icon="player-pause",
    undo=_("Go on from the same day."),
    text=_("Nothing is charged from that day on; what was invoiced for days after it is given back."),
    begins=lambda actor, record: {"on": _first(actor, record)},
    applies=lambda record: record.status == "active",
)
def pause(actor: Actor, record: Subscription, *, on: Date()) -> Record:
    """It rests from a day on: nothing is charged, and what was invoiced for days after it is given back."""
    if record.status != "active":
        raise refuse("", _now("Only what is active can rest."))
    day = _day(actor, record, on)
    for line in queries.lines_of([record.id])[record.id]:
        if in_force(line, day):
            _end_line(actor, line, day)
    write(actor, record, status="paused", paused_on=day)
    return _changed(actor, record)


@action(
    "subscriptions",
    label=_("Go on"),
    icon="player-play",
    prominent=True,
    undo=_("Pause it from the same day."),
    applies=lambda record: record.status == "paused",
)
def resume(actor: Actor, record: Subscription, *, on: Date()) -> Record:
    """It goes on from a day, with the lines it had when it was paused."""
    if record.status != "paused":
        raise refuse("", _now("It is not paused."))
    day = _day(actor, record, on)
    if day < record.paused_on:
        raise refuse("on", _now("It rests since %(day)s; choose that day or a later one.") % {"day": record.paused_on})
    for line in queries.lines_of([record.id])[record.id]:
        if line.until == record.paused_on:
            _follow_on(actor, record, line, day, quantity=None, price=None)
    write(actor, record, status="active", paused_on=None)
    return _changed(actor, record)


@action(
    "subscriptions",
    label=_("Cancel"),
    icon="player-stop",
    undo=_("“Keep it” before its last day."),
    text=_("It ends on that day; without one, when what is paid for is used up."),
    applies=lambda record: record.status in ("active", "paused") and record.ends_on is None,
)
def cancel(
    actor: Actor,
    record: Subscription,
    *,
    on: Date(),
    reason: Choice(choices=[(value, label) for value, label in REASONS], required=True),
    note: Text(),
) -> Record:
    """It ends: on a day, or where none is named when what is paid for is used up."""
    if record.status not in ("active", "paused") or record.ends_on:
        raise refuse("", _now("It is ended, or ends already."))
    usual = max(record.billed_until or today(actor), today(actor), record.starts_on)
    day = _day(actor, record, on or usual)
    for line in queries.lines_of([record.id])[record.id]:
        if in_force(line, day):
            _end_line(actor, line, day)
    write(actor, record, ends_on=day, reason=reason, reason_note=note or "")
    return _changed(actor, record)


@action(
    "subscriptions",
    label=_("Keep it"),
    icon="heart-handshake",
    prominent=True,
    undo=_("Cancel it again."),
    applies=lambda record: record.status in ("active", "paused") and record.ends_on is not None,
)
def keep(actor: Actor, record: Subscription) -> Record:
    """The customer stays after all: it goes on as before."""
    if record.ends_on is None or record.status == "ended":
        raise refuse("", _now("It does not end."))
    if record.ends_on <= today(actor):
        raise refuse("", _now("Its last day is over. Begin another subscription."))
    for line in queries.lines_of([record.id])[record.id]:
        if line.until == record.ends_on:
            write_line(actor, line, until=None)
    write(actor, record, ends_on=None, reason="", reason_note="")
    return _changed(actor, record)


def finish(actor: Actor, subscription_id: UUID) -> int:
    """Its last day is over, and nothing of it is left to invoice: it says so."""
    record = queries.hold(subscription_id)
    write(actor, record, status="ended", next_on=None, mrr=Money(Decimal(0), record.currency))
    return 1


def _end_line(actor: Actor, line: SubscriptionLine, day: date) -> None:
    """A line runs up to a day; one that would only have begun then never ran."""
    write_line(actor, line, until=max(day, line.since or day))


def _follow_on(
    actor: Actor, record: Subscription, old: SubscriptionLine, day: date, *, quantity: Any, price: Money | None
) -> None:
    """The line that stands in an old one's place from a day on."""
    given = {name: getattr(old, f"{name}_id" if name in ("product", "tax_class") else name) for name in TAKEN}
    kept = None if old.price is None else Money(old.price, old.price_currency)
    given |= {"subscription": record.id, "price": price or kept, "since": day}
    if quantity is not None:
        given["quantity"] = quantity
    actions.create(actor, objects.get("subscription-lines"), given)


def _changed(actor: Actor, record: Subscription) -> Record:
    """The sums and the next invoice follow what changed."""
    record.refresh_from_db()
    write(actor, record, next_on=course_of(record).next_invoice(today(actor)))
    settle_subscription(actor, record)
    return record
