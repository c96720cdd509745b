"""CLDR formats of a reader's language, prepared once: a list page formats hundreds of values."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_datetime_format
from babel.languages import get_official_languages
from babel.numbers import format_decimal


@lru_cache(64)
def locale_of(language: str) -> Locale:
    """Babel's locale of a language tag ("es", "pt-br", "zh-hans"); English where it knows none."""
    try:
        return Locale.parse(language.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale.parse("en")


@lru_cache(256)
def regional(language: str, country: str) -> str:
    """The language as a country writes it ("en", "GB": "en-GB") where it is spoken; elsewhere the language itself.

    An English speaker in a Spanish workspace goes on writing 12.50. Source: the CLDR's languages of territories.
    """
    spoken = get_official_languages(country, regional=True, de_facto=True) if country else ()
    if language not in spoken:
        return language
    try:
        Locale.parse(f"{language}_{country}")
    except (ValueError, UnknownLocaleError):
        return language
    return f"{language}-{country}"


class Marks(NamedTuple):
    decimal: str
    group: str
    thousands: bool  # grouped by threes; Indian languages group otherwise


#: Ways to write numbers, each by an example of itself; what a file is written in need not be its reader's own.
WRITTEN = {
    "1,234.56": Marks(".", ",", True),
    "1.234,56": Marks(",", ".", True),
    "1 234,56": Marks(",", "\u00a0", True),
    "1'234.56": Marks(".", "'", True),
    "12,34,567.89": Marks(".", ",", False),
}


@lru_cache(64)
def marks(language: str) -> Marks:
    locale = locale_of(language)
    symbols = locale.number_symbols["latn"]
    return Marks(symbols["decimal"], symbols["group"], locale.decimal_formats[None].grouping == (3, 3))


def number(value: Decimal | int, places: int, language: str) -> str:
    """A number grouped as the language does, with exactly `places` decimals."""
    decimal, group, thousands = marks(language)
    if not thousands:
        whole = locale_of(language).decimal_formats[None].pattern.partition(".")[0]
        pattern = f"{whole}.{'0' * places}" if places else whole
        return format_decimal(value, pattern, locale_of(language), numbering_system="latn")
    text = f"{value:,.{places}f}"
    if decimal == "." and group == ",":
        return text
    return text.translate({44: group, 46: decimal})


@lru_cache(8192)
def day(value: date, language: str) -> str:
    return format_date(value, "medium", locale_of(language))


@lru_cache(4096)
def long_day(value: date, language: str) -> str:
    return format_date(value, "full", locale_of(language))


@lru_cache(4096)
def minute(value: time, language: str) -> str:
    return format_time(value, "short", locale=locale_of(language))


@lru_cache(64)
def moment_pattern(language: str) -> str:
    """How the language puts date {1} and time {0} together."""
    return str(get_datetime_format("medium", locale=locale_of(language))).replace("'", "")


@lru_cache(64)
def month_first(language: str, country: str) -> bool:
    """Whether 01/02/2026 means January 2nd: only for readers of the United States (CLDR: M/d/yy for en-US)."""
    tag = language.lower().replace("_", "-")
    return tag == "en-us" or (tag == "en" and country == "US")
