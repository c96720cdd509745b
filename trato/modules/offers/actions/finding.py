"""What could be offered to whom, found in all orders of a workspace, set by set."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from trato.engine.kinds.datetime import zone_of
from trato.engine.postgres.scope import current_workspace_id
from trato.engine.workspaces.models import Workspace
from trato.modules.billing.models import Delivery, DeliveryLine, Order, OrderLine
from trato.modules.catalog.models import Product
from trato.modules.people.models import Account

from ..models import Offer, Pair

#: Orders older than this tell nothing any more.
YEARS = 5
LIMITS: dict[str, Any] = {
    "orders": 3,  # that hold both products of a pair, at least
    "confidence": 0.1,  # of a pair, at least
    "buyers": 3,  # similar customers who bought a product, at least
    "share": 0.3,  # of similar customers who bought it, at least
    "times": 3,  # an account bought a product on so many days before it has a rhythm
    "ahead": 14,  # days before it is due that a purchase is told of
    "soon": 30,  # days before it is due that a service is told of
    "each": 5,  # offers of one kind for one account, at most
}
TABLES = {
    "orders_t": Order._meta.db_table,
    "lines_t": OrderLine._meta.db_table,
    "deliveries_t": Delivery._meta.db_table,
    "delivered_t": DeliveryLine._meta.db_table,
    "products_t": Product._meta.db_table,
    "accounts_t": Account._meta.db_table,
    "pairs_t": Pair._meta.db_table,
    "offers_t": Offer._meta.db_table,
}

#: Which product stood in which order of which account; drafts, cancelled orders and options tell of no purchase.
BASKETS = """
WITH basket AS MATERIALIZED (
    SELECT DISTINCT l.order_id, l.product_id, o.account_id, o.ordered_on
    FROM {lines_t} l JOIN {orders_t} o ON o.workspace_id = %(workspace)s AND o.id = l.order_id
    WHERE l.workspace_id = %(workspace)s AND l.deleted_at IS NULL AND l.product_id IS NOT NULL AND l.quantity > 0
      AND NOT l.is_optional AND o.deleted_at IS NULL AND o.status NOT IN ('draft', 'cancelled')
      AND o.ordered_on BETWEEN %(since)s AND %(day)s
), bought AS MATERIALIZED (SELECT DISTINCT account_id, product_id FROM basket)
"""
#: Pairs in both directions; ids of tables nobody orders by may come from the database.
PAIRS = """
, item AS (SELECT product_id, count(*) AS n FROM basket GROUP BY 1 HAVING count(*) >= %(orders)s)
, pair AS (
    SELECT a.product_id AS "left", b.product_id AS "right", count(*) AS n
    FROM basket a JOIN basket b ON b.order_id = a.order_id AND b.product_id <> a.product_id
    GROUP BY 1, 2 HAVING count(*) >= %(orders)s
)
INSERT INTO {pairs_t} (workspace_id, id, left_id, right_id, orders, support, confidence, lift)
SELECT %(workspace)s, gen_random_uuid(), p."left", p."right", p.n, p.n / t.n, p.n / l.n::float8,
       (p.n / l.n::float8) / (r.n / t.n)
