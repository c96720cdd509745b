"""Postal addresses, with ISO 3166 countries and subdivisions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from . import html
from .base import Kind, Reader, Typed
from .country import Country, country_names, find_country, find_region, region_name, regions
from .many import Items, Part
from .texts import Invalid, fold, readable

PARTS = (
    Part("line1", _("Street and number"), width="col-12"),
    Part("line2", _("Address, second line"), width="col-12"),
    Part("postcode", _("Postcode"), longest=20, width="col-3"),
    Part("city", _("City"), width="col-5"),
    Part("region", _("Region"), width="col-4"),
    Part("country", _("Country"), longest=100, width="col-8"),
)
NAMES = ("line1", "line2", "city", "postcode", "region", "country")
# Where the postcode follows the town (Universal Postal Union, S42): on the same line, or on its own.
CITY_REGION_POSTCODE = {"US", "CA", "AU", "IN", "PR"}
CITY_THEN_POSTCODE = {"GB", "IE", "GG", "JE", "IM", "NZ", "ZA", "SG", "HK"}


def clean_parts(texts: Mapping[str, str], reader: Reader) -> dict[str, str]:
    """The six parts of an address, its country and region as codes. Raises Invalid."""
    parts = {name: " ".join(texts.get(name, "").split()) for name in NAMES}
    region = parts["region"].upper()
    if parts["country"]:
        country = find_country(parts["country"], reader.language)
        if country is None:
            raise Invalid("country", _("“%(country)s” is not a country we know."), country=parts["country"][:100])
        parts["country"] = country
    elif re.fullmatch(r"[A-Z]{2}-[A-Z0-9]{1,3}", region) and regions(region[:2]):
        parts["country"] = region[:2]
    if parts["region"]:
        country = parts["country"] or reader.country
        code = find_region(parts["region"], country) if country else None
        if code is None:
            raise Invalid("region", _("“%(region)s” is not a region of this country."), region=parts["region"][:100])
        parts["region"] = code
        parts["country"] = country
    return parts


def locality(parts: Mapping[str, str]) -> str:
    """Town, region and postcode in the order of their country."""
    city, postcode, country = parts["city"], parts["postcode"], parts["country"]
    if country in CITY_REGION_POSTCODE:
        short = parts["region"].partition("-")[2]
        return ", ".join(filter(None, (city, " ".join(filter(None, (short, postcode))))))
    if country in CITY_THEN_POSTCODE:
        return ", ".join(filter(None, (city, postcode)))
    town = " ".join(filter(None, (postcode, city)))
    region = region_name(parts["region"])
    return ", ".join(filter(None, (town, region if fold(region) != fold(city) else "")))


def lines(parts: Mapping[str, str], reader: Reader) -> list[str]:
    """The address as it is written on an envelope; the country only where it is not the reader's."""
    country = parts["country"]
    abroad = country_names(reader.language).get(country, country) if country != reader.country else ""
    return [line for line in (parts["line1"], parts["line2"], locality(parts), abroad) if line]


def address_keys(parts: Mapping[str, str]) -> list[str]:
    street = fold(parts["line1"])
    return [f"address:{fold(parts['postcode'])}{street}"] if street else []


def part_control(part: Part, name: str, row: Mapping[str, str], reader: Reader, id: str) -> Markup:
    """One input of an address; the country is a list in the reader's language."""
    values = {
        "class": "form-control",
        "name": f"{name}-{part.name}",
        "id": f"{id}-{part.name}",
        "aria-label": part.label,
        "autocomplete": "off",
    }
    if part.name == "country":
        country = row.get("country", "")
        return html.select(country, html.options([("", str(part.label))]) + Country.offered(reader.language), values)
    shown = region_name(row.get("region", "")) if part.name == "region" else row.get(part.name, "")
    return html.control(shown, {**values, "placeholder": part.label, "maxlength": part.longest})


def parts_of(data: Any, reader: Reader) -> dict[str, str] | None:
    """Clean parts of a JSON object; None when it says nothing. Raises Invalid."""
    if not isinstance(data, Mapping) or not all(isinstance(text, str | None) for text in data.values()):
        raise Invalid("address", _("Give an address as an object of texts."))
    if unknown := data.keys() - set(NAMES):
        raise Invalid("unknown", _("Unknown: %(names)s."), names=", ".join(sorted(map(str, unknown)))[:200])
    texts = {name: readable(text or "").strip() for name, text in data.items()}
    for part in PARTS:
        if len(texts.get(part.name, "")) > part.longest:
            raise Invalid("too_long", _("At most %(n)s characters."), n=part.longest)
    return clean_parts(texts, reader) if any(texts.values()) else None


