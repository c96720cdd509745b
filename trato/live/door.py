"""Who opens a stream: the person of the session's cookie, as a member of the workspace; and what they may hear of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.db import connections
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from trato.engine import access, objects
from trato.engine.kinds.datetime import zone_of
from trato.engine.postgres.notices import notify
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.actors import BOUND, Actor, enter, opens
from trato.engine.workspaces.members import name_of, people_of, workspace_at
from trato.engine.workspaces.models import User, Workspace

from . import queries


@dataclass(frozen=True)
class Listener:
    """One person in one workspace, by one session, and the plurals of the objects they may see any of.

    ``some``: those they may see not all of; ``quiet``: those of which they may not see what a record is about.
    """

    workspace: UUID
    user: UUID
    objects: frozenset[str]
    some: frozenset[str] = frozenset()
    quiet: frozenset[str] = frozenset()
    slug: str = ""
    session: str = field(default="", repr=False)
    here: str = ""
    asked: str = ""


def let_in(cookies: str, slug: str, here: str = "") -> Listener | None:
    """The listener of a request's cookies; None for everybody who is not a signed-in member. ``here`` is the record
    they have open. Runs in a thread.
    """
    try:
        key = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        key = None
    return again(key.value, slug, here) if key is not None and slug else None


def again(session: str, slug: str, here: str = "") -> Listener | None:
    """The listener of a session as of now; None where it holds no longer, or its person is no member. In a thread."""
    try:
        return _listener(session, slug, here)
    finally:
        connections.close_all()


def _listener(key: str, slug: str, here: str) -> Listener | None:
    session = queries.sessions([key]).get(key, {})
    workspace = workspace_at(slug) if SESSION_KEY in session else None
    if workspace is None or not opens(session, workspace):
        return None
    with in_workspace(workspace.id):
        entry = enter(session[SESSION_KEY], workspace)
        if entry is None:
            return None
        membership, actor = entry
        if not _holds(session, membership.user) or not _came_rightly(session, workspace, membership.user):
            return None
        heard = frozenset(obj.plural for obj in objects.all_objects() if access.may_see_any(actor, obj))
        some = frozenset(plural for plural in heard if actor.rights.scope(plural, "see") != "all")
        quiet = frozenset(
            plural
            for plural in heard
            if (moment := objects.get(plural).moment) and actor.rights.field(plural, moment.about) == "hidden"
        )
        open_now = here if _is_seen(actor, here) else ""
        return Listener(workspace.id, membership.user_id, heard, some, quiet, workspace.slug, key, open_now, here)


def _came_rightly(session: dict[str, Any], workspace: Workspace, user: User) -> bool:
    """Whether the way somebody came in is one that the workspace accepts for its pages."""
    if BOUND in session:
        return True
    if workspace.sign_on_only and user.id != workspace.spare_id:
        return False
    since = workspace.second_factor_from
    with timezone.override(zone_of(user.time_zone)):
        return since is None or timezone.localdate() < since or queries.has_second_factor(user.id)


def _is_seen(actor: Actor, ref: str) -> bool:
    """Whether the actor may be met at a record: they see it."""
    plural, _slash, record_id = ref.partition("/")
    if not record_id or not objects.is_known(plural):
        return False
    try:
        return access.visible(actor, objects.get(plural)).filter(id=access.as_uuid(record_id)).exists()
    except access.Absent:
        return False


def announce(event: str, told: Iterable[dict[str, Any]]) -> None:
    """Tell the live processes something of workspaces; ids only. Runs in a thread."""
    try:
        for one in told:
            notify(UUID(one["workspace"]), event, **{name: said for name, said in one.items() if name != "workspace"})
    finally:
        connections.close_all()


def ended(listeners: set[Listener]) -> set[Listener]:
    """Those whose session was ended, ran out, or was made with another password than today's. Runs in a thread.

    Two reads for however many there are: this is asked again and again while streams are open.
    """
    try:
        held = queries.sessions(one.session for one in listeners)
        people = people_of({one.user for one in listeners})
    finally:
        connections.close_all()
    return {one for one in listeners if not _holds(held.get(one.session, {}), people.get(one.user))}


def _holds(session: dict[str, Any], user: User | None) -> bool:
    """Whether a session is this person's, who may sign in, and was made with the password of today."""
    if user is None or not user.is_active or session.get(SESSION_KEY) != str(user.id):
        return False
    return constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())


def audible(listener: Listener, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the listener may hear of the changes: records they may see, also in the recycle bin, about others that they
    may see. Runs in a thread.
    """
    own = [change for change in changes if change.get("own")]
    heard = [change for change in changes if change["object"] in listener.objects]
    refs = {change["ref"] for change in heard if change["ref"]} | {ref for change in heard for ref in change["about"]}
    hidden = {ref for ref in refs if ref.partition("/")[0] not in listener.objects}
    doubtful = {ref for ref in refs if ref.partition("/")[0] in listener.some}
    if doubtful:
        try:
            hidden |= doubtful - _seen(listener, doubtful)
        finally:
            connections.close_all()
    return own + [
        change
        | {"about": [] if change["object"] in listener.quiet else [r for r in change["about"] if r not in hidden]}
        for change in heard
        if change["ref"] not in hidden
    ]


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