FROM pair p JOIN item l ON l.product_id = p."left" JOIN item r ON r.product_id = p."right"
CROSS JOIN (SELECT count(DISTINCT order_id)::float8 AS n FROM basket) t
"""
#: The best reason for each product an account never bought.
TOGETHER = """
, reason AS (
    SELECT b.account_id, p.right_id AS product_id, p.confidence AS score, NULL::date AS due_on,
           jsonb_build_object('product', p.left_id, 'orders', p.orders, 'support', p.support,
                              'confidence', p.confidence, 'lift', p.lift) AS facts,
           row_number() OVER (PARTITION BY b.account_id, p.right_id ORDER BY p.confidence DESC, p.left_id) AS nth
    FROM bought b JOIN {pairs_t} p ON p.workspace_id = %(workspace)s AND p.left_id = b.product_id
    WHERE p.confidence >= %(confidence)s AND p.lift > 1
      AND NOT EXISTS (SELECT 1 FROM bought o WHERE o.account_id = b.account_id AND o.product_id = p.right_id)
)
, found AS (SELECT account_id, product_id, score, due_on, facts FROM reason WHERE nth = 1)
"""
#: What many accounts of the same industry and size bought, and this one did not.
SIMILAR = """
, peer AS (
    SELECT a.id, a.industry, a.size FROM {accounts_t} a
    WHERE a.workspace_id = %(workspace)s AND a.deleted_at IS NULL AND a.industry <> ''
      AND a.id IN (SELECT account_id FROM bought)
)
, alike AS (SELECT industry, size, count(*) AS n FROM peer GROUP BY 1, 2)
, spread AS (
    SELECT p.industry, p.size, b.product_id, count(*) AS n FROM bought b JOIN peer p ON p.id = b.account_id
    GROUP BY 1, 2, 3 HAVING count(*) >= %(buyers)s
)
, found AS (
    SELECT p.id AS account_id, s.product_id, s.n / (a.n - 1)::float8 AS score, NULL::date AS due_on,
           jsonb_build_object('buyers', s.n, 'alike', a.n - 1, 'industry', p.industry, 'size', p.size) AS facts
    FROM peer p JOIN alike a USING (industry, size) JOIN spread s USING (industry, size)
    WHERE s.n >= %(share)s * (a.n - 1)
      AND NOT EXISTS (SELECT 1 FROM bought o WHERE o.account_id = p.id AND o.product_id = s.product_id)
)
"""
#: What wants a service some months after it was delivered (ordered, where no delivery is written down) or last served;
#: variants as their product says. One missed for as long again is taken to be done elsewhere, or the thing is gone.
SERVICE = """
WITH wanting AS (
    SELECT p.id, coalesce(p.service_every, w.service_every) AS months,
           coalesce(p.service_id, w.service_id, p.id) AS service_id
    FROM {products_t} p LEFT JOIN {products_t} w ON w.workspace_id = p.workspace_id AND w.id = p.parent_id
    WHERE p.workspace_id = %(workspace)s AND coalesce(p.service_every, w.service_every) IS NOT NULL
), sold AS MATERIALIZED (
    SELECT o.account_id, l.product_id, max(greatest(o.ordered_on, came.day)) AS day
    FROM {lines_t} l JOIN {orders_t} o ON o.workspace_id = %(workspace)s AND o.id = l.order_id
    LEFT JOIN (
        SELECT i.order_line_id, max(d.delivered_on) AS day
        FROM {delivered_t} i JOIN {deliveries_t} d ON d.workspace_id = %(workspace)s AND d.id = i.delivery_id
        WHERE i.workspace_id = %(workspace)s AND i.deleted_at IS NULL AND d.deleted_at IS NULL
          AND d.status <> 'cancelled' AND d.delivered_on <= %(day)s
        GROUP BY 1
    ) came ON came.order_line_id = l.id
    WHERE l.workspace_id = %(workspace)s AND l.deleted_at IS NULL AND l.quantity > 0 AND NOT l.is_optional
      AND l.product_id IN (SELECT id FROM wanting UNION SELECT service_id FROM wanting)
      AND o.deleted_at IS NULL AND o.status NOT IN ('draft', 'cancelled') AND o.ordered_on <= %(day)s
    GROUP BY 1, 2
), due AS (
    SELECT s.account_id, w.service_id AS product_id, s.product_id AS serviced, s.day AS sold_on, w.months,
           CASE WHEN done.product_id <> s.product_id AND done.day > s.day THEN done.day END AS served_on,
           (greatest(s.day, done.day) + make_interval(months => w.months))::date AS due_on
    FROM sold s JOIN wanting w ON w.id = s.product_id
    LEFT JOIN sold done ON done.account_id = s.account_id AND done.product_id = w.service_id
), soonest AS (
    SELECT d.*, row_number() OVER (PARTITION BY account_id, product_id ORDER BY due_on, serviced) AS nth
    FROM due d WHERE due_on <= %(day)s::date + %(soon)s
      AND (due_on + make_interval(months => months))::date >= %(day)s
), found AS (
    SELECT account_id, product_id, CASE WHEN due_on <= %(day)s THEN 1 ELSE 0.9 END AS score, due_on,
           jsonb_build_object('product', serviced, 'months', months, 'sold', sold_on, 'served', served_on) AS facts
    FROM soonest WHERE nth = 1
)
"""
#: What an account buys in a rhythm of its own (the median of the days between), and is due; gaps whose middle half is
#: wider than half the median are no rhythm, and one missed by a whole beat has ended. Services have their own reason.
AGAIN = """
, gap AS (
    SELECT account_id, product_id, ordered_on,
           ordered_on - lag(ordered_on) OVER (PARTITION BY account_id, product_id ORDER BY ordered_on) AS days
    FROM (SELECT DISTINCT account_id, product_id, ordered_on FROM basket) each
)
, rhythm AS (
    SELECT account_id, product_id, count(*) AS times, max(ordered_on) AS last_on,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY days) AS median,
           percentile_cont(0.75) WITHIN GROUP (ORDER BY days)
               - percentile_cont(0.25) WITHIN GROUP (ORDER BY days) AS spread
    FROM gap GROUP BY 1, 2 HAVING count(*) >= %(times)s
)
, found AS (
    SELECT account_id, product_id, 1 / (1 + spread / median) AS score, last_on + round(median)::int AS due_on,
           jsonb_build_object('times', times, 'days', round(median), 'last', last_on) AS facts
    FROM rhythm WHERE spread <= median / 2 AND last_on + round(median)::int <= %(day)s::date + %(ahead)s
      AND %(day)s::date <= last_on + 2 * round(median)::int
      AND product_id NOT IN (
          SELECT service_id FROM {products_t} WHERE workspace_id = %(workspace)s AND service_id IS NOT NULL
      )
)
"""
KEPT = """
INSERT INTO {offers_t} AS o
    (workspace_id, id, account_id, product_id, kind, score, due_on, facts, seen_on, answer, reason, became)
