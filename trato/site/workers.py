"""What each worker process of ``trato web`` and ``trato live`` does when it begins."""

import multiprocessing
import os

from trato.engine.postgres.parent import end_with


def look_after_worker() -> None:
    """A worker of ours ends with the server that started it, even a killed one; other servers have their own ways."""
    server = multiprocessing.parent_process()
    if os.environ.get("TRATO_PROCESS") and server is not None and server.pid:
        end_with(server.pid)
