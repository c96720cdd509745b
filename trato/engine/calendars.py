"""An object's records in a calendar: on the days and at the hours that their fields say, those that recur at each of
their dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from . import access
from .kinds.datetime import zone_of
from .kinds.recurrence import occurrences
from .objects import Field, Object, Span
from .workspaces.actors import Actor

DATED = ("date", "datetime")
#: So many entries are shown at once; a calendar of more is to be narrowed first.
MOST = 1000
#: Nothing that began earlier before the stretch that is shown is looked for, and no longer stretch is shown.
LONGEST = timedelta(days=400)


class BadCalendar(ValueError):
    """There is no such calendar; the message says what to do."""


@dataclass(frozen=True)
class Entry:
    """One record at one of its dates, on the person's own clock (naive). Of whole days ``end`` is the day after the
    last one. ``fixed``: it recurs, and is changed on its own page.
    """

    id: UUID
    title: str
    version: int
    field: str
    start: date
    end: date | None
    fixed: bool

    @property
    def whole_days(self) -> bool:
        """Whether it has no hour."""
        return not isinstance(self.start, datetime)


def dated(actor: Actor, obj: Object) -> dict[str, Field]:
    """The fields a calendar of the object can be made by, as far as the actor may see them."""
    return {name: each for name, each in access.fields(actor, obj).items() if each.kind.name in DATED}


def spans_of(actor: Actor, obj: Object, names: Iterable[str]) -> list[Span]:
    """What a calendar shows: by the fields named, else what the object says; raises BadCalendar.

    An end, rule or zone that the actor may not see is left out.
    """
    known, seen = dated(actor, obj), access.fields(actor, obj)
    declared = {span.start: span for span in obj.calendar_on}
    first = [name for name in known if name not in ("created_at", "updated_at")] or list(known)
    wanted = list(dict.fromkeys(names)) or [name for name in declared if name in known] or first[:1]
    if unknown := [name for name in wanted if name not in known]:
        raise BadCalendar(
            _("A calendar can't be made by “%(name)s”. Choose another field.") % {"name": unknown[0][:80]}
        )
    if not wanted:
        raise BadCalendar(_("These records have no date that a calendar could show."))
    spans = [declared.get(name, Span(name)) for name in wanted]
    return [Span(*(name if name in seen else "" for name in vars(span).values())) for span in spans]


def entries(
    actor: Actor, obj: Object, rows: QuerySet, spans: Iterable[Span], *, first: datetime, last: datetime
) -> tuple[list[Entry], bool]:
    """What happens in [first, last) (aware), by time; and whether there was more than is shown.

    Raises BadCalendar for a stretch that is too long or ends before it begins.
    """
    if not timedelta() < last - first <= LONGEST:
        raise BadCalendar(_("Show at most a year at once."))
    found: list[Entry] = []
    for span in spans:
        held = _Held(actor, obj, span)
        found += [entry for row in held.read(rows, first, last) for entry in held.entries(row, first, last)]
    found.sort(key=lambda entry: (str(entry.start), entry.title))
    return found[:MOST], len(found) > MOST


class _Held:
    """The fields of one span, and rows as entries."""

    def __init__(self, actor: Actor, obj: Object, span: Span) -> None:
        fields = access.fields(actor, obj)
        self.obj, self.span, self.zone = obj, span, zone_of(actor.time_zone)
        self.local = actor.workspace.time_zone
        self.start = fields[span.start]
        self.end = fields[span.end] if span.end else None
        self.others = {"at_rule": span.rule, "at_clock": span.zone}

    def read(self, rows: QuerySet, first: datetime, last: datetime) -> Iterator[Mapping[str, Any]]:
        """The rows that may stand in the stretch: those that begin in it, those that reach into it, and those that
        recur. Each is a query of its own, since an index answers each, and none all of them.
        """
        low: Any = first.astimezone(self.zone).date() if self.start.kind.name == "date" else first
        high: Any = last.astimezone(self.zone).date() if self.start.kind.name == "date" else last
        named = {alias: name for alias, name in self.others.items() if name}
        rows = rows.annotate(at_begin=self.start.expression(), **{alias: F(name) for alias, name in named.items()})
        rows = rows.annotate(at_end=self.end.expression()) if self.end else rows
        wanted = ["id", "title", "version", "at_begin", *(["at_end"] if self.end else []), *named]
        once = rows.filter(Q(**{self.span.rule: ""})) if "at_rule" in named else rows
        parts = [once.filter(at_begin__gte=low, at_begin__lt=high)]
        if self.end:
            parts.append(once.filter(at_begin__gte=low - LONGEST, at_begin__lt=low, at_end__gte=low))
        if "at_rule" in named:
            parts.append(rows.filter(~Q(**{self.span.rule: ""}), at_begin__lt=high))
        for part in parts:
            yield from part.order_by("at_begin", "id").values(*wanted)[: MOST + 1]

    def entries(self, row: Mapping[str, Any], first: datetime, last: datetime) -> Iterator[Entry]:
        """A row at each of its dates in the stretch."""
        start, end, rule = row["at_begin"], row.get("at_end"), row.get("at_rule") or ""
        if not rule:
            yield self._entry(row, start, end, fixed=False)
            return
        clock = row.get("at_clock") or self.local
        length = end - start if end else None
        for at in occurrences(rule, start, clock, first - (length or timedelta()), last):
            yield self._entry(row, at, at + length if length else None, fixed=True)

    def _entry(self, row: Mapping[str, Any], start: Any, end: Any, *, fixed: bool) -> Entry:
        local, until = self._local(start), self._local(end)
        if until is not None and not isinstance(until, datetime):
            until += timedelta(days=1)
        title = row["title"] or str(self.obj.label)
        return Entry(row["id"], title, row["version"], self.span.start, local, until, fixed)

    def _local(self, value: Any) -> Any:
        return value.astimezone(self.zone).replace(tzinfo=None) if isinstance(value, datetime) else value


def moved(actor: Actor, obj: Object, name: str, start: datetime, end: datetime | None) -> dict[str, Any]:
    """The values that put a record at another time (naive, on the person's clock; of whole days ``end`` is the day
    after the last one); raises BadCalendar.
    """
    (span,) = spans_of(actor, obj, [name])
    fields, zone = access.fields(actor, obj), zone_of(actor.time_zone)
    values: dict[str, Any] = {}
    for known, moment in ((span.start, start), (span.end, end)):
        if known and moment is not None:
            whole = fields[known].kind.name == "date"
            day = moment.date() - timedelta(days=1 if known == span.end else 0)
            values[known] = day if whole else moment.replace(tzinfo=zone)
    return values
