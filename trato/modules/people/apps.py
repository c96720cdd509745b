"""The Django app of people."""

from importlib import import_module

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Registers the module's objects and actions once the models are loaded."""

    name = "trato.modules.people"
    label = "people"

    def ready(self) -> None:
        """Load the declarations."""
        for part in ("objects", "actions", "jobs", "demo"):
            import_module(f"{self.name}.{part}")
