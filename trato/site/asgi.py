"""The live server as an ASGI application: server-sent events and nothing else."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trato.site.settings")
django.setup()
