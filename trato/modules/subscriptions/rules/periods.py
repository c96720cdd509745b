"""Billing periods, and what a part of one costs.

A period runs from its anchor day to the same day of a later month, that day not included; where a month has no such
day, to its last one. A part of a period costs the price of the period by days: the difference of what the period costs
up to the part's two ends, each rounded. So the parts of a period, however it is cut, come to its price.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from trato.modules.catalog.rules import rounded

#: How many months a billing period has.
INTERVALS = {"month": 1, "quarter": 3, "half": 6, "year": 12}


def add_months(day: date, months: int) -> date:
    """The same day of a later (or earlier) month; its last one where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def period_around(anchor: date, months: int, day: date) -> tuple[date, date]:
    """The period, first day and the day after the last, that a day falls in; also before the anchor."""
    count = ((day.year - anchor.year) * 12 + day.month - anchor.month) // months
    while add_months(anchor, count * months) > day:
        count -= 1
    while add_months(anchor, (count + 1) * months) <= day:
        count += 1
    return add_months(anchor, count * months), add_months(anchor, (count + 1) * months)


def part_until(amount: Decimal, first: date, end: date, day: date, places: int) -> Decimal:
    """What a period [first, end) that costs ``amount`` costs up to a day (not included) within it, by days."""
    return rounded(Fraction(amount) * (day - first).days / (end - first).days, places)


@dataclass(frozen=True)
class Term:
    """What one line costs for a whole period, and the days it runs: [``since``, ``until``), open where None.
    ``billed_until``: the day up to which it was invoiced; None before the first invoice.
    """

    amount: Decimal
    since: date
    until: date | None = None
    billed_until: date | None = None


@dataclass(frozen=True)
class Piece:
    """What is to be charged for the days [``first``, ``end``); less than nothing where they were charged and then not
    used. ``whole`` says that they are a period from end to end.
    """

    first: date
    end: date
    amount: Decimal
    whole: bool


def pieces(term: Term, anchor: date, months: int, until: date, places: int) -> list[Piece]:
    """What is left to charge of a line up to a day, or to give back, one piece for each period it touches."""
    start = term.billed_until or term.since
    end = until if term.until is None else min(term.until, until)
    if term.billed_until and term.until is not None and term.until < term.billed_until:
        back = max(term.until, term.since)
        cut = _cut(term.amount, back, term.billed_until, anchor=anchor, months=months, places=places)
        return [Piece(piece.first, piece.end, -piece.amount, piece.whole) for piece in cut]
    return list(_cut(term.amount, start, end, anchor=anchor, months=months, places=places))


def _cut(amount: Decimal, start: date, end: date, *, anchor: date, months: int, places: int) -> Iterator[Piece]:
    """The parts of periods between two days, in order."""
    while start < end:
        first, after = period_around(anchor, months, start)
        last = min(end, after)
        cost = part_until(amount, first, after, last, places) - part_until(amount, first, after, start, places)
        yield Piece(start, last, cost, (start, last) == (first, after))
        start = last


def monthly(amount: Decimal, months: int, discount_percent: Decimal | None = None) -> Decimal:
    """What an amount a period comes to in a month, to four digits: monthly recurring revenue."""
    off = 100 - Fraction(discount_percent or 0)
    return rounded(Fraction(amount) * off / 100 / months, 4)


@dataclass(frozen=True)
class Course:
    """How a subscription is invoiced: in ``advance`` or in arrears, periods of ``months`` from ``starts_on``; up to
    where it was (``billed_until``), and the first day without it (``stops_on``), if there is one.
    """

    starts_on: date
    months: int
    advance: bool
    billed_until: date | None = None
    stops_on: date | None = None

    @property
    def start(self) -> date:
        """The first day that was not invoiced yet."""
        return self.billed_until or self.starts_on

    def next_invoice(self, today: date) -> date | None:
        """The day of the next invoice, or of what is given back; None where nothing is left."""
        if self.stops_on is not None and self.start >= self.stops_on:
            return max(self.stops_on, today) if self.billed_until and self.billed_until > self.stops_on else None
        return self.start if self.advance else self.until()

    def until(self) -> date:
        """The day up to which the next invoice charges: the end of the period, or of the subscription."""
        if self.stops_on is not None and self.start >= self.stops_on:
            return self.stops_on
        end = period_around(self.starts_on, self.months, self.start)[1]
        return end if self.stops_on is None else min(end, self.stops_on)
