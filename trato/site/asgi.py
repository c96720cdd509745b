"""The live server as an ASGI application: /healthz, and server-sent events of ``trato.live``."""

import os
from importlib import import_module
from typing import Any

import django

from .workers import look_after_worker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trato.site.settings")
look_after_worker()
django.setup()


live = import_module("trato.live.app").Live()  # it needs the settings, so it comes after them


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers whoever asks whether this process is up; everything else is for the streams."""
    if scope["type"] != "http" or scope["path"] != "/healthz":
        await live(scope, receive, send)
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"ok\n"})
