"""The pages that go over all deals: the board, and the forecast with what it draws, over 300,000 deals."""

from __future__ import annotations

from typing import Any

from django.db import connection, connections

from trato.engine.postgres.scope import in_workspace

DEALS = 300_000
PAGES = {
    "board of deals": "/w/bench/deals/?as=board",
    "forecast, the quarter": "/w/bench/forecast",
    "forecast, a month": "/w/bench/forecast?length=month",
    "forecast, the months around": "/w/bench/forecast/months",
    "forecast, what changed": "/w/bench/forecast/changes",
    "forecast, conversion": "/w/bench/forecast/conversion",
    "forecast, outlook": "/w/bench/forecast/outlook?whole=1",
}
# A quarter of them is open, spread over a year to come; the others were decided in the last three years.
FILL = """
INSERT INTO sales_deal (workspace_id, id, title, name, owner_id, created_at, updated_at, version, custom, account_id, pipeline_id, stage_id,
    value, value_currency, recurring_currency, period, close_date, probability, category, status, opened_at, closed_at, loss_note, source,
    campaign, next_step, tags, description, checked, points)
SELECT %(ws)s, ('01900000-0000-7000-a000-' || lpad(to_hex(n), 12, '0'))::uuid, 'Deal ' || n, 'Deal ' || n,
    (%(owners)s::uuid[])[1 + n %% cardinality(%(owners)s::uuid[])], opened, opened, 1, '{}', NULL, s.pipeline_id, s.id,
    500 + (n::bigint * 7919) %% 20000, 'EUR', '', 'month', CASE WHEN closed IS NULL THEN current_date + (n * 31 %% 400) - 20 ELSE closed::date END,
    s.probability, (ARRAY['pipeline', 'pipeline', 'best_case', 'commit'])[1 + n %% 4], s.kind, opened, closed, '',
    (ARRAY['Web', 'Fair', 'Referral'])[1 + n %% 3], '', '', '[]', '', '[]', 0
FROM (SELECT n, place, CASE WHEN place <= %(open)s THEN now() - (n %% 120) * interval '1 day' ELSE now() - (30 + n %% 1065) * interval '1 day' END AS opened,
        CASE WHEN place > %(open)s THEN now() - ((n %% 1065)) * interval '1 day' END AS closed
    FROM (SELECT n, CASE WHEN n %% 4 = 0 THEN 1 + n / 4 %% %(open)s ELSE %(open)s + 1 + n / 4 %% %(shut)s END AS place
          FROM generate_series(1, %(deals)s::int) AS n) AS a) AS b
JOIN (SELECT s.*, CASE WHEN s.kind = 'open' THEN row_number() OVER (PARTITION BY s.kind = 'open' ORDER BY s.position)
          ELSE %(open)s + row_number() OVER (PARTITION BY s.kind = 'open' ORDER BY s.position) END AS place
      FROM sales_stage s WHERE s.workspace_id = %(ws)s AND s.pipeline_id = %(pipeline)s) AS s ON s.place = b.place
"""
VISITS = """
INSERT INTO sales_stagevisit (workspace_id, id, deal_id, stage_id, entered_at, left_at, by_name, value, value_currency)
SELECT d.workspace_id, gen_random_uuid(), d.id, %(first)s, d.opened_at, d.closed_at, '', d.value, d.value_currency
FROM sales_deal d WHERE d.workspace_id = %(ws)s
"""
STATES = """
INSERT INTO forecasting_dealstate (workspace_id, id, deal_id, since, owner_id, status, category, stage_id, close_date, value, value_currency,
    probability)
SELECT d.workspace_id, gen_random_uuid(), d.id, current_date - 10, d.owner_id, d.status, d.category, d.stage_id, d.close_date,
    d.value * (CASE WHEN d.points + d.version * extract(day FROM d.opened_at) > 28 THEN 2 ELSE 1 END), d.value_currency, d.probability
FROM sales_deal d WHERE d.workspace_id = %(ws)s
"""


def rows(bench: Any) -> list[dict[str, Any]]:
    """Each page with its own SQL as its floor."""
    wanted = {name: path for name, path in PAGES.items() if bench.only in name}
    if not wanted:
        return []
    _fill(bench)
    return [bench.page(f"{name}, {DEALS:,} deals", path) for name, path in wanted.items()]


def _fill(bench: Any) -> None:
    """Make the deals, their stay in a stage and a night's picture of them, unless a run before has done it."""
    with in_workspace(bench.workspace.id), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sales_deal WHERE workspace_id = %s", [bench.workspace.id])
        if cursor.fetchone()[0] >= DEALS:
            return
        told = {"ws": bench.workspace.id, "deals": DEALS}
        cursor.execute("SELECT id FROM sales_pipeline WHERE workspace_id = %(ws)s ORDER BY position LIMIT 1", told)
        told["pipeline"] = cursor.fetchone()[0]
        cursor.execute(
            "SELECT kind, id FROM sales_stage WHERE workspace_id = %(ws)s AND pipeline_id = %(pipeline)s ORDER BY position",
            told,
        )
        kinds = cursor.fetchall()
        told["open"] = sum(kind == "open" for kind, _id in kinds)
        told |= {"shut": len(kinds) - told["open"], "first": kinds[0][1]}
        cursor.execute("SELECT user_id FROM workspaces_membership WHERE workspace_id = %(ws)s", told)
        told["owners"] = [row[0] for row in cursor.fetchall()]
        for sql in (FILL, VISITS, STATES):
            cursor.execute(sql, told)
    with connections["owner"].cursor() as cursor:
        for table in ("sales_deal", "sales_stagevisit", "forecasting_dealstate"):
            cursor.execute(f"VACUUM ANALYZE {table}")
