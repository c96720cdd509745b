"""What a view shows: its filter, columns, order, groups and totals, read from JSON by one function for every caller.

A view outlives what it names: a field may be archived, or hidden from who opens it. Such a part is left out, and how
many were is told; which they were is not, since that would tell of what is hidden.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from .. import access, boards, filters, paging
from ..kinds import Invalid
from ..objects import Field, Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from . import totals
from .grouping import BadGroup, grouping_of

KINDS = ("table", "board", "calendar", "map")
DENSITIES = ("compact", "normal", "comfortable")
#: Bytes of a view's settings, and columns it may have.
LARGEST, MOST_COLUMNS = 60_000, 60
#: Pixels of a column.
NARROWEST, WIDEST = 48, 1200
#: Texts a board, a calendar or a map keeps under one word.
MOST_TEXTS, LONGEST_TEXT = 10, 200
NAMES = ("filter", "columns", "widths", "sort", "group_by", "totals", "density")

Slot = Callable[[Actor, Object, Mapping[str, Any]], dict[str, Any]]


def words(actor: Actor, obj: Object, given: Mapping[str, Any]) -> dict[str, list[str]]:
    """What a kind of view keeps of its address: some texts by their word, as ``{"by": ["stage"]}``; raises Invalid."""
    for name, texts in given.items():
        if not (isinstance(texts, list) and len(texts) <= MOST_TEXTS and _are_words([name, *texts])):
            raise Invalid("words", _("Give lists of short texts, each by its word."))
    return {name: list(texts) for name, texts in given.items() if texts}


def _are_words(texts: list[Any]) -> bool:
    return all(isinstance(text, str) and 0 < len(text) <= LONGEST_TEXT and "\0" not in text for text in texts)


def _board(actor: Actor, obj: Object, given: Mapping[str, Any]) -> dict[str, list[str]]:
    """Of a board, the field of its columns and those it sums up."""
    known = words(actor, obj, given)
    if not set(known.get("by", ())) <= boards.dividing(actor, obj).keys():
        raise Invalid("by", _("The field of the columns does not exist."))
    if not set(known.get("sum", ())) <= boards.summed(actor, obj).keys():
        raise Invalid("sum", _("A field that is summed up does not exist."))
    return known


_slots: dict[str, Slot] = {"board": _board, "calendar": words, "map": words}


def slot(name: str) -> Callable[[Slot], Slot]:
    """Decorator of ``function(actor, obj, given)``, which reads what a board, a calendar or a map keeps in a view:
    it returns the settings as they are kept, and raises Invalid for what makes no sense (any more).
    """

    def register(function: Slot) -> Slot:
        _slots[name] = function
        return function

    return register


@dataclass(frozen=True)
class Settings:
    """What a view shows. ``columns`` empty means the object's own; ``sort`` and ``group_by`` are written as in
    addresses (``-amount,title``, ``made_on:month``); ``widths`` are pixels by column; ``more`` is by kind of view.
    """

    filter: Mapping[str, Any] | None = None
    columns: tuple[str, ...] = ()
    widths: Mapping[str, int] = field(default_factory=dict)
    sort: str = ""
    group_by: str = ""
    totals: Mapping[str, str] = field(default_factory=dict)
    density: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    def dump(self) -> dict[str, Any]:
        """As JSON, without what is not said."""
        said = {name: getattr(self, name) for name in NAMES} | {"columns": list(self.columns)} | dict(self.more)
        return {name: value for name, value in said.items() if value}


def read(actor: Actor, obj: Object, given: Any) -> tuple[Settings, list[Problem]]:
    """The settings that JSON says as far as they make sense to the actor, and what is wrong with the rest."""
    if not isinstance(given, Mapping):
        return Settings(), [Problem("settings", "type", _("The settings of a view are an object."))]
    reading = _Reading(actor, obj, access.fields(actor, obj))
    for name in sorted(str(name)[:80] for name in given.keys() - {*NAMES, *_slots}):
        reading.wrong(name, _("A view has no such setting."))
    found = Settings(
        filter=reading.filter(given.get("filter")),
        columns=tuple(reading.columns(given.get("columns"))),
        widths=reading.widths(given.get("widths")),
        sort=reading.sort(given.get("sort")),
        group_by=reading.group_by(given.get("group_by")),
        totals=reading.totals(given.get("totals")),
        density=reading.density(given.get("density")),
        more=reading.more(given),
    )
    return found, reading.problems


def clean(actor: Actor, obj: Object, given: Any) -> dict[str, Any]:
    """Settings as they are kept, from what a caller gave; raises Refused with every problem."""
    try:
        size = len(text := json.dumps(given, ensure_ascii=False, allow_nan=False).encode())
        if b"\\u0000" in text:
            raise ValueError
    except (TypeError, ValueError, RecursionError):
        raise Refused([Problem("settings", "json", _("The settings hold what JSON or a text can't."))]) from None
    if size > LARGEST:
        raise Refused([Problem("settings", "too_long", _("These settings are too large for a view."))])
    found, problems = read(actor, obj, given)
    if problems:
        raise Refused(problems)
    return found.dump()


class _Reading:
    """One reading of settings; collects what is wrong."""

    def __init__(self, actor: Actor, obj: Object, fields: Mapping[str, Field]) -> None:
        self.actor, self.obj, self.fields = actor, obj, fields
        self.problems: list[Problem] = []

    def wrong(self, name: str, message: Any) -> None:
        """Remember a problem."""
        self.problems.append(Problem(name, "settings", str(message)))

    def _is(self, name: str, value: Any, kind: type) -> bool:
        """Whether something of the right type is given; a wrong one is a problem."""
        if value in (None, "", [], {}) and not isinstance(value, bool):
            return False
        if not isinstance(value, kind):
            self.wrong(name, _("This is of the wrong type."))
            return False
        return True

    def filter(self, given: Any) -> Mapping[str, Any] | None:
        """The filter without the conditions that can't be asked (any more)."""
        if not self._is("filter", given, Mapping):
            return None
        if self._asked(given):
            return dict(given)
        tree = self._pruned(given, 0)
        return tree if tree and self._asked(tree) else None

    def _asked(self, tree: Any) -> bool:
        try:
            filters.condition(self.actor, self.obj, tree)
        except (filters.BadFilter, RecursionError):
            return False
        return True

    def _pruned(self, tree: Any, depth: int) -> dict[str, Any] | None:
        word = next((word for word in ("and", "or") if isinstance(tree, Mapping) and word in tree), "")
        if word and isinstance(tree[word], list) and depth < filters.DEEPEST and len(tree[word]) <= filters.WIDEST:
            parts = [kept for part in tree[word] if (kept := self._pruned(part, depth + 1))]
            return {word: parts} if parts else None
        try:
            filters.condition(self.actor, self.obj, tree)
            return dict(tree)
        except filters.BadFilter as problem:
            self.wrong("filter", problem)
        except RecursionError:
            self.wrong("filter", _("This filter is too large."))
        return None

    def columns(self, given: Any) -> list[str]:
        """The columns there are, each once, in their order."""
        if not self._is("columns", given, list):
            return []
        known = [name for name in given[:MOST_COLUMNS] if isinstance(name, str) and name in self.fields]
        if len(known) < len(given):
            self.wrong("columns", _("Some of these columns do not exist."))
        return list(dict.fromkeys(known))

    def widths(self, given: Any) -> dict[str, int]:
        """Pixels by column; those of columns that are gone are forgotten without a word."""
        if not self._is("widths", given, Mapping):
            return {}
        if not all(type(width) is int for width in given.values()):
            self.wrong("widths", _("A width is a whole number of pixels."))
        return {
            name: min(max(width, NARROWEST), WIDEST)
            for name, width in given.items()
            if type(width) is int and name in self.fields
        }

    def sort(self, given: Any) -> str:
        """The order, of which each field there is counts."""
        if isinstance(given, list) and all(isinstance(each, str) for each in given):
            given = ",".join(given)
        if not self._is("sort", given, str):
            return ""
        kept: list[str] = []
        for each in given.split(",")[: paging.MOST_FIELDS + 1]:
            try:
                paging.order_of(self.fields, self.obj, ",".join([*kept, each or "-"]))
                kept.append(each)
            except paging.BadPage as problem:
                self.wrong("sort", problem)
        return ",".join(kept)

    def group_by(self, given: Any) -> str:
        """By what records are grouped."""
        if not self._is("group_by", given, str):
            return ""
        try:
            found = grouping_of(self.fields, self.obj, given)
        except BadGroup as problem:
            self.wrong("group_by", problem)
            return ""
        return found.text if found else ""

    def totals(self, given: Any) -> dict[str, str]:
        """The totals of columns."""
        if not self._is("totals", given, Mapping):
            return {}
        asked = {name: word for name, word in given.items() if isinstance(name, str) and isinstance(word, str)}
        kept = totals.kept(self.fields, asked)
        if len(kept) < len(given):
            self.wrong("totals", _("Some of these totals do not exist."))
        return kept

    def density(self, given: Any) -> str:
        """How close rows stand."""
        if not self._is("density", given, str):
            return ""
        if given not in DENSITIES:
            self.wrong("density", _("Choose one of: %(allowed)s.") % {"allowed": ", ".join(DENSITIES)})
            return ""
        return given

    def more(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What the other kinds of view keep, as they read it themselves."""
        found = {}
        for name, function in _slots.items():
            if not self._is(name, given.get(name), Mapping):
                continue
            try:
                found[name] = function(self.actor, self.obj, given[name])
            except Invalid as problem:
                self.wrong(name, problem)
        return found
