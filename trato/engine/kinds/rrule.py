"""How something recurs: an RRULE of RFC 5545, from daily to yearly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy
from markupsafe import Markup

from . import html, locales
from .base import Kind, Reader, Typed
from .texts import Invalid, Words

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES: dict[str, tuple[Words, Any]] = {
    "DAILY": (pgettext_lazy("recurrence", "Every day"), ngettext_lazy("Every day", "Every %(n)s days", "n")),
    "WEEKLY": (pgettext_lazy("recurrence", "Every week"), ngettext_lazy("Every week", "Every %(n)s weeks", "n")),
    "MONTHLY": (pgettext_lazy("recurrence", "Every month"), ngettext_lazy("Every month", "Every %(n)s months", "n")),
    "YEARLY": (pgettext_lazy("recurrence", "Every year"), ngettext_lazy("Every year", "Every %(n)s years", "n")),
}
ORDER = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST")
LIST = r"{0}(?:,{0}){{0,60}}"
FORMS = {
    "FREQ": "|".join(FREQUENCIES),
    "INTERVAL": r"[1-9]\d{0,2}",
    "COUNT": r"[1-9]\d{0,2}",
    "UNTIL": r"\d{8}(?:T\d{6}Z?)?",
    "BYMONTH": LIST.format(r"(?:1[0-2]|[1-9])"),
    "BYMONTHDAY": LIST.format(r"-?(?:3[01]|[12]\d|[1-9])"),
    "BYDAY": LIST.format(r"(?:[+-]?[1-5])?(?:MO|TU|WE|TH|FR|SA|SU)"),
    "BYSETPOS": LIST.format(r"-?[1-9]\d{0,2}"),
    "WKST": "MO|TU|WE|TH|FR|SA|SU",
}
PATTERNS = {part: re.compile(form, re.ASCII) for part, form in FORMS.items()}
# The days a month has at most: a rule like "every 30th of February" would be sought for without end.
MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


HINT = Markup('<span class="muted" aria-hidden="true">{}</span>')


def parts_of(rule: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in rule.split(";")) if rule else {}


def clean_rule(text: str) -> str:
    """The rule in one order of its parts, upper case. Raises Invalid on what RFC 5545 forbids or what never happens."""
    parts: dict[str, str] = {}
    for piece in text.upper().removeprefix("RRULE:").strip(";").split(";"):
        name, _sign, value = piece.strip().partition("=")
        if name in parts or name not in PATTERNS or not PATTERNS[name].fullmatch(value):
            raise wrong()
        parts[name] = value
    if "FREQ" not in parts or ("COUNT" in parts and "UNTIL" in parts):
        raise wrong()
    if re.search(r"\d", parts.get("BYDAY", "")) and parts["FREQ"] not in ("MONTHLY", "YEARLY"):
        raise wrong()
    if "BYMONTHDAY" in parts and parts["FREQ"] == "WEEKLY":
        raise wrong()
    if "BYSETPOS" in parts and not parts.keys() & {"BYDAY", "BYMONTHDAY", "BYMONTH"}:
        raise wrong()
    if "UNTIL" in parts and not _is_day(parts["UNTIL"][:8]):
        raise wrong()
    _check_it_happens(parts)
    return ";".join(f"{name}={parts[name]}" for name in ORDER if name in parts)


def wrong() -> Invalid:
    return Invalid("rrule", _("Write a recurrence, like %(example)s."), example="FREQ=WEEKLY;BYDAY=MO")


def _is_day(digits: str) -> bool:
    try:
        return bool(date(int(digits[:4]), int(digits[4:6]), int(digits[6:])))
    except ValueError:
        return False


def _check_it_happens(parts: Mapping[str, str]) -> None:
    if "BYMONTH" in parts and "BYMONTHDAY" in parts:
        longest = max(MONTH_DAYS[int(month) - 1] for month in parts["BYMONTH"].split(","))
        if all(abs(int(day)) > longest for day in parts["BYMONTHDAY"].split(",")):
            raise Invalid("rrule_never", _("This recurrence never happens."))


class RRule(Kind):
    """Stored as the rule's text without "RRULE:"; the start is another field's."""

    name = "rrule"
    label = _("Recurrence")
    operators = ("empty", "filled")
    sortable = False
    grouped = True
    empty = ""
    longest = 500

    def _parse(self, text: str, reader: Reader) -> str:
        return clean_rule(text)

    def plain(self, value: Any, reader: Reader) -> str:
        """In words: "Every 2 weeks: Mon, Thu, 10 times"."""
        if not value:
            return ""
        parts = parts_of(value)
        n = int(parts.get("INTERVAL", "1"))
        words = str(FREQUENCIES[parts["FREQ"]][1] % {"n": n})
        if on := self._on(parts, reader.language):
            words = f"{words}: {on}"
        if "COUNT" in parts:
            count = int(parts["COUNT"])
            words += ", " + str(ngettext_lazy("once", "%(n)s times", "n") % {"n": count})
        if "UNTIL" in parts:
            until = parts["UNTIL"]
            last = locales.day(date(int(until[:4]), int(until[4:6]), int(until[6:8])), reader.language)
            words += ", " + str(_("until %(day)s") % {"day": last})
        return words

    def _on(self, parts: Mapping[str, str], language: str) -> str:
        """The days and months of the rule, in the reader's words."""
        locale = locales.locale_of(language)
        weekdays, months = locale.days["format"]["abbreviated"], locale.months["format"]["wide"]
        position = f"{parts['BYSETPOS']}. " if "BYSETPOS" in parts else ""
        said: list[str] = []
        for day in filter(None, parts.get("BYDAY", "").split(",")):
            which = f"{day[:-2].lstrip('+')}. " if day[:-2] else position
            said.append(f"{which}{weekdays[DAYS.index(day[-2:])]}")
        said += [f"{position}{day}." for day in filter(None, parts.get("BYMONTHDAY", "").split(","))]
        said += [months[int(month)] for month in filter(None, parts.get("BYMONTH", "").split(","))]
        return ", ".join(said)

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        """How often, every how many, on which weekdays and until when; any other part of the rule is kept as it is."""
        if isinstance(value, Typed):
            parts = {part: value.get(f"{name}-{part}") for part in ("FREQ", "INTERVAL", "UNTIL", "REST")}
            parts["BYDAY"] = ",".join(day for day in DAYS if value.get(f"{name}-{day}"))
        else:
            parts = self._for_form(value)
        common = {"class": "form-control"}
        often = [("", str(_("Never"))), *((frequency, str(words)) for frequency, (words, _n) in FREQUENCIES.items())]
        controls = [
            html.select(parts["FREQ"], html.options(often), self._named(common, name, id, "FREQ", _("How often"))),
            HINT.format(_("Every how many")),
            html.control(
                parts["INTERVAL"], self._named(common, name, id, "INTERVAL", _("Every how many")), type="number", min=1
            ),
            *self._weekdays(name, id, parts["BYDAY"].split(","), reader.language),
            HINT.format(_("Until")),
            html.control(parts["UNTIL"], self._named(common, name, id, "UNTIL", _("Until")), type="date"),
            html.control(parts["REST"], {"name": f"{name}-REST"}, type="hidden"),
        ]
        return html.fieldset(Markup("").join(controls), id=id, invalid=invalid, described_by=described_by)

    def _named(self, common: Mapping[str, str], name: str, id: str, part: str, label: Words) -> dict[str, Any]:
        return {**common, "name": f"{name}-{part}", "id": f"{id}-{part}", "aria-label": label}

    def _weekdays(self, name: str, id: str, chosen: list[str], language: str) -> list[Markup]:
        words = locales.locale_of(language).days["stand-alone"]["abbreviated"]
        box = Markup('<label class="form-check form-check-inline">{} <span class="form-check-label">{}</span></label>')
        boxes = []
        for i, day in enumerate(DAYS):
            values = {
                "class": "form-check-input",
                "name": f"{name}-{day}",
                "id": f"{id}-{day}",
                "checked": day in chosen,
            }
            boxes.append(box.format(html.control("on", values, type="checkbox"), words[i]))
        return boxes

    def _for_form(self, rule: str) -> dict[str, str]:
        parts = parts_of(rule or "")
        weekdays = parts.get("BYDAY", "")
        simple = not re.search(r"\d", weekdays)
        until = parts.get("UNTIL", "")
        shown = {"FREQ", "INTERVAL"} | ({"BYDAY"} if simple else set()) | ({"UNTIL"} if len(until) == 8 else set())
        return {
            "FREQ": parts.get("FREQ", ""),
            "INTERVAL": parts.get("INTERVAL", ""),
            "BYDAY": weekdays if simple else "",
            "UNTIL": f"{until[:4]}-{until[4:6]}-{until[6:]}" if len(until) == 8 else "",
            "REST": ";".join(f"{part}={value}" for part, value in parts.items() if part not in shown),
        }

    def from_form(self, data: Mapping[str, str], name: str, reader: Reader) -> str:
        frequency = data.get(f"{name}-FREQ", "")
        if not frequency:
            return self.parse(data.get(name, ""), reader)
        until = data.get(f"{name}-UNTIL", "").replace("-", "")
        interval = data.get(f"{name}-INTERVAL", "").strip()
        weekdays = ",".join(day for day in DAYS if data.get(f"{name}-{day}"))
        given = {"FREQ": frequency, "INTERVAL": "" if interval == "1" else interval, "BYDAY": weekdays, "UNTIL": until}
        pieces = [f"{part}={value}" for part, value in given.items() if value]
        return self.parse(";".join(filter(None, [*pieces, data.get(f"{name}-REST", "")])), reader)
