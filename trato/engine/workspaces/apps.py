"""The Django app of identity and workspaces."""

from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    """Users and workspaces live in an app of their own, so that every link to them is part of CREATE TABLE
    (docs/adr/0002).
    """

    name = "trato.engine.workspaces"
    label = "workspaces"
