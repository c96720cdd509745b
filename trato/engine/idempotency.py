"""The same call twice does its work once: the answer is kept in the transaction of the change, and given again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from .models import IdempotencyKey
from .postgres.scope import in_workspace
from .workspaces.models import Workspace

KEPT = timedelta(hours=24)


class Running(RuntimeError):
    """A call with the same key is being answered right now."""


class Reused(ValueError):
    """The key was used for another call."""


def once(caller: UUID, key: str, fingerprint: str, work: Callable[[], tuple[int, Any]]) -> tuple[int, Any, bool]:
    """Status and JSON of ``work()``, or of the call that used this key before (then True); inside ``in_workspace``.

    Raises Running while another transaction works under the key, and Reused when its fingerprint was another. What
    ``work`` raises leaves the key unused.
    """
    number = int.from_bytes(hashlib.sha256(f"{caller}:{key}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise Running
    kept = IdempotencyKey.objects.filter(caller=caller, key=key).first()
    if kept and kept.created_at > timezone.now() - KEPT:
        if kept.fingerprint != fingerprint:
            raise Reused
        return kept.status or 200, kept.answer, True
    status, answer = work()
    values = {"fingerprint": fingerprint, "status": status, "answer": answer, "created_at": timezone.now()}
    IdempotencyKey.objects.update_or_create(caller=caller, key=key, defaults=values)
    return status, answer, False


def sweep() -> int:
    """Drop answers that are no longer kept, workspace by workspace; returns how many."""
    dropped = 0
    for workspace_id in Workspace.objects.values_list("id", flat=True):
        with in_workspace(workspace_id):
            dropped += IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]
    return dropped
