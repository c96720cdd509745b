"""What django-allauth keeps, in no workspace: where a person is signed in, and which addresses it met them with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.utils.translation import gettext as _

from trato.engine.workspaces.actors import BOUND

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
    """The person's sessions that still hold, this one first; to who came through a company's sign-in only this one."""
    found = [
        {
            "id": one.id,
            "device": device(one.user_agent),
            "ip": one.ip,
            "since": one.created_at,
            "current": one.session_key == request.session.session_key,
        }
        for one in UserSession.objects.purge_and_list(request.user)
        if BOUND not in request.session or one.session_key == request.session.session_key
    ]
    return sorted(found, key=lambda one: (not one["current"], -one["since"].timestamp()))


def end_session(request: HttpRequest, session_id: int) -> bool:
    """Sign out elsewhere; False where the person has no such session, or it is this one."""
    found = UserSession.objects.filter(id=session_id, user_id=request.user.id).first()
    if found is None or BOUND in request.session or found.session_key == request.session.session_key:
        return False
    found.end()
    return True


def with_second_factor(user_ids: Iterable[Any]) -> set[Any]:
    """Which of some people have an app or a passkey; recovery codes alone are none."""
    factors = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
    return set(factors.filter(user_id__in=list(user_ids)).values_list("user_id", flat=True))


def forget_addresses(user_id: Any) -> None:
    """Let nobody sign in by, or get a link for a new password at, an address that a person had."""
    EmailAddress.objects.filter(user_id=user_id).delete()


def device(agent: str) -> str:
    """A browser and a system by what the browser says of itself: ``Firefox, Linux``."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    known = ", ".join(part for part in (browser, system) if part)
    return known or re.sub(r"[^\w ./-]", "", agent)[:60] or _("Unknown device")
