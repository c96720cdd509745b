"""Currencies by ISO 4217."""

from __future__ import annotations

from functools import lru_cache

import pycountry
from babel.numbers import get_currency_name, get_currency_precision
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from . import html, locales
from .codes import Code
from .texts import fold


@lru_cache(64)
def currency_names(language: str) -> dict[str, str]:
    """Code and name by code of the currencies in use, in CLDR's words, sorted by code."""
    words = locales.locale_of(language).currencies
    return {c.alpha_3: words.get(c.alpha_3, c.name) for c in sorted(pycountry.currencies, key=lambda c: c.alpha_3)}


@lru_cache(64)
def _index(language: str) -> dict[str, str]:
    """Code by name and by symbol. A symbol shared by several is its own language's or the commonest one's."""
    locale = locales.locale_of(language)
    written = {fold(get_currency_name(code, count=2, locale=locale)): code for code in currency_names(language)}
    written |= {fold(name): code for code, name in currency_names(language).items()}
    symbols = {symbol: code for code, symbol in locale.currency_symbols.items()}
    own = {
        "$": "USD",
        "€": "EUR",
        "£": "GBP",
        "¥": "JPY",
        "₹": "INR",
        "₽": "RUB",
        "kr": "SEK",
        "zł": "PLN",
        "lei": "RON",
    }
    return written | own | {s: code for s, code in symbols.items() if code in currency_names("en") and s not in own}


@lru_cache(1024)
def find_currency(text: str, language: str) -> str | None:
    """The code meant by a code, a symbol or a name."""
    if text.upper() in currency_names("en"):
        return text.upper()
    for spoken in (language, "en"):
        code = _index(spoken).get(text) or _index(spoken).get(fold(text))
        if code:
            return code
    return None


@lru_cache(1)
def code_options() -> Markup:
    """The options of a select of bare codes."""
    return html.options((code, code) for code in currency_names("en"))


@lru_cache(256)
def digits(code: str) -> int:
    """Digits after the point that amounts in a currency usually have (CLDR): 2 for EUR, 0 for JPY, 3 for KWD."""
    return get_currency_precision(code)


class Currency(Code):
    name = "currency"
    label = _("Currency")
    wrong = _("Choose a currency, like EUR.")
    code_length = 3

    def names(self, language: str) -> dict[str, str]:
        return {code: f"{code} {name}" for code, name in currency_names(language).items()}

    def name_of(self, code: str, language: str) -> str:
        return code

    def find(self, text: str, language: str) -> str | None:
        return find_currency(text, language)
