"""Terms of contracts: when one ends, until when notice must be given, and what it is renewed for.

Days here are the last ones that count: a contract that ends on 31 December is in force on that day, and notice given on
the last day of notice is in time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from .periods import add_months


def next_end(ends_on: date, renewal_months: int, starts_on: date) -> date:
    """The last day after one more renewal. Counted from the first day, so that the 31st stays the last day of months
    that are shorter on the way.
    """
    after = ends_on + timedelta(days=1)
    passed = (after.year - starts_on.year) * 12 + after.month - starts_on.month
    if add_months(starts_on, passed) == after:
        return add_months(starts_on, passed + renewal_months) - timedelta(days=1)
    return add_months(after, renewal_months) - timedelta(days=1)


def last_notice(ends_on: date, notice: int, unit: str) -> date:
    """The last day on which notice can be given for a term that ends on a day: so many days, weeks or months before it
    is over. A month's notice to 31 March is given on 28 February at the latest (29 in a leap year).
    """
    if unit == "month":
        return add_months(ends_on + timedelta(days=1), -notice) - timedelta(days=1)
    return ends_on - timedelta(days=notice * (7 if unit == "week" else 1))


@dataclass(frozen=True)
class Agreed:
    """What a contract says of its end: the first and last day of its term (None: no term), how long before it notice
    is given, and for how many months it is renewed without notice (None: not at all).
    """

    starts_on: date
    ends_on: date | None
    notice: int = 0
    unit: str = "month"
    renewal_months: int | None = None


def effective_end(agreed: Agreed, given: date) -> date:
    """The last day of a contract after notice on a day. In time, or where nothing renews it: the end of its term. Too
    late: the end of the term after. Without a term: as soon as the notice is over.
    """
    if agreed.ends_on is None:
        if agreed.unit == "month":
            return add_months(given, agreed.notice)
        return given + timedelta(days=agreed.notice * (7 if agreed.unit == "week" else 1))
    end = agreed.ends_on
    while agreed.renewal_months and given > min(end, last_notice(end, agreed.notice, agreed.unit)):
        end = next_end(end, agreed.renewal_months, agreed.starts_on)
    return end
