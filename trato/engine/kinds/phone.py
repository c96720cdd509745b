"""Telephone numbers: kept as E.164, shown nationally to readers of the number's country."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import phonenumbers
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup
from phonenumbers import PhoneNumberFormat

from . import html
from .base import Reader
from .many import Items, Part
from .text import Text
from .texts import Invalid

LINK = html.Pattern('<a href="tel:{}">{}</a>')
EXTENSION = " ext. "
LONGEST = 100
LONGEST_EXTENSION = 15  # so that a number with its extension fits PhoneField


class Number(NamedTuple):
    e164: str
    extension: str


@lru_cache(16_384)
def read_phone(text: str, country: str) -> Number | None:
    """The number of text as dialled in `country` (ISO 3166, "" for none); None when it can't be one.

    A number is taken when its length is possible in its country: number plans change faster than tables of them.
    """
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return Number(phonenumbers.format_number(number, PhoneNumberFormat.E164), number.extension or "")


def clean_phone(text: str, country: str) -> Number:
    number = read_phone(text, country) if len(text) <= LONGEST else None
    if number is None or len(number.extension) > LONGEST_EXTENSION:
        raise Invalid("phone", _("Write a phone number, like %(example)s."), example=example(country))
    return number


@lru_cache(256)
def example(country: str) -> str:
    number = phonenumbers.example_number(country) if country else None
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL) if number else "+34 810 12 34 56"


@lru_cache(16_384)
def shown(e164: str, country: str) -> str:
    """Nationally when the number's country is the reader's, else internationally."""
    number = phonenumbers.parse(e164)
    home = phonenumbers.country_code_for_region(country) == number.country_code if country else False
    style = PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


def words(e164: str, extension: str, country: str) -> str:
    return shown(e164, country) + (f"{EXTENSION}{extension}" if extension else "")


class Phone(Text):
    """One number, with an extension written as RFC 3966 does: "+34600123456;ext=12"."""

    name = "phone"
    label = _("Phone")
    privacy = "personal"
    options = ()
    max_length = LONGEST

    def _clean(self, value: Any, reader: Reader) -> str:
        text = super()._clean(value, reader)
        if not text:
            return text
        number = clean_phone(text, reader.country)
        return f"{number.e164};ext={number.extension}" if number.extension else number.e164

    def plain(self, value: Any, reader: Reader) -> str:
        if not value:
            return ""
        e164, _sign, extension = value.partition(";ext=")
        return words(e164, extension, reader.country)

    def cell(self, value: Any, reader: Reader) -> Markup:
        return LINK.format(value, self.plain(value, reader)) if value else Markup("")

    def _attributes(self, name: str, id: str, invalid: bool, described_by: str) -> dict[str, Any]:
        return {**super()._attributes(name, id, invalid, described_by), "type": "tel", "autocomplete": "off"}

    def keys(self, value: Any) -> list[str]:
        return [f"phone:{value.partition(';')[0]}"] if value else []


class Phones(Items):
    """Several numbers: [{"number": "+34600123456", "extension": "12", "primary": true, "label": "mobile"}]."""

    name = "phones"
    label = _("Phones")
    search_sql = "trato_phone_words(%s)"
    file_sql = (
        "CASE WHEN jsonb_array_length({0}) = 1 AND NOT {0} -> 0 ?| ARRAY['label', 'extension'] "
        "THEN {0} -> 0 ->> 'number' ELSE chr(1) || nullif({0}, '[]')::text END"
    )
    parts = (
        Part("number", _("Phone"), "tel", LONGEST, autocomplete="off"),
        Part("extension", _("Extension"), longest=LONGEST_EXTENSION, width="col-2", autocomplete="off"),
    )

    def _item(self, data: Mapping[str, str], reader: Reader) -> dict[str, Any]:
        number = clean_phone(data.get("number", ""), reader.country)
        extension = data.get("extension", "") or number.extension
        if not extension:
            return {"number": number.e164}
        if not (extension.isascii() and extension.isdigit()):
            raise Invalid("extension", _("An extension is made of digits."))
        return {"number": number.e164, "extension": extension}

    def _write(self, item: Mapping[str, Any], reader: Reader) -> str:
        return item["number"] + (f"{EXTENSION}{item['extension']}" if "extension" in item else "")

    def _same(self, item: Mapping[str, Any]) -> str:
        return f"{item['number']};{item.get('extension', '')}"

    def words(self, item: Mapping[str, Any], reader: Reader) -> str:
        return words(item["number"], item.get("extension", ""), reader.country)

    def one(self, item: Mapping[str, Any], reader: Reader) -> Markup:
        extension = f";ext={item['extension']}" if "extension" in item else ""
        return LINK.format(item["number"] + extension, self.words(item, reader))

    def keys(self, value: Any) -> list[str]:
        return [f"phone:{item['number']}" for item in value or []]
