"""Compilers that name the workspace in every DELETE and UPDATE of a workspace table.

Managers add the workspace to reads; Django's deletion collector goes round managers, so the last word is said here.
"""

from typing import Any

from django.db.backends.postgresql.compiler import (
    SQLAggregateCompiler,
    SQLCompiler,
    SQLInsertCompiler,
)
from django.db.models.expressions import Col
from django.db.models.lookups import Exact
from django.db.models.sql.compiler import SQLDeleteCompiler as BaseDeleteCompiler
from django.db.models.sql.compiler import SQLUpdateCompiler as BaseUpdateCompiler
from django.db.models.sql.where import AND

from ..scope import current_workspace_id
from .shape import workspace_field

__all__ = ["SQLAggregateCompiler", "SQLCompiler", "SQLDeleteCompiler", "SQLInsertCompiler", "SQLUpdateCompiler"]


def _names_workspace(node: Any, field: Any) -> bool:
    """Whether the top level of a WHERE tree already compares the workspace."""
    for child in node.children:
        if getattr(getattr(child, "lhs", None), "target", None) is field:
            return True
        if getattr(child, "connector", None) == AND and not child.negated and _names_workspace(child, field):
            return True
    return False


def _narrow(query: Any) -> None:
    """Add ``workspace_id = <current>`` to a query on a workspace table that does not say it yet."""
    field = workspace_field(query.model)
    if field is None or (query.where.connector == AND and _names_workspace(query.where, field)):
        return
    alias = query.get_initial_alias()
    query.where.add(Exact(Col(alias, field), current_workspace_id()), AND)


class SQLDeleteCompiler(BaseDeleteCompiler):
    """DELETE that names the workspace."""

    def as_sql(self) -> Any:
        """The statement and its parameters."""
        _narrow(self.query)
        return super().as_sql()


class SQLUpdateCompiler(BaseUpdateCompiler):
    """UPDATE that names the workspace."""

    def as_sql(self) -> Any:
        """The statement and its parameters."""
        _narrow(self.query)
        return super().as_sql()
