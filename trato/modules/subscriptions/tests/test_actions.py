"""Subscriptions from beginning to end, and what they are invoiced."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from trato.engine import objects
from trato.engine.values import Refused
from trato.modules.billing.models import Invoice, InvoiceLine
from trato.modules.catalog.queries import today
from trato.modules.subscriptions import actions, jobs, queries, rules
from trato.modules.subscriptions.models import Subscription, SubscriptionLine


def documents(kind: str = "invoice") -> list[D]:
    """The net of every document, in order."""
    return list(Invoice.objects.filter(kind=kind).order_by("id").values_list("net", flat=True))


def first_of_month(owner) -> date:
    return today(owner).replace(day=1)


def test_a_subscription_begins_with_a_number_and_its_first_invoice_is_due(owner, begun) -> None:
    start = first_of_month(owner)
    made = begun(start, 30, 50)
    assert (made.status, made.next_on, made.mrr, made.total is not None) == ("active", start, D(80), True)
    assert made.number == "SUB-00001"
    assert actions.bill_due(owner, made.id) == 1
    made.refresh_from_db()
    assert documents() == [D("80.00")]
    assert made.billed_until == made.next_on == rules.add_months(start, 1)


def test_billing_twice_charges_once(owner, begun) -> None:
    made = begun(first_of_month(owner), 30)
    assert [actions.bill_due(owner, made.id) for _ in range(3)] == [1, 0, 0]
    assert len(documents()) == 1
    Subscription.objects.filter(id=made.id).update(billed_until=None, next_on=made.starts_on)  # as if it was forgotten
    SubscriptionLine.objects.filter(subscription_id=made.id).update(billed_until=None)
    assert actions.bill_due(owner, made.id) == 0
    assert len(documents()) == 1


def test_missed_months_are_caught_up_one_invoice_each(owner, begun) -> None:
    start = rules.add_months(first_of_month(owner), -3)
    made = begun(start, 30)
    assert actions.bill_due(owner, made.id) == 4
    assert documents() == [D("30.00")] * 4


def test_in_arrears_nothing_is_due_before_the_end_of_the_period(owner, begun) -> None:
    start = first_of_month(owner)
    made = begun(start, 30, billed="arrears")
    assert made.next_on == rules.add_months(start, 1)
    assert actions.bill_due(owner, made.id) == 0


def test_an_upgrade_is_charged_by_days_with_the_next_invoice(owner, begun, run) -> None:
    start = rules.add_months(first_of_month(owner), -1)
    made = begun(start, 30)
    record = queries.hold(made.id)
    actions.bill(owner, record)
    line = SubscriptionLine.objects.get(subscription_id=made.id)
    end = rules.add_months(start, 1)
    middle = start + timedelta(days=10)
    run("change", made, line=f"subscription-lines/{line.id}", price={"amount": "90", "currency": "EUR"}, on=middle)
    assert made.mrr == D(90)
    actions.bill(owner, queries.hold(made.id))
    days = (end - start).days
    used = rules.part_until(D(30), start, end, middle, 2)
    extra = D(90) - rules.part_until(D(90), start, end, middle, 2) - (D(30) - used)
    assert documents() == [D("30.00"), D("90.00") + extra]
    assert days in (28, 29, 30, 31)


def test_what_was_paid_and_not_used_is_given_back(owner, begun, run) -> None:
    start = first_of_month(owner)
    made = begun(start, 1200, interval="year")
    actions.bill(owner, queries.hold(made.id))
    run("cancel", made, on=rules.add_months(start, 6), reason="price", note="Too dear")
    assert (made.status, made.ends_on, made.next_on) == (
        "active",
        rules.add_months(start, 6),
        rules.add_months(start, 6),
    )
    actions.bill(owner, queries.hold(made.id))
    year = (rules.add_months(start, 12) - start).days
    half = (rules.add_months(start, 6) - start).days
    used = (D(1200) * half / year).quantize(D("0.01"), rounding="ROUND_HALF_UP")
    assert documents("credit_note") == [D(1200) - used]
    made.refresh_from_db()
    assert made.next_on is None


def test_without_a_day_it_ends_when_what_is_paid_is_used_up(owner, begun, run) -> None:
    start = first_of_month(owner)
    made = begun(start, 30)
    actions.bill(owner, queries.hold(made.id))
    run("cancel", made, reason="use")
    assert (made.ends_on, made.next_on) == (rules.add_months(start, 1), None)
    run("keep", made)
    assert (made.ends_on, made.next_on) == (None, rules.add_months(start, 1))


def test_a_pause_is_not_charged(owner, begun, run) -> None:
    start = rules.add_months(first_of_month(owner), -2)
    made = begun(start, 30)
    second, third = rules.add_months(start, 1), rules.add_months(start, 2)
    run("pause", made, on=second)
    assert (made.status, made.mrr) == ("paused", D(0))
    run("resume", made, on=third)
    assert (made.status, made.mrr) == ("active", D(30))
    actions.bill_due(owner, made.id)
    assert documents() == [D("30.00"), D("30.00")]


def test_prices_by_five_percent_more(owner, begun, run) -> None:
    made = begun(first_of_month(owner), 30, 50)
    run("reprice", made, percent="5")
    assert made.mrr == D("84.00")


def test_what_was_invoiced_is_not_changed_by_hand(owner, begun) -> None:
    from trato.engine import actions as generic

    made = begun(first_of_month(owner), 30)
    actions.bill(owner, queries.hold(made.id))
    line = SubscriptionLine.objects.get(subscription_id=made.id)
    with pytest.raises(Refused, match="Change a line"):
        generic.update(owner, objects.get("subscription-lines"), line.id, {"quantity": 2})
    with pytest.raises(Refused, match="under way"):
        generic.update(owner, objects.get("subscriptions"), made.id, {"interval": "year"})
    line.refresh_from_db()
    assert line.quantity == 1


@pytest.mark.parametrize(
    ("name", "given", "field"),
    [
        ("change", {"quantity": "-1"}, "quantity"),
        ("change", {"price": {"amount": "5", "currency": "USD"}}, "price"),
        ("change", {}, "quantity"),
        ("pause", {"on": "1999-01-01"}, "on"),
        ("cancel", {"reason": "price", "on": "2199-01-01"}, "on"),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(owner, begun, run, name, given, field) -> None:
    made = begun(first_of_month(owner), 30)
    line = SubscriptionLine.objects.get(subscription_id=made.id)
    before = (made.status, made.mrr, made.version, line.version)
    told = {"line": f"subscription-lines/{line.id}"} if name == "change" else {}
    with pytest.raises(Refused) as refused:
        run(name, made, **told, **given)
    made.refresh_from_db(), line.refresh_from_db()
    assert [problem.field for problem in refused.value.problems] == [field]
    assert (made.status, made.mrr, made.version, line.version) == before


def test_the_job_invoices_everybody_once_and_closes_what_ended(owner, begun, run) -> None:
    start = rules.add_months(first_of_month(owner), -1)
    for _ in range(3):
        begun(start, 30)
    ending = begun(start, 10)
    run("cancel", ending, on=start + timedelta(days=1), reason="closed")
    assert [jobs.invoice_due(owner.workspace), jobs.invoice_due(owner.workspace)] == [3 * 2 + 1, 0]
    ending.refresh_from_db()
    assert (ending.status, InvoiceLine.objects.count()) == ("ended", 7)


def test_revenue_of_days_is_told_by_account(owner, begun) -> None:
    start = first_of_month(owner)
    made = begun(start, 30, 50)
    found = queries.revenue(owner, [start - timedelta(days=1), start])
    assert found == {start - timedelta(days=1): {}, start: {(made.account_id, "EUR"): D(80)}}
    assert queries.began_before(owner, start) == set()
    assert queries.began_before(owner, start + timedelta(days=1)) == {made.account_id}


def test_what_was_invoiced_elsewhere_is_not_charged_again(owner, begun, run) -> None:
    start = rules.add_months(first_of_month(owner), -6)
    made = begun(start, 30)
    run("invoiced_elsewhere", made, until=first_of_month(owner))
    assert (made.billed_until, made.next_on) == (first_of_month(owner), first_of_month(owner))
    assert actions.bill_due(owner, made.id) == 1
    with pytest.raises(Refused, match="Choose a day after"):
        run("invoiced_elsewhere", made, until=start)
