"""What can be said about the file of an import where it was guessed wrong."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trato.engine.imports import conventions
from trato.engine.kinds import Choice, Country
from trato.engine.models import ImportRun

from .. import words
from .settings.frame import ask

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "iso-8859-1", "iso-8859-2", "iso-8859-15", "cp1250", "cp1251")
#: What a form says for a way of writing that is found in the cells.
AS_FOUND = "found"
DELIMITERS = {
    ",": gettext_lazy("comma"),
    ";": gettext_lazy("semicolon"),
    "\t": gettext_lazy("tab"),
    "|": gettext_lazy("bar"),
}


def guess(run: ImportRun) -> str:
    """How the file was read, in words: ``UTF-8, comma``."""
    told = run.format
    if told["format"] == "csv":
        delimiter = DELIMITERS.get(told["delimiter"], told["delimiter"])
        return _("%(encoding)s, separated by: %(delimiter)s") % {
            "encoding": told["encoding"].upper(),
            "delimiter": delimiter,
        }
    names = {"xlsx": "Excel", "vcard": "vCard", "ndjson": "NDJSON"}
    sheet = f", {told['sheet']}" if told.get("sheet") else ""
    return names.get(told["format"], told["format"]) + sheet


def of_format(run: ImportRun) -> list[tuple[Any, str]]:
    """What can be said about the file where it was guessed wrong."""
    told = run.format
    yes_no = [("true", _("The first row names the columns")), ("false", _("The first row is data already"))]
    header = (ask("has_header", _("Header"), Choice(required=True, choices=yes_no)), str(told["has_header"]).lower())
    if told["format"] == "csv":
        encodings = [(name, name.upper()) for name in dict.fromkeys((told["encoding"], *ENCODINGS))]
        delimiters = {told["delimiter"]: told["delimiter"]} | DELIMITERS
        return [
            (ask("encoding", _("Encoding"), Choice(required=True, choices=encodings)), told["encoding"]),
            (
                ask("delimiter", _("Separator"), Choice(required=True, choices=words.named(delimiters))),
                told["delimiter"],
            ),
            header,
        ]
    if told["format"] == "xlsx":
        sheets = [(name, name) for name in told.get("sheets") or [told["sheet"]]]
        return [(ask("sheet", _("Sheet"), Choice(required=True, choices=sheets)), told["sheet"]), header]
    return []


def of_writing(run: ImportRun) -> list[tuple[Any, str]]:
    """How numbers, dates and telephones without a country are to be understood."""
    told, found = run.options, run.options.get("found", {})
    as_found = {
        name: _("As the cells tell (%(way)s)") % {"way": conventions.example(found[name])}
        for name in found
        if found[name]
    }
    numbers = [
        (AS_FOUND, as_found.get("numbers", _("As in my language"))),
        *((way, way) for way in conventions.NUMBERS),
    ]
    dates = [(AS_FOUND, as_found.get("dates", _("As in my language")))]
    dates += [(way, f"{label} ({conventions.example(way)})") for way, label in conventions.DATES.items()]
    help_text = _("Of telephones and addresses that name none.")
    return [
        (ask("numbers", _("Numbers"), Choice(required=True, choices=numbers)), told.get("numbers") or AS_FOUND),
        (ask("dates", _("Dates"), Choice(required=True, choices=dates)), told.get("dates") or AS_FOUND),
        (ask("country", _("Country"), Country(), help_text), told.get("country", "")),
    ]
