"""What stands above the records of a list, a board, a calendar and a map alike: views, filter, words, and what a person
may do there. parts/tools.html draws it.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from trato.engine import access, actions
from trato.engine.kinds import Invalid, Reader
from trato.engine.objects import Field, Object

from .. import conditions
from ..listing import KINDS, State
from ..names import labels
from ..respond import base_of
from ..words import operator
from .exports import formats_of


def toolbar(
    request: HttpRequest,
    obj: Object,
    fields: dict[str, Field],
    state: State,
    reader: Reader,
    *,
    base: str,
    form: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """What parts/tools.html and the head of the page need, whatever shows the records."""
    said, here = labels(request.actor, obj), with_more(state.url(base), field="")
    return {
        "object": obj,
        "list_url": base,
        "live": obj.plural,
        "hidden": [pair for pair in state.parameters() if pair[0] != "cursor"],
        "q": state.words,
        "kinds": _kinds(fields, state, base),
        "named": _views(obj, state, base),
        "chips": _chips(request, obj, state, base, reader),
        "clear_url": state.url(base, view="", tree=None, words=""),
        "filter_fields": [
            {"label": said[name], "url": f"{here}{name}"} for name, field in fields.items() if conditions.offered(field)
        ],
        "filter_form": form,
        "filtered": bool(state.tree or state.words or state.view),
        **writes_of(request, obj, state, base),
    }


def _kinds(fields: dict[str, Field], state: State, base: str) -> list[dict[str, Any]]:
    """The ways to show the same records, as far as they have what each shows them by."""
    held = {field.kind.name for field in fields.values()}
    return [
        {"label": label, "icon": icon, "url": state.url(base, kind=kind, extra=()), "current": state.kind == kind}
        for kind, (label, icon, needed) in KINDS.items()
        if not needed or held & set(needed)
    ]


def with_more(address: str, **more: str) -> str:
    sign = "&" if "?" in address else "?"
    return address + "".join(f"{sign if n == 0 else '&'}{name}={value}" for n, (name, value) in enumerate(more.items()))


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


def writes_of(request: HttpRequest, obj: Object, state: State, base: str) -> dict[str, Any]:
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
            {"label": label, "url": with_more(state.url(f"{base}export"), format=name)}
            for name, label in formats_of(obj).items()
        ]
        if obj.exportable and may(obj.plural, "export")
        else [],
    }


def condition_form(
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
        "operator_url": with_more(state.url(base), field=field.name),
        "control": conditions.control(field, op, reader, shown),
        "error": error,
    }, None
