"""Who opens a stream: the person of the session's cookie, as a member of the workspace; and what they may hear of."""

from __future__ import annotations

from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from uuid import UUID

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.db import connections
from django.utils.crypto import constant_time_compare

from trato.engine import access, objects
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.actors import enter
from trato.engine.workspaces.members import name_of, workspace_at


@dataclass(frozen=True)
class Listener:
    """One person in one workspace, and the plurals of the objects they may see any of."""

    workspace: UUID
    user: UUID
    objects: frozenset[str]


def let_in(cookies: str, slug: str) -> Listener | None:
    """The listener of a request's cookies; None for everybody who is not a signed-in member. Runs in a thread."""
    try:
        key = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        key = None
    if key is None or not slug:
        return None
    try:
        return _listener(key.value, slug)
    finally:
        connections.close_all()


def _listener(key: str, slug: str) -> Listener | None:
    session = import_module(settings.SESSION_ENGINE).SessionStore(key).load()
    workspace = workspace_at(slug) if SESSION_KEY in session else None
    if workspace is None:
        return None
    with in_workspace(workspace.id):
        entry = enter(session[SESSION_KEY], workspace)
        if entry is None:
            return None
        membership, actor = entry
        kept = session.get(HASH_SESSION_KEY, "")
        if not constant_time_compare(kept, membership.user.get_session_auth_hash()):
            return None
        heard = frozenset(obj.plural for obj in objects.all_objects() if access.may_see_any(actor, obj))
        return Listener(workspace.id, membership.user_id, heard)


def name(user_id: str) -> str:
    """What a person is called. Runs in a thread."""
    try:
        return name_of(user_id)
    finally:
        connections.close_all()
