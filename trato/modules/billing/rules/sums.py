"""Pure rules of billing: exact sums of parts, what payments settle, reminders, how punctually somebody pays.

Amounts are Decimals in one currency, whose digits after the point are given with them. Nothing here rounds twice: where
a whole is billed in parts, the part that completes it takes what is left, so that the parts always sum up to the whole.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

Id = TypeVar("Id")
ZERO = Decimal(0)
HUNDRED = Decimal(100)


def rounded(amount: Decimal, digits: int) -> Decimal:
    """The amount in whole units of its currency (half up, as invoices are), e.g. cents for 2 digits."""
    return amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


# -- a whole in parts -----------------------------------------------------------------------------------------------


class Piece(NamedTuple):
    """How much of a line there is, and what it comes to."""

    quantity: Decimal = ZERO
    net: Decimal = ZERO


class Sum(NamedTuple):
    """What one tax class of a document comes to."""

    net: Decimal = ZERO
    tax: Decimal = ZERO


def share(whole: Decimal, part: Decimal, of: Decimal, digits: int) -> Decimal:
    """``part`` of ``of`` pieces of an amount, rounded; ``of`` is not zero."""
    return rounded(whole * part / of, digits)


def percent_part(whole: Decimal, done: Decimal, percent: Decimal, digits: int) -> Decimal:
    """``percent`` of an amount of which ``done`` has been billed; never more than is left, and all that is left where
    it comes within half a unit of the currency.
    """
    left, wanted = whole - done, rounded(whole * percent / HUNDRED, digits)
    return left if abs(wanted) >= abs(left) else wanted


class Part(NamedTuple):
    """A line of a part: of which line of the whole it is a piece (None: of none), its quantity and net."""

    of: Any
    quantity: Decimal
    net: Decimal


def closing_nets(
    lines: Sequence[Part], whole: Mapping[Any, Piece], done: Mapping[Any, Piece], *, parts: int, unit: Decimal
) -> list[Decimal]:
    """The nets of a part's lines, where one that completes its line of the whole takes what is left of it.

    ``whole`` and ``done`` are by the line of the whole; ``parts`` is how many parts there were before, ``unit`` the
    smallest amount of the currency: no more than that each can be lost by rounding, so that a price somebody changed
    stays as it is.
    """
    nets = []
    for line in lines:
        target, before = whole.get(line.of), done.get(line.of, Piece())
        complete = target is not None and before.quantity + line.quantity == target.quantity
        left = target.net - before.net if target is not None else ZERO
        nets.append(left if complete and abs(left - line.net) <= (parts + 1) * unit else line.net)
    return nets


def closing_sums(
    this: Mapping[Id, Sum],
    whole: Mapping[Id, Sum],
    done: Mapping[Id, Sum],
    *,
    parts: int,
    unit: Decimal,
    completed: Mapping[Id, int] = MappingProxyType({}),
) -> dict[Id, Sum]:
    """A part's sums by tax class: where its net comes to what is left of the class but for the units that rounding
    may lose, it takes exactly what is left, of the net and of the tax. ``completed`` are the classes of whose lines
    nothing is left, with how many lines they have: each of them may have lost units of its own.

    Parts whose tax is rounded each by itself would add up to another tax than the whole's; the last one evens it out.
    """
    found = {}
    for key, part in this.items():
        target, before = whole.get(key), done.get(key, Sum())
        left = Sum(target.net - before.net, target.tax - before.tax) if target is not None else None
        lost = (parts + 1) * unit * max(completed.get(key, 0), 1)
        close = left is not None and abs(left.net - part.net) <= lost and abs(left.tax - part.tax) <= lost + unit
        found[key] = left if left is not None and close else _within(part, left)
    return found


def _within(part: Sum, left: Sum | None) -> Sum:
    """A part whose net is within what is left takes no more tax than is left: taxes that are rounded line by line may
    come to less than that of their sum.
    """
    if left is None or abs(part.net) > abs(left.net) or abs(part.tax) <= abs(left.tax):
        return part
    return Sum(part.net, left.tax)


def deduction(left: Sum, net: Decimal, digits: int) -> Sum:
    """How much of what was billed in advance comes off a class that comes to ``net``: never more than that."""
    if left.net <= net:
        return left
    return Sum(net, share(left.tax, net, left.net, digits)) if net > 0 else Sum()


@dataclass(frozen=True)
class Whole:
    """What a document is a part of: the lines and sums of it, what ``parts`` other documents say of it already, and
    what was billed of it in advance and not taken off yet, by document; ``keys`` are the tax classes of the lines.
    """

    lines: Mapping[Any, Piece]
    classes: Mapping[Any, Sum]
    done_lines: Mapping[Any, Piece]
    done: Mapping[Any, Sum]
    parts: int = 0
    advances: Mapping[Any, Mapping[Any, Sum]] = field(default_factory=dict)
    keys: Mapping[Any, Any] = field(default_factory=dict)

    def completed(self, lines: Sequence[Part], nets: Sequence[Decimal]) -> dict[Any, int]:
        """The tax classes of which these lines with these nets leave nothing, neither of a quantity nor of an amount,
        with how many lines of the whole they have.
        """
        now = dict(self.done_lines)
        for line, net in zip(lines, nets, strict=True):
            before = now.get(line.of, Piece())
            now[line.of] = Piece(before.quantity + line.quantity, before.net + net)
        open_ones = {self.keys.get(of) for of, piece in self.lines.items() if now.get(of, Piece()) != piece}
        return {key: count for key, count in Counter(self.keys.values()).items() if key not in open_ones}


class Settled(NamedTuple):
    """What a part comes to: the net of each line, the sums by tax class, and what came off them as (document, tax
    class, sum).
    """

    nets: list[Decimal]
    classes: dict[Any, Sum]
    deducted: list[tuple[Any, Any, Sum]]


def settled(
    lines: Sequence[Part], tax_classes: Sequence[Any], natural: Mapping[Any, Sum], whole: Whole, digits: int
) -> Settled:
    """A part of a whole: its own sums, less what was billed in advance, where it completes the whole exactly what is
    left. ``tax_classes`` are those of the lines.
    """
    unit = Decimal(1).scaleb(-digits)
    nets = closing_nets(lines, whole.lines, whole.done_lines, parts=whole.parts, unit=unit)
    sums = dict(natural)
    for line, key, net in zip(lines, tax_classes, nets, strict=True):
        if key in sums:
            sums[key] = Sum(sums[key].net + net - line.net, sums[key].tax)
    deducted = []
    for document, left in whole.advances.items():
        for key, each in left.items():
            off = deduction(each, sums[key].net, digits) if key in sums else Sum()
            if off.net:
                sums[key] = Sum(sums[key].net - off.net, sums[key].tax - off.tax)
                deducted.append((document, key, off))
    parts = whole.parts + len(deducted)
    completed = whole.completed(lines, nets)
    closed = closing_sums(sums, whole.classes, whole.done, parts=parts, unit=unit, completed=completed)
    return Settled(nets, closed, deducted)


def excess(whole: Mapping[Id, Sum], done: Mapping[Id, Sum], this: Mapping[Id, Sum]) -> list[Id]:
    """The tax classes in which a credit note gives more than is left of its invoice. Classes of nothing don't count."""
    return [
        key
        for key, part in this.items()
        if abs(done.get(key, Sum()).net + part.net) > abs(whole.get(key, Sum()).net)
        or abs(done.get(key, Sum()).tax + part.tax) > abs(whole.get(key, Sum()).tax)
    ]


