"""The frame around every page of a workspace: where one can go, and what one can make."""

from __future__ import annotations

from functools import cache
from itertools import chain
from string import ascii_lowercase
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from trato.engine import access, objects
from trato.engine.workspaces.actors import BOUND, Actor
from trato.engine.workspaces.members import workspaces_of

from . import together
from .listing import shelf_of
from .names import called
from .panels import destinations_of

#: Where a person makes a workspace by themselves.
NEW_WORKSPACE = "/workspaces/new"
#: After ``g``: home, notifications, import, settings.
TAKEN = "hnisu"


def shell_of(request: HttpRequest) -> dict[str, Any]:
    """What shell.html needs (its top says which names)."""
    actor, path = request.actor, request.path
    base = f"/w/{actor.workspace.slug}"
    seen = [obj for obj in objects.all_objects() if access.may_see_any(actor, obj)]
    bound = bool(request.session.get(BOUND))
    bell = together.bell(request)
    return {
        "base": base,
        "workspace": {"name": actor.workspace.name},
        "workspaces": [
            {"name": other.name, "url": f"/w/{other.slug}/", "current": other.id == actor.workspace.id}
            for other in workspaces_of(actor.user_id)
            if not bound or other.id == actor.workspace.id
        ],
        "new_workspace_url": NEW_WORKSPACE if settings.TRATO_WORKSPACES_EACH and not bound else "",
        "home": {"url": f"{base}/", "current": path == f"{base}/"},
        "nav": [*_pinned(request, base), *_navigation(actor, seen, base, path)],
        "favourites": {"url": f"{base}/favourites", "some": bell["favourites"]},
        "foot": _foot(request, seen, base, path),
        "add": [
            {"label": called(obj).one, "url": f"{base}/{obj.plural}/new", "icon": obj.icon}
            for obj in seen
            if obj.in_navigation and actor.rights.may(obj.plural, "create")
        ],
        "bell": bell,
        "looking": _looking(request, base),
        "factor_due": getattr(request, "factor_due", ""),
        "me": _me(request, base),
        "live_url": f"{settings.TRATO_LIVE_URL}/live/events?workspace={actor.workspace.slug}",
    }


def _looking(request: HttpRequest, base: str) -> dict[str, str] | None:
    """As whom an administrator looks at the workspace, and where they stop; None for who acts as themselves."""
    name = getattr(request, "looking", "")
    return {"name": name, "end_url": f"{base}/looking/end"} if name else None


def _pinned(request: HttpRequest, base: str) -> list[dict[str, Any]]:
    """The views the person pinned, as one group."""
    items = [
        {
            "label": view.name,
            "url": f"{base}/{view.object}/?view={view.id}",
            "icon": view.icon or objects.get(view.object).icon,
            "current": request.GET.get("view") == str(view.id) and request.path == f"{base}/{view.object}/",
        }
        for view in shelf_of(request).pinned
    ]
    return [{"label": _("Pinned"), "items": items}] if items else []


def _navigation(actor: Actor, seen: list[objects.Object], base: str, path: str) -> list[dict[str, Any]]:
    """The objects by group, in the order they were registered, each gone to by the first free letter of its name; then
    the modules' own pages.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    free = [letter for letter in ascii_lowercase if letter not in TAKEN]
    for obj in seen:
        if obj.in_navigation:
            address = f"{base}/{obj.plural}"
            current = path == address or path.startswith(f"{address}/")
            item = {"label": called(obj).many, "url": f"{address}/", "icon": obj.icon, "current": current}
            if letter := next((one for one in obj.plural if one in free), ""):
                free.remove(letter)
                item["key"] = f"g {letter}"
            groups.setdefault(called(obj).group, []).append(item)
    for one in destinations_of(actor):
        address = f"{base}/{one.place}"
        current = path == address or path.startswith(f"{address}/")
        if current:  # a page of a module may lie below the list of an object
            for item in chain.from_iterable(groups.values()):
                item["current"] = False
        item = {"label": str(one.label), "url": address, "icon": one.icon, "current": current}
        groups.setdefault(str(one.group), []).append(item)
    return [{"label": label, "items": items} for label, items in groups.items()]


def _foot(request: HttpRequest, seen: list[objects.Object], base: str, path: str) -> list[dict[str, Any]]:
    """Import where the person may import something, what was done, and settings."""
    rights = request.actor.rights
    items = []
    if any(obj.importable and rights.may(obj.plural, "import") for obj in seen):
        items.append((_("Import"), f"{base}/import", "upload", "g i"))
    items.append((_("What was done"), f"{base}/activity", "history", "g u"))
    items.append((_("Settings"), f"{base}/settings", "settings", "g s"))
    return [
        {"label": label, "url": url, "icon": icon, "current": path.startswith(url), "key": key}
        for label, url, icon, key in items
    ]


def _me(request: HttpRequest, base: str) -> dict[str, Any]:
    user = request.user
    return {
        "name": str(user),
        "email": user.email,
        "theme": user.theme,
        "profile_url": f"{base}/settings/profile",
        "sessions_url": f"{base}/settings/sessions",
        "logout_url": logout_url(),
        "theme_url": f"{base}/settings/theme",
    }


@cache
def logout_url() -> str:
    """Where signing out is posted to."""
    return reverse("account_logout")
