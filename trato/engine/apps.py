"""The Django app of the engine's own tables."""

from importlib import import_module

from django.apps import AppConfig


class EngineConfig(AppConfig):
    """Tables every object shares: history, look-up keys, timeline moments, shares, custom fields, jobs, files, runs."""

    name = "trato.engine"
    label = "engine"

    def ready(self) -> None:
        """Make the checks known, and the engine's own jobs in every process that adds or runs some."""
        jobs = (
            "imports.jobs",
            "custom.jobs",
            "configuration.own",
            "configuration.lists",
            "exports.jobs",
            "housekeeping",
            "mass",
            "seeding",
            "duplicates.scan",
            "together.reactions",
        )
        for name in (
            "checks",
            "expressions",
            *jobs,
            "views.models",
            "gates.models",
            "layouts.models",
            "overlays",
            "places.models",
            "places.locating",
            "welcome.models",
            "printing.models",
            "doors.models",
            "outbox.jobs",
            "inbox.jobs",
            "favourites",
            "numbers",
        ):
            import_module(f"{self.name}.{name}")
