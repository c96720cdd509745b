"""What stands above the records of a list, a board, a calendar and a map alike: views, filter, words, and what a person
may do there. parts/tools.html draws it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest
from django.utils.translation import gettext as _

from trato.engine import actions
from trato.engine.objects import Field, Object

from .. import filtering, listing
from ..filtering import Builder
from ..listing import KINDS, State
from ..respond import base_of
from .exports import formats_of
from .views import bar


def toolbar(
    request: HttpRequest,
    obj: Object,
    fields: dict[str, Field],
    state: State,
    *,
    base: str,
    built: Builder,
) -> dict[str, Any]:
    """What parts/tools.html and the head of the page need, whatever shows the records."""
    return {
        "object": obj,
        "list_url": base,
        "live": obj.plural,
        "hidden": [pair for pair in state.parameters() if pair[0] != "cursor"],
        "q": state.words,
        "kinds": _kinds(fields, state, base),
        "views": bar(request, obj, state, base),
        "chips": _chips(request, obj, state, base, built),
        "clear_url": state.url(base, tree=None, words="", **({} if state.saved else {"view": ""})),
        "filter": built.context(),
        "filter_open": bool(built.verb),
        "filtered": bool(listing.whole_filter(obj, state) or state.words),
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


def _chips(request: HttpRequest, obj: Object, state: State, base: str, built: Builder) -> list[dict[str, str]]:
    """The conditions that hold together, each to be changed or taken out."""
    held = filtering.parts(state.tree)
    path = "/and/{}" if len(held) > 1 or (state.tree and "and" in state.tree) else ""
    return [
        {
            "label": filtering.describe(request.actor, obj, part, built.reader),
            "edit_url": with_more(state.url(base), **{"filter-do": quote(f"edit {path.format(n)}")}),
            "remove_url": state.url(base, tree=filtering.whole([other for other in held if other is not part])),
        }
        for n, part in enumerate(held)
    ]


def writes_of(request: HttpRequest, obj: Object, state: State, base: str) -> dict[str, Any]:
    """What the person may do here: create, import, export, and act on the rows ticked."""
    may = request.actor.rights.may
    bulk = [
        {"name": action.name, "label": action.label, "icon": action.icon, "danger": False, "question": ""}
        for action in actions.of(obj.plural).values()
    ]
    bulk.insert(0, {"name": "edit", "label": _("Change"), "icon": "pencil", "danger": False, "question": ""})
    if may(obj.plural, "delete"):
        if obj.mergeable:
            bulk.append({"name": "merge", "label": _("Merge"), "icon": "arrows-join", "danger": False, "question": ""})
        question = _("Delete the selected records? They go to the recycle bin.")
        bulk.append({"name": "delete", "label": _("Delete"), "icon": "trash", "danger": True, "question": question})
    importable = obj.importable and may(obj.plural, "import")
    return {
        "bulk": bulk if request.actor.rights.scope(obj.plural, "change") != "none" else [],
        "bulk_url": state.url(f"{base}bulk", cursor=""),
        "new_url": f"{base}new" if may(obj.plural, "create") else "",
        "import_url": f"{base_of(request)}/import?object={obj.plural}" if importable else "",
        "duplicates_url": f"{base}duplicates" if obj.mergeable and may(obj.plural, "delete") else "",
        "exports": [
            {"label": label, "url": with_more(state.url(f"{base}export"), format=name)}
            for name, label in formats_of(obj).items()
        ]
        if obj.exportable and may(obj.plural, "export")
        else [],
    }
