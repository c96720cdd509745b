"""The workspace a piece of work runs in: one transaction that tells PostgreSQL, and the ORM, which
rows exist for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from psycopg.errors import QueryCanceled

#: Seconds one statement of a request that reads, or writes, may take. Jobs, and files that are streamed, have no limit.
READING, WRITING = 20, 120

_current: ContextVar[UUID | None] = ContextVar("trato_workspace", default=None)
_noted: ContextVar[dict[str, Any] | None] = ContextVar("trato_noted", default=None)


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


def is_inside() -> bool:
    """Whether a workspace is entered."""
    return _current.get() is not None


def noted() -> dict[str, Any]:
    """What was learnt about the workspace in the running transaction, forgotten with it."""
    return _noted.get() or {}


def note(name: str, value: Any) -> None:
    """Keep something about the workspace for the rest of the running transaction; outside of one it is dropped."""
    if (known := _noted.get()) is not None:
        known[name] = value


def bind(workspace_id: UUID, patience: int | None = None) -> None:
    """Tell the open transaction its workspace, and how many seconds each of its statements may take (``SET LOCAL``: it
    ends with the transaction and can't leak to the next); both in one round trip.
    """
    limit = f"; SET LOCAL statement_timeout = '{int(patience)}s'" if patience else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL trato.workspace = '{UUID(str(workspace_id))}'{limit}")


def patience_with(method: str | None) -> int:
    """How many seconds a statement of a request may take, by its HTTP method."""
    return READING if method in ("GET", "HEAD") else WRITING


def is_impatience(error: BaseException) -> bool:
    """Whether an error of the database says that a statement took longer than it may."""
    return isinstance(error.__cause__, QueryCanceled)


def forbid_writes() -> None:
    """Let the database refuse every write for the rest of the open transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")


@contextmanager
def in_workspace(workspace_id: UUID, patience: int | None = None) -> Iterator[None]:
    """Run a block as one transaction in one workspace; with ``patience`` a statement that takes more seconds is ended
    with OperationalError (``is_impatience``), so that no request keeps the database for itself.

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
    token, notes = _current.set(workspace_id), _noted.set({})
    try:
        with transaction.atomic():
            bind(workspace_id, patience)
            yield
    finally:
        _noted.reset(notes)
        _current.reset(token)
