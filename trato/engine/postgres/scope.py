"""The workspace a piece of work runs in: one transaction that tells PostgreSQL, and the ORM, which
rows exist for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.db import connection, transaction

_current: ContextVar[UUID | None] = ContextVar("trato_workspace", default=None)


class NoWorkspace(RuntimeError):
    """A row of a workspace table was asked for outside ``in_workspace``: a mistake in the program,
    never an empty list.
    """


def current_workspace_id() -> UUID:
    """The workspace of the running request, job or command; raises NoWorkspace when there is none."""
    workspace_id = _current.get()
    if workspace_id is None:
        raise NoWorkspace("Workspace rows are only reachable inside in_workspace(workspace_id).")
    return workspace_id


def bind(workspace_id: UUID) -> None:
    """Tell the open transaction its workspace (``SET LOCAL``: it ends with the transaction and
    can't leak to the next).
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL trato.workspace = '{UUID(str(workspace_id))}'")


@contextmanager
def in_workspace(workspace_id: UUID) -> Iterator[None]:
    """Run a block as one transaction in one workspace.

    Nested with the same workspace it joins the transaction that is open; another workspace inside is a mistake and
    raises.
    """
    workspace_id = UUID(str(workspace_id))
    outer = _current.get()
    if outer is not None:
        if outer != workspace_id:
            raise NoWorkspace("A transaction belongs to one workspace; leave the first before entering another.")
        yield
        return
    token = _current.set(workspace_id)
    try:
        with transaction.atomic():
            bind(workspace_id)
            yield
    finally:
        _current.reset(token)
