"""Two connections at once: nobody waits for ever, and no cent is lost or made."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connections
from django.db.models import Sum

from trato.engine import actions, objects
from trato.engine.values import Refused
from trato.modules.billing.actions import invoices, payments
from trato.modules.billing.models import Invoice, Payment, PaymentAllocation

from .conftest import again, make_customer, make_order, run

if TYPE_CHECKING:
    from tests.cast import As, Cast

pytestmark = pytest.mark.django_db(transaction=True)


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def side_by_side(*works: Callable[[], None]) -> list[BaseException]:
    """Do these at once, each on a connection of its own; what went wrong."""
    wrong: list[BaseException] = []

    def done(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # told to the test, which is in another thread
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=done, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return wrong


def test_a_credit_note_and_voiding_the_payment_at_once(cast: Cast, as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    """The credit note holds the invoice and wants the payment; voiding holds the payment and wants the invoice."""
    with as_(cast.owner) as actor:
        order = make_order(actor, make_customer(actor), ("1", "100.00", "21"))
        invoice = run(actor, run(actor, order, "invoice_rest"), "issue")
        payment = run(actor, invoice, "record_payment")
        note = run(actor, invoice, "credit", reason="Broken")
    both = threading.Barrier(2)

    def met(function: Callable[..., Any]) -> Callable[..., Any]:
        def first_meet(*given: Any) -> Any:
            with suppress(threading.BrokenBarrierError):
                both.wait(1.5)  # the other comes here too where nothing is held before
            return function(*given)

        return first_meet

    monkeypatch.setattr(invoices, "give_back", met(invoices.give_back))
    monkeypatch.setattr(payments.queries, "given_back", met(payments.queries.given_back))

    def issue() -> None:
        with as_(cast.owner) as actor:
            run(actor, note, "issue")

    def void() -> None:
        with as_(cast.owner) as actor:
            run(actor, payment, "void", notes="Bounced")

    assert side_by_side(issue, void) == []
    with as_(cast.owner):
        assert again(invoice).status == "credited" and again(payment).voided_on is not None
        assert not PaymentAllocation.objects.filter(deleted_at=None).exists()


def test_issuing_and_settling_at_once_lose_no_cent(cast: Cast, as_: As) -> None:
    """Six invoices of 121 are issued while 500 come in five parts and are allocated: 500 of 726 are paid."""
    with as_(cast.owner) as actor:
        account = make_customer(actor)
        drafts = [run(actor, make_order(actor, account, ("1", "100.00", "21")), "invoice_rest") for _ in range(6)]
        given = {"account": account.id, "received_on": "2026-05-05", "method": "transfer"}
        came = [
            actions.create(actor, objects.get("payments"), given | {"amount": euros("100.00"), "reference": str(n)})
            for n in range(5)
        ]
    begin = threading.Barrier(4)

    def work(name: str, records: list[Any]) -> Callable[[], None]:
        def each() -> None:
            begin.wait(20)
            for record in records:
                try:
                    with as_(cast.owner) as actor:
                        run(actor, record, name)
                except Refused as refused:
                    assert "Nothing is left" in str(refused)

        return each

    works = [
        work("issue", drafts[:3]),
        work("issue", drafts[:2:-1]),
        work("allocate", came),
        work("allocate", came[::-1]),
    ]
    assert side_by_side(*works) == []
    with as_(cast.owner):
        settled = PaymentAllocation.objects.filter(deleted_at=None).aggregate(n=Sum("amount"))["n"]
        owed = Invoice.objects.aggregate(n=Sum("open"), paid=Sum("paid"))
        left = Payment.objects.aggregate(n=Sum("credit"))["n"]
        assert (settled, owed["paid"], owed["n"], left) == (500, 500, 226, 0)
