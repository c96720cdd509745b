"""vCard 2.1, 3.0 and 4.0 as phones, Outlook, Google, Nextcloud write them: a card becomes a dict.

Keys (only those with content): name (where there are no name parts), first_name, middle_name, last_name, prefix,
suffix, nickname, emails, phones, addresses, handles (lists of items as the kinds have them; region and country as
written), organization, department, job_title, role, birthday, anniversary (ISO dates), website, note, tags (list),
gender, language, time_zone, uid, related (list of {"type", "value"}), kind ("org" where the card says it is one).
"""

import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from .base import Hints, Samples, Sniffed, SourceRow, Tally, Unreadable
from .cards import Broken, Card, Property, parts, properties, raw_parts, split_cards, unescape
from .detect import encoding_of
from .ndjson import as_text

BATCH = 500
SAMPLE_ROWS = 20
SCANNED, SCANNED_BYTES = 2000, 4 << 20  # cards, and the part of the file they are in
KEYS = (
    *(
        "name",
        "first_name",
        "middle_name",
        "last_name",
        "prefix",
        "suffix",
        "nickname",
        "emails",
        "phones",
        "addresses",
    ),
    *(
        "organization",
        "department",
        "job_title",
        "role",
        "birthday",
        "anniversary",
        "website",
        "handles",
        "note",
        "tags",
    ),
    *("gender", "language", "time_zone", "related", "kind", "uid"),
)
_TEXTS = {
    "FN": "name",
    "NICKNAME": "nickname",
    "TITLE": "job_title",
    "ROLE": "role",
    "NOTE": "note",
    "GENDER": "gender",
    "X-GENDER": "gender",
    "LANG": "language",
    "TZ": "time_zone",
    "UID": "uid",
}
_DATES = {
    "BDAY": "birthday",
    "ANNIVERSARY": "anniversary",
    "X-ANNIVERSARY": "anniversary",
    "X-EVOLUTION-ANNIVERSARY": "anniversary",
}
_RELATED = {
    "X-SPOUSE": "spouse",
    "X-EVOLUTION-SPOUSE": "spouse",
    "X-KADDRESSBOOK-X-SPOUSESNAME": "spouse",
    "X-MANAGER": "manager",
    "X-EVOLUTION-MANAGER": "manager",
    "X-MS-MANAGER": "manager",
    "X-ASSISTANT": "assistant",
    "X-EVOLUTION-ASSISTANT": "assistant",
    "X-MS-ASSISTANT": "assistant",
}
_NETWORKS = (
    *(
        "aim",
        "facebook",
        "gadugadu",
        "google-talk",
        "gtalk",
        "groupwise",
        "icq",
        "jabber",
        "linkedin",
        "mastodon",
        "matrix",
    ),
    *("msn", "qq", "skype", "skype-username", "telegram", "twitter", "whatsapp", "yahoo"),
)
_HANDLES = {f"X-{name.upper()}": name.removesuffix("-username") for name in _NETWORKS}
_USES = {
    **{word: word for word in ("home", "work", "school", "other", "main")},
    "cell": "mobile",
    "fax": "fax",
    "pager": "pager",
}
_SILENT = {  # nothing about the person
    *(
        "VERSION",
        "PRODID",
        "REV",
        "MAILER",
        "CLASS",
        "SORT-STRING",
        "PROFILE",
        "SOURCE",
        "LABEL",
        "CLIENTPIDMAP",
        "XML",
    ),
    *(
        "KIND",
        "CREATED",
        "X-ADDRESSBOOKSERVER-KIND",
        "X-ABLABEL",
        "X-ABSHOWAS",
        "X-ABADR",
        "X-ABUID",
        "X-EVOLUTION-FILE-AS",
    ),
    *("X-PHONETIC-FIRST-NAME", "X-PHONETIC-MIDDLE-NAME", "X-PHONETIC-LAST-NAME", "X-PHONETIC-ORG", "X-MS-OL-DESIGN"),
    *("X-MS-OL-DEFAULT-POSTAL-ADDRESS", "X-IMAGEHASH", "X-IMAGETYPE", "X-SHARED-PHOTO-DISPLAY-PREF"),
}


