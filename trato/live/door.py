"""Who opens a stream: the person of the session's cookie, as a member of the workspace; and what they may hear of."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
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
    """One person in one workspace, and the plurals of the objects they may see any of; ``some``: but not all of."""

    workspace: UUID
    user: UUID
    objects: frozenset[str]
    some: frozenset[str] = frozenset()
    slug: str = ""


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
        some = frozenset(plural for plural in heard if actor.rights.scope(plural, "see") != "all")
        return Listener(workspace.id, membership.user_id, heard, some, workspace.slug)


def audible(listener: Listener, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the changes whose record the listener may see, also in the recycle bin. Runs in a thread."""
    doubtful = {change["ref"] for change in changes if change["object"] in listener.some and change["ref"]}
    if not doubtful:
        return changes
    try:
        hidden = doubtful - _seen(listener, doubtful)
    finally:
        connections.close_all()
    return [change for change in changes if change["ref"] not in hidden]


def _seen(listener: Listener, refs: set[str]) -> set[str]:
    workspace = workspace_at(listener.slug)
    if workspace is None:
        return set()
    ids: dict[str, list[str]] = defaultdict(list)
    for ref in refs:
        plural, _slash, record_id = ref.partition("/")
        ids[plural].append(record_id)
    with in_workspace(workspace.id):
        entry = enter(listener.user, workspace)
        return {
            f"{plural}/{row['id']}"
            for plural, some in ids.items()
            for gone in (False, True)
            if entry
            for row in access.visible(entry[1], objects.get(plural), deleted=gone).filter(id__in=some).values("id")
        }


def name(user_id: str) -> str:
    """What a person is called. Runs in a thread."""
    try:
        return name_of(user_id)
    finally:
        connections.close_all()
