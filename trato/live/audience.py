"""Who listens, and which changes they may hear of: the same access as a page, asked anew for every batch of changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from trato.engine import access, objects
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.actors import Actor, actor_for_user
from trato.engine.workspaces.members import workspace_at
from trato.engine.workspaces.models import Workspace


@dataclass(frozen=True)
class Event:
    """One change as the database tells it; without an ``id`` it is about many records of the object."""

    object: str
    id: str = ""
    by: str = ""


@dataclass(frozen=True)
class Listener:
    """One open page: whose session it has and which workspace it shows."""

    session_key: str
    slug: str


def listener_of(cookie: str, slug: str) -> Listener | None:
    """The listener a request's Cookie header stands for, if it has a session's form at all."""
    try:
        found = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    return Listener(found.value, slug) if found and slug else None


def workspace_of(listener: Listener) -> UUID | None:
    """The workspace this listener may hear of now; None once signed out, no longer a member, or nowhere at all."""
    workspace = workspace_at(listener.slug)
    if workspace is None:
        return None
    with in_workspace(workspace.id):
        return workspace.id if _actor(listener, workspace) else None


def changes_for(listener: Listener, events: Iterable[Event]) -> list[dict[str, Any]] | None:
    """Those of the events the listener may hear of, as the page reads them; None when they may hear none any more."""
    workspace = workspace_at(listener.slug)
    if workspace is None:
        return None
    with in_workspace(workspace.id):
        actor = _actor(listener, workspace)
        if actor is None:
            return None
        heard = _audible(actor, events)
        names = access.titles(actor, {f"users/{event.by}" for event in heard if event.by})
    return [
        {
            "object": event.object,
            "ref": f"{event.object}/{event.id}" if event.id else "",
            "by": names.get(f"users/{event.by}", ""),
        }
        for event in heard
    ]


def _actor(listener: Listener, workspace: Workspace) -> Actor | None:
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(listener.session_key)
    user = get_user(request)
    return actor_for_user(user, workspace) if user.is_authenticated else None


def _audible(actor: Actor, events: Iterable[Event]) -> list[Event]:
    """The events on records that the actor may see, also those just put into the recycle bin."""
    by_object: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if objects.is_known(event.object):
            by_object[event.object].append(event)
    heard: list[Event] = []
    for plural, some in by_object.items():
        obj, scope = objects.get(plural), actor.rights.scope(plural, "see")
        if scope == "none":
            continue
        seen: set[str] = {event.id for event in some}
        if scope != "all":
            ids = [event.id for event in some if event.id]
            rows = [
                access.visible(actor, obj, deleted=gone).filter(id__in=ids).values_list("id") for gone in (False, True)
            ]
            seen = {"", *(str(row[0]) for each in rows for row in each)}
        heard += [event for event in some if event.id in seen]
    return heard
