"""The ASGI application of the live server: ``/live/events?workspace=<slug>`` and ``/healthz``.

A page opens the stream with its session cookie and hears ``change`` events, each ``{"object", "ref", "by"}``: which
record (or, without a ref, which object) has changed and who did it. Nothing of the record itself is sent: the page
asks for that itself, as whoever is signed in.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import parse_qs

from django.conf import settings
from django.db import close_old_connections

from .audience import Listener, changes_for, listener_of, workspace_of
from .hub import Hub

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
T = TypeVar("T")

BEAT = 20.0  # seconds of silence after which a comment is sent, and the session looked at again
GATHER = 0.25  # seconds in which further changes are waited for, so that a burst is one answer
THREADS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="live")
hub = Hub()


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """Answers one request."""
    if scope["type"] != "http":
        return
    if scope["path"] == "/healthz":
        await _answer(send, 200, "ok\n")
    elif scope["path"] != "/live/events" or scope["method"] != "GET":
        await _answer(send, 404, "Not found.\n")
    else:
        await _events(scope, receive, send)


async def _events(scope: Message, receive: Receive, send: Send) -> None:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    if headers.get("origin", settings.TRATO_URL) != settings.TRATO_URL:
        await _answer(send, 403, "Only Trato's own pages may listen.\n")
        return
    slug = parse_qs(scope["query_string"].decode("latin-1")).get("workspace", [""])[0]
    listener = listener_of(headers.get("cookie", ""), slug)
    workspace_id = await _in_thread(workspace_of, listener) if listener else None
    if listener is None or workspace_id is None:
        await _answer(send, 403, "Sign in first.\n")
        return
    mailbox = hub.join(workspace_id)
    gone = asyncio.create_task(_disconnected(receive))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": _headers(b"text/event-stream")})
        await _write(send, "retry: 3000\n\n")
        while True:
            waiting = asyncio.create_task(mailbox.take(BEAT))
            await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                waiting.cancel()
                break
            events = waiting.result()
            if events:
                await asyncio.sleep(GATHER)
                events |= await mailbox.take(0)
            changes = await _in_thread(changes_for, listener, events)
            if changes is None:
                break  # signed out, or no longer a member
            await _write(send, "".join(f"event: change\ndata: {json.dumps(each)}\n\n" for each in changes) or ": \n\n")
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()
        hub.leave(workspace_id, mailbox)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _in_thread(function: Callable[..., T], *arguments: Listener | Any) -> T:
    """A question to the database, which the event loop must not wait for."""

    def ask() -> T:
        close_old_connections()
        try:
            return function(*arguments)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(THREADS, ask)


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _answer(send: Send, status: int, text: str) -> None:
    await send({"type": "http.response.start", "status": status, "headers": _headers(b"text/plain; charset=utf-8")})
    await send({"type": "http.response.body", "body": text.encode()})


def _headers(content_type: bytes) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", content_type),
        (b"cache-control", b"no-store"),
        (b"access-control-allow-origin", settings.TRATO_URL.encode()),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-accel-buffering", b"no"),
    ]
