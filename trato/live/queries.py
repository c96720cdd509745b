"""Reads of what is not in a workspace: which sessions hold, and who has a second factor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.utils import timezone


def sessions(keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What is in those of the sessions that were neither ended nor ran out, by key."""
    held = Session.objects.filter(session_key__in=set(keys), expire_date__gt=timezone.now())
    return {session.session_key: session.get_decoded() for session in held}


def has_second_factor(user_id: Any) -> bool:
    """Whether a person has an app or a passkey; recovery codes alone are none."""
    factors = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
    return factors.filter(user_id=user_id).exists()
