"""The ASGI application of ``/live/events?workspace=<slug>&here=<ref of the record that is open>``.

Whoever loses a right, their membership or their session stops hearing: what they may hear is asked again as soon as
rights change in the workspace, sessions are asked every few seconds, and a stream ends after some minutes anyway; the
browser opens it again by itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings

from .door import Listener, again, audible, let_in
from .hub import Hub, Stream

Scope, Message = dict[str, Any], dict[str, Any]
Receive, Send = Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]


class Live:
    """Answers streams; everything else is not here."""

    heartbeat = 20.0
    lifetime = 300.0
    gather = 0.1
    most = 10_000

    def __init__(self, hub: Hub | None = None) -> None:
        self.hub = hub or Hub()
        self.threads = ThreadPoolExecutor(4, thread_name_prefix="door")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        origin = headers.get("origin", "")
        if scope["path"] != "/live/events" or scope["method"] != "GET":
            await refuse(send, 404, "Not found.")
        elif origin and origin != settings.TRATO_URL:
            await refuse(send, 403, "Only Trato's own pages may listen.")
        elif len(self.hub) >= self.most:
            await refuse(send, 503, "Too many streams are open; try again later.")
        else:
            await self._serve(scope, headers, receive, send)

    async def _serve(self, scope: Scope, headers: dict[str, str], receive: Receive, send: Send) -> None:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        slug, here = (query.get(name, [""])[0] for name in ("workspace", "here"))
        loop = asyncio.get_running_loop()
        listener: Listener | None = await loop.run_in_executor(
            self.threads, let_in, headers.get("cookie", ""), slug[:50], here[:120]
        )
        if listener is None:
            await refuse(send, 403, "Sign in to a workspace first.")
            return
        stream = self.hub.join(listener)
        gone = asyncio.create_task(_gone(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS + cors()})
            await self._write(stream, gone, send)
        finally:
            gone.cancel()
            self.hub.leave(stream)

    async def _write(self, stream: Stream, gone: asyncio.Task[None], send: Send) -> None:
        """Tell changes as they come, and a sign of life where none come, until the browser goes or the time is over."""
        await _send(send, "retry: 2000\n\n")
        loop = asyncio.get_running_loop()
        end = loop.time() + self.lifetime
        while not gone.done() and (left := end - loop.time()) > 0:
            ready = asyncio.create_task(stream.ready.wait())
            await asyncio.wait({ready, gone}, timeout=min(self.heartbeat, left), return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
            if gone.done():
                return
            if stream.pending or stream.stale:
                await asyncio.sleep(self.gather)
            stream.ready.clear()
            if stream.over or not await self._allowed(stream):
                break
            if stream.met:
                stream.met = False
                people = await self.hub.others(stream)
                await _send(send, f"event: here\ndata: {json.dumps(people)}\n\n")
            if stream.pending:
                changes = await loop.run_in_executor(self.threads, audible, stream.listener, stream.take())
                await _send(send, "".join(f"event: change\ndata: {json.dumps(change)}\n\n" for change in changes))
            else:
                await _send(send, ": still here\n\n")
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _allowed(self, stream: Stream) -> bool:
        """Whether the stream may go on; asks again where rights may have changed since it was asked."""
        while stream.stale:
            stream.stale = False
            known = stream.listener
            loop = asyncio.get_running_loop()
            now = await loop.run_in_executor(self.threads, again, known.session, known.slug, known.asked)
            if now is None:
                return False
            self.hub.admit(stream, now)
        return True


HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


def cors() -> list[tuple[bytes, bytes]]:
    """Pages of the web server, and of no other, may read the stream with their cookies."""
    return [
        (b"access-control-allow-origin", settings.TRATO_URL.encode()),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]


async def _gone(receive: Receive) -> None:
    """Wait until the browser has closed the stream."""
    while (await receive())["type"] != "http.disconnect":
        continue


async def _send(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def refuse(send: Send, status: int, text: str) -> None:
    """A short answer in words."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *cors()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{text}\n".encode()})
