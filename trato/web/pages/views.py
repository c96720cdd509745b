"""The views of a list: as tabs above it, kept, shared, pinned and taken away; and how wide and dense a table is."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from trato.engine import access, history, views
from trato.engine.objects import Object
from trato.engine.values import Refused
from trato.engine.views import SavedView

from ..listing import ALL, KINDS, State, shelf_of, state_of
from ..names import object_or_404
from ..respond import base_of, go, said, wants_part

#: Saved views that stand beside each other before the others go into a menu.
TABS = 6
VISIBILITIES = {
    "private": (gettext_lazy("Only me"), "lock"),
    "team": (gettext_lazy("A team"), "users"),
    "everyone": (gettext_lazy("Everyone here"), "world"),
}
DENSITIES = {
    "compact": gettext_lazy("Compact"),
    "normal": gettext_lazy("Normal"),
    "comfortable": gettext_lazy("Comfortable"),
}


def bar(request: HttpRequest, obj: Object, state: State, base: str) -> dict[str, Any]:
    """What parts/views.html draws, for every kind of view alike."""
    actor, shelf, place = request.actor, shelf_of(request, obj), f"{base}views"
    saved = [_tab(view, state, base) | {"pinned": shelf.is_pinned(view)} for view in shelf.views]
    shown = [tab for n, tab in enumerate(saved) if n < TABS or tab["current"]]
    changes = urlencode([pair for pair in state.parameters() if pair[0] != "cursor"])
    return {
        "tabs": [*_named(obj, state, base, everything=shelf.opens is not None), *shown] if saved or obj.filters else [],
        "more": [tab for tab in saved if tab not in shown],
        "view": _menu(request, obj, state, place) if state.saved else None,
        "changed": bool(state.changes()),
        "reset_url": f"{base}?{urlencode({'view': state.view})}" if state.view else base,
        "save_url": f"{place}/{state.view}/save?{changes}"
        if state.saved and views.may_change(actor, state.saved)
        else "",
        "create_url": f"{place}?{changes}",
        "may_share": views.may_share(actor, obj),
        "visibilities": [(name, label) for name, (label, _icon) in VISIBILITIES.items()],
        "teams": [(str(team.id), team.name) for team in _teams(request)] if views.may_share(actor, obj) else [],
        "lost": state.lost,
    }


def _teams(request: HttpRequest) -> list[Any]:
    """The teams a view can be shared with: administrators choose from all."""
    actor = request.actor
    return [team for team in access.teams(actor) if actor.rights.admin or team.id in actor.team_ids]


def _named(obj: Object, state: State, base: str, *, everything: bool) -> list[dict[str, Any]]:
    """All records, and the object's own filters."""
    pairs = [(ALL if everything else "", _("All")), *((name, label) for name, (label, _tree) in obj.filters.items())]
    current = state.view or (ALL if everything else "")
    if state.saved is None:
        return [
            {"label": label, "icon": "", "url": state.url(base, view=name), "current": current == name}
            for name, label in pairs
        ]
    return [
        {"label": label, "icon": "", "url": f"{base}?{urlencode({'view': name})}" if name else base, "current": False}
        for name, label in pairs
    ]


def _tab(view: SavedView, state: State, base: str) -> dict[str, Any]:
    icon = view.icon or ("" if view.kind == "table" else KINDS[view.kind][1])
    current = state.saved is not None and state.saved.id == view.id
    return {"label": view.name, "icon": icon, "url": f"{base}?{urlencode({'view': view.id})}", "current": current}


def _menu(request: HttpRequest, obj: Object, state: State, place: str) -> dict[str, Any]:
    """What can be done with the view that is open."""
    view, shelf = state.saved, shelf_of(request, obj)
    opens = shelf.opens is not None and shelf.opens.id == view.id
    return {
        "name": view.name,
        "visibility": view.visibility,
        "team": str(view.team_id or ""),
        "owner": str(view.owner or ""),
        "url": f"{place}/{view.id}",
        "may_change": views.may_change(request.actor, view),
        "pinned": shelf.is_pinned(view),
        "opens": opens,
        "roles": [(str(role.id), str(role)) for role in views.roles(request.actor)],
    }


# -- writes ---------------------------------------------------------------------------------------------------------


def _list(request: HttpRequest, obj: Object, view: SavedView | None = None) -> str:
    """The address of the list, with a view or without."""
    address = f"{base_of(request)}/{obj.plural}/"
    return f"{address}?{urlencode({'view': view.id})}" if view else address


