"""Recurring invoices: what the job of a month does with 10,000 subscriptions of two lines, PDFs not counted."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

from django.db import connection, connections, transaction

from trato.engine import actions, objects
from trato.engine.models import HistoryEntry, Record
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.actors import Actor
from trato.modules.billing.models import Invoice, InvoiceLine
from trato.modules.catalog.queries import today
from trato.modules.people.models import Account
from trato.modules.subscriptions import jobs
from trato.modules.subscriptions.models import Subscription, SubscriptionLine

MANY, ACCOUNTS = 10_000, 2_000
NAME = f"recurring invoices, {MANY:,}"
WRITTEN = ("invoices", "invoice-lines", "subscriptions", "subscription-lines")


def rows(bench: Any) -> list[dict[str, Any]]:
    """The seconds of the job, against inserting the same rows by SQL: invoices, their lines, and all the history."""
    if bench.only not in NAME:
        return []
    with in_workspace(bench.workspace.id):
        first = today(bench.actor).replace(day=1)
        _ready(bench.actor, first)
    with connections["owner"].cursor() as cursor:
        for model in (Subscription, SubscriptionLine, Invoice, InvoiceLine):
            cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")
    began = time.perf_counter()
    made = jobs.invoice_due(bench.workspace)
    taken = time.perf_counter() - began
    if made != MANY:
        raise RuntimeError(f"{made} invoices")
    floor = _floor(bench)
    return [{"name": NAME, "value": taken, "unit": "s", "aim": "<= 60", "floor": floor, "ratio": taken / floor}]


def _ready(actor: Actor, first: date) -> None:
    """Subscriptions that are due today, as if they had never been invoiced."""
    if Subscription.objects.count() < MANY:
        _fill(actor, first)
    InvoiceLine.objects.filter(invoice__external_key__startswith="subscription:").delete()
    Invoice.objects.filter(external_key__startswith="subscription:").delete()
    HistoryEntry.objects.filter(object__in=WRITTEN).delete()
    Subscription.objects.update(starts_on=first, billed_until=None, next_on=first)
    SubscriptionLine.objects.update(since=first, billed_until=None)


def _fill(actor: Actor, first: date) -> None:
    accounts = list(Account.objects.order_by("id").values_list("id", flat=True)[:ACCOUNTS])
    rates = [{"country": actor.workspace.country, "rate": 21}]
    taxed = actions.create(actor, objects.get("tax-classes"), {"name": "Bench recurring", "tax-rates": rates})
    made = Subscription.objects.bulk_create(
        Subscription(
            account_id=accounts[n % len(accounts)], title=f"S {n}", name=f"S {n}", status="active", starts_on=first
        )
        for n in range(MANY)
    )
    SubscriptionLine.objects.bulk_create(
        SubscriptionLine(
            subscription=each,
            position=place,
            title=f"Line {place}",
            description=f"Line {place}",
            price=10 + n % 90,
            price_currency=each.currency,
            tax_class_id=taxed.id,
            since=first,
        )
        for n, each in enumerate(made)
        for place in (1, 2)
    )


def _floor(bench: Any) -> float:
    """The seconds of inserting once more what was written, which is taken back."""
    with in_workspace(bench.workspace.id), connection.cursor() as cursor:
        began = time.perf_counter()
        for model, which in (
            (Invoice, "external_key LIKE 'subscription:%%'"),
            (InvoiceLine, "true"),
            (HistoryEntry, f"object IN {WRITTEN}"),
        ):
            cursor.execute(_again(model, which))
        taken = time.perf_counter() - began
        transaction.set_rollback(True)
    return taken


def _again(model: type[Record] | type[HistoryEntry], which: str) -> str:
    """The statement that inserts rows once more, with other ids and without what is unique."""
    new = {"id": "gen_random_uuid()", "number": "NULL", "external_key": "NULL"}
    columns = [field.column for field in model._meta.local_concrete_fields if not field.generated]
    names, chosen = ", ".join(f'"{c}"' for c in columns), ", ".join(new.get(c, f'"{c}"') for c in columns)
    table = model._meta.db_table
    return f"INSERT INTO {table} ({names}) SELECT {chosen} FROM {table} WHERE {which.replace('%%', '%')}"