def properties() -> dict[str, Any]:
    return {part.name: {"type": "string", "maxLength": part.longest} for part in PARTS}


class Address(Kind):
    """One address: {"line1", "line2", "city", "postcode", "region", "country"}."""

    name = "address"
    label = _("Address")
    operators = ("empty", "filled")
    sortable = False
    privacy = "personal"
    grouped = True
    longest = 2_000

    def _clean(self, value: Any, reader: Reader) -> dict[str, str] | None:
        return self.parse(value, reader) if isinstance(value, str) else parts_of(value, reader)

    def _parse(self, text: str, reader: Reader) -> dict[str, str] | None:
        """The JSON of an address, or its first line."""
        if text[0] != "{":
            return parts_of({"line1": text}, reader)
        try:
            return parts_of(json.loads(text), reader)
        except (ValueError, RecursionError):
            raise Invalid("json", _("This is not JSON of an address.")) from None

    def text(self, value: Any, reader: Reader) -> str:
        if not value:
            return ""
        only_line = not any(value[name] for name in NAMES[1:]) and value["line1"][0] != "{"
        return value["line1"] if only_line else json.dumps(value, ensure_ascii=False)

    def plain(self, value: Any, reader: Reader) -> str:
        return ", ".join(lines(value, reader)) if value else ""

    def show(self, value: Any, reader: Reader) -> Markup:
        return Markup("<br>").join(lines(value, reader)) if value else Markup("")

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        typed = isinstance(value, Typed)
        row = {part: value.get(f"{name}-{part}") for part in NAMES} if typed else value or {}
        controls = [
            Markup('<div class="{}">{}</div>').format(part.width, part_control(part, name, row, reader, id))
            for part in PARTS
        ]
        grid = Markup('<div class="row g-2">{}</div>').format(Markup("").join(controls))
        return html.fieldset(grid, id=id, invalid=invalid, described_by=described_by)

    def from_form(self, data: Mapping[str, str], name: str, reader: Reader) -> dict[str, str] | None:
        return self.clean({part: data.get(f"{name}-{part}", "") for part in NAMES}, reader)

    def schema(self) -> dict[str, Any]:
        return self.nullable({"type": "object", "properties": properties(), "additionalProperties": False})

    def keys(self, value: Any) -> list[str]:
        return address_keys(value) if value else []


class Addresses(Items):
    """Several addresses, each with `primary` and maybe `label`."""

    name = "addresses"
    label = _("Addresses")
    search_sql = (
        """trato_words(%s, '$[*].keyvalue() ? (@.key != "label" && @.key != "country" && @.key != "region").value')"""
    )
    file_sql = (
        """CASE WHEN {0} @? '$[*] ? (@.line2 != "" || @.city != "" || @.postcode != "" """
        """|| @.region != "" || @.country != "")' """
        "THEN {0}::text ELSE chr(1) || nullif({0}, '[]')::text END"
    )
    parts = PARTS
    separator = re.compile(r"[;\n]")

    def _item(self, data: Mapping[str, str], reader: Reader) -> dict[str, Any]:
        if not any(data.values()):
            raise Invalid("address", _("This address is empty."))
        return clean_parts(data, reader)

    def _write(self, item: Mapping[str, Any], reader: Reader) -> str | None:
        return None if any(item[name] for name in NAMES[1:]) else item["line1"]

    def _same(self, item: Mapping[str, Any]) -> str:
        return "\n".join(fold(item[name]) for name in NAMES)

    def words(self, item: Mapping[str, Any], reader: Reader) -> str:
        return ", ".join(lines(item, reader))

    def keys(self, value: Any) -> list[str]:
        return [key for item in value or [] for key in address_keys(item)]

    def schema(self) -> dict[str, Any]:
        return self._list_schema(required=[])

    def _control(self, part: Part, name: str, row: Mapping[str, str], reader: Reader, id: str) -> Markup:
        return part_control(part, name, row, reader, id)
