"""Months, quarters and years: where they begin, what they are called, and how they are written in an address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date, get_quarter_names
from dateutil.relativedelta import relativedelta

from trato.engine.kinds.locales import locale_of
from trato.engine.kinds.periods import STEPS, start_of

LENGTHS = ("month", "quarter", "year")
MONTHS = {"month": 1, "quarter": 3, "year": 12}
WRITTEN = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
#: Years that forecasts are asked for.
EARLIEST, LATEST = 1990, 2100


@dataclass(frozen=True)
class Period:
    """A month, a quarter or a year, by its first day."""

    length: str
    first: date

    @property
    def after(self) -> date:
        """The first day that is no longer in it."""
        return self.first + STEPS[self.length]

    @property
    def last(self) -> date:
        """Its last day."""
        return self.after - timedelta(days=1)

    @property
    def written(self) -> str:
        """As an address says it: the year and month it begins with."""
        return f"{self.first:%Y-%m}"

    def shifted(self, by: int) -> Period:
        """The period so many periods later (negative: before)."""
        return Period(self.length, self.first + STEPS[self.length] * by)

    def months(self) -> list[Period]:
        """Its months."""
        return [Period("month", self.first + relativedelta(months=at)) for at in range(MONTHS[self.length])]

    def elapsed(self, today: date) -> float:
        """How much of it is over at the end of a day, from 0 to 1."""
        days = (self.after - self.first).days
        return min(max((today - self.first).days + 1, 0), days) / days

    def name(self, language: str, *, short: bool = False) -> str:
        """What it is called: "July 2026" or "Jul", "Q3 2026", "2026"."""
        if self.length == "month":
            pattern = "LLL" if short else "LLLL y"
            return format_date(self.first, pattern, locale=locale_of(language))
        if self.length == "quarter":
            quarter = get_quarter_names("abbreviated", locale=locale_of(language))[(self.first.month + 2) // 3]
            return quarter if short else f"{quarter} {self.first.year}"
        return str(self.first.year)


def first_day(length: str, day: date) -> date:
    """The first day of the period of this length that the day is in."""
    return start_of(length, day)


def period_of(length: str, day: date) -> Period:
    """The period of this length that a day is in."""
    return Period(length, start_of(length, day))


def read(length: str, written: str, today: date) -> Period | None:
    """The period an address asks for: ``quarter`` and ``2026-07``; nothing said is today's quarter. None where it is no
    period.
    """
    length = length or "quarter"
    if length not in LENGTHS:
        return None
    if not written:
        return period_of(length, today)
    found = WRITTEN.fullmatch(written)
    if not found or not EARLIEST <= int(found[1]) <= LATEST or not 1 <= int(found[2]) <= 12:
        return None
    return period_of(length, date(int(found[1]), int(found[2]), 1))
