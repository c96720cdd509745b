"""What a page could cost at best: the empty signed-in page, and the page's own SQL sent through psycopg with its rows fetched."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import connection, reset_queries
from django.test import Client
from django.test.utils import CaptureQueriesContext

from .stack import timed


def statements(path: str, user: Any = None, token: str = "") -> list[str]:
    """The SQL of one answer, as the server sends it."""
    client = Client(headers={"host": "127.0.0.1"} | ({"authorization": f"Bearer {token}"} if token else {}))
    if user is not None:
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    client.get(path)
    reset_queries()
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code}")
    return [query["sql"] for query in captured.captured_queries]


def own(page: list[str], empty: list[str]) -> list[str]:
    """The statements of a page that the empty page does not send: reads only (a visit is noted now and then)."""
    spare = Counter(_shape(sql) for sql in empty)
    kept = []
    for sql in page:
        shape = _shape(sql)
        if spare[shape]:
            spare[shape] -= 1
        elif sql.lstrip().startswith(("SELECT", "WITH", "(SELECT")):
            kept.append(sql)
    return kept


def _shape(sql: str) -> str:
    return " ".join(sql.split())[:160]


class Bare:
    """One psycopg connection as the app role, inside the workspace."""

    def __init__(self, workspace_id: UUID) -> None:
        known = settings.DATABASES["default"]
        self.connection = psycopg.connect(
            dbname=known["NAME"],
            user=known["USER"],
            password=known["PASSWORD"],
            host=known["HOST"],
            port=known["PORT"] or None,
        )
        self.workspace_id = workspace_id

    def run(self, sqls: list[str]) -> None:
        """All statements in one transaction of the workspace, their rows fetched."""
        with self.connection.transaction(), self.connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL trato.workspace = '{self.workspace_id}'")
            for sql in sqls:
                cursor.execute(sql.encode())
                if cursor.description:
                    cursor.fetchall()

    def one(self, sql: str) -> Any:
        """The single value of a statement."""
        with self.connection.transaction(), self.connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL trato.workspace = '{self.workspace_id}'")
            row = cursor.execute(sql.encode()).fetchone()
            return row[0] if row else None

    def time(self, sqls: list[str], times: int) -> float:
        """The median of sending these statements, in milliseconds."""
        return timed(lambda: self.run(sqls), times)[0] if sqls else 0.0
