"""The live server as an ASGI application: /healthz, and server-sent events of ``trato.live``."""

import os

import django

from .workers import look_after_worker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trato.site.settings")
look_after_worker()
django.setup()


async def application(scope, receive, send):  # type: ignore[no-untyped-def]
    """Answers whoever asks whether this process is up, and nobody else."""
    found = scope["type"] == "http" and scope["path"] == "/healthz"
    await send(
        {
            "type": "http.response.start",
            "status": 200 if found else 404,
            "headers": [(b"content-type", b"text/plain")],
        }
    )
    await send({"type": "http.response.body", "body": b"ok\n" if found else b"Not found.\n"})
