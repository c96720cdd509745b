"""What happened, told once: to open pages (NOTIFY) and to the reactions of modules (jobs), both only if it is
committed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from .postgres.notices import notify
from .workspaces.actors import Actor

_reactions: dict[str, list[Callable[..., Any]]] = {}


def react(reactions: Mapping[str, Callable[..., Any]]) -> None:
    """Register a module's ``reactions.py`` map: event name (``contacts.created``) -> function(actor, event), with the
    ids of the event's ``records``, that enqueues a job, or keeps what belongs to the change itself.
    """
    for name, function in reactions.items():
        _reactions.setdefault(name, []).append(function)


def react_to_all(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator, a reaction to every event: function(actor, event), with the event's ``name`` and, of the write of one
    record, the ``fields`` it changed, also as ``changed`` with (old, new) each.
    """
    _reactions.setdefault("", []).append(function)
    return function


def emit(
    actor: Actor, name: str, *, fields: Mapping[str, Any] = {}, records: Iterable[UUID] = (), **event: Any
) -> None:
    """Tell an event inside the transaction of its change: ids only, never content; that is only for reactions, and so
    are the ``records`` of a batch, which may be thousands (of one record it is that one).
    """
    told = event | {"records": tuple(records) or tuple(event[key] for key in ("id",) if key in event)}
    for function in _reactions.get(name, ()):
        function(actor, told)
    for function in _reactions.get("", ()):
        function(actor, told | {"name": name, "fields": frozenset(fields), "changed": fields})
    notify(actor.workspace.id, name, by=str(actor.user_id or ""), **event)
