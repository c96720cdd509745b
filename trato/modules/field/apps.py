"""The Django app of field."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig


class FieldConfig(AppConfig):
    """Registers the module's objects and actions once the models are loaded."""

    name = "trato.modules.field"
    label = "field"

    def ready(self) -> None:
        """Load the declarations."""
        for part in ("objects", "actions", "reactions", "jobs", "demo"):
            if find_spec(f"{self.name}.{part}"):
                import_module(f"{self.name}.{part}")
