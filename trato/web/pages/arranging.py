"""How a table is arranged: which columns in which order and what they come to, by what it is sorted and grouped."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from trato.engine import paging, views
from trato.engine.views.grouping import DATED

from ..names import labels
from .tables import STEPS, Grid

PARTS = ("columns", "sort", "group")


def arranging(grid: Grid) -> HttpResponse:
    """The dialog alone."""
    return render(grid.request, "parts/arrange.html", {"arrange": arrangement(grid)})


def arrangement(grid: Grid) -> dict[str, Any]:
    """The dialog of the address: columns, sort or group."""
    request: HttpRequest = grid.request
    part = request.GET.get("part", "")
    part = part if part in PARTS else PARTS[0]
    replaced = {"columns": ("columns", "totals"), "sort": ("sort",), "group": ("group",)}[part]
    said = labels(request.actor, grid.obj)
    offered = {"columns": _columns, "sort": _sorts, "group": _groups}[part](grid, said)
    return {
        "part": part,
        "title": {"columns": _("Columns"), "sort": _("Sort by"), "group": _("Group by")}[part],
        "url": grid.base,
        "close_url": grid.state.url(grid.base),
        "hidden": [pair for pair in grid.state.parameters() if pair[0] not in (*replaced, "cursor")],
        "offered": offered,
    }


def _columns(grid: Grid, said: dict[str, str]) -> list[dict[str, Any]]:
    """Every column there is; those shown come first, in their order, the first of them always."""
    names, chosen = [field.name for field in grid.shown], grid.totals
    rest = sorted((name for name in grid.fields if name not in names), key=lambda name: said[name].casefold())
    return [
        {
            "name": name,
            "label": said[name],
            "chosen": name in names,
            "fixed": name == names[0],
            "totals": [
                {"value": f"{name}:{word}", "label": str(views.TOTALS[word]), "chosen": chosen.get(name) == word}
                for word in views.totals.offered(grid.fields[name])
            ],
        }
        for name in [*names, *rest]
    ]


def _sorts(grid: Grid, said: dict[str, str]) -> list[dict[str, Any]]:
    """As many choices as an order has fields; the first of them filled."""
    order = [part for part in (grid.state.sort or grid.obj.order).split(",") if part.removeprefix("-") != "id"]
    names = sorted((name for name, field in grid.fields.items() if field.sortable), key=lambda n: said[n].casefold())
    choices = [(f"{sign}{name}", f"{said[name]} {arrow}") for name in names for sign, arrow in (("", "↑"), ("-", "↓"))]
    places = [*order, *[""] * paging.MOST_FIELDS][: paging.MOST_FIELDS]
    return [
        {"value": now, "label": _("First by") if n == 0 else _("Then by"), "choices": choices}
        for n, now in enumerate(places)
    ]


def _groups(grid: Grid, said: dict[str, str]) -> list[dict[str, Any]]:
    """What the records can be grouped by; dates by each step."""
    now, offered = grid.state.group, [{"value": "", "label": _("No groups"), "chosen": grid.by is None}]
    now = grid.by.text if grid.by else now
    for name in sorted(grid.fields, key=lambda name: said[name].casefold()):
        kind = grid.fields[name].kind.name
        if kind not in views.GROUPABLE:
            continue
        for step in STEPS if kind in DATED else ("",):
            value = f"{name}:{step}" if step else name
            label = f"{said[name]} ({STEPS[step]})" if step else said[name]
            offered.append({"value": value, "label": label, "chosen": value == now})
    return offered
