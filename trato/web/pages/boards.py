"""The records of a list as cards in columns, which are moved by changing the field the columns are made by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import ngettext

from trato.engine import access, boards, gates, paging
from trato.engine.boards import BadBoard, Column
from trato.engine.kinds import Money, Reader
from trato.engine.objects import Field, Object
from trato.engine.workspaces.actors import Actor

from .. import listing
from ..filtering import Builder
from ..listing import State
from ..names import labels
from ..respond import base_of, page
from .toolbar import toolbar, with_more

CARDS = 20
#: Beside the title; more would make a card a page.
MOST_SHOWN = 5
#: Kinds whose values say nothing without the name of the field: a card names it.
BARE = ("number", "percent", "bool")
#: Columns after these begin without cards and fetch them when they are looked at.
FILLED = 12


@dataclass(frozen=True)
class Board:
    """What one board is: which field makes its columns, and what its cards and heads show."""

    obj: Object
    by: Field
    sums: list[Field]
    shown: list[Field]
    base: str
    state: State
    inside: tuple[Field, UUID] | None = None
    insides: tuple[tuple[UUID, str], ...] = ()

    @classmethod
    def of(cls, request: HttpRequest, obj: Object, fields: dict[str, Field], state: State, base: str) -> Board:
        """The board an address asks for; raises BadBoard."""
        actor = request.actor
        by = boards.field_of(actor, obj, next(iter(state.said("by")), ""))
        known = boards.summed(actor, obj)
        said = state.said("sum") or obj.board_sums
        columns = listing.columns_of(actor, fields, obj, state)[1:]
        shown = [field for field in columns if field.name != by.name][:MOST_SHOWN]
        field = boards.inside_of(actor, obj, by)
        insides = tuple(boards.insides(actor, field)) if field else ()
        here = _inside(obj, state, field, insides) if field else None
        sums = [known[name] for name in said if name in known]
        return cls(obj, by, sums, shown, base, state, (field, here) if field and here else None, insides)

    def rows(self, actor: Actor) -> QuerySet:
        """The records of the board, not yet ordered; raises filters.BadFilter."""
        rows = listing.rows_of(actor, self.obj, self.state)
        return rows.filter(**{f"{self.inside[0].name}_id": self.inside[1]}) if self.inside else rows

    @property
    def needed(self) -> list[str]:
        """The columns of the table that a card is made of."""
        own = {"title", "version", "updated_at", *self.by.columns}
        return list(own.union(*(field.columns for field in self.shown)))


def _inside(obj: Object, state: State, field: Field, insides: Sequence[tuple[UUID, str]]) -> UUID | None:
    """Which one the board shows the inside of: the one that the address names, else the filter, else the first."""
    said = next(iter(state.said("inside")), "") or _filtered(listing.whole_filter(obj, state), field.name)
    ids = [each for each, _title in insides]
    return next((each for each in ids if str(each) == said), ids[0] if ids else None)


def _filtered(tree: Any, name: str) -> str:
    """The one value that a filter leaves a link, "" where it says none."""
    if not isinstance(tree, Mapping):
        return ""
    if isinstance(tree.get("and"), list):
        return next(filter(None, (_filtered(part, name) for part in tree["and"])), "")
    return str(tree.get("value")) if tree.get("field") == name and tree.get("op", "is") == "is" else ""


def board(
    request: HttpRequest, obj: Object, fields: dict[str, Field], state: State, *, base: str, built: Builder
) -> HttpResponse:
    """The whole board; with ``column`` more cards of one, with ``card`` one card (204 where it isn't on the board),
    with ``heads`` what the columns come to.
    """
    try:
        shown = Board.of(request, obj, fields, state, base)
        if "card" in request.GET:
            return one(request, shown, request.GET["card"])
        rows = shown.rows(request.actor)
        columns = boards.columns(request.actor, obj, rows, shown.by, shown.sums, inside=shown.inside)
        if "heads" in request.GET:
            return JsonResponse({"columns": [_head(request, shown, column) for column in columns]})
        if "column" in request.GET:
            return _more(request, shown, rows, columns)
    except BadBoard as problem:
        return _page(request, obj, fields, state, base=base, built=built, wrong=str(problem))
    filled = [(column, _cards_of(request, shown, rows, columns, key=column.key)) for column in columns[:FILLED]]
    known = _Cards(request, shown, [row for _column, part in filled for row in part.rows])
    parts = {column.key: part for column, part in filled}
    told = [
        _head(request, shown, column)
        | {"id": f"column-{number}", "more_url": _more_url(shown, column, parts.get(column.key))}
        | {"cards": known.of(parts[column.key].rows) if column.key in parts else []}
        for number, column in enumerate(columns)
    ]
    return _page(request, obj, fields, state, base=base, built=built, shown=shown, columns=told)


def _page(
    request: HttpRequest,
    obj: Object,
    fields: dict[str, Field],
    state: State,
    *,
    base: str,
    built: Builder,
    shown: Board | None = None,
    columns: Sequence[dict[str, Any]] = (),
    wrong: str = "",
) -> HttpResponse:
    actor, said = request.actor, labels(request.actor, obj)
    by, sums = (shown.by.name, {field.name for field in shown.sums}) if shown else ("", set())
    context = {
        **toolbar(request, obj, fields, state, base=base, built=built),
        "wrong": wrong,
        "columns": columns,
        "by": by,
        "by_label": said.get(by, ""),
        "by_choices": [
            {"label": said[name], "url": state.url(base, extra=state.with_said(by=[name])), "current": name == by}
            for name in boards.dividing(actor, obj)
        ],
        "sum_choices": [
            {"name": name, "label": said[name], "chosen": name in sums} for name in boards.summed(actor, obj)
        ],
        "inside_label": said.get(shown.inside[0].name, "") if shown and shown.inside else "",
        "insides": [
            {
                "label": title,
                "url": state.url(base, extra=state.with_said(inside=[str(each)])),
                "current": shown.inside is not None and each == shown.inside[1],
            }
            for each, title in (shown.insides if shown and len(shown.insides) > 1 else ())
        ],
        "sorts": _sorts(fields, obj, state, base, said),
        "board_url": state.url(base),
        "move_url": base,
        "gate_url": f"{base}gate" if actor.rights.admin else "",
        "may_move": bool(shown) and by in access.writable(actor, obj),
        "avatars": obj.portrait,
    }
    status = 400 if wrong else 200
    return page(request, "board.html", context, part="parts/board.html", title=str(obj.label_plural), status=status)


def _sorts(
    fields: dict[str, Field], obj: Object, state: State, base: str, said: Mapping[str, str]
) -> list[dict[str, Any]]:
    """What the cards can be ordered by, each both ways round."""
    names = [name for name in dict.fromkeys(["title", *obj.columns, "created_at", "updated_at"]) if name in fields]
    now = state.sort or obj.order
    return [
        {"label": said[name], "url": state.url(base, sort=order), "current": now == order, "down": order[0] == "-"}
        for name in names
        if fields[name].sortable
        for order in (name, f"-{name}")
    ]


def _head(request: HttpRequest, shown: Board, column: Column) -> dict[str, Any]:
    """What stands above a column, in words."""
    reader = access.reader(request.actor)
    sums = [
        {"label": str(field.label), "amounts": [_amount(field, reader, *pair) for pair in sorted(totals.items())]}
        for field in shown.sums
        if (totals := column.sums.get(field.name))
    ]
    gate = gates.of(shown.obj).get(shown.by.name, {}).get(column.key)
    return {
        "key": column.key,
        "label": column.label,
        "colour": column.colour,
        "count": column.count,
        "counted": number_format(column.count, use_l10n=True, force_grouping=True),
        "sums": sums,
        "gated": bool(gate and gate.required),
    }


def _amount(field: Field, reader: Reader, currency: str, amount: Decimal) -> str:
    return field.kind.plain(Money(amount, currency) if field.kind.name == "money" else amount, reader)


def _cards_of(
    request: HttpRequest, shown: Board, rows: QuerySet, columns: Sequence[Column], *, key: str, cursor: str = ""
) -> paging.Page:
    """A page of one column's records."""
    actor = request.actor
    if not any(column.key == key and column.count for column in columns):
        return paging.Page([], None, None)
    order = paging.order_of(access.fields(actor, shown.obj), shown.obj, shown.state.sort)
    return paging.page(rows.filter(boards.within(actor, shown.by, key, columns)), order, shown.needed, CARDS, cursor)


def _more_url(shown: Board, column: Column, part: paging.Page | None) -> str:
    """The address of a column's next cards, "" where there are no more."""
    if part is None:
        return _address(shown, column=column.key) if column.count else ""
    return _address(shown, column=column.key, after=part.next) if part.next else ""


def _address(shown: Board, **more: str) -> str:
    return with_more(shown.state.url(shown.base), **{name: quote(value, safe="") for name, value in more.items()})


def _more(request: HttpRequest, shown: Board, rows: QuerySet, columns: list[Column]) -> HttpResponse:
    column = next((each for each in columns if each.key == request.GET["column"]), None)
    if column is None:
        return HttpResponse("")
    part = _cards_of(request, shown, rows, columns, key=column.key, cursor=request.GET.get("after", "")[:2000])
    context = {"cards": _Cards(request, shown, part.rows).of(part.rows), "more_url": _more_url(shown, column, part)}
    return render(request, "parts/cards.html", context | {"avatars": shown.obj.portrait})


def one(request: HttpRequest, shown: Board, record_id: str) -> HttpResponse:
    """One card and, as a header, its column; 204 for a record that isn't on this board."""
    rows = shown.rows(request.actor).filter(id=access.as_uuid(record_id))
    found = list(rows.values(*{"id", *shown.needed}))
    if not found:
        return HttpResponse(status=204)
    context = {"cards": _Cards(request, shown, found).of(found), "more_url": "", "avatars": shown.obj.portrait}
    answer = render(request, "parts/cards.html", context)
    answer.headers["X-Column"] = quote(_column_of(request, shown, found[0]), safe="")
    return answer


def _column_of(request: HttpRequest, shown: Board, row: Mapping[str, Any]) -> str:
    """The column a row stands in, as the actor sees it."""
    value = shown.by.read(row)
    if any(ref not in access.titles(request.actor, [ref]) for ref in shown.by.kind.refs(value)):
        return ""
    return gates.key_of(value)


class _Cards:
    """Cards of rows that were read together: titles, rights and last activities are asked once for all."""

    def __init__(self, request: HttpRequest, shown: Board, rows: Sequence[Mapping[str, Any]]) -> None:
        actor, obj = request.actor, shown.obj
        self.shown, self.base = shown, f"{base_of(request)}/{obj.plural}/"
        self.reader = access.reader(actor, access.refs_in(shown.shown, rows))
        self.labels = labels(actor, obj)
        ids = [row["id"] for row in rows]
        self.limits = gates.staleness(obj, shown.by.name)
        self.active = boards.last_active(obj, ids) if self.limits and ids else {}
        self.movable: Iterable[Any] = ()
        if shown.by.name in access.writable(actor, obj):
            everybody = access.owners_seen(actor, obj, "change") is None
            changeable = access.visible(actor, obj, "change").filter(id__in=ids).values_list("id", flat=True)
            self.movable = ids if everybody else set(changeable)

    def of(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The cards of some of the rows, as parts/cards.html draws them."""
        return [self._card(row) for row in rows]

    def _card(self, row: Mapping[str, Any]) -> dict[str, Any]:
        values = [(field, field.read(row)) for field in self.shown.shown]
        return {
            "id": str(row["id"]),
            "url": f"{self.base}{row['id']}",
            "title": row["title"] or str(self.shown.obj.label),
            "version": row["version"],
            "cells": [
                (self.labels[field.name], field.kind.cell(value, self.reader), field.kind.name in BARE)
                for field, value in values
                if not field.kind.is_empty(value)
            ],
            "stale": self._stale(row),
            "movable": row["id"] in self.movable,
        }

    def _stale(self, row: Mapping[str, Any]) -> str:
        limit = self.limits.get(gates.key_of(self.shown.by.read(row)))
        if not limit:
            return ""
        last = max(filter(None, (row["updated_at"], self.active.get(row["id"]))))
        days = (timezone.now() - last).days
        return ngettext("Quiet for %(n)s day", "Quiet for %(n)s days", days) % {"n": days} if days > limit else ""
