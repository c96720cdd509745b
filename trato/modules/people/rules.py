"""Pure rules of people: names, tax numbers, dates."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from django.utils.translation import gettext as _
from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

UNTIL = re.compile(r"UNTIL=(\d{8})(T\d{6})?(Z)?")
#: Days from one date of a rule to the next.
STEPS = {"DAILY": 1, "WEEKLY": 7}
#: The year in which a meeting that recurs may have begun at the earliest.
OLDEST = 1900
NAME_PARTS = {
    "prefix": "salutation",
    "first": "first_name",
    "middle": "middle_name",
    "last": "last_name",
    "suffix": "suffix",
}


def name_parts(values: Mapping[str, Any]) -> dict[str, str]:
    """The parts of a person's name by the words ``format_name`` knows; the salutation is no part of the name."""
    return {part: values.get(name) or "" for part, name in NAME_PARTS.items() if part != "prefix"}


def first_reach(values: Mapping[str, Any]) -> str:
    """The primary e-mail address, else the primary phone number, else nothing."""
    for name, part in (("emails", "address"), ("phones", "number")):
        for item in values.get(name) or ():
            if item.get("primary"):
                return str(item[part])
    return ""


def tax_number_problem(values: Mapping[str, Any]) -> dict[str, str]:
    """A tax number that begins with an EU country must pass that country's check digits (python-stdnum); others stand
    as they are.
    """
    number = (values.get("tax_number") or "").replace(" ", "")
    if len(number) < 4 or not number[:2].isalpha():
        return {}
    module = get_cc_module("eu", "vat")
    try:
        prefix = number[:2].lower()
        if prefix in module.MEMBER_STATES or prefix == "el":
            module.validate(number)
    except ValidationError:
        return {"tax_number": _("The check digits of this VAT number are wrong.")}
    return {}


def relationship_problem(values: Mapping[str, Any]) -> dict[str, str]:
    """Nobody is related to themselves; nothing ends before it began."""
    if values.get("source") and values.get("source") == values.get("target"):
        return {"target": _("Choose somebody else: a record can't be related to itself.")}
    since, until = values.get("since"), values.get("until")
    return {"until": _("It can't end before it began.")} if since and until and until < since else {}


def hierarchy_problem(account: UUID, upwards: Iterable[UUID], deepest: int) -> dict[str, str]:
    """No account is part of itself or of what is part of it; ``upwards`` are the accounts above it."""
    for level, ancestor in enumerate(upwards, start=1):
        if ancestor == account:
            if level == 1:
                return {"parent": _("Choose another account: none is part of itself.")}
            return {"parent": _("Choose another account: this one is part of the account you are changing.")}
        if level == deepest:
            return {"parent": _("Accounts can be %(n)s levels deep at most.") % {"n": deepest}}
    return {}


def meeting_problem(values: Mapping[str, Any]) -> dict[str, str]:
    """A meeting ends after it begins; one that recurs takes place at all, and began in a year whose dates can still be
    counted.
    """
    start, end, rule = (values.get(name) for name in ("happened_at", "ends_at", "recurrence"))
    if start and rule and start.year < OLDEST:
        return {"happened_at": _("A meeting that recurs begins in %(year)s or later.") % {"year": OLDEST}}
    ever = datetime.max.replace(tzinfo=UTC)
    if start and rule and not any(occurrences(rule, start, values.get("time_zone") or "", start, ever)):
        return {"recurrence": _("This recurrence never happens.")}
    return {"ends_at": _("It can't end before it begins.")} if start and end and end < start else {}


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
    """When a meeting that began at ``start`` (aware) and recurs by an RFC 5545 rule takes place in [first, last), at
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