def order_status(status: str, lines: Iterable[tuple[Decimal, Decimal]], *, is_billed: bool, is_followed: bool) -> str:
    """How an order stands, by (ordered, delivered) of its lines; a draft, a closed and a cancelled one stay so, and one
    that is not ``is_followed`` here by deliveries or invoices stands as whoever sent it says.
    """
    if status in ("draft", "closed", "cancelled") or not is_followed:
        return status
    counts = list(lines)
    any_sent = any(sent > 0 for _ordered, sent in counts)
    all_sent = bool(counts) and all(sent >= ordered for ordered, sent in counts)
    if is_billed and (all_sent or not any_sent):
        return "invoiced"
    if all_sent:
        return "delivered"
    if any_sent:
        return "in_delivery"
    return "confirmed"


# -- payments -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Debt(Generic[Id]):
    """What is open of one invoice, and when it is due."""

    id: Id
    due: date
    open: Decimal


def allocate(amount: Decimal, debts: Iterable[Debt[Id]]) -> tuple[dict[Id, Decimal], Decimal]:
    """Which debts an amount settles, and what is left of it as the payer's credit.

    An invoice that is open for exactly the amount is meant; else the oldest are settled first, the last of them in
    part.
    """
    owed = sorted((debt for debt in debts if debt.open > 0), key=lambda debt: debt.due)
    exact = next((debt for debt in owed if debt.open == amount), None)
    taken: dict[Id, Decimal] = {}
    for debt in [exact] if exact else owed:
        if amount <= 0:
            break
        taken[debt.id] = min(debt.open, amount)
        amount -= taken[debt.id]
    return taken, amount


