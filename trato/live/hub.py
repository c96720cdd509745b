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
from django.db import connections

from trato.engine.events import CHANNEL

from . import door
from .door import Listener

logger = logging.getLogger("trato.live")
#: Beyond so many records at once a stream is told only which objects changed.
MANY = 50


class Stream:
    """What one open page has not been told yet; the same record twice is told once."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.pending: dict[str, dict[str, Any]] = {}
        self.ready = asyncio.Event()

    def tell(self, change: dict[str, Any]) -> None:
        """Add a change, if the listener may hear of its object."""
        heard = self.listener.objects
        if change["object"] not in heard:
            return
        about = [ref for ref in change["about"] if ref.partition("/")[0] in heard]
        self.pending[change["ref"] or change["object"]] = change | {"about": about}
        if len(self.pending) > MANY:
            plurals = {one["object"] for one in self.pending.values()}
            self.pending = {plural: {"ref": "", "object": plural, "by": "", "about": []} for plural in sorted(plurals)}
        self.ready.set()

    def take(self) -> list[dict[str, Any]]:
        """What is to be told now."""
        told, self.pending = list(self.pending.values()), {}
        self.ready.clear()
        return told


class Hub:
    """All streams of this process by workspace, and the task that listens for them."""

    def __init__(self, pause: Callable[[int], float] = lambda tries: min(0.5 * 2**tries, 15)) -> None:
        self.streams: dict[UUID, set[Stream]] = defaultdict(set)
        self.task: asyncio.Task[None] | None = None
        self.listening = asyncio.Event()
        self.names: dict[str, str] = {}
        self.pause = pause

    def __len__(self) -> int:
        return sum(map(len, self.streams.values()))

    def join(self, listener: Listener) -> Stream:
        """Begin a stream; the first one begins the listening."""
        stream = Stream(listener)
        self.streams[listener.workspace].add(stream)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._listen())
        return stream

    def leave(self, stream: Stream) -> None:
        """End a stream."""
        there = self.streams[stream.listener.workspace]
        there.discard(stream)
        if not there:
            del self.streams[stream.listener.workspace]

    async def _listen(self) -> None:
        """Listen for ever; where the database goes away, try again until it is back."""
        tries = 0
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**parameters(), autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self.listening.set()
                    tries = 0
                    async for notice in connection.notifies():
                        await self._hear(notice.payload)
            except psycopg.Error as error:
                logger.warning("the database is away: %s", type(error).__name__)
            self.listening.clear()
            await asyncio.sleep(self.pause(tries))
            tries += 1

    async def _hear(self, payload: str) -> None:
        """Hand one event to the streams of its workspace."""
        try:
            event = json.loads(payload)
            workspace, plural = UUID(event["workspace"]), event["object"]
        except (ValueError, KeyError, TypeError):
            return
        streams = self.streams.get(workspace)
        if not streams:
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
