"""What is told at once because of what happened: each event only adds a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..events import react_to_all
from ..workspaces.actors import Actor
from . import jobs
from .rules import MARK

Event = Mapping[str, Any]


def commented(actor: Actor, event: Event) -> None:
    """Somebody wrote or changed a comment: who it mentions and who follows is told."""
    jobs.add(jobs.comment, actor, comment=event["comment"], entry=event["entry"])


def reacted(actor: Actor, event: Event) -> None:
    """Somebody put an emoji under a comment: who wrote that is told."""
    if "reaction" in event:
        jobs.add(jobs.reaction, actor, reaction=event["reaction"])


def written(actor: Actor, event: Event) -> None:
    """A record was given to somebody else, or a text mentions somebody: the history is looked through now, not in a
    minute.
    """
    changed = event["changed"]
    _old, owner = changed.get("owner", (None, None))
    given = owner is not None and owner != str(actor.user_id)
    if given or any(isinstance(new, str) and MARK in new for _before, new in changed.values()):
        jobs.add(jobs.gather, actor)


def shared(actor: Actor, event: Event) -> None:
    """A record was shared with somebody."""
    jobs.add(jobs.shared, actor, object=event["object"], id=event["id"], by=actor.user_id, name=actor.name)


def ended(actor: Actor, event: Event) -> None:
    """A job has ended: whoever began it is told."""
    jobs.add(jobs.ended, actor, job=event["job"])


#: By what was done, whatever it was done to.
REACTIONS: dict[str, Callable[[Actor, Event], None]] = {
    "comment-created": commented,
    "comment-updated": commented,
    "reacted": reacted,
    "created": written,
    "updated": written,
    "shared": shared,
    "ended": ended,
}


def happened(actor: Actor, event: Event) -> None:
    """Any event: where people are to be told of it, a job does it."""
    reaction = REACTIONS.get(event["name"].rpartition(".")[2])
    if reaction is not None:
        reaction(actor, event)


react_to_all(happened)
