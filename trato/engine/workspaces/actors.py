"""Who acts: the person, token, job or system behind every read and write, with what they may do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from ..postgres.scope import current_workspace_id, note
from .models import Membership, Role, Token, User, Workspace

VERBS = ("create", "delete", "import", "export", "share")
SCOPES = ("none", "own", "team", "all")
#: Where a session says by which workspace's sign-in its person came: the hex of its id. It opens no other one.
BOUND = "sign_on"
#: What the version of a workspace's own fields and objects is noted as, so that no call reads it twice.
VERSION = "fields_version"
#: By the plural of what is part of other records: the plural of those, whose rights are its rights.
WHOLES: dict[str, Callable[[], str]] = {}


def of_whole(plural: str, verb: str) -> tuple[str, str]:
    """Which right on which object counts: making and taking away parts of a record is changing it."""
    whole = WHOLES.get(plural)
    if whole is None:
        return plural, verb
    return whole(), "change" if verb in ("create", "delete") else verb


@dataclass(frozen=True)
class Rights:
    """What a role allows.

    ``permissions`` is ``{"objects": {"contacts": {"see": "all", "change": "team", "create": true, "delete": false,
    "import": true, "export": false, "share": true, "fields": {"birthday": "hidden", "owner": "read"}}, "*": {...}}}``;
    ``share`` is showing one's views to others; ``*`` stands for objects not named, and for those of which only
    ``fields`` are named. What is said nowhere is not allowed. Administrators may do everything.
    """

    admin: bool = False
    permissions: Mapping[str, Any] = field(default_factory=dict)
    scopes: tuple[str, ...] | None = None

    def _rules(self, plural: str) -> Mapping[str, Any]:
        objects = self.permissions.get("objects", {})
        return objects[plural] if self.has_own_rules(plural) else objects.get("*", {})

    def has_own_rules(self, plural: str) -> bool:
        """Whether the role says of this object itself who may do what, not only of all objects."""
        plural, _verb = of_whole(plural, "")
        own = self.permissions.get("objects", {}).get(plural)
        return own is not None and own.keys() != {"fields"}

    def token_allows(self, plural: str, verb: str) -> bool:
        """Whether a token's scopes (``contacts:see``, ``contacts:*``, ``*:see``, ``*``) leave this open; no scopes, no
        limit.
        """
        if self.scopes is None:
            return True
        plural, verb = of_whole(plural, verb)
        wanted = {"*", f"{plural}:*", f"*:{verb}", f"{plural}:{verb}", "*:*"}
        return any(scope in wanted for scope in self.scopes)

    def may(self, plural: str, verb: str) -> bool:
        """Whether records of this object may be created, deleted, imported or exported at all, or its views shared."""
        plural, verb = of_whole(plural, verb)
        if verb == "change":
            return self.scope(plural, verb) != "none"
        return self.token_allows(plural, verb) and (self.admin or bool(self._rules(plural).get(verb, False)))

    def scope(self, plural: str, verb: str) -> str:
        """Whose records may be seen or changed: ``none``, ``own``, ``team`` or ``all``; what can't be seen can't be
        changed.
        """
        plural, verb = of_whole(plural, verb)
        if not self.token_allows(plural, verb):
            return "none"
        if self.admin:
            return "all"
        said = [self.scope_said(plural, one) for one in dict.fromkeys(("see", verb))]
        return min(said, key=SCOPES.index)

    def scope_said(self, plural: str, verb: str) -> str:
        """The scope that stands in the role itself, before what can't be seen is taken away."""
        plural, verb = of_whole(plural, verb)
        said = self._rules(plural).get(verb, "none")
        return said if said in SCOPES else "none"

    def field(self, plural: str, name: str) -> str:
        """``write``, ``read`` or ``hidden`` for one field."""
        if self.admin:
            return "write"
        objects = self.permissions.get("objects", {})
        said = objects.get(plural, objects.get("*", {})).get("fields", {}).get(name, "write")
        return said if said in ("write", "read", "hidden") else "hidden"


@dataclass(frozen=True)
class Actor:
    """Who reads or writes, where, through which face, with which rights; every history row names one."""

    workspace: Workspace
    kind: str
    name: str
    face: str
    rights: Rights
    user_id: UUID | None = None
    source: str = ""
    language: str = "en"
    time_zone: str = "UTC"
    team_ids: frozenset[UUID] = frozenset()  #: those they are in
    teammate_ids: frozenset[UUID] = frozenset()  #: everybody in these and in the teams below, the person included
    role_id: UUID | None = None
    only: tuple[str, UUID] | None = None  #: the one record that is shown, by object and id, to who came through a door
    looking: str = ""  #: the administrator who looks at Trato with these rights, and writes nothing; "" for nobody

    @property
    def private_id(self) -> UUID | None:
        """Whose private things may be read: the person's; nobody's while an administrator only looks."""
        return None if self.looking else self.user_id

    def via(self, face: str, source: str = "", kind: str | None = None) -> "Actor":
        """The same person acting through another face or source, e.g. ``actor.via("import", "file:people.csv")``."""
        return replace(self, face=face, source=source or self.source, kind=kind or self.kind)


