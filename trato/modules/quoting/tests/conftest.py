"""Quotes for tests, made as people make them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

LINES = (
    {"description": "Espresso machine", "quantity": 2, "price": {"amount": "1000.00", "currency": "EUR"}},
    {"description": "Installation", "quantity": 1, "price": {"amount": "250.50", "currency": "EUR"}},
    {
        "description": "Service for a year",
        "quantity": 1,
        "price": {"amount": "300.00", "currency": "EUR"},
        "is_optional": True,
    },
)


@pytest.fixture
def shop(cast: Any) -> Callable[..., Any]:
    """``shop(actor)``: an account, a contact, a deal of theirs, and a draft of a quote with two lines and an option."""

    def make(actor: Any, **values: Any) -> SimpleNamespace:
        from trato.engine import actions, objects

        def put(plural: str, **given: Any) -> Any:
            return actions.create(actor, objects.get(plural), given)

        account = put("accounts", name="Café Luna")
        contact = put(
            "contacts",
            first_name="Ana",
            last_name="García",
            account=account.id,
            emails=[{"address": "ana@luna.example"}],
        )
        deal = put("deals", name="Machines for Luna", account=account.id, owner=actor.user_id)
        given = {
            "name": "Machines for Luna",
            "account": account.id,
            "contact": contact.id,
            "deal": deal.id,
            "language": "en",
            "country": "ES",
            "owner": actor.user_id,
            "quote-lines": [dict(line) for line in LINES],
        }
        quote = put("quotes", **(given | values))
        return SimpleNamespace(account=account, contact=contact, deal=deal, quote=quote, put=put)

    return make
