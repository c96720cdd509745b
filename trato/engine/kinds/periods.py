"""Relative periods of filters: today, last_week, {"last": 7, "unit": "day"}, {"ago": 30, "unit": "day"}."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext_lazy as _

from .texts import Invalid

STEPS = {
    "day": relativedelta(days=1),
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
    "quarter": relativedelta(months=3),
    "year": relativedelta(years=1),
}
NAMED = {"yesterday": ("day", -1), "today": ("day", 0), "tomorrow": ("day", 1)} | {
    f"{which}_{unit}": (unit, shift)
    for unit in ("week", "month", "quarter", "year")
    for which, shift in (("last", -1), ("this", 0), ("next", 1))
}
LONGEST = 1_000
COUNTED = ("last", "next", "ago", "ahead")
#: The same in one word, as an address carries it: last_7_days, next_2_weeks, 30_days_ago, in_3_months.
WRITTEN = re.compile(r"(?:(last|next|in)_)?([1-9][0-9]{0,3})_(day|week|month|quarter|year)s?(_ago)?", re.ASCII)


def start_of(unit: str, day: date) -> date:
    """The first day of the day's week (Monday, ISO 8601), month, quarter or year."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
    return day.replace(month=1, day=1) if unit == "year" else day


def period(value: Any, now: datetime, zone: str) -> tuple[datetime, datetime]:
    """Start (inclusive) and end (exclusive) of a period: midnights of `zone`.

    "today", "last_quarter" and the like; {"last": 7, "unit": "day"} ends with today, {"next": 7, "unit": "day"} begins
    with it; {"ago": 30, "unit": "day"} is the day thirty days before today and {"ahead": 2, "unit": "week"} the day two
    weeks after it. Raises Invalid on anything else.
    """
    local = ZoneInfo(zone)
    today = now.astimezone(local).date()
    try:
        first, after = _days(value, today)
    except (ValueError, OverflowError):
        raise Invalid("period", _("This period is out of the calendar.")) from None
    return datetime.combine(first, time(), local), datetime.combine(after, time(), local)


def is_period(value: Any) -> bool:
    """Whether a filter's value means a period and no day or moment of its own."""
    return isinstance(value, dict) or (isinstance(value, str) and (value in NAMED or bool(WRITTEN.fullmatch(value))))


def read_period(value: Any) -> Any:
    """A period written in one word as the numbers it says: "30_days_ago" is {"ago": 30, "unit": "day"}."""
    found = WRITTEN.fullmatch(value) if isinstance(value, str) else None
    if not found or (found[1] is None) == (found[4] is None):
        return value
    return {"ahead" if found[1] == "in" else found[1] or "ago": int(found[2]), "unit": found[3]}


def _days(value: Any, today: date) -> tuple[date, date]:
    if isinstance(value, str) and value in NAMED:
        unit, shift = NAMED[value]
        first = start_of(unit, today) + STEPS[unit] * shift
        return first, first + STEPS[unit]
    value = read_period(value)
    said = value.get("unit") if isinstance(value, dict) and len(value) == 2 else None
    if isinstance(said, str) and said in STEPS:
        many, which = next((value[key], key) for key in value if key != "unit")
        if which in COUNTED and type(many) is int and 1 <= many <= LONGEST:
            return _counted(which, STEPS[said] * many, today)
    raise Invalid("period", _("Choose a period, like today or last_month."))


def _counted(which: str, distance: relativedelta, today: date) -> tuple[date, date]:
    day, tomorrow = timedelta(days=1), today + timedelta(days=1)
    if which == "last":
        return tomorrow - distance, tomorrow
    if which == "next":
        return today, today + distance
    one = today - distance if which == "ago" else today + distance
    return one, one + day
