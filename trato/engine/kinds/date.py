"""A calendar day."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Any

from django.db import models
from django.db.models import F, Func, IntegerField, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Substr
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from . import html, locales, lookups
from .base import Kind, Reader
from .periods import is_period, period
from .texts import DIRECTION, Invalid

ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?", re.ASCII)
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
PARTED = re.compile(r"(\d{1,4})[./\- 年]{1,2}(\d{1,2})[./\- 月]{1,2}(\d{1,4})日?\.?(?:[ \u202f]?[гр]\.)?", re.ASCII)
# "Tue, 3rd March 2026", "3 de marzo de 2026", "13 d’abr. 2026"; "March 3rd, 2026"; "2026. jan. 13."
DAY_MONTH_YEAR = re.compile(
    r"(?:[^\W\d]+\.?,? )?(\d{1,2})(?:st|nd|rd|th|\.)?[ -](?:de |d[’'])?([^\W\d]+)\.?,?[ -]"
    r"(?:de )?(\d{4})\.?(?:[ \u202f]?[гр]\.)?"
)
MONTH_DAY_YEAR = re.compile(r"([^\W\d]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
YEAR_MONTH_DAY = re.compile(r"(\d{4})\. ([^\W\d]+)\.? (\d{1,2})\.")
#: Orders of day, month and year, each with an example of itself.
EXAMPLES = {"dmy": "31/12/2026", "mdy": "12/31/2026", "ymd": "26/12/31"}
TIME = html.Pattern('<time datetime="{}" title="{}">{}</time>')


@lru_cache(64)
def months(language: str) -> dict[str, int]:
    """Month by its name or short name, in the reader's language and in English."""
    named: dict[str, int] = {}
    for locale in (locales.locale_of("en"), locales.locale_of(language)):
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in locale.months[context][width].items():
                    named[name.casefold().rstrip(".")] = number
    return named


def wrong(reader: Reader) -> Invalid:
    example = EXAMPLES[reader.order]
    return Invalid("date", _("Write a date, like 2026-12-31 or %(example)s."), example=example)


@lru_cache(8192)
def iso_day(text: str) -> date | None:
    found = ISO.fullmatch(text) or COMPACT.fullmatch(text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def read_day(text: str, reader: Reader) -> date:
    """The day of text: ISO 8601 first, then as the reader's language writes it. Raises Invalid."""
    day = iso_day(text)
    if day is not None:
        return day
    numbers = _numbers(text.translate(DIRECTION), reader)
    try:
        return date(*numbers)
    except ValueError:
        raise wrong(reader) from None


def _numbers(text: str, reader: Reader) -> tuple[int, int, int]:
    if found := PARTED.fullmatch(text):
        first, second, third = found.groups()
        if len(first) == 4 and len(third) <= 2:
            return int(first), int(second), int(third)
        if reader.order == "ymd" and len(first) == len(third) == 2:
            return _century(int(first), reader), int(second), int(third)
        if reader.order != "ymd" and len(first) <= 2 and len(third) in (2, 4):
            year = int(third) if len(third) == 4 else _century(int(third), reader)
            month, day = (first, second) if reader.order == "mdy" else (second, first)
            return year, int(month), int(day)
        raise wrong(reader)
    named = months(reader.language)
    if found := DAY_MONTH_YEAR.fullmatch(text):
        return int(found[3]), named.get(found[2].casefold(), 0), int(found[1])
    if found := MONTH_DAY_YEAR.fullmatch(text):
        return int(found[3]), named.get(found[1].casefold(), 0), int(found[2])
    if found := YEAR_MONTH_DAY.fullmatch(text):
        return int(found[1]), named.get(found[2].casefold(), 0), int(found[3])
    raise wrong(reader)


def _century(two: int, reader: Reader) -> int:
    """The year within 80 years back and 20 on that ends in these two digits (the rule of RFC 5545's relatives)."""
    newest = reader.now.year + 20
    return newest - (newest - two) % 100


class MakeDate(Func):
    """make_date(year, month, day): unlike a cast from text it is immutable, so that it can be indexed."""

    function = "make_date"
    output_field = models.DateField()


class Date(Kind):
    name = "date"
    file_sql = "to_char({0}, 'YYYY-MM-DD')"
    label = _("Date")
    operators = (*lookups.ORDERED, "within")
    longest = 60

    def _clean(self, value: Any, reader: Reader) -> date:
        if type(value) is date:
            return value
        if isinstance(value, str):
            return self.parse(value, reader)
        raise wrong(reader)

    def _parse(self, text: str, reader: Reader) -> date:
        return read_day(text, reader)

    def dump(self, value: Any) -> str | None:
        return None if value is None else value.isoformat()

    def load(self, data: Any) -> date | None:
        return None if data is None else date.fromisoformat(data)

    def text(self, value: Any, reader: Reader) -> str:
        return "" if value is None else value.isoformat()

    def plain(self, value: Any, reader: Reader) -> str:
        return "" if value is None else locales.day(value, reader.language)

    def cell(self, value: Any, reader: Reader) -> Markup:
        if value is None:
            return Markup("")
        language = reader.language
        return TIME.format(value.isoformat(), locales.long_day(value, language), locales.day(value, language))

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        values = self._attributes(name, id, invalid, described_by)
        return html.control(self.typed(name, value, reader), values, type="date")

    def schema(self) -> dict[str, Any]:
        return self.nullable({"type": "string", "format": "date"})

    def lookup(self, lhs: Combinable, op: str, value: Any, reader: Reader) -> Q:
        if op == "within" or (op in lookups.SPANNED and is_period(value)):
            start, end = period(value, reader.now, reader.time_zone)
            return lookups.on_span(lhs, op, Value(start.date()), Value(end.date()))
        if op == "between":
            return lookups.between(self, lhs, value, reader)
        return super().lookup(lhs, op, value, reader)

    def custom(self, name: str) -> Combinable:
        text = KeyTextTransform(name, F("custom"))
        parts = [Cast(Substr(text, start, length), IntegerField()) for start, length in ((1, 4), (6, 2), (9, 2))]
        return MakeDate(*parts)

    def model_field(self) -> models.Field:
        return models.DateField()
