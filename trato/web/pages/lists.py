"""The list of an object's records."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.formats import number_format
from django.views.decorators.http import require_GET

from trato.engine import access
from trato.engine.filters import BadFilter
from trato.engine.objects import Field, Object

from .. import listing
from ..filtering import Builder, builder
from ..listing import State
from ..names import labels, object_or_404
from ..respond import base_of, go, page, wants_part
from .boards import board
from .calendars import calendar
from .filters import alone, in_list
from .toolbar import toolbar, with_more

#: What shows the records of a list otherwise than as a table.
OTHERWISE = {"board": board, "calendar": calendar}


@require_GET
def listed(request: HttpRequest, plural: str) -> HttpResponse:
    """One page of records (400 for an order or cursor that does not exist); with ``count`` only how many there are,
    with ``filter-do`` after what was pressed in the filter builder.
    """
    actor, obj = request.actor, object_or_404(request, plural)
    fields, base = access.fields(actor, obj), f"{base_of(request)}/{obj.plural}/"
    state = listing.state_of(request, obj)
    if "count" in request.GET and wants_part(request):
        return HttpResponse(_count(request, obj, state))
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


def _page(
    request: HttpRequest, obj: Object, fields: dict[str, Field], state: State, *, base: str, built: Builder
) -> HttpResponse:
    table = listing.table(request.actor, obj, state, fields)
    said = labels(request.actor, obj)
    context = {
        **toolbar(request, obj, fields, state, base=base, built=built),
        "column_choices": _choices(fields, table.fields, said),
        "columns": _heads(table, state, base, said),
        "rows": table.rows,
        "avatars": obj.portrait,
        "previous_url": state.url(base, cursor=table.previous) if table.previous else "",
        "next_url": state.url(base, cursor=table.next) if table.next else "",
        "count": _known_count(table, state),
        "count_url": with_more(state.url(base), count="1"),
        "problem": "",
    }
    return page(request, "list.html", context, part="parts/list.html", title=str(obj.label_plural))


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
        "column_choices": [],
        "columns": [],
        "rows": [],
        "avatars": False,
        "previous_url": "",
        "next_url": "",
        "count": None,
        "count_url": "",
        "problem": problem.message,
    }
    status = 422 if wants_part(request) else 400
    return page(request, "list.html", context, part="parts/list.html", title=str(obj.label_plural), status=status)


def _count(request: HttpRequest, obj: Object, state: State) -> str:
    return number_format(listing.rows_of(request.actor, obj, state).count(), use_l10n=True, force_grouping=True)


def _known_count(table: listing.Table, state: State) -> int | None:
    """The number of records where one page holds them all."""
    return len(table.rows) if not (state.cursor or table.next or table.previous) else None


def _choices(fields: dict[str, Field], shown: list[Field], said: dict[str, str]) -> list[dict[str, Any]]:
    """Every column there is; those shown come first, in their order."""
    names = [field.name for field in shown[1:]]
    rest = [name for name in fields if name not in names and name != shown[0].name]
    return [{"name": name, "label": said[name], "chosen": name in names} for name in [*names, *rest]]


def _heads(table: listing.Table, state: State, base: str, said: dict[str, str]) -> list[dict[str, Any]]:
    """The heads of the columns; a click sorts, another turns the order round."""
    heads = []
    for field in table.fields:
        by_this = table.order.name == field.name
        ascending = by_this and not table.order.descending
        order = f"-{field.name}" if ascending else field.name
        heads.append(
            {
                "name": field.name,
                "label": said[field.name],
                "align": field.kind.align,
                "sort_url": state.url(base, sort=order) if field.sortable else "",
                "sorted": ("asc" if ascending else "desc") if by_this else "",
            }
        )
    return heads
