"""Payments in part, in advance, too much, twice, given back and voided."""

from datetime import timedelta

import pytest

from trato.engine import actions, objects
from trato.engine.values import Refused
from trato.modules.billing import queries
from trato.modules.billing.actions import settle_untouched, turn_overdue
from trato.modules.billing.models import Payment, PaymentAllocation

from .conftest import again, eur, run


def money(amount, currency="EUR"):
    return {"amount": amount, "currency": currency}


@pytest.fixture
def invoice(owner, order):
    """``invoice("100.00")``: an issued invoice with a total of 121.00."""

    def make(net, **given):
        return run(owner, run(owner, order(("1", net, "21"), **given), "invoice_rest"), "issue")

    return make


def test_paid_in_parts(owner, invoice):
    made = invoice("100.00")
    run(owner, made, "record_payment", amount=money("21"), reference="A")
    assert (again(made).status, again(made).open) == ("partly_paid", eur("100.00"))
    run(owner, made, "record_payment", reference="B")
    assert (again(made).status, again(made).open, again(made).paid) == ("paid", 0, eur("121.00"))
    assert again(made).paid_on is not None
    with pytest.raises(Refused, match="Nothing is open"):
        run(owner, made, "record_payment")


def test_a_reference_comes_once(owner, customer, invoice):
    made = invoice("100.00")
    run(owner, made, "record_payment", amount=money("21"), reference="N26-77")
    for again_ in (
        lambda: run(owner, made, "record_payment", amount=money("21"), reference="N26-77"),
        lambda: actions.create(
            owner,
            objects.get("payments"),
            {"account": str(customer.id), "amount": money("1"), "reference": "N26-77"},
        ),
    ):
        with pytest.raises(Refused, match="recorded already"):
            again_()
    assert Payment.objects.count() == 1
    assert again(made).open == eur("100.00")


def test_what_is_too_much_is_the_customers_credit_and_is_given_back(owner, invoice):
    made = invoice("100.00")
    payment = run(owner, made, "record_payment", amount=money("150"))
    assert (again(made).status, again(payment).credit) == ("paid", eur("29.00"))
    with pytest.raises(Refused, match="At most 29"):
        run(owner, payment, "refund", amount=money("29.01"))
    with pytest.raises(Refused, match="EUR"):
        run(owner, payment, "refund", amount=money("1", "USD"))
    back = run(owner, payment, "refund", amount=money("9"))
    assert (back.kind, back.credit, again(payment).credit, again(payment).refunded) == ("refund", 0, 20, 9)
    with pytest.raises(Refused, match="Void the refund first"):
        run(owner, payment, "void", notes="mistake")
    run(owner, back, "void", notes="bounced")
    assert again(payment).credit == eur("29.00")


def test_paid_in_advance_settles_the_next_invoice(owner, customer, invoice):
    payment = run(owner, customer, "take_payment", amount=money("200"))
    assert payment.credit == 200
    first, second = invoice("100.00"), invoice("100.00")
    assert [each.status for each in (first, second)] == ["paid", "partly_paid"]
    assert again(second).open == eur("42.00")
    assert again(payment).credit == 0


def test_one_payment_settles_the_oldest_first_or_the_one_it_fits(owner, customer, invoice):
    old, fits = invoice("100.00"), invoice("10.00")
    run(owner, customer, "take_payment", amount=money("12.10"))
    assert [again(each).status for each in (old, fits)] == ["issued", "paid"]
    third = invoice("50.00")
    run(owner, customer, "take_payment", amount=money("130"))
    assert [again(each).open for each in (old, third)] == [0, eur("51.50")]


def test_another_currency_settles_nothing(owner, customer, invoice):
    made = invoice("100.00")
    dollars = run(owner, customer, "take_payment", amount=money("121", "USD"))
    assert (again(made).open, dollars.credit) == (eur("121.00"), 121)
    with pytest.raises(Refused, match="The invoice is in EUR"):
        run(owner, made, "record_payment", amount=money("121", "USD"))


def test_a_void_payment_leaves_its_invoices_open(owner, invoice):
    made = invoice("100.00")
    payment = run(owner, made, "record_payment", reference="X")
    run(owner, payment, "void", notes="Wrong account")
    assert (again(made).status, again(made).open, again(payment).credit) == ("issued", eur("121.00"), 0)
    run(owner, made, "record_payment", reference="X")
    assert again(made).status == "paid"


