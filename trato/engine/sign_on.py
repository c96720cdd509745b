"""A company's own sign-in (OpenID Connect or SAML): what administrators decide about it, and whom it lets in.

A provider is chosen by a workspace's administrators, so what it says is believed in that workspace only: whoever comes
through it is in no other one, and can't touch their account. Who may come at all is decided here (docs/adr/0014).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from . import invitations
from .administration import record, require, role
from .postgres.scope import in_workspace
from .sealing import reseal, seal, unseal
from .values import Problem, Refused
from .workspaces.actors import Actor, system_actor
from .workspaces.members import person_at
from .workspaces.models import Identity, Invitation, Membership, Role, SignOn, User, Workspace

PURPOSE = "sign-on"
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
#: The longest time members have to set up a second factor.
MOST_DAYS = 90


@dataclass(frozen=True)
class Claim:
    """What a provider says of who comes: ``verified`` is None where it does not say whether the address is proven."""

    issuer: str
    subject: str
    email: str
    verified: bool | None
    name: str = ""


class NotAdmitted(Exception):
    """Why somebody does not come in, in words for them; ``invitation`` is a link that was made and is to be mailed."""

    def __init__(self, words: str, invitation: tuple[Invitation, str] | None = None) -> None:
        super().__init__(words)
        self.words, self.invitation = words, invitation


# -- what administrators decide -------------------------------------------------------------------------------------


def current() -> SignOn | None:
    """The sign-in of the workspace, if it has one (inside ``in_workspace``)."""
    return SignOn.objects.select_related("role").first()


def of_workspace(hexed: str) -> tuple[Workspace, SignOn] | None:
    """A workspace by the hex of its id, and its sign-in; None where there is none (outside any workspace)."""
    try:
        workspace = Workspace.objects.filter(id=UUID(hex=hexed)).first()
    except ValueError:
        return None
    if workspace is None:
        return None
    with in_workspace(workspace.id):
        found = current()
    return (workspace, found) if found else None


def secret_of(found: SignOn) -> str:
    """The secret that the provider knows Trato by; raises BrokenSeal."""
    return unseal(PURPOSE, found.settings["secret"]) if found.settings.get("secret") else ""


def reseal_secret() -> bool:
    """Seal the workspace's secret by the newest key; whether it was not yet (inside ``in_workspace``)."""
    found = SignOn.objects.select_for_update(of=("self",)).first()
    sealed = found.settings.get("secret") if found else ""
    if not found or not sealed or (fresh := reseal(sealed)) == sealed:
        return False
    found.settings = {**found.settings, "secret": fresh}
    found.save(update_fields=["settings"])
    return True


def domains_in(text: str) -> list[str]:
    """E-mail domains as they are typed, one after another; raises Refused."""
    said = [word.lower().lstrip("@") for word in re.split(r"[\s,;]+", text) if word]
    wrong = [word for word in said if not DOMAIN.fullmatch(word) or len(word) > 253]
    if wrong:
        words = _("“%(domain)s” is no domain; write one like example.com.") % {"domain": wrong[0][:80]}
        raise Refused([Problem("domains", "domain", words)])
    if not said:
        raise Refused([Problem("domains", "required", _("Fill in this field."))])
    return list(dict.fromkeys(said))


def save(actor: Actor, given: Mapping[str, Any]) -> SignOn:
    """Set up the company's sign-in from ``kind``, ``label``, ``issuer``, ``settings`` (with ``secret`` in clear, or
    without it to keep the one there is), ``domains``, ``vouched``, ``is_open`` and ``role``.

    Another issuer makes all people strangers again: its subjects are others. Raises NotAdministrator, Absent, Refused.
    """
    require(actor)
    found = SignOn.objects.select_for_update().first() or SignOn()
    fresh = found.issuer != given["issuer"] or found.kind != given["kind"]
    values = dict(given["settings"])
    if values.get("secret"):
        values["secret"] = seal(PURPOSE, values["secret"])
    elif not fresh and found.settings.get("secret"):
        values["secret"] = found.settings["secret"]
    elif given["kind"] == SignOn.OIDC:
        raise Refused([Problem("secret", "required", _("Fill in this field."))])
    chosen = role(given["role"]) if given.get("role") else None
    if given["is_open"] and chosen is None:
        raise Refused([Problem("role", "required", _("Choose the role that new members get."))])
    if chosen is not None and chosen.is_admin:
        raise Refused(
            [
                Problem(
                    "role",
                    "admin",
                    _("Signing in through the company can't make people administrators; choose another role."),
                )
            ]
        )
    before = {name: getattr(found, name) for name in ("kind", "label", "issuer", "domains", "vouched", "is_open")}
    for name in before:
        setattr(found, name, given[name])
    found.settings, found.role = values, chosen
    found.save()
    if fresh:
        Identity.objects.all().delete()
    changed = {name: (old, given[name]) for name, old in before.items() if old != given[name]}
    record(actor, "workspace", actor.workspace.id, "sign-in changed", changed)
    return found


def remove(actor: Actor) -> None:
    """Take the company's sign-in away; whoever came through it needs a password then. Raises NotAdministrator."""
    require(actor)
    SignOn.objects.all().delete()
    Identity.objects.all().delete()
    Workspace.objects.filter(id=actor.workspace.id).update(sign_on_only=False)
    record(actor, "workspace", actor.workspace.id, "sign-in removed", {})


