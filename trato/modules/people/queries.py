"""Named reads of people."""

from typing import Any

from django.db.models import QuerySet

from trato.engine import access, objects
from trato.engine.workspaces.actors import Actor


def members(actor: Actor, record_id: Any) -> list[tuple[str, str]]:
    """Who belongs to an account by a relationship whose type rolls up, now: (object, id) pairs the actor may see the tie of."""
    ties = _ties(actor).filter(target=f"accounts/{record_id}", kind__is_membership=True, until=None)
    return [tuple(ref.split("/", 1)) for ref in ties.values_list("source", flat=True)[:1000]]


def _ties(actor: Actor) -> QuerySet:
    return access.visible(actor, objects.get("relationships"))


def ties_of(actor: Actor, ref: str) -> list[dict[str, Any]]:
    """The relationships of one record seen from it: each with the other's ref, the words from this side, and the dates."""
    wanted = ("id", "source", "target", "since", "until", "note", "kind__name", "kind__reverse_name")
    found = [(row, True) for row in _ties(actor).filter(source=ref).values(*wanted)]
    found += [(row, False) for row in _ties(actor).filter(target=ref).values(*wanted)]
    return [
        {
            "id": row["id"],
            "other": row["target"] if forward else row["source"],
            "words": row["kind__name"] if forward else row["kind__reverse_name"],
            "forward": forward,
            "since": row["since"],
            "until": row["until"],
            "note": row["note"],
        }
        for row, forward in found
    ]
