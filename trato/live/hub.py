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

logger = logging.getLogger("trato.live")
#: Beyond so many records at once a stream is told only which objects changed.
MANY = 50


class Stream:
    """What one open page has not been told yet; the same record twice is told once.

    ``stale``: what the listener may hear has to be asked again before anything more is told. ``over``: nothing is.
    """

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.pending: dict[str, dict[str, Any]] = {}
        self.ready = asyncio.Event()
        self.stale = self.over = False

    def tell(self, change: dict[str, Any]) -> None:
        """Add a change, if the listener may hear of its object."""
        if change["object"] not in self.listener.objects:
            return
        self.pending[change["ref"] or change["object"]] = change
        if len(self.pending) > MANY:
            plurals = {one["object"] for one in self.pending.values()}
            self.pending = {plural: {"ref": "", "object": plural, "by": "", "about": []} for plural in sorted(plurals)}
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

    def __len__(self) -> int:
        return sum(map(len, self.streams.values()))

    def join(self, listener: Listener) -> Stream:
        """Begin a stream; the first one begins the listening."""
        stream = Stream(listener)
        self.streams[listener.workspace].add(stream)
        if not self.tasks:
            self.tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._watch())]
        return stream

    def leave(self, stream: Stream) -> None:
        """End a stream."""
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


def parameters() -> dict[str, Any]:
    """How this process reaches the database, as libpq's parameters."""
    known = connections["default"].settings_dict
    words = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {name: known[key] for name, key in words.items() if known.get(key)}
