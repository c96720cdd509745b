"""What was won month by month, and how open deals stood at the beginning of each: what the outlook learns from."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from dateutil.relativedelta import relativedelta
from django.db import connection
from django.db.models import Case, DateField, F, QuerySet, Sum, When
from django.db.models.functions import Cast, TruncDate, TruncMonth
from django.utils import timezone

from trato.engine import access, objects
from trato.engine.kinds.datetime import zone_of
from trato.engine.postgres.scope import current_workspace_id
from trato.engine.workspaces.actors import Actor
from trato.modules.sales.models import Stage, StageVisit

from ..rules.pipeline import AGES, Cohort
from .exchange import Exchange
from .figures import midnight, today
from .shares import Owners, belongs, part

#: Months that are looked back over: to learn the season, and what becomes of deals.
SEASONS, STANDING = 72, 30

# A visit stands at the beginnings of months between its own beginning and its end: these are counted off from the
# sorted moments, not joined, since thirty months times all visits would be looked at otherwise.
COHORTS = f"""
WITH d AS ({{deals}}), m AS (SELECT %s::timestamptz[] AS begun, %s::timestamptz[] AS at)
SELECT p.place, v.stage_id,
       width_bucket(extract(epoch FROM m.at[p.place] - v.entered_at)::float8 / 86400, %s::float8[]),
       CASE WHEN d.status = 'won' THEN width_bucket(d.closed_at, m.begun) - p.place END,
       d.value_currency, count(*), sum(d.worth), sum(d.worth::float8 * d.worth::float8)
FROM m CROSS JOIN {StageVisit._meta.db_table} v
JOIN {Stage._meta.db_table} s ON s.workspace_id = %s AND s.id = v.stage_id AND s.kind = 'open'
JOIN d ON d.id = v.deal_id
CROSS JOIN LATERAL generate_series(
    width_bucket(v.entered_at, m.at) + 1, coalesce(width_bucket(v.left_at, m.at), cardinality(m.at))) AS p (place)
WHERE v.workspace_id = %s AND (v.left_at IS NULL OR v.left_at > m.at[1])
GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608 - names of our own tables, and a statement of the ORM


def first_months(actor: Actor, count: int) -> list[date]:
    """The first days of the last ``count`` months, the present one last."""
    this = today(actor).replace(day=1)
    return [this - relativedelta(months=back) for back in range(count - 1, -1, -1)]


def won_by_month(actor: Actor, owners: Owners = None) -> tuple[list[date], list[float], set[str]]:
    """The first days of the months since something was won first (at most ``SEASONS`` whole ones and the present one),
    what was won in each in the base currency by the rates of its days, and the currencies without a rate.
    """
    months = first_months(actor, SEASONS + 1)
    rows = _of(actor, owners).filter(status="won")
    rows = rows.filter(closed_at__gte=midnight(actor, months[0])).order_by()
    on = TruncDate("closed_at", tzinfo=zone_of(actor.time_zone))
    whole = When(value_currency=actor.workspace.currency, then=Cast(TruncMonth(on), DateField()))
    rated = Case(whole, default=on, output_field=DateField())  # the day matters where a rate does
    found = list(rows.values("value_currency", day=rated).annotate(total=Sum("worth")))
    exchange = Exchange(actor, {row["value_currency"] for row in found})
    sums: dict[date, float] = defaultdict(float)
    for row in found:
        sums[row["day"].replace(day=1)] += float(exchange.to_base(row["total"], row["value_currency"], row["day"]))
    shown = [month for month in months if month >= min(sums, default=months[-1])]
    return shown, [sums[month] for month in shown], exchange.missing


def cohorts(actor: Actor, months: list[date], owners: Owners = None) -> list[Cohort]:
    """How open deals stood at the beginning of each of the months (of the last ``STANDING``), and stand now, with when
    they were won: sets of deals in the same stage, for about as long, in the base currency at today's rates.
    ``Cohort.month`` is the place in ``months``, the last of which is the present one.
    """
    deals = _of(actor, owners).order_by()
    sql, params = deals.values("id", "status", "closed_at", "worth", "value_currency").query.sql_with_params()
    skipped = max(len(months) - STANDING, 0)
    begun = [midnight(actor, month) for month in months[skipped:]]
    workspace = current_workspace_id()
    with connection.cursor() as cursor:
        moments = [begun, [*begun[:-1], timezone.now()]]
        cursor.execute(COHORTS.format(deals=sql), [*params, *moments, list(AGES), workspace, workspace])
        rows = cursor.fetchall()
    exchange, day = Exchange(actor, {row[4] for row in rows}), today(actor)
    found = []
    for place, stage, age, won_in, currency, count, amount, squares in rows:
        rate = float(exchange.to_base(amount, currency, day)) / float(amount) if amount else 0.0
        worth, spread = float(amount or 0) * rate, float(squares or 0) * rate * rate
        found.append(Cohort(skipped + place - 1, str(stage), age, won_in, count, worth, spread))
    return found


def _of(actor: Actor, owners: Owners) -> QuerySet:
    """The deals that count for some people, with their part of each as ``worth``; None for everybody's."""
    rows = access.visible(actor, objects.get("deals")).filter(belongs(owners))
    return rows.annotate(worth=F("value") if owners is None else F("value") * part(owners))
