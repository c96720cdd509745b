"""vCard 4.0 (RFC 6350), a card for each dict with the keys of the reader, folded at 75 octets."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .base import Output, Writer

WIDTH = 75  # octets of a line without its end
_TYPES = {
    "home": "home",
    "work": "work",
    "school": "school",
    "other": "other",
    "main": "main",
    "mobile": "cell",
    "fax": "fax",
    "pager": "pager",
}
_TEXTS = {
    "nickname": "NICKNAME",
    "job_title": "TITLE",
    "role": "ROLE",
    "website": "URL",
    "note": "NOTE",
    "gender": "GENDER",
    "language": "LANG",
    "time_zone": "TZ",
    "uid": "UID",
}
_NAME = ("last_name", "first_name", "middle_name", "prefix", "suffix")
_SPOKEN = ("prefix", "first_name", "middle_name", "last_name", "suffix")


class VcardWriter(Writer):
    """Contacts as cards; needs no header. Keys that a card has no property for are left out."""

    media_type = "text/vcard; charset=utf-8"
    suffix = "vcf"

    def __init__(self, out: Output, header: Sequence[str]) -> None:
        self._out = out

    def write_many(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Appends cards."""
        self._out.write(b"".join([fold(line) for row in rows for line in card_lines(row)]))


def card_lines(contact: Mapping[str, Any]) -> list[str]:
    """The lines of one card, unfolded. Only FN is compulsory: a contact without a name has the first thing that could
    be one."""
    spoken = " ".join(contact[key] for key in _SPOKEN if contact.get(key))
    emails = contact.get("emails") or [{"address": ""}]
    lines = ["BEGIN:VCARD", "VERSION:4.0"]
    if contact.get("kind") == "org":
        lines.append("KIND:org")
    lines.append(f"FN:{escape(contact.get('name') or spoken or contact.get('organization') or emails[0]['address'])}")
    if spoken:
        lines.append("N:" + ";".join(escape(contact.get(key) or "") for key in _NAME))
    if contact.get("organization") or contact.get("department"):
        units = [contact.get("organization") or "", contact.get("department") or ""]
        lines.append("ORG:" + ";".join(map(escape, units[: 2 if units[1] else 1])))
    lines += [f"{name}:{escape(contact[key])}" for key, name in _TEXTS.items() if contact.get(key)]
    lines += [
        f"{name}:{contact[key].replace('-', '')}"
        for key, name in (("birthday", "BDAY"), ("anniversary", "ANNIVERSARY"))
        if contact.get(key)
    ]
    if contact.get("tags"):
        lines.append("CATEGORIES:" + ",".join(map(escape, contact["tags"])))
    lines += [
        f"RELATED;TYPE={_param(one['type'])};VALUE=text:{escape(one['value'])}" for one in contact.get("related", ())
    ]
    return [*lines, *_items(contact), "END:VCARD"]


def _items(contact: Mapping[str, Any]) -> list[str]:
    """The lines of e-mails, telephones, addresses and handles; labels of one's own in Apple's way, as a group with
    X-ABLabel."""
    lines = []
    groups = 0
    for key, describe in (("emails", _email), ("phones", _phone), ("addresses", _address), ("handles", _handle)):
        for item in contact.get(key, ()):
            name, params, value = describe(item)
            words = (item.get("label") or "").split()
            known = [_TYPES[word] for word in words if word in _TYPES]
            group = ""
            if len(known) < len(words):
                groups += 1
                group, known = f"item{groups}.", []
            params = "".join(f";TYPE={word}" for word in known) + params + (";PREF=1" if item.get("primary") else "")
            lines.append(f"{group}{name}{params}:{value}")
            if group:
                lines.append(f"{group}X-ABLabel:{escape(item['label'])}")
    return lines


def _email(item: Mapping[str, Any]) -> tuple[str, str, str]:
    return "EMAIL", "", escape(item["address"])


def _phone(item: Mapping[str, Any]) -> tuple[str, str, str]:
    if item.get("extension"):
        return "TEL", ";VALUE=uri", f"tel:{item['number']};ext={item['extension']}"
    return "TEL", "", escape(item["number"])


def _address(item: Mapping[str, Any]) -> tuple[str, str, str]:
    keys = ("line2", "line1", "city", "region", "postcode", "country")
    return "ADR", "", ";" + ";".join(escape(item.get(key) or "") for key in keys)


def _handle(item: Mapping[str, Any]) -> tuple[str, str, str]:
    params = f";TYPE={_param(item['network'])};X-USER={_param(item['handle'])}"
    return "X-SOCIALPROFILE", params, escape(item.get("url") or item["handle"])


def escape(text: str) -> str:
    """A text as a value, RFC 6350 section 3.4."""
    text = text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return re.sub(r"\r\n?|\n", r"\\n", text)


def _param(text: str) -> str:
    """A text as the value of a parameter, with the carets of RFC 6868, in quotes where it has to be."""
    text = re.sub(r"\r\n?|\n", "^n", text.replace("^", "^^").replace('"', "^'"))
    return f'"{text}"' if re.search("[;:,]", text) else text


def fold(line: str) -> bytes:
    """The line in pieces of at most 75 octets, none of which cuts a character; each ends in CRLF."""
    data = line.encode()
    pieces = []
    start, room = 0, WIDTH
    while len(data) - start > room:
        end = start + room
        while data[end] & 0xC0 == 0x80:  # in the middle of a character
            end -= 1
        pieces.append(data[start:end])
        start, room = end, WIDTH - 1  # the blank of the fold counts
    return b"\r\n ".join([*pieces, data[start:]]) + b"\r\n"
