"""Numbers without gaps, such as INV-2026-0007: one row counts a workspace's series in a period, and stays locked until
the transaction that took a number ends.

So two transactions never get the same number, nor does one that is rolled back leave a gap: who comes second waits, and
takes the number that the first gave back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .decisions import record, require
from .postgres.scope import current_workspace_id
from .values import Problem, Refused
from .workspaces.actors import Actor
from .workspaces.base import WorkspaceModel
from .workspaces.ids import uuid7

#: What may stand in braces beside the number itself, which is as many zeros as it has digits at least.
PARTS: dict[str, Any] = {
    "year": lambda day: f"{day.year:04}",
    "month": lambda day: f"{day.month:02}",
    "quarter": lambda day: str((day.month + 2) // 3),
}
PART = re.compile(r"\{([^{}]*)\}")
ZEROS = re.compile(r"0{1,12}")
LONGEST, HIGHEST = 60, 10**12 - 1


class NumberSeries(WorkspaceModel):
    """The pattern of a series where a workspace wants another than the module's own."""

    series = models.CharField(max_length=60)
    pattern = models.CharField(gettext_lazy("Pattern"), max_length=LONGEST)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "series"], name="number_series_once")]

    def __str__(self) -> str:
        return f"{self.series}: {self.pattern}"


class NumberCounter(WorkspaceModel):
    """The last number that was given in a period, and the least that may be given next."""

    series = models.CharField(max_length=60)
    period = models.CharField(max_length=10)
    used = models.BigIntegerField(default=0)
    next = models.BigIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "series", "period"], name="number_counter_once")]

    def __str__(self) -> str:
        return f"{self.series} {self.period}: {self.used}"


@dataclass(frozen=True)
class Series:
    """A series a module made known, with the pattern it has unless a workspace says another."""

    name: str
    label: Any
    pattern: str


_series: dict[str, Series] = {}


def series(name: str, label: Any, pattern: str) -> Series:
    """Make a series known, such as ``series("invoices", _("Invoices"), "INV-{year}-{0000}")``; raises ValueError for a
    pattern that can't be.
    """
    if problem := wrong_pattern(pattern):
        raise ValueError(f"{name}: {problem}")
    _series[name] = found = Series(name, label, pattern)
    return found


def all_series() -> list[Series]:
    """Every series, in the order they were made known."""
    return list(_series.values())


# -- patterns -------------------------------------------------------------------------------------------------------


def wrong_pattern(pattern: str) -> str:
    """Why numbers can't be made by a pattern, in words; "" where they can.

    It has one number, and where it begins anew with a month or a quarter the year too, or numbers would come again.
    """
    names = PART.findall(pattern)
    if "{" in PART.sub("", pattern) or "}" in PART.sub("", pattern):
        return _("Close each brace: {year}, {0000}.")
    if not pattern.isprintable() or len(pattern) > LONGEST:
        return _("At most %(n)s characters, on one line.") % {"n": LONGEST}
    if unknown := [name for name in names if name not in PARTS and not ZEROS.fullmatch(name)]:
        words = _("“{%(part)s}” means nothing here. Use {year}, {quarter}, {month} and zeros for the number: {0000}.")
        return words % {"part": unknown[0][:20]}
    if sum(1 for name in names if ZEROS.fullmatch(name)) != 1:
        return _("Say once where the number goes, with as many zeros as it has digits: {0000}.")
    if "year" not in names and {"month", "quarter"} & set(names):
        return _("Add {year}, or numbers would come again next year.")
    return ""


def period_of(pattern: str, day: date) -> str:
    """The period of a day in which numbers of this pattern count up: ``2026-03``, ``2026-Q1``, ``2026``, or "" where
    they never begin anew.
    """
    names = set(PART.findall(pattern))
    if "month" in names:
        return f"{day:%Y-%m}"
    if "quarter" in names:
        return f"{day:%Y}-Q{PARTS['quarter'](day)}"
    return f"{day:%Y}" if "year" in names else ""


