"""An account's timeline tells what happened with its deals, quotes, orders and invoices, as far as they may be seen."""

from __future__ import annotations

from typing import Any

import pytest

from trato.engine import actions, objects, timeline
from trato.engine.workspaces.actors import Actor

from .conftest import run


@pytest.fixture
def told(owner: Any, customer: Any, order: Any) -> Any:
    """A call about each of them, and one about a deal of somebody else."""
    other = actions.create(owner, objects.get("accounts"), {"name": "Other"})
    deals, quotes = objects.get("deals"), objects.get("quotes")
    deal = actions.create(owner, deals, {"name": "Beans", "account": customer.id})
    theirs = actions.create(owner, deals, {"name": "Tea", "account": other.id})
    quote = actions.create(owner, quotes, {"name": "Beans", "account": customer.id})
    ordered = order(("1", "100.00", "21"))
    invoice = run(owner, ordered, "invoice_rest")
    about = {"deals": deal, "quotes": quote, "orders": ordered, "invoices": invoice, "others": theirs}
    for plural, record in about.items():
        ref = f"{'deals' if plural == 'others' else plural}/{record.id}"
        actions.create(owner, objects.get("calls"), {"subject": plural, "about": [ref]})
    both = [f"deals/{deal.id}", f"accounts/{customer.id}"]
    actions.create(owner, objects.get("calls"), {"subject": "both", "about": both})
    return customer


def subjects(actor: Actor, account: Any) -> list[str]:
    calls = objects.get("calls")
    entries, _more = timeline.page(actor, objects.get("accounts"), account.id, only=["calls"])
    return sorted(calls.rows().get(id=entry.id).title for entry in entries)


def test_what_happened_with_what_is_an_account_s_stands_there_once(owner: Any, told: Any) -> None:
    assert subjects(owner, told) == ["both", "deals", "invoices", "orders", "quotes"]


def test_of_what_may_not_be_seen_nothing_is_told(owner: Any, told: Any, cast: Any, as_: Any, set_role: Any) -> None:
    calls_too = {"accounts": {"see": "all"}, "calls": {"see": "all"}, "deals": {"see": "all"}}
    set_role(cast.member, {"objects": {"*": {"see": "none"}} | {"orders": {"see": "own"}} | calls_too})
    with as_(cast.member) as actor:
        assert subjects(actor, told) == ["both", "deals"]
    hidden = {"see": "all", "fields": {"account": "hidden"}}
    set_role(cast.member, {"objects": {"*": {"see": "all"}, "deals": hidden}})
    with as_(cast.member) as actor:
        assert subjects(actor, told) == ["both", "invoices", "orders", "quotes"]
