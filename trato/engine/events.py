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


def react_to_all(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator, a reaction to every event: function(actor, event), with the event's ``name`` and, of the write of one
    record, the ``fields`` it changed, also as ``changed`` with (old, new) each.
    """
    _reactions.setdefault("", []).append(function)
    return function


def emit(actor: Actor, name: str, *, fields: Mapping[str, Any] = {}, **event: Any) -> None:
    """Tell an event inside the transaction of its change: ids only, never content; that is only for reactions."""
    for function in _reactions.get(name, ()):
        function(actor, event)
    for function in _reactions.get("", ()):
        function(actor, event | {"name": name, "fields": frozenset(fields), "changed": fields})
    notify(actor.workspace.id, name, by=str(actor.user_id or ""), **event)
