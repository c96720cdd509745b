"""Relative periods of filters: today, last_week, {"last": 7, "unit": "day"}."""

from __future__ import annotations

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
    with it. Raises Invalid on anything else.
    """
    local = ZoneInfo(zone)
    today = now.astimezone(local).date()
    try:
        first, after = _days(value, today)
    except (ValueError, OverflowError):
        raise Invalid("period", _("This period is out of the calendar.")) from None
    return datetime.combine(first, time(), local), datetime.combine(after, time(), local)


def _days(value: Any, today: date) -> tuple[date, date]:
    if isinstance(value, str) and value in NAMED:
        unit, shift = NAMED[value]
        first = start_of(unit, today) + STEPS[unit] * shift
        return first, first + STEPS[unit]
    said = value.get("unit") if isinstance(value, dict) and len(value) == 2 else None
    if isinstance(said, str) and said in STEPS:
        step = STEPS[said]
        many, which = next((value[key], key) for key in value if key != "unit")
        if which in ("last", "next") and type(many) is int and 1 <= many <= LONGEST:
            tomorrow = today + timedelta(days=1)
            return (tomorrow - step * many, tomorrow) if which == "last" else (today, today + step * many)
    raise Invalid("period", _("Choose a period, like today or last_month."))
