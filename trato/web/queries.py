"""What django-allauth keeps, in no workspace: where a person is signed in, and which addresses it met them with."""

from __future__ import annotations

import re
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.utils.translation import gettext as _

BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def sessions(request: HttpRequest) -> list[dict[str, Any]]:
    """The person's sessions that still hold, this one first."""
    found = [
        {
            "id": one.id,
            "device": device(one.user_agent),
            "ip": one.ip,
            "since": one.created_at,
            "current": one.session_key == request.session.session_key,
        }
        for one in UserSession.objects.purge_and_list(request.user)
    ]
    return sorted(found, key=lambda one: (not one["current"], -one["since"].timestamp()))


def end_session(request: HttpRequest, session_id: int) -> bool:
    """Sign out elsewhere; False where the person has no such session, or it is this one."""
    found = UserSession.objects.filter(id=session_id, user_id=request.user.id).first()
    if found is None or found.session_key == request.session.session_key:
        return False
    found.end()
    return True


def has_second_factor(user_id: Any) -> bool:
    """Whether a person has an app or a passkey; recovery codes alone are none."""
    factors = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
    return factors.filter(user_id=user_id).exists()


def forget_addresses(user_id: Any) -> None:
    """Let nobody sign in by, or get a link for a new password at, an address that a person had."""
    EmailAddress.objects.filter(user_id=user_id).delete()


def device(agent: str) -> str:
    """A browser and a system by what the browser says of itself: ``Firefox, Linux``."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    known = ", ".join(part for part in (browser, system) if part)
    return known or re.sub(r"[^\w ./-]", "", agent)[:60] or _("Unknown device")
