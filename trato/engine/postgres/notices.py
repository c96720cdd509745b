"""Notices between processes: NOTIFY, which arrives with the commit of its transaction, or not at all."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.db import connection

CHANNEL = "trato"
#: The event after which whoever keeps somebody's rights in mind asks for them again.
RIGHTS = "rights.changed"


def notify(workspace_id: UUID, event: str, **more: Any) -> None:
    """Tell every process of an event in a workspace: ids only, never content (NOTIFY is not narrowed by workspace)."""
    payload = {"workspace": str(workspace_id), "event": event, **more}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps(payload, default=str)])
