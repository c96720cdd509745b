"""``trato doctor``: how this installation is, a line each; ends with status 1 when something has to be done."""

from __future__ import annotations

import argparse
import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version

import psycopg
from django.conf import settings
from django.core.management.color import supports_color
from django.db import DatabaseError, connections
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor

from trato.engine.postgres.binaries import OLDEST
from trato.engine.postgres.roles import unsafe_role

from ..database import outside
from .terminal import put

LITTLE_DISK = 2 * 2**30
LATE = 300  # seconds after which a job that could run ought to have begun

TABLES_WITHOUT_POLICY = """
SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped
  AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))
ORDER BY 1
"""
QUEUE = """
SELECT count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()),
       count(*) FILTER (WHERE status = 'doing'), count(*) FILTER (WHERE status = 'failed'),
       coalesce(extract(epoch FROM now() - min(coalesce(j.scheduled_at, deferred.at)) FILTER (
           WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now())), 0)
FROM procrastinate_jobs j LEFT JOIN LATERAL (
    SELECT min(e.at) AS at FROM procrastinate_events e WHERE e.job_id = j.id AND e.type = 'deferred'
) deferred ON true
"""


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, and what was seen or has to be done."""

    well: bool
    what: str
    seen: str


def doctor(arguments: argparse.Namespace) -> int:
    """Looks at everything, also when the first thing is wrong already."""
    well = True
    mark = {True: "\33[32mok\33[0m ", False: "\33[31mBAD\33[0m"} if supports_color() else {True: "ok ", False: "BAD"}
    for finding in _findings():
        put(f"{mark[finding.well]} {finding.what:<12} {finding.seen}")
        well &= finding.well
    return 0 if well else 1


def _findings() -> Iterator[Finding]:
    yield Finding(True, "versions", _versions())
    yield _disk()
    yield _static()
    yield _mail()
    try:
        with connections["default"].cursor() as cursor:
            yield _server(cursor.connection)
            yield _roles(cursor.connection)
            yield _tables()
            yield _policies(cursor)
            yield _jobs(cursor)
    except DatabaseError as error:
        yield Finding(False, "database", f"does not answer: {str(error).strip()}")


def _versions() -> str:
    return f"Trato {version('trato')}, Python {platform.python_version()}, Django {version('django')}"


def _disk() -> Finding:
    free = shutil.disk_usage(settings.DATA.path).free
    seen = f"{free / 2**30:.1f} GB free at {settings.DATA.path}"
    return Finding(free > LITTLE_DISK, "disk", seen if free > LITTLE_DISK else f"only {seen}; PostgreSQL stops at none")


def _static() -> Finding:
    there = (settings.STATIC_ROOT / "staticfiles.json").exists()
    return Finding(
        there, "pages", "style and scripts are built" if there else "style and scripts are missing: script/setup"
    )


def _mail() -> Finding:
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return Finding(True, "mail", f"sent through {settings.EMAIL_HOST}:{settings.EMAIL_PORT}")
    return Finding(True, "mail", f"written to {settings.EMAIL_FILE_PATH}; set EMAIL_URL to send it")


def _server(connection: psycopg.Connection) -> Finding:
    number = connection.info.server_version // 10000
    whose = "yours (DATABASE_URL)" if outside() else "the embedded one"
    return Finding(number >= OLDEST, "database", f"PostgreSQL {number}, {whose}; {OLDEST} or newer is needed")


def _roles(connection: psycopg.Connection) -> Finding:
    refused = unsafe_role(connection)
    return Finding(not refused, "roles", refused or f"served as {connection.info.user}, bound by row-level security")


def _tables() -> Finding:
    executor = MigrationExecutor(connections["owner"])
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return Finding(
        not missing, "tables", f"{missing} changes are missing: trato db prepare" if missing else "up to date"
    )


def _policies(cursor: CursorWrapper) -> Finding:
    cursor.execute(TABLES_WITHOUT_POLICY)
    bare = [row[0] for row in cursor.fetchall()]
    seen = f"not enforced on {', '.join(bare)}" if bare else "row-level security on every workspace table"
    return Finding(not bare, "workspaces", seen)


def _jobs(cursor: CursorWrapper) -> Finding:
    cursor.execute(QUEUE)
    waiting, running, failed, age = cursor.fetchone() or (0, 0, 0, 0)
    seen = f"{waiting} waiting, {running} running, {failed} failed"
    if age > LATE:
        return Finding(False, "jobs", f"{seen}; the oldest has waited for {age / 60:.0f} minutes: is a worker running?")
    return Finding(True, "jobs", seen)
