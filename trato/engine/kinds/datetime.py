"""A moment: stored in UTC, shown and typed in the reader's time zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Func, IntegerField, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Substr
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from . import html, locales, lookups
from .base import Kind, Reader
from .date import TIME, iso_day, read_day
from .periods import is_period, period
from .texts import Invalid

CLOCK = re.compile(
    r"(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,6})\d*)?)? ?(?:([ap])\.?\s?m\.?)?"
    r" ?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?",
    re.IGNORECASE | re.ASCII,
)
SPLIT = re.compile(r"(.*\d)(?:T|,? (?:um|at|a las|à|la) |,? )(\d{1,2}[:.h].*)", re.ASCII | re.IGNORECASE)


@lru_cache(256)
def zone_of(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def wrong() -> Invalid:
    return Invalid("datetime", _("Write a date and a time, like %(example)s."), example="2026-12-31 18:30")


def read_moment(text: str, reader: Reader) -> datetime:
    """The moment of text: ISO 8601, or a date of the reader's language with a time; without zone, the reader's own."""
    if "-" in text[:5]:
        try:
            return _utc(datetime.fromisoformat(text), reader)
        except ValueError:
            pass
    found = SPLIT.fullmatch(text)
    if not found:
        return _utc(datetime.combine(read_day(text, reader), time()), reader)
    day, clock = read_day(found[1], reader), CLOCK.fullmatch(found[2])
    if not clock:
        raise wrong()
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    if clock[5]:
        if not 1 <= hour <= 12:
            raise wrong()
        hour = hour % 12 + (12 if clock[5].lower() == "p" else 0)
    try:
        moment = time(hour, minute, second, int((clock[4] or "0").ljust(6, "0")), tzinfo=_offset(clock[6]))
    except ValueError:
        raise wrong() from None
    return _utc(datetime.combine(day, moment), reader)


def _offset(zone: str | None) -> Any:
    if not zone:
        return None
    sign = zone[0]
    return datetime.strptime(zone.replace(":", "").ljust(5, "0"), "%z").tzinfo if sign in "+-" else UTC


def _utc(moment: datetime, reader: Reader) -> datetime:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone_of(reader.time_zone))
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise wrong() from None


class MakeTimestamp(Func):
    """make_timestamp(...) at UTC: unlike a cast from text it is immutable, so that it can be indexed."""

    function = "make_timestamp"
    template = "timezone('UTC', %(function)s(%(expressions)s))"
    output_field = models.DateTimeField()


class DateTime(Kind):
    name = "datetime"
    # In a session at the reader's time zone.
    file_sql = "replace(to_char({0}, 'YYYY-MM-DD HH24:MI:SS.USTZH:TZM'), '.000000', '')"
    label = _("Date and time")
    operators = (*lookups.ORDERED, "within")
    longest = 80

    def _clean(self, value: Any, reader: Reader) -> datetime:
        if isinstance(value, datetime):
            return value if value.tzinfo is UTC else _utc(value, reader)
        if isinstance(value, str):
            return self.parse(value, reader)
        raise wrong()

    def _parse(self, text: str, reader: Reader) -> datetime:
        return read_moment(text, reader)

    def dump(self, value: Any) -> str | None:
        """As to_jsonb writes it in a session at UTC: without trailing zeros of the microseconds."""
        if value is None:
            return None
        text = value.astimezone(UTC).isoformat()
        return text if not value.microsecond else text[:-6].rstrip("0") + text[-6:]

    def load(self, data: Any) -> datetime | None:
        return None if data is None else datetime.fromisoformat(data).astimezone(UTC)

    def text(self, value: Any, reader: Reader) -> str:
        """Local time with its offset, so that the hour that comes twice in autumn stays the one it was."""
        return "" if value is None else value.astimezone(zone_of(reader.time_zone)).isoformat(" ")

    def plain(self, value: Any, reader: Reader) -> str:
        return "" if value is None else self._words(value.astimezone(zone_of(reader.time_zone)), reader.language)

    def cell(self, value: Any, reader: Reader) -> Markup:
        if value is None:
            return Markup("")
        local = value.astimezone(zone_of(reader.time_zone))
        iso = local.isoformat()
        exact = f"{locales.long_day(local.date(), reader.language)} {iso[11:19]} {local.tzname()}"
        return TIME.format(iso, exact, self._words(local, reader.language))

    def _words(self, local: datetime, language: str) -> str:
        clock = locales.minute(time(local.hour, local.minute), language)
        return locales.moment_pattern(language).format(clock, locales.day(local.date(), language))

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        values = self._attributes(name, id, invalid, described_by)
        if isinstance(value, datetime):
            local = value.astimezone(zone_of(reader.time_zone)).replace(tzinfo=None)
            typed = local.isoformat("T", "minutes" if not local.second and not local.microsecond else "auto")
        else:
            typed = self.typed(name, value, reader)
        return html.control(typed, values, type="datetime-local", step="any")

    def schema(self) -> dict[str, Any]:
        return self.nullable({"type": "string", "format": "date-time"})

    def lookup(self, lhs: Combinable, op: str, value: Any, reader: Reader) -> Q:
        """A day in place of a moment means the whole of it, as a period does."""
        if op == "within" or (op in lookups.SPANNED and is_period(value)):
            start, end = period(value, reader.now, reader.time_zone)
            return lookups.on_span(lhs, op, Value(start), Value(end))
        if op in lookups.SPANNED and isinstance(value, str) and (day := iso_day(value.strip())):
            local = zone_of(reader.time_zone)
            try:
                start, end = (datetime.combine(each, time(), local) for each in (day, day + timedelta(days=1)))
            except OverflowError:
                raise wrong() from None
            return lookups.on_span(lhs, op, Value(start), Value(end))
        if op == "between":
            return lookups.between(self, lhs, value, reader)
        return super().lookup(lhs, op, value, reader)

    def custom(self, name: str) -> Combinable:
        text = KeyTextTransform(name, F("custom"))
        spans = ((1, 4), (6, 2), (9, 2), (12, 2), (15, 2))
        parts = [Cast(Substr(text, start, length), IntegerField()) for start, length in spans]
        seconds = Func(text, Value(r"^.{17}|\+00:00$"), Value(""), Value("g"), function="regexp_replace")
        return MakeTimestamp(*parts, Cast(seconds, models.FloatField()))

    def model_field(self) -> models.Field:
        return models.DateTimeField()
