"""Writes of forecasting that have a name of their own: the night's picture of all deals, and closing months."""

from __future__ import annotations

from datetime import date

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from trato.engine import access
from trato.engine.kinds.datetime import zone_of
from trato.engine.postgres.scope import current_workspace_id
from trato.engine.values import Problem, Refused
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.ids import uuid7s
from trato.engine.workspaces.models import Workspace
from trato.modules.sales.models import Deal

from .models import ClosedMonth, ClosedStatement, DealState
from .queries import closing
from .queries.commissions import sees_all
from .rules.periods import Period

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


def close_month(actor: Actor, month: Period) -> int:
    """Keep the statements of a month as they are, for good: what changes afterwards is a correction in the next one.
    Returns how many there are; raises Forbidden, and Refused for a month that is not over or whose turn it is not.
    """
    with transaction.atomic():
        last = _last_closed(actor)
        if not closing.may_close(actor, month, last):
            words = _("Months are closed one after the other, when they are over. Nothing was changed.")
            raise Refused([Problem("month", "month", words)])
        found, missing = closing.of_open(actor, month, last)
        if missing:
            words = _("There is no exchange rate for %(currencies)s: add it first. Nothing was changed.")
            raise Refused([Problem("month", "rate", words % {"currencies": ", ".join(sorted(missing))})])
        currency = actor.workspace.currency
        closed = ClosedMonth.objects.create(month=month.first, currency=currency, closed_by_id=actor.user_id)
        ClosedStatement.objects.bulk_create(ClosedStatement(closed=closed, **closing.kept(one)) for one in found)
    return len(found)


def reopen_month(actor: Actor, month: Period) -> None:
    """Open the month that was closed last again: its statements are worked out anew. Raises Forbidden and Refused."""
    with transaction.atomic():
        last = _last_closed(actor)
        if last is None or last.month != month.first:
            words = _("Only the month that was closed last can be opened again. Nothing was changed.")
            raise Refused([Problem("month", "month", words)])
        last.delete()


def _last_closed(actor: Actor) -> ClosedMonth | None:
    """The last closed month, which stays that until the end of the transaction; raises Forbidden."""
    if not sees_all(actor):
        raise access.Forbidden("commission-plans", "change")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"commissions {actor.workspace.id}"])
    return closing.last_closed()
