"""A person's full name, and how it falls into parts."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from nameparser import HumanName

from .text import Text

# Languages that write the surname first (CLDR person names, nameOrderLocales), and those that write no space between.
SURNAME_FIRST = {"hu", "ja", "ko", "vi", "yue", "zh", "km"}
UNSPACED = {"ja", "ko", "yue", "zh"}
NAME_PARTS = ("prefix", "first", "middle", "last", "suffix")
LONGEST = 300


def is_cjk(text: str) -> bool:
    """Whether all of it is written in Han, kana or hangul."""
    return bool(text) and all(
        "\u3040" <= c <= "\u30ff" or "\u3400" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7af" for c in text if c != " "
    )


def split_name(text: str) -> dict[str, str]:
    """The parts of a full name: prefix, first, middle, last, suffix ("" where there is none).

    "García, Ana" and "Dr. Ana María García Pérez" are understood.
    A name in Han, kana or hangul starts with its surname.
    """
    words = " ".join(text[:LONGEST].split())
    if is_cjk(words):
        last, _space, first = words.partition(" ") if " " in words else (words[:1], "", words[1:])
        return {"prefix": "", "first": first, "middle": "", "last": last, "suffix": ""}
    name = HumanName(words)
    parts = {"prefix": name.title, "first": name.first, "middle": name.middle, "last": name.last, "suffix": name.suffix}
    if not (parts["first"] or parts["last"]):
        return dict.fromkeys(NAME_PARTS, "") | {"first": words}
    return parts


def format_name(parts: Mapping[str, str], language: str) -> str:
    """The name in the order of a language: given name first, or surname first (hu, ja, ko, vi, zh)."""
    prefix, first, middle, last, suffix = (parts.get(part) or "" for part in NAME_PARTS)
    base = language.split("-", maxsplit=1)[0].lower()
    own_script = is_cjk(last + first)
    if base not in SURNAME_FIRST and not own_script:
        return " ".join(filter(None, (prefix, first, middle, last, suffix)))
    between = "" if own_script and (base in UNSPACED or base not in SURNAME_FIRST) else " "
    names = (last, middle, first) if base == "vi" else (last, first, middle)
    whole = between.join(filter(None, names))
    return " ".join(filter(None, (prefix, whole, suffix)))


class PersonName(Text):
    """A full name in one text."""

    name = "person_name"
    label = _("Name of a person")
    privacy = "personal"
    options = ()
    max_length = LONGEST