def inspect(path: str | Path, samples: Samples, hints: Hints) -> Sniffed:
    """The keys of the cards in a fixed order; all keys there are for a very long file. Raises Unreadable when no card
    can be read."""
    encoding = hints.encoding or encoding_of(samples)[0]
    plain = Sniffed("vcard", encoding)
    first, whole = _scanned(path, plain)
    good = [row.cells for row in first if isinstance(row.cells, dict) and not row.problem]
    if not good:
        problem = first[0].problem if first else _("There is no card in it.")
        raise Unreadable("no_records", _("No card can be read: %(reason)s") % {"reason": problem})
    rows, header = len(first), [key for key in KEYS if any(key in card for card in good)]
    if not whole:
        cards = samples.start.upper().replace(b"\0", b"").count(b"BEGIN:VCARD")
        rows, header = max(rows, samples.size * cards // len(samples.start)), list(KEYS)
    sample = [[_shown(card.get(key)) for key in header] for card in good[:SAMPLE_ROWS]]
    return Sniffed("vcard", encoding, header=header, sample=sample, rows_estimate=rows)


def _scanned(path: str | Path, plain: Sniffed) -> tuple[list[SourceRow], bool]:
    """The cards at the beginning of the file, and whether these are all. One that is cut off there is left out."""
    with Path(path).open("rb") as file:
        start = file.read(SCANNED_BYTES + 1)
    whole = len(start) <= SCANNED_BYTES
    found = list(islice(_rows(io.BytesIO(start), plain, Tally()), SCANNED + 1))
    return (found, True) if whole and len(found) <= SCANNED else (found[:-1] or found, False)


def batches(path: str | Path, sniffed: Sniffed, tally: Tally) -> Iterator[list[SourceRow]]:
    """The cards in lists of at most 500; a broken one has a problem and the others survive."""
    with Path(path).open("rb") as file:
        rows = _rows(file, sniffed, tally)
        while batch := list(islice(rows, BATCH)):
            yield batch


def _rows(file: IO[bytes], sniffed: Sniffed, tally: Tally) -> Iterator[SourceRow]:
    for card in split_cards(file, sniffed.encoding, lambda name: tally.left_out.update([name])):
        yield _row(card, sniffed.encoding, tally)


def _row(card: Card, encoding: str, tally: Tally) -> SourceRow:
    if card.problem:
        return SourceRow(card.line, {}, card.problem)
    try:
        found = properties(card, "utf-8" if encoding.startswith("utf-") else encoding)
    except Broken as broken:
        return SourceRow(card.line, {}, str(broken))
    kind = next((prop.value.lower() for prop in found if prop.name in ("KIND", "X-ADDRESSBOOKSERVER-KIND")), "")
    values = _Reading(found, tally).values
    if kind == "group":
        return SourceRow(card.line, values, _("This card is a group of contacts, not a contact."))
    return SourceRow(card.line, values, None if values else _("There is nothing in this card."))


class _Reading:
    """The properties of one card put under the keys of this module."""

    def __init__(self, found: list[Property], tally: Tally) -> None:
        self.values: dict[str, Any] = {}
        self._tally = tally
        self._labels = {prop.group: _apple_label(prop.value) for prop in found if prop.name == "X-ABLABEL"}
        self._preferred: dict[str, dict[int, int]] = {}
        organisation = False
        for prop in found:
            organisation |= prop.name == "KIND" and prop.value.lower() == "org"
            organisation |= prop.name == "X-ABSHOWAS" and prop.value.upper() == "COMPANY"
            if prop.value.strip():
                self._take(prop)
        if self.values.get("first_name") or self.values.get("last_name"):
            self.values.pop("name", None)
        if organisation:
            self.values["kind"] = "org"
        for key, ranks in self._preferred.items():
            best = min(ranks, key=lambda at: ranks[at])
            for at, item in enumerate(self.values[key]):
                item["primary"] = at == best

    def _take(self, prop: Property) -> None:
        """Puts one property in its place, or counts it as left out."""
        name = prop.name
        special = getattr(self, f"_take_{name.lower().replace('-', '_')}", None)
        if special:
            special(prop)
        elif name in _TEXTS:
            self._text(_TEXTS[name], unescape(prop.value).strip())
        elif name in _DATES:
            self._date(_DATES[name], prop)
        elif name in _HANDLES:
            self._item("handles", "handle", prop, network=_HANDLES[name], handle=unescape(prop.value).strip(), url="")
        elif name in _RELATED:
            self._relation(_RELATED[name], prop)
        elif name not in _SILENT:
            self._tally.left_out[name] += 1

    def _text(self, key: str, text: str) -> None:
        """The first text counts, but notes are added up."""
        if key == "note" and key in self.values:
            text = f"{self.values[key]}\n\n{text}"
        elif key in self.values or not text:
            return
        self.values[key] = text

    def _date(self, key: str, prop: Property) -> None:
        found = re.match(r"(\d{4})-?(\d\d)-?(\d\d)(?!\d)", prop.value.strip())
        if found and found[1] not in prop.params.get("X-APPLE-OMIT-YEAR", ()):
            self._text(key, "-".join(found.groups()))
        else:
            self._tally.left_out[_("%(name)s without a full date") % {"name": prop.name}] += 1

    def _item(self, key: str, identity: str, prop: Property, **item: str) -> None:
        """One more of several values; the same value twice is one."""
        if not any(item.values()):
            return
        items = self.values.setdefault(key, [])
        if identity and any(old[identity].casefold() == item[identity].casefold() for old in items):
            return
        label = self._labels.get(prop.group, "") if prop.group else ""
        items.append({**item, "label": label or _label(prop.types), "primary": False})
        self._preferred.setdefault(key, {})[len(items) - 1] = _rank(prop)

    def _relation(self, kind: str, prop: Property) -> None:
        self.values.setdefault("related", []).append({"type": kind, "value": unescape(prop.value).strip()})

    def _take_n(self, prop: Property) -> None:
        keys = ("last_name", "first_name", "middle_name", "prefix", "suffix")
        for key, part in zip(keys, _components(prop.value), strict=False):
            self._text(key, " ".join(part.split()))

    def _take_org(self, prop: Property) -> None:
        company, *units = (part.strip() for part in parts(prop.value, ";"))
        self._text("organization", company)
        self._text("department", ", ".join(filter(None, units)))

    def _take_email(self, prop: Property) -> None:
        self._item("emails", "address", prop, address=re.sub("^mailto:", "", unescape(prop.value).strip(), flags=re.I))

    def _take_tel(self, prop: Property) -> None:
        number, *rest = re.sub("^tel:", "", unescape(prop.value).strip(), flags=re.I).split(";")
        extension = next((part[4:] for part in rest if part.lower().startswith("ext=")), "")
        self._item("phones", "number", prop, number=number.strip(), **({"extension": extension} if extension else {}))

    def _take_adr(self, prop: Property) -> None:
        box, extended, street, city, region, code, country = ([*_components(prop.value), *[""] * 7])[:7]
        lines = [line.strip() for line in (*street.splitlines(), extended, box) if line.strip()]
        if not any((*lines, city, region, code, country)):
            lines = [line for line in " ".join(prop.params.get("LABEL", ())).splitlines() if line.strip()]
        first, rest = lines[0] if lines else "", ", ".join(lines[1:])
        keys = {"line1": first, "line2": rest, "city": city, "postcode": code, "region": region, "country": country}
        self._item("addresses", "", prop, **{key: " ".join(text.split()) for key, text in keys.items()})

    def _take_url(self, prop: Property) -> None:
        url = unescape(prop.value).strip()
        if self.values.setdefault("website", url) != url:
            self._item("handles", "url", prop, network="website", handle=re.sub(r"^\w+://", "", url), url=url)

    def _take_categories(self, prop: Property) -> None:
        tags = [tag.strip() for tag in parts(prop.value, ",") if tag.strip()]
        self.values["tags"] = list(dict.fromkeys([*self.values.get("tags", []), *tags]))

    def _take_impp(self, prop: Property) -> None:
        scheme, colon, handle = unescape(prop.value).strip().partition(":")
        service = prop.params.get("X-SERVICE-TYPE") or prop.params.get("SERVICE-TYPE") or [scheme if colon else ""]
        self._item("handles", "handle", prop, network=service[0].lower(), handle=handle or scheme, url="")

    def _take_x_socialprofile(self, prop: Property) -> None:
        url = unescape(prop.value).strip()
        user = (prop.params.get("X-USER") or prop.params.get("USERNAME") or [url.rstrip("/").rpartition("/")[2]])[0]
        service = prop.params.get("SERVICE-TYPE") or sorted(prop.types - {"pref", "home", "work"}) or [""]
        self._item("handles", "handle", prop, network=service[0].lower(), handle=user, url=url if "://" in url else "")

    _take_socialprofile = _take_x_socialprofile

    def _take_related(self, prop: Property) -> None:
        self._relation(next(iter(sorted(prop.types - {"pref"})), "contact"), prop)

    def _take_x_abrelatednames(self, prop: Property) -> None:
        self._relation(self._labels.get(prop.group) or next(iter(sorted(prop.types - {"pref"})), "contact"), prop)

    def _take_x_abdate(self, prop: Property) -> None:
        if self._labels.get(prop.group) == "anniversary":
            self._date("anniversary", prop)
        else:
            self._tally.left_out[prop.name] += 1


def _components(value: str) -> list[str]:
    """The parts of a structured value, several values in one part joined by a blank."""
    return [" ".join(filter(None, parts(part, ","))) for part in raw_parts(value, ";")]


def _apple_label(value: str) -> str:
    """`_$!<Mobile>!$_` is one of Apple's own labels."""
    return re.sub(r"^_\$!<(.*)>!\$_$", r"\1", unescape(value).strip()).lower()


def _label(types: set[str]) -> str:
    """What the types say about use: work, home, mobile, work fax."""
    return " ".join(_USES[word] for word in _USES if word in types)


def _rank(prop: Property) -> int:
    """The smaller, the more preferred: PREF=1 of vCard 4, TYPE=pref of the older ones."""
    rank = next(iter(prop.params.get("PREF", ())), "")
    return int(rank) if rank.isdecimal() else 1 if "pref" in prop.types else 101


def _shown(value: object) -> str:
    """A value in one line for people."""
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value)
    if isinstance(value, dict):
        return " ".join(
            text for key, text in value.items() if key not in ("label", "primary", "type", "network") and text
        )
    return as_text(value)
