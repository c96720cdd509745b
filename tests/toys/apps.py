"""The Django app of the toys; it has no migrations, its tables are made when the tests begin."""

from importlib import import_module

from django.apps import AppConfig


class ToysConfig(AppConfig):
    name = "tests.toys"
    label = "toys"

    def ready(self) -> None:
        import_module("tests.toys.objects")


def make_tables() -> None:
    """Create the toys' tables as the owner, as a migration would."""
    from django.apps import apps
    from django.db import connections

    with connections["owner"].schema_editor() as editor:
        for model in apps.get_app_config("toys").get_models():
            editor.create_model(model)
