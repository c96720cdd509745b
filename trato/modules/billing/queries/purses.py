"""The order of locks: an account's purse comes before its invoices and payments.

Issuing goes from an invoice to the payments it uses up, allocating from a payment to the invoices it settles: two that
ran at once would wait for each other for ever. So whoever writes either holds the purse of the account first.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any
from uuid import UUID

from django.db import connection

from trato.engine.postgres.scope import current_workspace_id

from ..models import Invoice, Payment

HELD = "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(%s::text[]) AS purse (name)"


def hold_purses(account_ids: Iterable[UUID]) -> None:
    """Hold what these accounts owe and paid until the transaction ends, in the order of their ids."""
    names = [f"purse {current_workspace_id()} {account}" for account in sorted(set(account_ids))]
    if names:
        with connection.cursor() as cursor:
            cursor.execute(HELD, [names])


def hold_purses_of(model: type[Invoice] | type[Payment], ids: Collection[UUID]) -> None:
    """Hold the purses of the accounts of these invoices or payments, the deleted ones too."""
    hold_purses(model.objects.filter(id__in=ids).order_by().values_list("account_id", flat=True))


def guard_of(model: type[Invoice] | type[Payment]) -> Callable[[Any, Collection[UUID]], None]:
    """The ``guard`` of an object: before its records are locked, their accounts' purses are held."""
    return lambda obj, ids: hold_purses_of(model, ids)
