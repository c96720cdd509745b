"""E-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.encoding import punycode
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from . import html
from .base import Reader
from .many import Items, Part
from .text import Text
from .texts import Invalid

LONGEST = 254  # RFC 3696, erratum 1690
NAMED = re.compile(r"[^<>]*<([^<>\s]+)>")
LINK = html.Pattern('<a href="mailto:{}">{}</a>')
validate = EmailValidator()


def clean_address(text: str) -> str:
    """A valid address with its domain in lower case; "Ana <ana@x.com>" and "mailto:ana@x.com" are understood."""
    if named := NAMED.fullmatch(text):
        text = named[1]
    local, at, domain = text.removeprefix("mailto:").rpartition("@")
    address = f"{local}{at}{domain.lower()}"
    try:
        if len(address) > LONGEST:
            raise ValidationError("")
        validate(address)
        address_key(address)  # a domain that has no ASCII form can't be reached
    except (ValidationError, ValueError):
        raise Invalid("email", _("Write an e-mail address, like ana@example.com.")) from None
    return address


def address_key(address: str) -> str:
    """Equal for addresses that reach the same mailbox: lower case, the domain in its ASCII form (IDNA)."""
    address = address.lower()
    if not address.isascii():
        local, _at, domain = address.rpartition("@")
        address = f"{local}@{punycode(domain)}"
    return f"email:{address}"


class Email(Text):
    """One address."""

    name = "email"
    label = _("E-mail")
    privacy = "personal"
    options = ()

    def __init__(self, *, required: bool = False, max_length: int = LONGEST) -> None:
        super().__init__(required=required)
        self.max_length = min(max_length, LONGEST)

    def _clean(self, value: Any, reader: Reader) -> str:
        text = super()._clean(value, reader)
        return clean_address(text) if text else text

    def cell(self, value: Any, reader: Reader) -> Markup:
        return LINK.format(value, value) if value else Markup("")

    def _attributes(self, name: str, id: str, invalid: bool, described_by: str) -> dict[str, Any]:
        return {**super()._attributes(name, id, invalid, described_by), "type": "email", "autocomplete": "off"}

    def keys(self, value: Any) -> list[str]:
        return [address_key(value)] if value else []


class Emails(Items):
    """Several addresses: [{"address": "ana@x.com", "primary": true, "label": "work"}]."""

    name = "emails"
    label = _("E-mails")
    search_sql = "trato_words(%s, '$[*].address')"
    file_sql = (
        "CASE WHEN jsonb_array_length({0}) = 1 AND NOT {0} -> 0 ? 'label' "
        """AND {0} -> 0 ->> 'address' ~ '^[A-Za-z0-9][^;,()"[:space:]]*$' THEN {0} -> 0 ->> 'address' """
        "ELSE chr(1) || nullif({0}, '[]')::text END"
    )
    parts = (Part("address", _("E-mail"), "email", LONGEST, autocomplete="off"),)

    def _item(self, data: Mapping[str, str], reader: Reader) -> dict[str, Any]:
        return {"address": clean_address(data.get("address", ""))}

    def one(self, item: Mapping[str, Any], reader: Reader) -> Markup:
        return LINK.format(item["address"], item["address"])

    def keys(self, value: Any) -> list[str]:
        return [address_key(item["address"]) for item in value or []]