def written(pattern: str, day: date, number: int) -> str:
    """A number as it is written: ``INV-2026-0007``."""
    return PART.sub(lambda m: PARTS[m[1]](day) if m[1] in PARTS else str(number).zfill(len(m[1])), pattern)


# -- giving numbers -------------------------------------------------------------------------------------------------

NEXT = """
INSERT INTO engine_numbercounter AS c (workspace_id, id, series, period, used, next)
VALUES (%(workspace)s, %(id)s, %(series)s, %(period)s, %(count)s, 1)
ON CONFLICT (workspace_id, series, period) DO UPDATE SET used = GREATEST(c.used + 1, c.next) - 1 + %(count)s
RETURNING used
"""


def pattern_of(name: str) -> str:
    """The pattern of a series in the current workspace; raises KeyError for a series there is not."""
    known = _series[name]
    said = NumberSeries.objects.filter(series=name).values_list("pattern", flat=True).first()
    return said or known.pattern


def next_number(name: str, day: date) -> str:
    """The next number of a series for a day, taken in the running transaction: take it last, since whoever wants one of
    the same series waits until this transaction ends. Raises KeyError for a series there is not.
    """
    return next_numbers(name, day, 1)[0]


def next_numbers(name: str, day: date, count: int) -> list[str]:
    """As many numbers in a row as there are documents, in one statement; otherwise as ``next_number``."""
    if count < 1:
        return []
    pattern = pattern_of(name)
    told: dict[str, Any] = {
        "workspace": current_workspace_id(),
        "id": uuid7(),
        "series": name,
        "period": period_of(pattern, day),
        "count": count,
    }
    with connection.cursor() as cursor:
        cursor.execute(NEXT, told)
        last = cursor.fetchone()[0]
    return [written(pattern, day, number) for number in range(last - count + 1, last + 1)]


def upcoming(name: str, day: date, pattern: str = "") -> int:
    """The number that would be given next."""
    counter = NumberCounter.objects.filter(series=name, period=period_of(pattern or pattern_of(name), day)).first()
    return max(counter.used + 1, counter.next) if counter else 1


# -- deciding -------------------------------------------------------------------------------------------------------


def change(actor: Actor, name: str, given: Mapping[str, Any], day: date) -> None:
    """Set the ``pattern`` of a series, and the number that comes ``next`` in the period of this day. Raises
    NotAdministrator, KeyError for a series there is not, and Refused, with nothing changed, where numbers would be
    given again.
    """
    require(actor)
    before: dict[str, Any] = {"pattern": pattern_of(name), "next": None}
    pattern = " ".join(str(given.get("pattern") or before["pattern"]).split())
    if problem := wrong_pattern(pattern):
        raise Refused([Problem("pattern", "pattern", problem)])
    after: dict[str, Any] = {"pattern": pattern, "next": None}
    if given.get("next") is not None:
        before["next"], after["next"] = _set_next(name, period_of(pattern, day), given["next"])
    row = NumberSeries.objects.update_or_create(series=name, defaults={"pattern": pattern})[0]
    changed = {key: (before[key], value) for key, value in after.items() if before[key] != value}
    if changed:
        record(actor, "numbers", row.id, "updated", changed | {"of": (None, name)})


def _set_next(name: str, period: str, wanted: Any) -> tuple[int, int]:
    """The number that came next, and that comes now; raises Refused."""
    if isinstance(wanted, bool) or not isinstance(wanted, int) or not 1 <= wanted <= HIGHEST:
        raise Refused([Problem("next", "range", _("Give a whole number from 1 on."))])
    NumberCounter.objects.get_or_create(series=name, period=period)
    counter = NumberCounter.objects.select_for_update().get(series=name, period=period)
    if wanted <= counter.used:
        words = _("%(n)s was given already; the next is %(next)s at least.")
        raise Refused([Problem("next", "used", words % {"n": counter.used, "next": counter.used + 1})])
    came = max(counter.used + 1, counter.next)
    NumberCounter.objects.filter(id=counter.id).update(next=wanted)
    return came, wanted
