"""The base of every table that belongs to a workspace."""

from typing import Any

from django.db import models
from django.db.models.expressions import Col
from django.db.models.lookups import Exact

from ..postgres.scope import current_workspace_id
from .ids import uuid7


class WorkspaceField(models.ForeignKey):
    """The workspace of a row: first column, part of the key, never changed."""

    ties_to_workspace = True

    def __init__(self, to: Any = "workspaces.Workspace", on_delete: Any = models.CASCADE, **kwargs: Any) -> None:
        kwargs |= {"related_name": "+", "db_index": False, "editable": False}
        super().__init__(to, on_delete, **kwargs)

    def get_default(self) -> Any:
        """The current workspace, so that no caller has to say it (and none can say another)."""
        return current_workspace_id()


class WorkspaceForeignKey(models.ForeignKey):
    """A link between two workspace tables: (workspace_id, x_id) in the database, joins that name both workspaces."""

    is_workspace_link = True

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False  # the schema editor makes the composite one
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        """As ForeignKey's, without what the class itself decides."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        return name, path, args, kwargs

    def get_extra_restriction(self, alias: str, related_alias: str) -> Any:
        """The workspace half of the join condition."""
        here: Any = self.model._meta.get_field("workspace")
        there: Any = self.remote_field.model._meta.get_field("workspace")
        return Exact(Col(alias, there), Col(related_alias, here))


class PartField(WorkspaceForeignKey):
    """What parts the records of one table into those of several objects: search and every index begin with it."""

    parts_records = True

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        super().__init__(to, on_delete, **{"db_index": False} | kwargs)

    def deconstruct(self) -> Any:
        """As a link's, without an index of its own."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"db_index": False}


class WorkspaceManager(models.Manager):
    """Narrows every query to the current workspace and raises without one; row-level security is the second wall."""

    use_in_migrations = False

    def get_queryset(self) -> models.QuerySet:
        """Rows of the current workspace; raises NoWorkspace outside ``in_workspace``."""
        return super().get_queryset().filter(workspace_id=current_workspace_id())


class WorkspaceModel(models.Model):
    """A table of a workspace; its database key is (workspace_id, id)."""

    workspace = WorkspaceField()
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    objects = WorkspaceManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def _do_update(self, base_qs: Any, using: Any, pk_val: Any, values: Any, *args: Any) -> Any:
        """Never set the workspace in an UPDATE: a row does not move, and a distributed table refuses it."""
        values = [value for value in values if not getattr(value[0], "ties_to_workspace", False)]
        return super()._do_update(base_qs, using, pk_val, values, *args)
