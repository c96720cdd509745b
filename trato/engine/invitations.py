"""Asking people to join a workspace, by a link that only the holder of the mail can use, once, for seven days.

The text of a link is ``<workspace id in hex>.<secret>``: the workspace is in it, so that the look-up itself is already
inside that workspace; only the hash of the secret is kept.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from . import access
from .administration import record, require, role
from .postgres.scope import in_workspace
from .values import Problem, Refused
from .workspaces.actors import Actor
from .workspaces.models import Invitation, Membership, User, Workspace, digest_of

VALID = timedelta(days=7)


@dataclass(frozen=True)
class Offer:
    """An open invitation as its holder meets it."""

    id: UUID
    workspace: Workspace
    email: str
    by: str
    user: User | None


def invite(actor: Actor, email: Any, role_id: Any) -> tuple[Invitation, str]:
    """Ask an address to join with a role; returns the text of the link, which is mailed and never kept.

    An open invitation of the same address is replaced. Raises NotAdministrator, Absent, Refused.
    """
    require(actor)
    address = str(email or "").strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise Refused([Problem("email", "email", _("Write an e-mail address, like ana@example.com."))]) from None
    if len(address) > 254:
        raise Refused([Problem("email", "too_long", _("At most %(n)s characters.") % {"n": 254})])
    chosen = role(role_id)
    if Membership.objects.filter(user__email=address, is_active=True).exists():
        raise Refused([Problem("email", "member", _("This person is a member already."))])
    Invitation.objects.filter(email=address, accepted_at=None).delete()
    secret = secrets.token_urlsafe(32)
    made = Invitation.objects.create(
        email=address,
        role=chosen,
        invited_by_id=actor.user_id,
        digest=digest_of(secret),
        expires_at=timezone.now() + VALID,
    )
    record(actor, "invitations", made.id, "created", {"email": (None, address), "role": (None, chosen.name)})
    return made, f"{actor.workspace.id.hex}.{secret}"


def again(actor: Actor, invitation_id: Any) -> tuple[Invitation, str]:
    """The same invitation with a new link; the old one is worth nothing any more. Raises Absent, NotAdministrator."""
    old = _open(actor, invitation_id)
    return invite(actor, old.email, old.role_id)


def withdraw(actor: Actor, invitation_id: Any) -> None:
    """Make a link worth nothing; raises Absent, NotAdministrator."""
    old = _open(actor, invitation_id)
    record(actor, "invitations", old.id, "deleted", {"email": (old.email, None)})
    old.delete()


def _open(actor: Actor, invitation_id: Any) -> Invitation:
    require(actor)
    found = Invitation.objects.filter(id=access.as_uuid(invitation_id), accepted_at=None).first()
    if found is None:
        raise access.Absent(str(invitation_id))
    return found


def listed(actor: Actor) -> list[Invitation]:
    """Those not accepted yet, newest first; an expired one can be sent again."""
    require(actor)
    return list(Invitation.objects.filter(accepted_at=None).select_related("role", "invited_by").order_by("-id"))


def offer(text: str) -> Offer | None:
    """What a link offers; None for a wrong, used, withdrawn or expired one (outside any workspace)."""
    workspace, secret = _read(text)
    if workspace is None:
        return None
    with in_workspace(workspace.id):
        found = _valid(secret)
        if found is None:
            return None
        user = User.objects.filter(email=found.email).first()
        by = str(found.invited_by) if found.invited_by else workspace.name
        return Offer(found.id, workspace, found.email, by, user)


def _read(text: str) -> tuple[Workspace | None, str]:
    place, _dot, secret = text.partition(".")
    try:
        return Workspace.objects.filter(id=UUID(hex=place)).first(), secret
    except ValueError:
        return None, ""


def _valid(secret: str, *, lock: bool = False) -> Invitation | None:
    rows = Invitation.objects.filter(digest=digest_of(secret), accepted_at=None, expires_at__gt=timezone.now())
    rows = rows.select_for_update(of=("self",)) if lock else rows
    return rows.select_related("role", "invited_by").first()


def accept(text: str, user: User | None = None, *, name: str = "", password: str = "") -> tuple[User, Workspace] | None:
    """Join by a link: ``user`` who is signed in with the invited address, else a new person with name and password.

    None where the link is worth nothing (any more), or another person holds it; nothing is changed then.
    """
    workspace, secret = _read(text)
    if workspace is None:
        return None
    with in_workspace(workspace.id):
        found = _valid(secret, lock=True)
        if found is None or (user is not None and user.email != found.email):
            return None
        person = user or _new_person(found.email, name, password, workspace)
        if person is None:
            return None
        Membership.objects.update_or_create(user=person, defaults={"role": found.role, "is_active": True})
        Invitation.objects.filter(id=found.id).update(accepted_at=timezone.now())
    return person, workspace


def _new_person(email: str, name: str, password: str, workspace: Workspace) -> User | None:
    """A person of the invited address; None where somebody made one of it meanwhile, who then signs in."""
    try:
        with transaction.atomic():
            return User.objects.create_user(
                email, password, name=name, language=workspace.language, time_zone=workspace.time_zone
            )
    except IntegrityError:
        return None
