"""One connection to the database that listens for all streams of this process, and hands each what it may hear."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
from django.db import DatabaseError, connections

from trato.engine.postgres.notices import CHANNEL, RIGHTS

from . import door
from .door import Listener
from .presence import BEAT, EVENT, Place, Presence, only_others

logger = logging.getLogger("trato.live")
#: Beyond so many records at once a stream is told only which objects changed.
MANY = 50


class Stream:
    """What one open page has not been told yet; the same record twice is told once.

    ``stale``: what the listener may hear has to be asked again before anything more is told. ``over``: nothing is.
    ``met``: who else has its record open is to be told.
    """

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.pending: dict[str, dict[str, Any]] = {}
        self.ready = asyncio.Event()
        self.stale = self.over = False
        self.met = bool(listener.here)

    def meet(self) -> None:
        """Somebody came to its record, or left it."""
        self.met = True
        self.ready.set()

    def tell(self, change: dict[str, Any]) -> None:
        """Add a change, if the listener may hear of its object; what has no object is told to nobody else anyway."""
        if change["object"] not in self.listener.objects and not change.get("own"):
            return
        self.pending[change["ref"] or change["object"]] = change
        if len(self.pending) > MANY:
            own = {name: one for name, one in self.pending.items() if one.get("own")}
            plurals = {one["object"] for one in self.pending.values()} - own.keys()
            self.pending = {plural: {"ref": "", "object": plural, "by": "", "about": []} for plural in sorted(plurals)}
            self.pending |= own
        self.ready.set()

    def doubt(self) -> None:
        """Somebody's rights changed in the workspace: perhaps theirs."""
        self.stale = True
        self.ready.set()

    def end(self) -> None:
        """Tell nothing more."""
        self.over = True
        self.ready.set()

    def take(self) -> list[dict[str, Any]]:
        """What is to be told now."""
        told, self.pending = list(self.pending.values()), {}
        return told


