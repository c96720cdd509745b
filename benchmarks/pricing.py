"""How long the prices and sums of a long quote take: 200 lines out of 1,000 products, three price books, thirty
discounts.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from trato.engine import actions, objects
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.models import Workspace
from trato.modules.catalog import queries
from trato.modules.catalog.actions import reckon
from trato.modules.catalog.models import Price, Product
from trato.modules.quoting.models import Quote, QuoteLine

PRODUCTS, LINES, TIMES = 1000, 200, 30
NAME = f"prices and sums of a quote, {LINES} lines"
CUSTOMERS = {"field": "lifecycle", "op": "in", "value": ["customer", "advocate"]}


class Bench(Protocol):
    """What of the benchmark is needed here."""

    actor: Actor
    workspace: Workspace
    only: str


def rows(bench: Bench) -> list[dict[str, Any]]:
    """The median and the slowest of ``TIMES``, against its own statements sent through psycopg. The catalogue is made
    for it, and taken back.
    """
    if bench.only not in NAME:
        return []
    with in_workspace(bench.workspace.id):
        account, products = _catalogue(bench.actor)
        day = queries.today(bench.actor)

        quote = Quote(account_id=account, currency="EUR", country="ES")
        asked = [(products[n * 7 % PRODUCTS], Decimal(1 + n % 60)) for n in range(LINES)]
        fresh = [[QuoteLine(product_id=product, quantity=n) for product, n in asked] for _n in range(TIMES + 1)]

        def price() -> None:
            rate_of = queries.tax_table(quote.country, day)
            if not reckon(bench.actor, quote, fresh.pop(), day=day, rate_of=rate_of)["total"].amount:
                raise RuntimeError("nothing has a price")

        with CaptureQueriesContext(connection) as caught:
            price()
        sent = [query["sql"] for query in caught.captured_queries]
        ours, floor = _timed(price), _timed(lambda: _bare(sent))
        transaction.set_rollback(True)
    median, least = statistics.median(ours), statistics.median(floor)
    more = {"p95": max(ours), "floor": least, "ratio": median / least}
    return [{"name": NAME, "value": median, "unit": "ms", "aim": "<= 50", **more}]


def _catalogue(actor: Actor) -> tuple[UUID, list[UUID]]:
    """An account with a book of its own, one of its segment and one for all, and products with prices in them."""

    def make(plural: str, **values: Any) -> Any:
        return actions.create(actor, objects.get(plural), values).id

    account = make("accounts", name="Bar Sol", lifecycle="customer")
    books = [
        make("price-books", name="Bench own", currency="EUR", account=account),
        make("price-books", name="Bench customers", currency="EUR", segment=CUSTOMERS),
        make("price-books", name="Bench all", currency="EUR"),
    ]
    for n in range(30):
        make("discounts", name=f"Bench {n}", percent=n + 1, category=f"Range {n}", stacks=n % 2 == 0)
    made = Product.objects.bulk_create(
        Product(name=f"P {n}", title=f"P {n}", kind="goods", price=n, price_currency="EUR", category=f"Range {n % 40}")
        for n in range(PRODUCTS)
    )
    Price.objects.bulk_create(
        Price(product=product, book_id=books[n % 3], quantity=quantity, price=n, price_currency="EUR")
        for n, product in enumerate(made)
        for quantity in (1, 10, 50)
    )
    return account, [product.id for product in made]


def _timed(work: Callable[[], None]) -> list[float]:
    taken = []
    for _n in range(TIMES):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def _bare(sent: list[str]) -> None:
    """The same statements in the same transaction, without Django."""
    with connection.connection.cursor() as cursor:
        for sql in sent:
            cursor.execute(sql).fetchall()
