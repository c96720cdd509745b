"""The live server as an ASGI application, for granian or any other server."""

import os

import django

from .workers import look_after_worker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trato.site.settings")
look_after_worker()
django.setup()

from trato.live.app import application  # noqa: E402 - its models need Django to be set up

__all__ = ["application"]
