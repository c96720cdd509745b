"""What happened, told once: to open pages (NOTIFY) and to the reactions of modules (jobs), both only if it is
committed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .postgres.notices import notify
from .workspaces.actors import Actor

_reactions: dict[str, list[Callable[..., Any]]] = {}


def react(reactions: Mapping[str, Callable[..., Any]]) -> None:
    """Register a module's ``reactions.py`` map: event name (``contacts.created``) -> function(actor, event) that
    enqueues a job.
    """
    for name, function in reactions.items():
        _reactions.setdefault(name, []).append(function)


def emit(actor: Actor, name: str, **event: Any) -> None:
    """Tell an event inside the transaction of its change: ids only, never content."""
    for function in _reactions.get(name, ()):
        function(actor, event)
    notify(actor.workspace.id, name, by=str(actor.user_id or ""), **event)
