"""The records of a list as a table: heads, widths, groups with what they come to, and the row of totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from babel.dates import format_skeleton
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup, escape

from trato.engine import access, views
from trato.engine.kinds import Reader
from trato.engine.kinds.locales import locale_of
from trato.engine.objects import Field, Object
from trato.engine.views import Grouping, Look

from .. import listing
from ..listing import State
from ..names import labels

#: Groups that are open when the page comes, and rows of a group at once.
OPEN, ROWS = 3, 20
#: Pixels of a column whose width nobody chose, beside columns with one; and of the first.
USUAL_WIDTH, LEAD_WIDTH = 160, 280
STEPS = {
    "day": gettext_lazy("day"),
    "week": gettext_lazy("week"),
    "month": gettext_lazy("month"),
    "quarter": gettext_lazy("quarter"),
    "year": gettext_lazy("year"),
}


@dataclass(frozen=True)
class Grid:
    """One table: whose, of which records, with which columns."""

    request: HttpRequest
    obj: Object
    fields: Mapping[str, Field]
    state: State
    base: str
    shown: Sequence[Field]
    by: Grouping | None

    @classmethod
    def of(cls, request: HttpRequest, obj: Object, fields: Mapping[str, Field], state: State, base: str) -> Grid:
        """The table of an address; raises views.BadGroup."""
        by = views.grouping_of(fields, obj, state.group)
        return cls(request, obj, fields, state, base, listing.columns_of(request.actor, fields, obj, state), by)

    @property
    def totals(self) -> dict[str, str]:
        """The totals asked for, of columns that are shown."""
        named = {field.name for field in self.shown}
        asked = dict(total.rpartition(":")[::2] for total in self.state.totals)
        return views.totals.kept(self.fields, {name: word for name, word in asked.items() if name in named})

    def url(self, **more: str) -> str:
        """The address of this list that answers a part of it."""
        pairs = [pair for pair in self.state.parameters() if pair[0] != "cursor"]
        return f"{self.base}?{urlencode([*pairs, *more.items()])}"

    # -- heads --------------------------------------------------------------------------------------------------

    def heads(self) -> list[dict[str, Any]]:
        """The heads of the columns; a click sorts, another turns the order round, with Shift it is one more field."""
        said, look = labels(self.request.actor, self.obj), self.look
        order = [part for part in (self.state.sort or self.obj.order).split(",") if part]
        return [
            self._head(field, said[field.name], order) | {"width": self._width(n, field, look)}
            for n, field in enumerate(self.shown)
        ]

    def _head(self, field: Field, label: str, order: list[str]) -> dict[str, Any]:
        names = [part.removeprefix("-") for part in order]
        place = names.index(field.name) if field.name in names else -1
        ascending = place >= 0 and not order[place].startswith("-")
        turned = f"-{field.name}" if ascending else field.name
        several = [*order[:place], turned, *order[place + 1 :]] if place >= 0 else [*order, turned]
        more = ",".join(part for part in several if part.removeprefix("-") != "id")
        return {
            "name": field.name,
            "label": label,
            "align": field.kind.align,
            "sort_url": self.state.url(self.base, sort=turned) if field.sortable else "",
            "more_url": self.state.url(self.base, sort=more) if field.sortable else "",
            "sorted": ("asc" if ascending else "desc") if place >= 0 else "",
            "place": place + 1 if place >= 0 and len(names) > 1 else 0,
        }

    @cached_property
    def look(self) -> Look:
        """How wide and dense the table is to this person."""
        return views.look_of(self.request.actor, self.obj, self.state.saved, self.state.settings)

    @staticmethod
    def _width(place: int, field: Field, look: Look) -> int:
        if not look.widths:
            return 0
        return look.widths.get(field.name) or (USUAL_WIDTH if place else LEAD_WIDTH)

    # -- totals -------------------------------------------------------------------------------------------------

    def totals_part(self) -> HttpResponse:
        """The row of totals over all records of the list."""
        actor = self.request.actor
        rows = listing.rows_of(actor, self.obj, self.state)
        found = views.totals.of(actor, rows, self.fields, self.totals).get("", {})
        context = {"cells": self._figures(found, access.reader(actor)), "tickable": "ticks" in self.request.GET}
        return render(self.request, "parts/totals.html", context)

    def _figures(self, found: Mapping[str, list[Any]], reader: Reader) -> list[dict[str, Any]]:
        """What each column after the first comes to; of the first too, at the beginning."""
        wanted, cells = self.totals, []
        for field in self.shown:
            word = wanted.get(field.name, "")
            kind = views.totals.kind_of(field, word) if word else field.kind
            values = [figure(kind, word, value, reader) for value in found.get(field.name, [])] if word else []
            label = str(views.TOTALS[word]) if word else ""
            cells.append({"align": field.kind.align, "label": label, "values": values})
        return cells

    def context(self) -> dict[str, Any]:
        """What parts/list.html needs of the table beside its rows or groups."""
        change = self.drawing()["tickable"]
        return {
            **self.drawing(),
            "columns": self.heads(),
            "grouped": self.by is not None,
            "density": self.look.density or "normal",
            "look_url": f"{self.base}look?{urlencode(self.state.parameters())}",
            "totals_url": self.url(part="totals", **({"ticks": "1"} if change else {})) if self.totals else "",
            "arrange_urls": {name: self.url(part=name) for name in ("columns", "sort", "group")},
        }

    # -- groups -------------------------------------------------------------------------------------------------

    def groups(self) -> dict[str, Any]:
        """A page of groups, the first of the list open."""
        actor, by, start = self.request.actor, self.by, self._start()
        rows = listing.rows_of(actor, self.obj, self.state)
        found = views.keys_of(actor, by, rows, start, views.PAGE + 1)
        shown = found[: views.PAGE]
        totals = views.totals.of(actor, rows, self.fields, self.totals, by=by, keys=[key for key, _n in shown])
        reader = access.reader(actor, {ref for key, _n in shown if (ref := by.ref(key))})
        groups = []
        for n, (key, count) in enumerate(shown):
            opened = not start and n < OPEN
            groups.append(
                {
                    "id": f"group-{start + n}",
                    "label": group_label(by, key, reader),
                    "plain": group_text(by, key, reader),
                    "counted": counted(count),
                    "cells": self._figures(totals.get(key, {}), reader),
                    "rows_url": self.url(**{"in": key}),
                    "list_url": self._of_group(key),
                    "open": opened,
                    **(self._group_rows(key) if opened else {"rows": [], "more_url": ""}),
                }
            )
        more = self.url(groups=str(start + views.PAGE)) if len(found) > views.PAGE else ""
        return {"rows": [], "groups": groups, "more_groups_url": more, "count": None}

    def _start(self) -> int:
        text = self.request.GET.get("groups", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0

    def _of_group(self, key: str) -> str:
        """The list of one group's records by itself."""
        parts = [part for part in (self.state.tree, self.by.condition(key)) if part]
        return self.state.url(self.base, tree={"and": parts} if len(parts) > 1 else parts[0], group="")

    def _group_rows(self, key: str, cursor: str = "") -> dict[str, Any]:
        actor = self.request.actor
        rows = self.by.only(actor, listing.rows_of(actor, self.obj, self.state), key)
        state = replace(self.state, cursor=cursor)
        table = listing.table_of(actor, self.obj, state, self.fields, rows, limit=ROWS)
        return {"rows": table.rows, "more_url": self.url(**{"in": key, "cursor": table.next}) if table.next else ""}

    def rows_part(self) -> HttpResponse:
        """More rows of one group."""
        found = self._group_rows(self.request.GET["in"][:300], self.state.cursor)
        return render(self.request, "parts/rows.html", found | self.drawing())

    def groups_part(self) -> HttpResponse:
        """More groups."""
        return render(self.request, "parts/groups.html", self.groups() | self.drawing())

    def drawing(self) -> dict[str, Any]:
        """What every row is drawn with."""
        change = self.request.actor.rights.scope(self.obj.plural, "change") != "none"
        return {
            "tickable": change,
            "avatars": self.obj.portrait,
            "ends": [field.kind.align == "end" for field in self.shown[1:]],
            "span": len(self.shown) + change,
            "object": self.obj,
        }


