"""The dates of what recurs by a rule of RFC 5545."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

UNTIL = re.compile(r"UNTIL=(\d{8})(T\d{6})?(Z)?")
#: Days from one date of a rule to the next.
STEPS = {"DAILY": 1, "WEEKLY": 7}


def _last_moment(end: re.Match[str], local: ZoneInfo) -> str:
    """The end of a rule on the local clock: a day counts to its last second, a moment of UTC (``Z``) is turned."""
    day, clock, utc = end.groups()
    if utc:
        moment = datetime.strptime(day + clock, "%Y%m%dT%H%M%S").replace(tzinfo=UTC).astimezone(local)
        return f"UNTIL={moment:%Y%m%dT%H%M%S}"
    return f"UNTIL={day}{clock or 'T235959'}"


def _moved(rule: str, start: datetime, begin: datetime) -> datetime:
    """The start of a daily or weekly rule, moved by whole steps to shortly before ``begin``: the dates from there on
    are the same, and those of the years between are never counted. A rule that counts its dates stays.
    """
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    step = STEPS.get(parts["FREQ"], 0) * int(parts.get("INTERVAL", 1))
    if not step or "COUNT" in parts or start >= begin:
        return start
    return start + timedelta(days=(begin - start).days // step * step)


def occurrences(rule: str, start: datetime, zone: str, first: datetime, last: datetime) -> Iterator[datetime]:
    """When something that began at ``start`` (aware) and recurs by an RFC 5545 rule takes place in [first, last), at
    most 100 times.

    The rule runs on the clock of ``zone``: a weekly ten o'clock stays ten o'clock when clocks change (3.3.10).
    """
    if not rule:
        if first <= start < last:
            yield start
        return
    local = ZoneInfo(zone or "UTC")
    wall = start.astimezone(local).replace(tzinfo=None)
    begin = first.astimezone(local).replace(tzinfo=None)
    near = _moved(rule, wall, begin)
    dates = rrulestr(UNTIL.sub(lambda end: _last_moment(end, local), rule), dtstart=near, ignoretz=True)
    for moment in islice(dates.xafter(begin, inc=True), 100):
        at = moment.replace(tzinfo=local).astimezone(UTC)
        if at >= last:
            return
        if at >= first:
            yield at
