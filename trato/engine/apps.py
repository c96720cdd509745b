"""The Django app of the engine's own tables."""

from django.apps import AppConfig


class EngineConfig(AppConfig):
    """Tables every object shares: history, look-up keys, timeline moments, shares, custom fields, jobs, files, runs."""

    name = "trato.engine"
    label = "engine"