def demand(actor: Actor, *, only: bool, spare: Any, factor: bool, days: int) -> None:
    """Say how people come in: ``only`` through the company's sign-in, but for the administrator ``spare``; with a
    second ``factor``, ``days`` from today on (a demand that stands keeps its day). Raises NotAdministrator, Refused.
    """
    require(actor)
    workspace = Workspace.objects.select_for_update().get(id=actor.workspace.id)
    if only and not SignOn.objects.exists():
        raise Refused([Problem("only", "none", _("Set up the company's sign-in first."))])
    rows = Membership.objects.filter(is_active=True, role__is_admin=True).select_related("user")
    chosen = next((row.user for row in rows if str(row.user_id) == str(spare)), None)
    if only and chosen is None:
        raise Refused(
            [Problem("spare", "required", _("Name an administrator for the day the sign-in is out of order."))]
        )
    if only and chosen and not chosen.has_usable_password():
        raise Refused([Problem("spare", "password", _("This administrator has no password yet."))])
    if not 0 <= days <= MOST_DAYS:
        raise Refused([Problem("days", "range", _("From 0 to %(n)s days.") % {"n": MOST_DAYS})])
    kept = workspace.second_factor_from
    since: date | None = (kept or timezone.localdate() + timedelta(days=days)) if factor else None
    after = {"sign_on_only": only, "spare_id": chosen.id if chosen else None, "second_factor_from": since}
    changed = {name: (getattr(workspace, name), new) for name, new in after.items() if getattr(workspace, name) != new}
    Workspace.objects.filter(id=workspace.id).update(**after)
    if changed:
        said = {name: (str(old or ""), str(new or "")) for name, (old, new) in changed.items()}
        record(actor, "workspace", workspace.id, "updated", said)


# -- whom it lets in ------------------------------------------------------------------------------------------------


def admit(workspace: Workspace, claim: Claim) -> User:
    """The member whom a provider's claim stands for, made a member if that is allowed; raises NotAdmitted.

    ``claim`` has been checked: the workspace's provider really said it, just now, to us. (Outside any workspace.)
    """
    with in_workspace(workspace.id):
        outcome = _admit(workspace, claim)
    if isinstance(outcome, NotAdmitted):
        raise outcome
    return outcome


def _admit(workspace: Workspace, claim: Claim) -> User | NotAdmitted:
    found = current()
    if found is None or found.issuer != claim.issuer or not 0 < len(claim.subject) <= 500:
        raise NotAdmitted(_("This sign-in is not set up, or was changed meanwhile. Begin again."))
    known = Identity.objects.filter(issuer=claim.issuer, subject=claim.subject).select_related("user").first()
    if known is not None:
        return _member(known.user)
    email = _proven(found, claim)
    user = person_at(email)
    if user is None:
        user = _newcomer(workspace, found, claim, email)
    elif not Membership.objects.filter(user=user).exists():
        return _to_join(workspace, found, user)
    _member(user)
    try:
        with transaction.atomic():
            Identity.objects.create(user=user, issuer=claim.issuer, subject=claim.subject)
    except IntegrityError:
        words = _("Somebody else of your company came with this address before. Ask an administrator of the workspace.")
        raise NotAdmitted(words) from None
    return user


def _member(user: User) -> User:
    if not user.is_active or not Membership.objects.filter(user=user, is_active=True).exists():
        raise NotAdmitted(_("You are not a member of this workspace any more. Ask an administrator to invite you."))
    return user


def _proven(found: SignOn, claim: Claim) -> str:
    """The address that is believed: one of the company's domains, and proven."""
    email = claim.email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise NotAdmitted(
            _("Your company's sign-in gave no e-mail address. Ask its administrators to send it.")
        ) from None
    if email.rpartition("@")[2] not in found.domains:
        words = _("People with the address %(email)s do not come in through this sign-in.")
        raise NotAdmitted(words % {"email": email})
    if not (claim.verified or (found.vouched and claim.verified is None)):
        raise NotAdmitted(_("Your company's sign-in does not say that your e-mail address is proven to be yours."))
    return email


def _to_join(workspace: Workspace, found: SignOn, user: User) -> NotAdmitted:
    """Somebody with an account, and no member: they join by a mail, which only they can read."""
    invited = Invitation.objects.filter(email=user.email, accepted_at=None, expires_at__gt=timezone.now()).exists()
    words = _("You have an account already, so you join by the link that was mailed to you. Open it first.")
    if not invited and found.is_open and found.role_id:
        return NotAdmitted(words, invitations.invite(system_actor(workspace), user.email, found.role_id))
    return NotAdmitted(words if invited else _not_invited())


def _not_invited() -> str:
    return _("Nobody has invited you to this workspace yet. Ask one of its administrators.")


def _newcomer(workspace: Workspace, found: SignOn, claim: Claim, email: str) -> User:
    """A new person, with the role they were invited with, or that of whoever comes."""
    rows = Invitation.objects.select_for_update(of=("self",)).filter(email=email, accepted_at=None)
    invitation = rows.filter(expires_at__gt=timezone.now()).select_related("role").first()
    chosen: Role | None = invitation.role if invitation else found.role if found.is_open else None
    if chosen is None:
        raise NotAdmitted(_not_invited())
    name = " ".join(claim.name.replace("\0", "").split())[:150]
    values = {"language": workspace.language, "time_zone": workspace.time_zone}
    user = User.objects.create_user(email, None, name=name, **values)
    membership = Membership.objects.create(user=user, role=chosen)
    rows.update(accepted_at=timezone.now())
    actor = system_actor(workspace, source=f"sign-in:{found.label}")
    record(actor, "members", membership.id, "created", {"name": (None, email), "role": (None, chosen.name)})
    return user
