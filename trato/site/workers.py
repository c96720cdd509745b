"""What each worker process of ``trato web`` and ``trato live`` does when it begins."""

import os

from trato.engine.postgres.parent import end_with_parent


def look_after_worker() -> None:
    """A worker of ours ends with the server that started it, even a killed one; other servers have their own ways."""
    if os.environ.get("TRATO_PROCESS"):
        end_with_parent()
