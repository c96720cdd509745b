"""Keys to the API as people see them in settings: their own, and for administrators everybody's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from . import access, objects
from .administration import record
from .values import Problem, Refused
from .workspaces.actors import Actor
from .workspaces.members import make_token
from .workspaces.models import Token, User

VERBS = ("see", "change", "create", "delete", "import", "export", "share")
LIFETIMES = (30, 90, 365)


def make(actor: Actor, name: Any, scopes: list[str], days: int | None) -> tuple[Token, str]:
    """A key that acts as the person, within ``scopes`` (none: all the person may), for ``days``; and its text.

    Raises Refused.
    """
    name = " ".join(str(name or "").split())
    problems = []
    if not 0 < len(name) <= 80 or "\0" in name:
        problems.append(Problem("name", "required", _("Give it a name of up to %(n)s characters.") % {"n": 80}))
    known = {obj.plural for obj in objects.all_objects() if not obj.within} | {"*"}
    for scope in scopes:
        plural, _colon, verb = scope.partition(":")
        if plural not in known or verb not in (*VERBS, "*"):
            problems.append(Problem("scopes", "scope", _("There is no scope “%(scope)s”.") % {"scope": scope[:80]}))
    if days is not None and days not in LIFETIMES:
        problems.append(Problem("days", "choice", _("Choose one of the list.")))
    if actor.user_id is None or problems:
        raise Refused(problems or [Problem("", "person", _("Only a person can have a key."))])
    until = timezone.now() + timedelta(days=days) if days else None
    user = User.objects.get(id=actor.user_id)
    token, text = make_token(actor.workspace, user, name, sorted(set(scopes)), until)
    record(actor, "tokens", token.id, "created", {"name": (None, name), "scopes": (None, token.scopes)})
    return token, text


def listed(actor: Actor) -> list[Token]:
    """The person's keys that are not revoked; an administrator sees everybody's."""
    rows = Token.objects.filter(revoked_at=None).select_related("user").order_by("-id")
    return list(rows if actor.rights.admin else rows.filter(Q(user_id=actor.user_id)))


def revoke(actor: Actor, token_id: Any) -> None:
    """Make a key worth nothing; raises Absent for anybody else's but to administrators."""
    rows = Token.objects.filter(id=access.as_uuid(token_id), revoked_at=None)
    rows = rows if actor.rights.admin else rows.filter(Q(user_id=actor.user_id))
    found = rows.first()
    if found is None:
        raise access.Absent(str(token_id))
    Token.objects.filter(id=found.id).update(revoked_at=timezone.now())
    record(actor, "tokens", found.id, "deleted", {"name": (found.name, None)})
