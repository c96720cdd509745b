"""Who has which record open, in all processes: told by NOTIFY when it begins and ends, and again while it lasts.

No table is written. A process that ends without a word is forgotten after ``EXPIRES`` seconds.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from trato.engine.workspaces.ids import uuid7

#: The event that tells of somebody here; nobody but the live processes hears it.
EVENT = "presence"
BEAT, EXPIRES = 20.0, 50.0


@dataclass(frozen=True)
class Place:
    """One person at one record of one workspace."""

    workspace: UUID
    ref: str
    user: UUID


class Presence:
    """What this process knows: its own people by the number of their pages, and everybody's by process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.node = uuid7().hex
        self.clock = clock
        self.own: Counter[Place] = Counter()
        self.known: dict[tuple[UUID, str], dict[tuple[UUID, str], float]] = defaultdict(dict)

    def enter(self, place: Place) -> dict[str, Any] | None:
        """One more page is open; what is to be told, if that is new."""
        self.own[place] += 1
        return self._told(place, on=True, new=True) if self.own[place] == 1 else None

    def leave(self, place: Place) -> dict[str, Any] | None:
        """One page less; what is to be told, if it was the last."""
        self.own[place] -= 1
        if self.own[place] > 0:
            return None
        del self.own[place]
        return self._told(place, on=False)

    def beats(self, at: tuple[UUID, str] | None = None, *, new: bool = False) -> list[dict[str, Any]]:
        """That everybody of this process (at one record) is still here; ``new``: and wants to know who else is."""
        return [self._told(place, on=True, new=new) for place in self.own if at in (None, (place.workspace, place.ref))]

    def _told(self, place: Place, *, on: bool, new: bool = False) -> dict[str, Any]:
        here = {"workspace": str(place.workspace), "ref": place.ref, "user": str(place.user)}
        return here | {"node": self.node, "on": on, "new": new}

    def hear(self, told: dict[str, Any]) -> tuple[tuple[UUID, str], bool]:
        """Take up what a process told; returns the record it is about, and whether that changes who is there.

        Raises KeyError or ValueError where it is no such thing.
        """
        at = UUID(told["workspace"]), str(told["ref"])
        place, here = (UUID(told["user"]), str(told["node"])), self.known[at]
        before = self.people(at)
        if told["on"]:
            here[place] = self.clock() + EXPIRES
        else:
            here.pop(place, None)
        return at, self.people(at) != before

    def is_answered(self, told: dict[str, Any]) -> bool:
        """Whether somebody new elsewhere has to be told who is here."""
        return bool(told.get("new")) and told.get("node") != self.node

    def people(self, at: tuple[UUID, str]) -> set[UUID]:
        """Who is at a record."""
        return {user for user, _node in self.known.get(at, {})}

    def forget(self) -> set[tuple[UUID, str]]:
        """Drop whom nobody told of for too long; returns the records where that changes who is there."""
        changed, now = set(), self.clock()
        for at in list(self.known):
            before = self.people(at)
            self.known[at] = {place: end for place, end in self.known[at].items() if end > now}
            if self.people(at) != before:
                changed.add(at)
            if not self.known[at]:
                del self.known[at]
        return changed


def only_others(people: Iterable[UUID], user: UUID) -> list[UUID]:
    """Everybody but the person themselves, in one order for all."""
    return sorted((one for one in people if one != user), key=str)
