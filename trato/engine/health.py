"""How this installation is: what ``trato doctor`` and the page in settings say, a finding each."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import psycopg
from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .postgres.binaries import OLDEST
from .postgres.roles import unsafe_role

LITTLE_DISK = 2 * 2**30
LATE = 300  # seconds after which a job that could run ought to have begun
SILENT = 60  # seconds after which a worker that says nothing is none

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
WORKERS = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - %s * interval '1 second'"

#: What is looked at, by its short name.
LABELS = {
    "versions": gettext_lazy("Versions"),
    "disk": gettext_lazy("Disk"),
    "pages": gettext_lazy("Pages"),
    "mail": gettext_lazy("Mail"),
    "database": gettext_lazy("Database"),
    "roles": gettext_lazy("Database roles"),
    "tables": gettext_lazy("Tables"),
    "workspaces": gettext_lazy("Separation of workspaces"),
    "worker": gettext_lazy("Background work"),
    "jobs": gettext_lazy("Jobs waiting"),
}


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, and what was seen or has to be done."""

    well: bool
    what: str
    seen: str

    @property
    def label(self) -> Any:
        """What was looked at, for people."""
        return LABELS[self.what]


def findings(*, working: bool = True) -> Iterator[Finding]:
    """Everything, also when the first thing is wrong already; with ``working`` also whether a worker runs."""
    yield Finding(True, "versions", _versions())
    yield _disk()
    yield _static()
    yield _mail()
    try:
        with transaction.atomic(), connections["default"].cursor() as cursor:
            yield _server(cursor.connection)
            yield _roles(cursor.connection)
            yield _tables()
            yield _policies(cursor)
            if working:
                yield _worker(cursor)
            yield _jobs(cursor)
    except DatabaseError as error:
        yield Finding(False, "database", _("does not answer: %(why)s") % {"why": str(error).strip()})


def _versions() -> str:
    return f"Trato {version('trato')}, Python {platform.python_version()}, Django {version('django')}"


def _disk() -> Finding:
    free = shutil.disk_usage(settings.DATA.path).free
    seen = _("%(n)s GB free") % {"n": f"{free / 2**30:.1f}"}
    return Finding(
        free > LITTLE_DISK,
        "disk",
        seen if free > LITTLE_DISK else _("only %(seen)s; PostgreSQL stops at none") % {"seen": seen},
    )


def _static() -> Finding:
    there = (settings.STATIC_ROOT / "staticfiles.json").exists()
    seen = _("style and scripts are built") if there else _("style and scripts are missing: script/setup")
    return Finding(there, "pages", seen)


def _mail() -> Finding:
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        place = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
        return Finding(True, "mail", _("sent through %(place)s") % {"place": place})
    return Finding(True, "mail", _("written into the data folder; set EMAIL_URL to send it"))


def _server(connection: psycopg.Connection) -> Finding:
    number = connection.info.server_version // 10000
    seen = _("PostgreSQL %(n)s; %(oldest)s or newer is needed") % {"n": number, "oldest": OLDEST}
    return Finding(number >= OLDEST, "database", seen)


def _roles(connection: psycopg.Connection) -> Finding:
    refused = unsafe_role(connection)
    seen = _("served as %(role)s, bound by row-level security") % {"role": connection.info.user}
    return Finding(not refused, "roles", refused or seen)


def _tables() -> Finding:
    executor = MigrationExecutor(connections["default"])
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if not missing:
        return Finding(True, "tables", _("up to date"))
    told = ngettext("%(n)s change is missing: trato db prepare", "%(n)s changes are missing: trato db prepare", missing)
    return Finding(False, "tables", told % {"n": missing})


def _policies(cursor: CursorWrapper) -> Finding:
    cursor.execute(TABLES_WITHOUT_POLICY)
    bare = [row[0] for row in cursor.fetchall()]
    if bare:
        return Finding(False, "workspaces", _("not enforced on %(tables)s") % {"tables": ", ".join(bare)})
    return Finding(True, "workspaces", _("row-level security on every workspace table"))


def _worker(cursor: CursorWrapper) -> Finding:
    cursor.execute(WORKERS, [SILENT])
    running = (cursor.fetchone() or (0,))[0]
    if not running:
        return Finding(False, "worker", _("no worker runs: imports and mails wait"))
    return Finding(True, "worker", ngettext("%(n)s worker runs", "%(n)s workers run", running) % {"n": running})


def _jobs(cursor: CursorWrapper) -> Finding:
    cursor.execute(QUEUE)
    waiting, running, failed, age = cursor.fetchone() or (0, 0, 0, 0)
    seen = _("%(waiting)s waiting, %(running)s running, %(failed)s failed") % {
        "waiting": waiting,
        "running": running,
        "failed": failed,
    }
    if age > LATE:
        late = _("%(seen)s; the oldest has waited for %(n)s minutes: is a worker running?")
        return Finding(False, "jobs", late % {"seen": seen, "n": f"{age / 60:.0f}"})
    return Finding(True, "jobs", seen)