def _refused(request: HttpRequest, obj: Object, refused: Refused) -> HttpResponse:
    """Back to the list as it was, with why nothing was kept."""
    words = " ".join(str(problem.message) for problem in refused.problems)
    query = request.GET.urlencode()
    return said(request, _list(request, obj) + (f"?{query}" if query else ""), words, error=True)


def _given(request: HttpRequest) -> dict[str, Any]:
    """What the form says of a view beside what it shows."""
    data = request.POST
    given: dict[str, Any] = {name: data[name] for name in ("name", "visibility") if name in data}
    if given.get("visibility") == "team":
        given["team"] = data.get("team", "")
    return given


@require_POST
def create(request: HttpRequest, plural: str) -> HttpResponse:
    """Keep the list of the address as a view."""
    obj = object_or_404(request, plural)
    state = state_of(request, obj)
    shown = _shown(request, obj, state)
    try:
        with history.batch() as batch:
            view = views.create(request.actor, obj, _given(request) | shown)
        if "pin" in request.POST:
            views.pin(request.actor, view.id)
    except Refused as refused:
        return _refused(request, obj, refused)
    return said(request, _list(request, obj, view), _("The view “%(name)s” is saved.") % {"name": view.name}, batch.id)


def _shown(request: HttpRequest, obj: Object, state: State) -> dict[str, Any]:
    """Kind and settings of what is on the screen, with the widths the person has made."""
    shown = state.dump(obj)
    look = views.look_of(request.actor, obj, state.saved, state.settings)
    own = {name: value for name, value in (("widths", dict(look.widths)), ("density", look.density)) if value}
    return shown | {"settings": shown["settings"] | own}


@require_POST
def save(request: HttpRequest, plural: str, view_id: Any) -> HttpResponse:
    """Let the view show what the address says from now on."""
    obj = object_or_404(request, plural)
    view = views.get(request.actor, view_id, obj)
    state = state_of(request, obj)
    try:
        with history.batch() as batch:
            view = views.change(request.actor, view.id, _shown(request, obj, state))
    except Refused as refused:
        return _refused(request, obj, refused)
    return said(request, _list(request, obj, view), _("The view “%(name)s” is saved.") % {"name": view.name}, batch.id)


@require_POST
def change(request: HttpRequest, plural: str, view_id: Any) -> HttpResponse:
    """Call a view otherwise, or show it to others."""
    obj = object_or_404(request, plural)
    view = views.get(request.actor, view_id, obj)
    try:
        with history.batch() as batch:
            view = views.change(request.actor, view.id, _given(request))
    except Refused as refused:
        return _refused(request, obj, refused)
    return said(request, _list(request, obj, view), _("The view “%(name)s” is saved.") % {"name": view.name}, batch.id)


@require_POST
def delete(request: HttpRequest, plural: str, view_id: Any) -> HttpResponse:
    """Take a view away; its records stay."""
    obj = object_or_404(request, plural)
    view = views.get(request.actor, view_id, obj)
    with history.batch() as batch:
        views.delete(request.actor, view.id)
    words = _("The view “%(name)s” was deleted. The records it showed are all there.")
    return said(request, _list(request, obj), words % {"name": view.name}, batch.id)


@require_POST
def turn(request: HttpRequest, plural: str, view_id: Any, what: str) -> HttpResponse:
    """Pin a view or let it go; open the list with it or no longer, for oneself or (``role``) for a role."""
    obj = object_or_404(request, plural)
    view = views.get(request.actor, view_id, obj)
    try:
        if what in ("pin", "unpin"):
            views.pin(request.actor, view.id, pinned=what == "pin")
        else:
            chosen = view.id if what == "open" else None
            views.open_with(request.actor, obj, chosen, role_id=request.POST.get("role") or None)
    except Refused as refused:
        return _refused(request, obj, refused)
    return go(request, _list(request, obj, view))


@require_POST
def look(request: HttpRequest, plural: str) -> HttpResponse:
    """Keep how wide columns are (``width.<column>``) or how close rows stand, in the view of the address where it is
    the person's to change, else for them alone.
    """
    obj = object_or_404(request, plural)
    state = state_of(request, obj)
    given: dict[str, Any] = {"density": request.POST["density"]} if "density" in request.POST else {}
    widths = {name.removeprefix("width."): text for name, text in request.POST.items() if name.startswith("width.")}
    if not all(text.isascii() and text.isdigit() and len(text) < 6 for text in widths.values()):
        raise Http404("widths")
    given |= {"widths": {name: int(text) for name, text in widths.items()}} if widths else {}
    try:
        views.remember(request.actor, obj, state.saved, given)
    except Refused as refused:
        return _refused(request, obj, refused)
    if wants_part(request):
        return HttpResponse(status=204)
    return go(request, state.url(_list(request, obj)))