class Hub:
    """All streams of this process by workspace, and the tasks that listen for them and watch their sessions."""

    watch = 10.0

    def __init__(self, pause: Callable[[int], float] = lambda tries: min(0.5 * 2**tries, 15)) -> None:
        self.streams: dict[UUID, set[Stream]] = defaultdict(set)
        self.tasks: list[asyncio.Task[None]] = []
        self.listening = asyncio.Event()
        self.names: dict[str, str] = {}
        self.pause = pause
        self.presence = Presence()
        self.saying: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def __len__(self) -> int:
        return sum(map(len, self.streams.values()))

    def join(self, listener: Listener) -> Stream:
        """Begin a stream; the first one begins the listening."""
        stream = Stream(listener)
        self.streams[listener.workspace].add(stream)
        if not self.tasks:
            works = (self._listen(), self._watch(), self._beat(), self._announce())
            self.tasks = [asyncio.create_task(work) for work in works]
        self._enter(stream)
        return stream

    def _enter(self, stream: Stream) -> None:
        """Tell that its person has the record open."""
        if place := place_of(stream.listener):
            self._say([self.presence.enter(place)])

    def _exit(self, listener: Listener) -> None:
        if place := place_of(listener):
            self._say([self.presence.leave(place)])

    def _say(self, told: list[dict[str, Any] | None]) -> None:
        """Tell every process, this one too, in this order; nobody waits for it."""
        for one in filter(None, told):
            self.saying.put_nowait(one)

    async def _announce(self) -> None:
        """Tell what is to be told, what waits at once together."""
        while True:
            said = [await self.saying.get()]
            while not self.saying.empty():
                said.append(self.saying.get_nowait())
            try:
                await asyncio.to_thread(door.announce, EVENT, said)
            except DatabaseError as error:
                logger.warning("who is here could not be told: %s", type(error).__name__)

    def admit(self, stream: Stream, now: Listener) -> None:
        """The listener of a stream as of now, perhaps no longer at the record."""
        before, stream.listener = stream.listener, now
        if before.here != now.here:
            self._exit(before)
            self._enter(stream)
            stream.meet()

    async def others(self, stream: Stream) -> list[dict[str, str]]:
        """Who else has the record of a stream open: ``[{"id", "name"}]``."""
        at = stream.listener.workspace, stream.listener.here
        users = only_others(self.presence.people(at), stream.listener.user) if stream.listener.here else []
        return [{"id": str(user), "name": await self._name(str(user))} for user in users]

    async def _beat(self) -> None:
        """Tell again and again that our people are still here, and forget those nobody tells of."""
        while True:
            await asyncio.sleep(BEAT)
            self._say([*self.presence.beats()])
            for at in self.presence.forget():
                self._meet(at)

    def _meet(self, at: tuple[UUID, str]) -> None:
        for stream in self.streams.get(at[0], ()):
            if stream.listener.here == at[1]:
                stream.meet()

    def _heard_of_people(self, told: dict[str, Any]) -> None:
        at, changed = self.presence.hear(told)
        if changed:
            self._meet(at)
        if self.presence.is_answered(told):
            self._say([*self.presence.beats(at)])

    def leave(self, stream: Stream) -> None:
        """End a stream."""
        self._exit(stream.listener)
        there = self.streams[stream.listener.workspace]
        there.discard(stream)
        if not there:
            del self.streams[stream.listener.workspace]

    def close(self) -> None:
        """Stop listening and watching."""
        for task in self.tasks:
            task.cancel()
        self.tasks = []

    async def _watch(self) -> None:
        """End the streams of sessions that were ended elsewhere; nobody tells of those."""
        while True:
            await asyncio.sleep(self.watch)
            streams = [stream for some in self.streams.values() for stream in some]
            if not streams:
                continue
            try:
                ended = await asyncio.to_thread(door.ended, {stream.listener for stream in streams})
            except DatabaseError as error:
                logger.warning("sessions could not be asked: %s", type(error).__name__)
                continue
            for stream in streams:
                if stream.listener in ended:
                    stream.end()

    async def _listen(self) -> None:
        """Listen for ever; where the database goes away, try again until it is back."""
        tries = 0
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**parameters(), autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self.listening.set()
                    tries = 0
                    self._say([*self.presence.beats(new=True)])
                    self._doubt_all()  # what was told while nobody listened is lost
                    async for notice in connection.notifies():
                        await self._hear(notice.payload)
            except psycopg.Error as error:
                logger.warning("the database is away: %s", type(error).__name__)
            self.listening.clear()
            await asyncio.sleep(self.pause(tries))
            tries += 1

    def _doubt_all(self) -> None:
        for streams in self.streams.values():
            for stream in streams:
                stream.doubt()

    async def _hear(self, payload: str) -> None:
        """Hand one event to the streams of its workspace."""
        try:
            event = json.loads(payload)
            workspace, plural = UUID(event["workspace"]), event.get("object")
            if event.get("event") == EVENT:
                self._heard_of_people(event)
                return
        except (ValueError, KeyError, TypeError):
            return
        streams = self.streams.get(workspace)
        if not streams:
            return
        if event.get("event") == RIGHTS:
            for stream in streams:
                stream.doubt()
        if not plural:
            return
        if addressee := event.get("to"):
            own = {"ref": "", "object": plural, "by": "", "about": [], "own": True}
            for stream in streams:
                if str(stream.listener.user) == addressee:
                    stream.tell(own)
            return
        record_id = event.get("id")
        by, about = await self._name(event.get("by", "")), event.get("about") or []
        change = {"ref": f"{plural}/{record_id}" if record_id else "", "object": plural, "by": by, "about": about}
        for stream in tuple(streams):
            stream.tell(change)

    async def _name(self, user_id: str) -> str:
        if user_id and user_id not in self.names:
            if len(self.names) > 10_000:
                self.names.clear()
            self.names[user_id] = await asyncio.to_thread(door.name, user_id)
        return self.names.get(user_id, "")


def place_of(listener: Listener) -> Place | None:
    """Where a listener is, if they have a record open."""
    return Place(listener.workspace, listener.here, listener.user) if listener.here else None


def parameters() -> dict[str, Any]:
    """How this process reaches the database, as libpq's parameters."""
    known = connections["default"].settings_dict
    words = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {name: known[key] for name, key in words.items() if known.get(key)}
