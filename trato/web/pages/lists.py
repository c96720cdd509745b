"""The list of an object's records."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from trato.engine import access, actions
from trato.engine.kinds import Invalid, Reader
from trato.engine.objects import Field, Object

from .. import conditions, listing
from ..listing import State
from ..names import labels, object_or_404
from ..respond import base_of, go, page, wants_part
from ..words import operator
from .exports import formats_of


@require_GET
def listed(request: HttpRequest, plural: str) -> HttpResponse:
    """One page of records (400 for a filter, order or cursor that does not exist); with ``count`` only how
    many there are, with ``field`` the form of a condition.
    """
    actor, obj = request.actor, object_or_404(request, plural)
    fields, base = access.fields(actor, obj), f"{base_of(request)}/{obj.plural}/"
    state = listing.state_of(obj, request.GET)
    if "count" in request.GET and wants_part(request):
        return HttpResponse(_count(request, obj, state))
    form, changed = None, None
    if "field" in request.GET:
        form, changed = _condition_form(request, fields, state, base)
        if changed is not None:
            return go(request, changed)
        if wants_part(request):
            return render(request, "parts/filter.html", {"form": form})
    return _page(request, obj, fields, state, base=base, form=form)


def _page(
    request: HttpRequest, obj: Object, fields: dict[str, Field], state: State, *, base: str, form: Any
) -> HttpResponse:
    actor = request.actor
    named = set(conditions.refs(fields, state.tree, access.reader(actor))) if state.tree else set()
    table, reader = listing.table(actor, obj, state, fields, named)
    said, here = labels(actor, obj), _with(state.url(base), field="")
    context = {
        "object": obj,
        "list_url": base,
        "live": obj.plural,
        "hidden": [pair for pair in state.parameters() if pair[0] != "cursor"],
        "q": state.words,
        "named": _views(obj, state, base),
        "chips": _chips(request, obj, state, base, reader),
        "clear_url": base,
        "filter_fields": [
            {"label": said[name], "url": f"{here}{name}"} for name, field in fields.items() if conditions.offered(field)
        ],
        "filter_form": form,
        "column_choices": _choices(fields, table.fields, said),
        "columns": _heads(table, state, base, said),
        "rows": table.rows,
        "avatars": obj.portrait,
        "previous_url": state.url(base, cursor=table.previous) if table.previous else "",
        "next_url": state.url(base, cursor=table.next) if table.next else "",
        "count": _known_count(table, state),
        "count_url": _with(state.url(base), count="1"),
        "filtered": bool(state.tree or state.words or state.view),
        **_writes(request, obj, state, base),
    }
    return page(request, "list.html", context, part="parts/list.html", title=str(obj.label_plural))


def _with(address: str, **more: str) -> str:
    sign = "&" if "?" in address else "?"
    return address + "".join(f"{sign if n == 0 else '&'}{name}={value}" for n, (name, value) in enumerate(more.items()))


def _count(request: HttpRequest, obj: Object, state: State) -> str:
    return number_format(listing.rows_of(request.actor, obj, state).count(), use_l10n=True, force_grouping=True)


def _known_count(table: listing.Table, state: State) -> int | None:
    """The number of records where one page holds them all."""
    return len(table.rows) if not (state.cursor or table.next or table.previous) else None


def _views(obj: Object, state: State, base: str) -> list[dict[str, Any]]:
    """All, and the object's named filters."""
    if not obj.filters:
        return []
    views = [("", _("All")), *((name, label) for name, (label, _tree) in obj.filters.items())]
    return [{"label": label, "url": state.url(base, view=name), "current": state.view == name} for name, label in views]


def _chips(request: HttpRequest, obj: Object, state: State, base: str, reader: Reader) -> list[dict[str, str]]:
    held = conditions.parts(state.tree)
    return [
        {
            "label": conditions.describe(request.actor, obj, part, reader),
            "remove_url": state.url(base, tree=conditions.whole([other for other in held if other is not part])),
        }
        for part in held
    ]


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


def _writes(request: HttpRequest, obj: Object, state: State, base: str) -> dict[str, Any]:
    """What the person may do here: create, import, export, and act on the rows ticked."""
    may = request.actor.rights.may
    bulk = [
        {"name": action.name, "label": action.label, "icon": action.icon, "danger": False, "question": ""}
        for action in actions.of(obj.plural).values()
        if not action.parameters
    ]
    if may(obj.plural, "delete"):
        question = _("Delete the selected records? They go to the recycle bin.")
        bulk.append({"name": "delete", "label": _("Delete"), "icon": "trash", "danger": True, "question": question})
    importable = obj.importable and may(obj.plural, "import")
    return {
        "bulk": bulk if request.actor.rights.scope(obj.plural, "change") != "none" else [],
        "bulk_url": f"{base}bulk",
        "new_url": f"{base}new" if may(obj.plural, "create") else "",
        "import_url": f"{base_of(request)}/import?object={obj.plural}" if importable else "",
        "exports": [
            {"label": label, "url": _with(state.url(f"{base}export"), format=name)}
            for name, label in formats_of(obj).items()
        ]
        if obj.exportable and may(obj.plural, "export")
        else [],
    }


def _condition_form(
    request: HttpRequest, fields: dict[str, Field], state: State, base: str
) -> tuple[dict[str, Any] | None, str | None]:
    """The form of one condition; or, once it is filled, the address of the list with that condition added."""
    field = fields.get(request.GET["field"])
    offered = conditions.offered(field) if field else []
    if not offered:
        return None, None
    op = request.GET.get("op", "")
    op = op if op in offered else offered[0]
    reader, error, shown = access.reader(request.actor), "", None
    if "apply" in request.GET:
        try:
            part = conditions.read(request.actor, field, op, request.GET, reader)
            return None, state.url(base, tree=conditions.whole([*conditions.parts(state.tree), part]))
        except Invalid as problem:
            error, shown = str(problem), conditions.typed(request.GET)
    kept = [pair for pair in state.parameters() if pair[0] != "cursor"]
    return {
        "label": field.label,
        "action": base,
        "hidden": [*kept, ("field", field.name), ("apply", "1")],
        "operators": [
            {"name": name, "label": operator(field.kind.name, name), "current": name == op} for name in offered
        ],
        "operator_url": _with(state.url(base), field=field.name),
        "control": conditions.control(field, op, reader, shown),
        "error": error,
    }, None
