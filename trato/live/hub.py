"""One connection that hears of all changes (LISTEN), and the open pages each is passed on to."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import defaultdict
from typing import Any
from uuid import UUID

import psycopg
from django.db import connections

from trato.engine.events import CHANNEL

from .audience import Event

logger = logging.getLogger("trato.live")
MANY = 200  # changes waiting for one page, above which they are told as "these objects have changed"
PAUSES = (0.5, 1, 2, 5, 10)  # seconds between tries to reach the database again


class Mailbox:
    """The changes one open page has not been told yet."""

    def __init__(self) -> None:
        self._events: set[Event] = set()
        self._filled = asyncio.Event()

    def put(self, event: Event) -> None:
        self._events.add(event)
        if len(self._events) > MANY:
            self._events = {Event(one.object) for one in self._events}
        self._filled.set()

    async def take(self, patience: float) -> set[Event]:
        """Everything that has come, as soon as something has; nothing after ``patience`` seconds."""
        if not self._filled.is_set():
            try:
                await asyncio.wait_for(self._filled.wait(), patience)
            except TimeoutError:
                return set()
        events, self._events = self._events, set()
        self._filled.clear()
        return events


class Hub:
    """Passes changes on to the mailboxes of their workspace."""

    def __init__(self) -> None:
        self._mailboxes: dict[UUID, set[Mailbox]] = defaultdict(set)
        self._listening: asyncio.Task[None] | None = None

    def join(self, workspace_id: UUID) -> Mailbox:
        """A mailbox for one page; the first one also starts the listening."""
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen())
        mailbox = Mailbox()
        self._mailboxes[workspace_id].add(mailbox)
        return mailbox

    def leave(self, workspace_id: UUID, mailbox: Mailbox) -> None:
        """The page is closed."""
        self._mailboxes[workspace_id].discard(mailbox)
        if not self._mailboxes[workspace_id]:
            del self._mailboxes[workspace_id]

    def pass_on(self, payload: str) -> None:
        """Puts one notification into the mailboxes of its workspace; what is none of ours is left alone."""
        try:
            told = json.loads(payload)
            workspace_id = UUID(told["workspace"])
            event = Event(told["object"], str(told.get("id", "")), told.get("by", ""))
        except (ValueError, KeyError, TypeError):
            return
        for mailbox in self._mailboxes.get(workspace_id, ()):
            mailbox.put(event)

    async def _listen(self) -> None:
        """Listens for as long as the process lives; a database that is gone for a while is tried again."""
        tries = 0
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**_parameters(), autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    tries = 0
                    async for notification in connection.notifies():
                        self.pass_on(notification.payload)
            except psycopg.OperationalError:
                pause = PAUSES[min(tries, len(PAUSES) - 1)]
                logger.warning("the database does not answer; trying again in %s s", pause)
                tries += 1
                await asyncio.sleep(pause)


def _parameters() -> dict[str, Any]:
    settings = connections["default"].settings_dict
    given = {
        "dbname": settings["NAME"],
        "user": settings["USER"],
        "password": settings["PASSWORD"],
        "host": settings["HOST"],
        "port": settings["PORT"],
    }
    return {name: value for name, value in given.items() if value} | settings["OPTIONS"]
