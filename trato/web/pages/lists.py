"""The list of an object's records."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from trato.engine import access
from trato.engine.filters import BadFilter
from trato.engine.objects import Field, Object

from .. import listing
from ..filtering import Builder, builder
from ..listing import State
from ..names import object_or_404
from ..respond import base_of, go, page, said, wants_part
from .arranging import arrangement, arranging
from .boards import board
from .calendars import calendar
from .filters import alone, in_list
from .maps import map_of
from .tables import Grid, counted
from .toolbar import toolbar, with_more

#: What shows the records of a list otherwise than as a table.
OTHERWISE = {"board": board, "calendar": calendar, "map": map_of}


@require_GET
def listed(request: HttpRequest, plural: str) -> HttpResponse:
    """One page of records (400 for an order or cursor that does not exist); with ``count`` only how many there are,
    with ``filter-do`` after what was pressed in the filter builder.
    """
    actor, obj = request.actor, object_or_404(request, plural)
    fields, base = access.fields(actor, obj), f"{base_of(request)}/{obj.plural}/"
    try:
        state = listing.state_of(request, obj)
    except access.Absent:
        if wants_part(request):
            raise
        words = _("There is no such view, or it is not shared with you. These are all records.")
        return said(request, f"{base}?view={listing.ALL}", words, error=True)
    if "count" in request.GET and wants_part(request):
        return HttpResponse(counted(listing.rows_of(actor, obj, state).count()))
    if wants_part(request) and (part := _part(Grid.of(request, obj, fields, state, base))):
        return part
    built = builder(actor, obj, state.tree, request.GET, **in_list(obj, state, base))
    if built.changed:
        state = replace(state, tree=built.tree, cursor="")
        if not wants_part(request):
            return go(request, state.url(base))
    elif built.error and wants_part(request):
        return alone(request, built)
    try:
        answer = OTHERWISE.get(state.kind, _page)(request, obj, fields, state, base=base, built=built)
    except BadFilter as problem:
        answer = _unfit(request, obj, fields, state, base=base, built=built, problem=problem)
    if built.changed:
        answer.headers["HX-Push-Url"] = state.url(base)
    return answer


def _part(grid: Grid) -> HttpResponse | None:
    """What a table answers in parts: its totals, more rows of a group, more groups, and how to arrange it."""
    data = grid.request.GET
    if "part" in data:
        return grid.totals_part() if data["part"] == "totals" else arranging(grid)
    if grid.by is not None and "in" in data:
        return grid.rows_part()
    return grid.groups_part() if grid.by is not None and "groups" in data else None


def _page(
    request: HttpRequest, obj: Object, fields: dict[str, Field], state: State, *, base: str, built: Builder
) -> HttpResponse:
    grid = Grid.of(request, obj, fields, state, base)
    context = {
        **toolbar(request, obj, fields, state, base=base, built=built),
        **(grid.groups() if grid.by else _rows(grid)),
        **grid.context(),
        "arrange": arrangement(grid) if "part" in request.GET else None,
        "count_url": with_more(state.url(base), count="1"),
        "problem": "",
    }
    return page(request, "list.html", context, part="parts/list.html", title=str(obj.label_plural))


def _rows(grid: Grid) -> dict[str, Any]:
    """One page of rows that are in no groups."""
    state, base = grid.state, grid.base
    table = listing.table(grid.request.actor, grid.obj, state, grid.fields)
    alone = not (state.cursor or table.next or table.previous)
    return {
        "rows": table.rows,
        "groups": [],
        "more_url": "",
        "previous_url": state.url(base, cursor=table.previous) if table.previous else "",
        "next_url": state.url(base, cursor=table.next) if table.next else "",
        "count": len(table.rows) if alone else None,  # counted on demand where it is more than a page
    }


def _unfit(
    request: HttpRequest,
    obj: Object,
    fields: dict[str, Field],
    state: State,
    *,
    base: str,
    built: Builder,
    problem: BadFilter,
) -> HttpResponse:
    """The list without records where its filter can't be used any more; the builder takes out what is wrong."""
    context = {
        **toolbar(request, obj, fields, state, base=base, built=built),
        "columns": [],
        "arrange": None,
        "grouped": False,
        "rows": [],
        "groups": [],
        "avatars": False,
        "previous_url": "",
        "next_url": "",
        "count": None,
        "count_url": "",
        "problem": problem.message,
    }
    status = 422 if wants_part(request) else 400
    return page(request, "list.html", context, part="parts/list.html", title=str(obj.label_plural), status=status)