def test_what_settles_something_is_not_made_less_and_once_deleted_settles_nothing(owner, invoice):
    made, payments = invoice("100.00"), objects.get("payments")
    payment = run(owner, made, "record_payment", amount=money("50"))
    with pytest.raises(Refused, match="50 EUR of it settle invoices"):
        actions.update(owner, payments, payment.id, {"amount": money("49.99")})
    with pytest.raises(Refused, match="50 EUR of it settle invoices"):
        actions.update(owner, payments, payment.id, {"amount": money("50", "USD")})
    actions.update(owner, payments, payment.id, {"amount": money("60")})
    assert (again(payment).credit, again(made).paid) == (10, 50)
    actions.delete(owner, payments, payment.id)
    assert (again(made).status, again(made).open) == ("issued", eur("121.00"))
    actions.restore(owner, payments, payment.id)
    assert (again(made).status, again(made).open, again(payment).credit) == ("partly_paid", eur("71.00"), 10)
    actions.delete(owner, payments, payment.id)
    second = run(owner, made, "record_payment")
    actions.restore(owner, payments, payment.id)
    assert (again(made).status, again(made).paid) == ("paid", eur("121.00"))
    assert (again(payment).credit, again(second).credit) == (10, 50)  # the latest gives way


def test_allocations_are_changed_by_hand_as_far_as_there_is_money(owner, invoice):
    made = invoice("100.00")
    payment = run(owner, made, "record_payment", amount=money("50"))
    rows, kept = objects.get("payment-allocations"), PaymentAllocation.objects.get()
    actions.update(owner, rows, kept.id, {"amount": money("20")})
    assert (again(payment).credit, again(made).open) == (30, eur("101.00"))
    with pytest.raises(Refused, match="Only 50"):
        actions.update(owner, rows, kept.id, {"amount": money("50.01")})
    actions.delete(owner, rows, kept.id)
    assert (again(payment).credit, again(made).status) == (50, "issued")


def test_payments_that_came_by_a_file_or_the_api_settle_what_they_are_for(owner, customer, invoice):
    old, mine = invoice("100.00"), invoice("100.00")
    payments = objects.get("payments")
    given = {"account": str(customer.id), "amount": money("121"), "invoice": str(mine.id), "external_key": "bank-1"}
    made = actions.create(owner, payments, given)
    assert made.credit == 121
    assert [settle_untouched(owner), settle_untouched(owner)] == [1, 0]
    assert [again(each).status for each in (old, mine)] == ["issued", "paid"]
    parts = [{"invoice": str(old.id), "amount": money("20")}]
    actions.create(owner, payments, {"account": str(customer.id), "amount": money("50"), "payment-allocations": parts})
    assert again(old).open == eur("101.00")
    with pytest.raises(Refused, match="Only 5"):
        parts = [{"invoice": str(old.id), "amount": money("6")}]
        actions.create(
            owner, payments, {"account": str(customer.id), "amount": money("5"), "payment-allocations": parts}
        )


def test_nothing_or_less_is_no_payment(owner, customer):
    for amount in ("0", "-5"):
        with pytest.raises(Refused, match="above zero"):
            actions.create(owner, objects.get("payments"), {"account": str(customer.id), "amount": money(amount)})


def test_how_an_account_stands_and_pays(owner, customer, invoice):
    late, open_ = invoice("100.00"), invoice("10.00")
    today = late.issued_on
    run(owner, late, "record_payment", received_on=str(late.due_on + timedelta(6)))
    (stands,) = queries.standing(owner, customer.id, open_.due_on + timedelta(31))
    assert (stands.open, stands.overdue, stands.credit) == (eur("12.10"), eur("12.10"), 0)
    assert stands.aged == [0, 0, eur("12.10"), 0, 0]
    pays = queries.punctuality(owner, customer.id)
    assert (pays.count, pays.days_late, pays.on_time) == (1, 6, 0)
    opening, entries = queries.statement(owner, customer.id, "EUR", today, late.due_on + timedelta(9))
    assert (opening, [each.what for each in entries]) == (0, ["invoice", "invoice", "payment"])
    assert [each.balance for each in entries] == [eur("121.00"), eur("133.10"), eur("12.10")]


def test_invoices_turn_overdue_once(owner, invoice):
    made = invoice("100.00")
    later = made.due_on + timedelta(1)
    assert [turn_overdue(owner, made.due_on), turn_overdue(owner, later), turn_overdue(owner, later)] == [0, 1, 0]
    assert again(made).status == "overdue"
    run(owner, made, "record_payment")
    assert again(made).status == "paid"
    assert PaymentAllocation.objects.get().amount == eur("121.00")
