"""Writes of forecasting that have a name of their own: the night's picture of all deals."""

from __future__ import annotations

from datetime import date

from django.db import connection, transaction
from django.utils import timezone

from trato.engine.kinds.datetime import zone_of
from trato.engine.postgres.scope import current_workspace_id
from trato.engine.workspaces.ids import uuid7s
from trato.engine.workspaces.models import Workspace
from trato.modules.sales.models import Deal

from .models import DealState

#: What is kept of a deal, by the columns of both tables.
KEPT = ("owner_id", "status", "category", "stage_id", "close_date", "value", "value_currency", "probability")

STATES, DEALS = DealState._meta.db_table, Deal._meta.db_table
OURS = ", ".join(f"s.{column}" for column in KEPT)
THEIRS = ", ".join(f"d.{column}" for column in KEPT)
ENDED = f"""
UPDATE {STATES} s SET until = %(day)s FROM {DEALS} d
WHERE s.workspace_id = %(workspace)s AND d.workspace_id = %(workspace)s AND d.id = s.deal_id AND s.until IS NULL
  AND (d.deleted_at IS NOT NULL OR ({OURS}) IS DISTINCT FROM ({THEIRS}))
"""  # noqa: S608 - names of our own tables
# What began and ended in the same night was never seen: the night was taken twice.
UNSEEN = f"DELETE FROM {STATES} s WHERE s.workspace_id = %(workspace)s AND s.since = s.until"  # noqa: S608 - names of our own tables
MISSING = f"""
FROM {DEALS} d WHERE d.workspace_id = %(workspace)s AND d.deleted_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM {STATES} s WHERE s.workspace_id = %(workspace)s AND s.deal_id = d.id AND s.until IS NULL)
"""  # noqa: S608 - names of our own tables
BEGUN = f"""
INSERT INTO {STATES} (workspace_id, id, deal_id, since, {", ".join(KEPT)})
SELECT %(workspace)s, n.id, d.deal_id, %(day)s, {THEIRS}
FROM (SELECT d.id AS deal_id, {THEIRS}, row_number() OVER () AS place {MISSING}) d
JOIN unnest(%(ids)s::uuid[]) WITH ORDINALITY n (id, place) ON n.place = d.place
"""  # noqa: S608 - names of our own tables


def keep_states(workspace: Workspace, day: date | None = None) -> int:
    """Keep how the deals of a workspace stand on a day (today by its clock), of those that changed since they were kept
    last; returns how many. Taken twice on one day, the second picture is the day's (inside ``in_workspace``).
    """
    day = day or timezone.now().astimezone(zone_of(workspace.time_zone)).date()
    told = {"workspace": current_workspace_id(), "day": day}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"deal states {told['workspace']}"])
        cursor.execute(ENDED, told)
        cursor.execute(UNSEEN, told)
        cursor.execute(f"SELECT count(*) {MISSING}", told)
        count = cursor.fetchone()[0]
        if count:
            cursor.execute(BEGUN, told | {"ids": uuid7s(count)})
    return count