# UNION drops what was found already, so that it ends even where teams stood in a circle.
TEAMS = """
WITH RECURSIVE reach (team_id, mine) AS (
    SELECT m.team_id, true FROM workspaces_teammember m WHERE m.workspace_id = %(workspace)s AND m.user_id = %(user)s
    UNION
    SELECT t.id, false FROM workspaces_team t JOIN reach r ON t.parent_id = r.team_id
    WHERE t.workspace_id = %(workspace)s
)
SELECT r.team_id, r.mine, m.user_id FROM reach r
LEFT JOIN workspaces_teammember m ON m.team_id = r.team_id AND m.workspace_id = %(workspace)s
"""


def teams_of(user_id: UUID) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """The teams a person is in, and everybody in these and in the teams below them, the person included."""
    with connection.cursor() as cursor:
        cursor.execute(TEAMS, {"workspace": current_workspace_id(), "user": user_id})
        rows = cursor.fetchall()
    mates = {user_id, *(mate for _team, _mine, mate in rows if mate)}
    return frozenset(team for team, mine, _mate in rows if mine), frozenset(mates)


def _actor(membership: Membership | None, user: User, workspace: Workspace, **values: Any) -> Actor | None:
    """The actor of a person's membership in the current workspace, or None when there is no active one."""
    if membership is None or not user.is_active:
        return None
    role = membership.role
    scopes = values.pop("scopes", None)
    note(VERSION, workspace.fields_version)
    teams, mates = (frozenset(), frozenset({user.id})) if role.is_admin else teams_of(user.id)
    return Actor(
        workspace=workspace,
        user_id=user.id,
        rights=Rights(role.is_admin, role.permissions, scopes),
        role_id=role.id,
        language=user.language,
        time_zone=user.time_zone,
        team_ids=teams,
        teammate_ids=mates,
        **values,
    )


def _member(user: User, workspace: Workspace, **values: Any) -> Actor | None:
    membership = Membership.objects.filter(user_id=user.id, is_active=True).select_related("role").first()
    return _actor(membership, user, workspace, **values)


def opens(session: Mapping[str, Any], workspace: Workspace) -> bool:
    """Whether a session may be used in a workspace: one that came through a company's sign-in is only good there."""
    return session.get(BOUND, workspace.id.hex) == workspace.id.hex


def enter(user_id: Any, workspace: Workspace) -> tuple[Membership, Actor] | None:
    """Membership (with its ``user`` and ``role``, all in one read) and actor of who opens a page (inside
    ``in_workspace``).
    """
    rows = Membership.objects.filter(user_id=user_id, is_active=True).select_related("user", "role")
    membership = rows.first()
    user = membership.user if membership else None
    actor = _actor(membership, user, workspace, kind="user", name=str(user), face="web") if user else None
    return (membership, actor) if membership and actor else None


def as_role(admin: Actor, role: Role) -> Actor:
    """An administrator who looks at the workspace with the rights of a role: as themselves, in their teams, and writes
    nothing.
    """
    teams, mates = teams_of(admin.user_id) if admin.user_id else (frozenset(), frozenset())
    rights = Rights(role.is_admin, role.permissions)
    return replace(admin, rights=rights, role_id=role.id, team_ids=teams, teammate_ids=mates, looking=admin.name)


def as_person(admin: Actor, user: User) -> Actor | None:
    """An administrator who looks at the workspace as a person, in their own language, and writes nothing; None
    where the person is no active member.
    """
    actor = actor_for_user(user, admin.workspace)
    return actor and replace(actor, language=admin.language, time_zone=admin.time_zone, looking=admin.name)


def note_visit(membership: Membership) -> None:
    """Remember when a member was last here."""
    Membership.objects.filter(id=membership.id).update(last_seen_at=timezone.now())


def actor_for_user(user: User, workspace: Workspace, face: str = "web") -> Actor | None:
    """A person acting in a workspace (inside ``in_workspace``); None when they are not an active member of it."""
    return _member(user, workspace, kind="user", name=str(user), face=face)


def actor_for_token(token: Token, workspace: Workspace) -> Actor | None:
    """A token acting for its user, within its scopes; None when the user is no longer an active member."""
    name = f"{token.user} ({token.name})"
    scopes = tuple(token.scopes) or None
    return _member(token.user, workspace, kind="token", name=name, face="api", scopes=scopes)


def system_actor(workspace: Workspace, face: str = "system", source: str = "") -> Actor:
    """Trato itself: schedules, demo data, migrations of data."""
    note(VERSION, workspace.fields_version)
    return Actor(
        workspace=workspace,
        kind="system",
        name="Trato",
        face=face,
        source=source,
        rights=Rights(admin=True),
        language=workspace.language,
        time_zone=workspace.time_zone,
    )


def member_ids(active: bool = True) -> Q:
    """The condition ``id is a member of the current workspace`` for queries on users."""
    members = Membership.objects.filter(is_active=True) if active else Membership.objects.all()
    return Q(id__in=members.values("user_id"))
