"""Countries by ISO 3166-1 alpha-2, and their parts by ISO 3166-2."""

from __future__ import annotations

import re
from functools import lru_cache

import pycountry
from django.utils.translation import gettext_lazy as _

from . import locales
from .codes import Code
from .texts import fold

# Languages whose names of countries are understood beside the reader's own.
UNDERSTOOD = ("en", "es", "fr", "de", "it", "pt", "ro", "nl", "pl", "ca")
# Common names that neither CLDR nor ISO 3166 lists. "UK" is reserved for GB by ISO 3166 itself.
ALSO = {
    **dict.fromkeys(("uk", "greatbritain", "england", "scotland", "wales", "northernireland"), "GB"),
    "usa": "US",
    "america": "US",
    "holland": "NL",
    "turkey": "TR",
    "ivorycoast": "CI",
    "macedonia": "MK",
    "burma": "MM",
    "swaziland": "SZ",
    "capeverde": "CV",
    "easttimor": "TL",
    "republicofireland": "IE",
}


@lru_cache(64)
def country_names(language: str) -> dict[str, str]:
    """Name by code, in CLDR's words, sorted by name."""
    words = locales.locale_of(language).territories
    named = {country.alpha_2: words.get(country.alpha_2, country.name) for country in pycountry.countries}
    return dict(sorted(named.items(), key=lambda item: fold(item[1])))


@lru_cache(64)
def _index(language: str) -> dict[str, str]:
    written = {fold(name): code for code, name in country_names(language).items()}
    for country in pycountry.countries:
        for name in (country.name, getattr(country, "official_name", ""), getattr(country, "common_name", "")):
            written.setdefault(fold(name), country.alpha_2)
        written[country.alpha_2.lower()] = written[country.alpha_3.lower()] = country.alpha_2
    return ALSO | written


@lru_cache(4096)
def find_country(text: str, language: str) -> str | None:
    """The code of a country named by alpha-2, alpha-3, or in one of many languages."""
    folded = fold(re.sub(r"^the ", "", text, flags=re.IGNORECASE))
    if not folded:
        return None
    return next((code for spoken in (language, *UNDERSTOOD) if (code := _index(spoken).get(folded))), None)


@lru_cache(256)
def regions(country: str) -> dict[str, str]:
    """Name by ISO 3166-2 code of a country's parts, sorted by name."""
    parts = pycountry.subdivisions.get(country_code=country) or []
    return dict(sorted(((part.code, part.name) for part in parts), key=lambda item: fold(item[1])))


@lru_cache(256)
def _region_index(country: str) -> dict[str, str]:
    """Code by every way to write a part: "Madrid, Comunidad de" is also "Comunidad de Madrid" and "Madrid"."""
    written: dict[str, str] = {}
    for code, name in regions(country).items():
        written.setdefault(fold(name), code)
    for code, name in regions(country).items():
        pieces = re.split(r" ?[/\[\]*] ?", name)
        turned = [" ".join(reversed(piece.split(", "))) for piece in pieces]
        for variant in (*pieces, *turned, *(piece.split(", ")[0] for piece in pieces), code.partition("-")[2]):
            if fold(variant):
                written.setdefault(fold(variant), code)
    return written


def find_region(text: str, country: str) -> str | None:
    """The code of a country's part by its code, the code's end ("NSW") or its name."""
    upper = text.upper()
    if upper in regions(country):
        return upper
    return _region_index(country).get(fold(text))


def region_name(code: str) -> str:
    return regions(code.partition("-")[0]).get(code, code).partition(",")[0] if code else ""


class Country(Code):
    name = "country"
    label = _("Country")
    wrong = _("Choose a country, like Spain or ES.")
    code_length = 2

    def names(self, language: str) -> dict[str, str]:
        return country_names(language)

    def find(self, text: str, language: str) -> str | None:
        return find_country(text, language)