def counted(count: int) -> str:
    """A number of records as it is written."""
    return number_format(count, use_l10n=True, force_grouping=True)


def figure(kind: Any, word: str, value: Any, reader: Reader) -> str:
    """A total in words."""
    if word == "filled":
        return f"{kind.plain(round(value), reader)}\u00a0%"
    return kind.plain(value, reader)


def group_text(by: Grouping, key: str, reader: Reader) -> str:
    """What a group is called."""
    if key == views.NONE:
        return _("Without %(field)s") % {"field": by.field.label}
    if by.step:
        return period(by.stored(key), by.step, reader.language)
    if ref := by.ref(key):
        return reader.titles.get(ref, "…")
    value = [by.stored(key)] if by.field.kind.many else by.stored(key)
    return by.field.kind.plain(value, reader)


def group_label(by: Grouping, key: str, reader: Reader) -> Markup:
    """The same as lists show it: choices in their colour."""
    if key == views.NONE or by.step or by.ref(key):
        return escape(group_text(by, key, reader))
    return by.field.kind.cell([by.stored(key)] if by.field.kind.many else by.stored(key), reader)


def period(first: Any, step: str, language: str) -> str:
    """``2024``, ``Q1 2024``, ``March 2024``, ``Week 9, 2024``, or the day."""
    locale = locale_of(language)
    if step == "week":
        year, week, _day = first.isocalendar()
        return _("Week %(week)s, %(year)s") % {"week": week, "year": year}
    skeleton = {"day": "yMMMMd", "month": "yMMMM", "quarter": "yQQQ", "year": "y"}[step]
    return format_skeleton(skeleton, first, locale=locale)
