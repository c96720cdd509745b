"""The list of an object's records."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.views.decorators.http import require_GET

from trato.engine import access
from trato.engine.objects import Field, Object

from .. import conditions, listing
from ..listing import State
from ..names import labels, object_or_404
from ..respond import base_of, go, page, wants_part
from .boards import board
from .toolbar import condition_form, toolbar, with_more

#: What shows the records of a list otherwise than as a table.
OTHERWISE = {"board": board}


@require_GET
def listed(request: HttpRequest, plural: str) -> HttpResponse:
    """One page of records (400 for a filter, order or cursor that does not exist); with ``count`` only how
    many there are, with ``field`` the form of a condition.
    """
    actor, obj = request.actor, object_or_404(request, plural)
    fields, base = access.fields(actor, obj), f"{base_of(request)}/{obj.plural}/"
    state = listing.state_of(request, obj)
    if "count" in request.GET and wants_part(request):
        return HttpResponse(_count(request, obj, state))
    form, changed = None, None
    if "field" in request.GET:
        form, changed = condition_form(request, fields, state, base)
        if changed is not None:
            return go(request, changed)
        if wants_part(request):
            return render(request, "parts/filter.html", {"form": form})
    return OTHERWISE.get(state.kind, _page)(request, obj, fields, state, base=base, form=form)


def _page(
    request: HttpRequest, obj: Object, fields: dict[str, Field], state: State, *, base: str, form: Any
) -> HttpResponse:
    actor = request.actor
    named = set(conditions.refs(fields, state.tree, access.reader(actor))) if state.tree else set()
    table, reader = listing.table(actor, obj, state, fields, named)
    said = labels(actor, obj)
    context = {
        **toolbar(request, obj, fields, state, reader, base=base, form=form),
        "column_choices": _choices(fields, table.fields, said),
        "columns": _heads(table, state, base, said),
        "rows": table.rows,
        "avatars": obj.portrait,
        "previous_url": state.url(base, cursor=table.previous) if table.previous else "",
        "next_url": state.url(base, cursor=table.next) if table.next else "",
        "count": _known_count(table, state),
        "count_url": with_more(state.url(base), count="1"),
    }
    return page(request, "list.html", context, part="parts/list.html", title=str(obj.label_plural))


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
