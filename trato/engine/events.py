"""What happened, told once: to open pages (NOTIFY) and to the reactions of modules (jobs), both only if it is
committed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection

from .workspaces.actors import Actor

CHANNEL = "trato"
_reactions: dict[str, list[Callable[..., Any]]] = {}


def react(reactions: Mapping[str, Callable[..., Any]]) -> None:
    """Register a module's ``reactions.py`` map: event name (``contacts.created``) -> function(actor, event) that
    enqueues a job.
    """
    for name, function in reactions.items():
        _reactions.setdefault(name, []).append(function)


def emit(actor: Actor, name: str, **event: Any) -> None:
    """Tell an event inside the transaction of its change: ids only, never content (NOTIFY is not narrowed by
    workspace).
    """
    for function in _reactions.get(name, ()):
        function(actor, event)
    payload = {"workspace": str(actor.workspace.id), "event": name, "by": str(actor.user_id or ""), **event}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps(payload, default=str)])