SELECT %(workspace)s, gen_random_uuid(), f.account_id, f.product_id, %(kind)s, f.score, f.due_on, f.facts, %(day)s,
       '', '', ''
FROM (
    SELECT f.*, row_number() OVER (PARTITION BY f.account_id ORDER BY f.score DESC, f.product_id) AS place
    FROM found f
    JOIN {products_t} p ON p.workspace_id = %(workspace)s AND p.id = f.product_id
    JOIN {accounts_t} a ON a.workspace_id = %(workspace)s AND a.id = f.account_id
    WHERE p.deleted_at IS NULL AND p.is_active AND a.deleted_at IS NULL
) f WHERE f.place <= %(each)s
ON CONFLICT (workspace_id, account_id, product_id, kind) DO UPDATE
SET score = EXCLUDED.score, due_on = EXCLUDED.due_on, facts = EXCLUDED.facts, seen_on = EXCLUDED.seen_on
"""
FORGOTTEN = "DELETE FROM {pairs_t} WHERE workspace_id = %(workspace)s"
#: An answer holds until its day; what is not found any more and has no answer to be kept is gone.
OVER = """
UPDATE {offers_t} SET answer = '', reason = '', until = NULL, became = '', answered_by_id = NULL
WHERE workspace_id = %(workspace)s AND until <= %(day)s
"""
GONE = "DELETE FROM {offers_t} WHERE workspace_id = %(workspace)s AND seen_on < %(day)s AND until IS NULL"


def find(workspace: Workspace, day: date | None = None) -> int:
    """Find the pairs of products and what could be offered to whom, as of a day (today by the workspace's clock).
    Answers that were given stay until their day. Safe to run twice; returns how many offers there are (inside
    ``in_workspace``).
    """
    day = day or timezone.now().astimezone(zone_of(workspace.time_zone)).date()
    told = LIMITS | {"workspace": current_workspace_id(), "day": day, "since": day - timedelta(days=366 * YEARS)}
    with transaction.atomic(), connection.cursor() as cursor:

        def run(sql: str, kind: str = "") -> int:
            cursor.execute(sql.format(**TABLES), told | {"kind": kind})
            return cursor.rowcount

        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"offers {told['workspace']}"])
        run(FORGOTTEN)
        run(BASKETS + PAIRS)
        run(OVER)
        run(SERVICE + KEPT, "service")
        for kind, found in (("again", AGAIN), ("together", TOGETHER), ("similar", SIMILAR)):
            run(BASKETS + found + KEPT, kind)
        run(GONE)
        return Offer.objects.filter(answer="").count()