def released(excess: Decimal, allocations: Sequence[tuple[Id, Decimal]]) -> dict[Id, Decimal]:
    """How much of each allocation is given back to its payer, the latest first, until ``excess`` is; ``allocations``
    are in the order they were made.
    """
    given: dict[Id, Decimal] = {}
    for key, amount in reversed(allocations):
        if excess <= 0:
            break
        given[key] = min(amount, excess)
        excess -= given[key]
    return given


def status_of(
    total: Decimal, *, paid: Decimal, credited: Decimal, written_off: Decimal, due: date | None, today: date
) -> str:
    """How an issued invoice stands: ``paid``, ``credited``, ``written_off``, ``overdue``, ``partly_paid`` or
    ``issued``.
    """
    if total - paid - credited - written_off <= 0:
        if written_off > 0:
            return "written_off"
        return "credited" if credited > 0 and paid == 0 else "paid"
    if due is not None and due < today:
        return "overdue"
    return "partly_paid" if paid > 0 else "issued"


# -- reminders ------------------------------------------------------------------------------------------------------


class Level(NamedTuple):
    """A level of reminders: from so many days after the due date."""

    rank: int
    days: int


#: Days between two reminders of the same invoice, at least: nobody gets the next one the morning after.
BETWEEN = timedelta(days=7)


def next_level(levels: Iterable[Level], due: date, today: date, last: int, last_on: date | None) -> int | None:
    """The rank of the reminder that is due now, None where none is.

    Levels come one after the other, also for an invoice that nobody looked at for months, and at least ``BETWEEN``
    apart.
    """
    following = min((level for level in levels if level.rank > last), default=None)
    if following is None or (today - due).days < following.days:
        return None
    return None if last_on is not None and today < last_on + BETWEEN else following.rank


# -- how somebody pays ----------------------------------------------------------------------------------------------


class Punctuality(NamedTuple):
    """How an account paid its invoices: how many, days late in the middle (negative is early) and at most, and the
    share of invoices paid by their due date, from 0 to 1.
    """

    count: int
    days_late: float
    worst: int
    on_time: float


def punctuality(paid: Iterable[tuple[date, date]]) -> Punctuality | None:
    """From (due date, date of the last payment) of invoices that are paid in full; None without any."""
    late = [(on - due).days for due, on in paid]
    if not late:
        return None
    return Punctuality(len(late), median(late), max(late), sum(days <= 0 for days in late) / len(late))


def aged(debts: Iterable[Debt[Id]], today: date) -> list[Decimal]:
    """What is open by how long it has been due: not yet, up to 30 days, up to 60, up to 90, longer."""
    buckets = [ZERO] * 5
    for debt in debts:
        days = (today - debt.due).days
        buckets[0 if days <= 0 else min((days - 1) // 30 + 1, 4)] += debt.open
    return buckets
