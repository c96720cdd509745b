"""Words the pages share: operators, writes, faces, and moments in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from babel.dates import format_timedelta
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from trato.engine import actions
from trato.engine.kinds import DateTime, Reader
from trato.engine.kinds.datetime import zone_of
from trato.engine.kinds.locales import locale_of

#: What stands on the keys of a keyboard in the reader's language; letters, arrows and signs stand for themselves.
KEYS = {
    "Ctrl": pgettext_lazy("key", "Ctrl"),
    "Shift": pgettext_lazy("key", "Shift"),
    "Alt": pgettext_lazy("key", "Alt"),
    "Enter": pgettext_lazy("key", "Enter"),
    "Esc": pgettext_lazy("key", "Esc"),
    "Tab": pgettext_lazy("key", "Tab"),
    "Space": pgettext_lazy("key", "Space"),
    "Home": pgettext_lazy("key", "Home"),
    "End": pgettext_lazy("key", "End"),
    "Delete": pgettext_lazy("key", "Delete"),
}
OPERATORS = {
    "is": gettext_lazy("is"),
    "is_not": gettext_lazy("is not"),
    "in": gettext_lazy("is one of"),
    "not_in": gettext_lazy("is none of"),
    "contains": gettext_lazy("contains"),
    "not_contains": gettext_lazy("does not contain"),
    "starts": gettext_lazy("begins with"),
    "ends": gettext_lazy("ends with"),
    "lt": gettext_lazy("is less than"),
    "lte": gettext_lazy("is at most"),
    "gt": gettext_lazy("is more than"),
    "gte": gettext_lazy("is at least"),
    "between": gettext_lazy("is between"),
    "empty": gettext_lazy("is empty"),
    "filled": gettext_lazy("is filled"),
    "has": gettext_lazy("has"),
    "has_any": gettext_lazy("has one of"),
    "has_none": gettext_lazy("has none of"),
    "within": gettext_lazy("is within"),
}
TIMES = {
    "lt": gettext_lazy("is before"),
    "lte": gettext_lazy("is until"),
    "gt": gettext_lazy("is after"),
    "gte": gettext_lazy("is from … on"),
}
PERIODS = {
    "today": gettext_lazy("today"),
    "yesterday": gettext_lazy("yesterday"),
    "tomorrow": gettext_lazy("tomorrow"),
    "this_week": gettext_lazy("this week"),
    "last_week": gettext_lazy("last week"),
    "next_week": gettext_lazy("next week"),
    "this_month": gettext_lazy("this month"),
    "last_month": gettext_lazy("last month"),
    "next_month": gettext_lazy("next month"),
    "this_quarter": gettext_lazy("this quarter"),
    "last_quarter": gettext_lazy("last quarter"),
    "next_quarter": gettext_lazy("next quarter"),
    "this_year": gettext_lazy("this year"),
    "last_year": gettext_lazy("last year"),
    "next_year": gettext_lazy("next year"),
}
UNITS = {
    "day": gettext_lazy("days"),
    "week": gettext_lazy("weeks"),
    "month": gettext_lazy("months"),
    "quarter": gettext_lazy("quarters"),
    "year": gettext_lazy("years"),
}
#: Operators with the sort of value they take, where the two have words of their own.
SHAPES = {
    "within:named": gettext_lazy("is within"),
    "within:last": gettext_lazy("is in the last …"),
    "within:next": gettext_lazy("is in the next …"),
    "lt:ago": gettext_lazy("is more than … ago"),
    "gt:ago": gettext_lazy("is less than … ago"),
    "is:ago": gettext_lazy("is exactly … ago"),
    "lt:ahead": gettext_lazy("is in less than …"),
    "gt:ahead": gettext_lazy("is in more than …"),
    "is:ahead": gettext_lazy("is in exactly …"),
    "is:me": gettext_lazy("is me"),
    "is_not:me": gettext_lazy("is not me"),
    "is:my_team": gettext_lazy("is of my team"),
    "is_not:my_team": gettext_lazy("is not of my team"),
}
#: What is asked of related records, and what they come to together.
QUANTIFIERS = {
    "any": gettext_lazy("at least one"),
    "none": gettext_lazy("none"),
    "all": gettext_lazy("all of them"),
}
TOTALS = {
    "count": gettext_lazy("their number"),
    "sum": gettext_lazy("sum of"),
    "min": gettext_lazy("least"),
    "max": gettext_lazy("most"),
    "avg": gettext_lazy("average"),
}
WRITES = {
    "created": gettext_lazy("Created"),
    "updated": gettext_lazy("Changed"),
    "deleted": gettext_lazy("Deleted"),
    "restored": gettext_lazy("Restored"),
    "settled": gettext_lazy("Brought up to date"),
    "shared": gettext_lazy("Shared"),
    "unshared": gettext_lazy("No longer shared"),
    "merged": gettext_lazy("Merged"),
    "unmerged": gettext_lazy("Taken apart"),
    "destroyed": gettext_lazy("Deleted for good"),
}
FACES = {
    "web": gettext_lazy("in the browser"),
    "api": gettext_lazy("through the API"),
    "cli": gettext_lazy("by command"),
    "import": gettext_lazy("by import"),
    "job": gettext_lazy("in the background"),
    "system": gettext_lazy("by Trato"),
    "undo": gettext_lazy("by undo"),
    "public": gettext_lazy("on the customer's page"),
    "mail": gettext_lazy("by a mail that came"),
}
EXACT = DateTime()


def operator(kind_name: str, op: str) -> str:
    """The words of an operator, as they fit the kind."""
    special = TIMES.get(op) if kind_name in ("date", "datetime") else None
    return str(special or OPERATORS[op])


def write(action: str) -> str:
    """What a write did, in a word; that of an action, as its button says."""
    return str(WRITES.get(action) or _button(action) or action.replace("_", " ").capitalize())


@cache
def _button(action: str) -> Any:
    """What the actions of a name are called, where all objects call theirs alike; None elsewhere."""
    labels = {one.label for one in actions.all_actions() if one.name == action}
    return labels.pop() if len(labels) == 1 else None


def parameter(name: str) -> str:
    """What a parameter of an action is called, translated where the catalogue has the word."""
    word = name.replace("_", " ").capitalize()
    return _("E-mail") if name == "email" else _(word)


def face(name: str) -> str:
    """Through which face a write came."""
    return str(FACES.get(name, name))


def when(moment: datetime | None, reader: Reader) -> dict[str, str] | None:
    """A moment for the ``time`` macro: machine-readable, relative as it is shown, exact as it is shown on hover."""
    if moment is None:
        return None
    exact = EXACT.plain(moment, reader)
    return {
        "iso": moment.astimezone(zone_of(reader.time_zone)).isoformat(),
        "text": relative(moment, reader, exact),
        "exact": exact,
    }


def relative(moment: datetime, reader: Reader, exact: str) -> str:
    """``2 hours ago``, ``in 3 days``; beyond a month the date itself."""
    delta = moment - reader.now
    if abs(delta) < timedelta(seconds=60):
        return _("just now")
    if abs(delta) > timedelta(days=30):
        return exact.partition(",")[0] if "," not in exact[:-8] else exact
    return format_timedelta(delta, add_direction=True, locale=locale_of(reader.language))


def file_size(size: int) -> str:
    """A size in whole megabytes or kilobytes."""
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(1, round(size / 1024))} kB"


def named(pairs: dict[str, Any], *extra: tuple[str, Any]) -> list[tuple[str, str]]:
    """Pairs of value and label for a choice, in the language of the page."""
    return [(value, str(label)) for value, label in (*extra, *pairs.items())]


def key_caps(keys: str) -> list[str]:
    """The keys of a shortcut as they are labelled: ``Ctrl K`` is ``Strg`` and ``K`` to a German."""
    return [str(KEYS.get(key, key)) for key in keys.split()]
