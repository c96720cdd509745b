"""When a step may go out: within the hours and weekdays of its sequence, by the clock of the workspace."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def within(at: datetime, zone: ZoneInfo, opens: int, closes: int, weekdays: Collection[str]) -> datetime:
    """The first moment from ``at`` on that lies in the hours [opens, closes) of one of the weekdays (none: of all)."""
    local = at.astimezone(zone)
    day = local.date()
    while True:
        if not weekdays or WEEKDAYS[day.weekday()] in weekdays:
            begins = datetime.combine(day, time(opens), zone)
            ends = datetime.combine(day + timedelta(days=closes // 24), time(closes % 24), zone)
            if at.astimezone(UTC) < ends.astimezone(UTC):
                return max(at.astimezone(UTC), begins.astimezone(UTC))
        day += timedelta(days=1)


def after(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same time of the clock some days later."""
    local = at.astimezone(zone)
    return datetime.combine(local.date() + timedelta(days=days), local.time(), zone).astimezone(UTC)
