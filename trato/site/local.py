"""The embedded database of one data folder, and who may run it: one process at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from trato.engine.postgres.embedded import Embedded

from .database import outside
from .datafolder import DataFolder
from .problem import Problem


class Held(Problem):
    """Another process runs this data folder."""


@contextmanager
def hold(folder: DataFolder) -> Iterator[None]:
    """Keeps the data folder for this process; raises Held while another has it, however that one was started."""
    descriptor = os.open(folder.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode() or "?"
            raise Held(
                f"{folder.path} is in use by process {holder}. Stop that one first, or give another --data."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def embedded(folder: DataFolder, say: Callable[[str], None]) -> Embedded:
    """The embedded server of this folder, not yet started."""
    password = folder.secrets["database"]["admin"]
    return Embedded(folder.postgres, password, log=folder.logs / "postgres.log", say=say)


@contextmanager
def database(folder: DataFolder, say: Callable[[str], None]) -> Iterator[None]:
    """A database that answers during the block.

    That is the outside one, or the one that ``trato up`` runs already, or the embedded one started just for now.
    """
    with ExitStack() as stack:
        if not outside():
            try:
                stack.enter_context(hold(folder))
            except Held:
                pass  # whoever holds the folder runs the database
            else:
                server = embedded(folder, say)
                server.start()
                stack.callback(server.stop)
        yield
