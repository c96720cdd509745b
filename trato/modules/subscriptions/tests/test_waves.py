"""Many subscriptions invoiced at once come to what each would alone: values, lines, sums, keys and history."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from trato.engine import actions as generic
from trato.engine import jobs as engine_jobs
from trato.engine import objects
from trato.engine.models import HistoryEntry, Key
from trato.engine.workspaces.actors import system_actor
from trato.modules.billing.models import Invoice, InvoiceLine, Payment, PaymentAllocation
from trato.modules.catalog.queries import today
from trato.modules.subscriptions import actions, jobs, queries, rules
from trato.modules.subscriptions.models import Subscription, SubscriptionLine

#: What no two records share.
OWN = {
    "id",
    "created_at",
    "updated_at",
    "search",
    "title",
    "title_key",
    "number",
    "external_key",
    "invoice_id",
    "workspace_id",
}
EUROS = {"currency": "EUR"}


def line(place: int, price: str, **given: Any) -> dict[str, Any]:
    return {"description": f"Line {place}", "price": EUROS | {"amount": price}, "position": place, **given}


@pytest.fixture
def places(owner):
    """Everything that bears on an invoice: a product, tax classes, customers with and without credit, an address."""
    make = lambda plural, **given: generic.create(owner, objects.get(plural), given).id  # noqa: E731
    rates = [{"country": "ES", "rate": rate} for rate in ("21",)]
    taxed = make("tax-classes", name="Wave 21", **{"tax-rates": rates})
    reduced = make("tax-classes", name="Wave 10", **{"tax-rates": [{"country": "ES", "rate": "10"}]})
    product = make("products", name="Beans", unit="kg", price=EUROS | {"amount": "12.50"}, tax_class=str(reduced))
    address = {"line1": "Calle Mayor 1", "postcode": "28013", "city": "Madrid", "country": "ES", "primary": True}
    accounts = {
        name: make("accounts", name=name, lifecycle="customer", addresses=[address]) for name in ("Plain", "Paid")
    }
    contact = make("contacts", first_name="Ana", last_name="Ruiz", account=str(accounts["Plain"]))
    return {"taxed": taxed, "reduced": reduced, "product": product, "contact": contact, **accounts}


def kinds(at: dict[str, Any]) -> list[dict[str, Any]]:
    """Subscriptions of every shape that is invoiced."""
    lines = [
        line(1, "19.99", tax_class=str(at["taxed"]), quantity="3"),
        line(2, "0.335", tax_class=str(at["reduced"]), quantity="7", discount_percent="12.5"),
        {"product": str(at["product"]), "quantity": "2", "position": 3},
        line(4, "1000", tax_class=str(at["taxed"]), is_optional=True),
    ]
    spain, yen = {"country": "ES", "subscription-lines": lines}, {"amount": "500", "currency": "JPY"}
    return [
        spain,
        spain | {"prices": "inclusive", "discount_percent": "7.5", "language": "es", "contact": str(at["contact"])},
        spain | {"rounding": "line", "days": 30, "reference": "PO 7", "terms": "At once."},
        spain | {"reverse_charge": True, "interval": "quarter"},
        spain | {"issues": False},
        spain | {"discount_percent": "100"},
        spain | {"account": str(at["Paid"])},
        spain | {"currency": "JPY", "subscription-lines": [line(1, "500") | {"price": yen}]},
    ]


def begin(owner: Any, given: dict[str, Any], account: Any, start: date) -> Subscription:
    usual = {"account": str(account), "starts_on": start.isoformat(), "currency": "EUR", "name": "Coffee"}
    made = generic.create(owner, objects.get("subscriptions"), usual | given)
    generic.run(owner, objects.get("subscriptions"), "activate", made.id, {})
    return queries.hold(made.id)


def pay_ahead(owner: Any, account: Any) -> None:
    given = {"account": str(account), "amount": EUROS | {"amount": "50"}, "received_on": "2026-01-01"}
    generic.create(owner, objects.get("payments"), given)


def plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in OWN}


def told(record_id: Any) -> list[tuple[Any, ...]]:
    """The history of a record, without what no two share."""
    rows = HistoryEntry.objects.filter(record_id=record_id).order_by("id")
    own = {"number", "external_key", "invoice"}
    return [
        (row.action, row.version, row.actor_kind, row.face, {n: v for n, v in row.changes.items() if n not in own})
        for row in rows
    ]


def invoices_of(subscription: Subscription) -> list[dict[str, Any]]:
    """All that the invoices of a subscription are: values, lines, keys, search text, history."""
    found = []
    for invoice in Invoice.objects.filter(external_key__startswith=f"subscription:{subscription.id}").order_by("id"):
        lines = InvoiceLine.objects.filter(invoice_id=invoice.id).order_by("position", "id")
        allocated = PaymentAllocation.objects.filter(invoice_id=invoice.id)
        found.append(
            {
                "head": plain(Invoice.objects.filter(id=invoice.id).values().get()),
                "named": (invoice.title == (invoice.number or invoice.external_key)),
                "search": invoice.title.lower()[:3]
                in Invoice.objects.values_list("search", flat=True).get(id=invoice.id),
                "lines": [plain(row) for row in lines.values()],
                "titles": [row.title for row in lines],
                "keys": Key.objects.filter(record_id__in=[invoice.id, *(row.id for row in lines)]).count(),
                "paid": sum((row.amount for row in allocated), D(0)),
                "told": told(invoice.id),
                "lines told": [told(row.id) for row in lines],
            }
        )
    return found


def after(subscription: Subscription) -> dict[str, Any]:
    own = {"id", "updated_at", "created_at", "number", "title", "title_key", "search"}
    row = Subscription.objects.filter(id=subscription.id).values().get()
    lines = SubscriptionLine.objects.filter(subscription_id=subscription.id).order_by("position")
    return {
        "head": {name: value for name, value in row.items() if name not in own},
        "told": told(subscription.id)[-1],
        "lines": [(each.billed_until, each.version, told(each.id)[-1]) for each in lines],
    }


def test_a_wave_is_what_one_by_one_would_be(owner, places) -> None:
    start, trato = today(owner).replace(day=1), system_actor(owner.workspace, "job")
    alone, together = ([begin(owner, given, places["Plain"], start) for given in kinds(places)] for _each in range(2))
    pay_ahead(owner, places["Paid"])
    for each in alone:
        actions.bill_due(trato, each.id)
    Payment.objects.update(deleted_at=timezone.now())
    pay_ahead(owner, places["Paid"])
    wave = actions.bill_wave(trato, [each.id for each in together])
    assert (wave.made, wave.left) == (len(together), {})
    for one, other in zip(alone, together, strict=True):
        for part, expected in zip(invoices_of(other), invoices_of(one), strict=True):
            for name, value in expected.items():
                assert part[name] == value, name
        assert after(other) == after(one)
    assert Invoice.objects.get(external_key__startswith=f"subscription:{together[6].id}").status == "partly_paid"
    assert Invoice.objects.get(external_key__startswith=f"subscription:{together[5].id}").status == "paid"


def test_the_sums_of_a_wave_by_hand(owner, places) -> None:
    """3 × 19.99 = 59.97; 7 × 0.335 less 12.5 % = 2.051875, 2.05; 2 × 12.50 = 25.00. 21 % of 59.97 is 12.5937, 12.59;
    10 % of 27.05 is 2.705, 2.71 half up.
    """
    made = begin(owner, kinds(places)[0], places["Plain"], today(owner).replace(day=1))
    actions.bill_wave(owner, [made.id])
    invoice = Invoice.objects.get()
    assert list(InvoiceLine.objects.order_by("position").values_list("net", flat=True)) == [
        D("59.97"),
        D("2.05"),
        D(25),
    ]
    assert (invoice.net, invoice.tax, invoice.total) == (D("87.02"), D("15.30"), D("102.32"))
    assert (invoice.status, invoice.open, invoice.number) == ("issued", D("102.32"), f"INV-{today(owner).year}-0001")


def test_numbers_of_waves_have_no_gap_and_missed_months_come_in_their_order(owner, places, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 3)
    start = rules.add_months(today(owner).replace(day=1), -2)
    for _each in range(5):
        begin(owner, kinds(places)[0], places["Plain"], start)
    assert jobs.invoice_due(owner.workspace) == 15
    numbers = Invoice.objects.order_by("number").values_list("number", "external_key")
    assert [number[-4:] for number, _key in numbers] == [f"{n:04}" for n in range(1, 16)]
    assert [key[-10:] for _number, key in numbers] == sorted(key[-10:] for _number, key in numbers)


def test_who_can_not_be_invoiced_says_why_and_holds_up_nobody(owner, places) -> None:
    start = today(owner).replace(day=1)
    good = [begin(owner, kinds(places)[0], places["Plain"], start) for _each in range(2)]
    gone = generic.create(owner, objects.get("accounts"), {"name": "Gone"})
    lost = begin(owner, kinds(places)[0], gone.id, start)
    generic.delete(owner, objects.get("accounts"), gone.id)
    abroad = begin(owner, kinds(places)[0] | {"country": "FR"}, places["Plain"], start)
    free = begin(owner, kinds(places)[0], places["Plain"], start)
    SubscriptionLine.objects.filter(subscription_id=free.id, position=1).update(price=None, price_currency="")
    wave = actions.bill_wave(owner, [one.id for one in (lost, good[0], abroad, free, good[1])])
    assert (wave.made, set(wave.left)) == (2, {lost.id, abroad.id, free.id})
    told = {each.id: (each.held_up, each.billed_until) for each in Subscription.objects.all()}
    assert told[lost.id] == ("Account: There is no such record, or you may not see it.", None)
    assert "No tax rate is known in FR" in told[abroad.id][0]
    assert "There is no price for: Line 1" in told[free.id][0]
    assert {told[each.id] for each in good} == {("", rules.add_months(start, 1))}
    assert sorted(Invoice.objects.values_list("number", flat=True))[-1].endswith("-0002")
    before = Subscription.objects.get(id=lost.id).version
    assert jobs.invoice_due(owner.workspace) == 0
    assert Subscription.objects.get(id=lost.id).version == before  # told once
    generic.restore(owner, objects.get("accounts"), gone.id)
    assert jobs.invoice_due(owner.workspace) == 1
    assert Subscription.objects.get(id=lost.id).held_up == ""


def test_what_is_given_back_comes_in_a_wave_too(owner, places, begun, run) -> None:
    start = today(owner).replace(day=1)
    made = begun(start, 1200, interval="year")
    other = begin(owner, kinds(places)[0], places["Plain"], start)
    actions.bill_wave(owner, [made.id])
    run("cancel", made, on=start, reason="price", note="")
    wave = actions.bill_wave(owner, [other.id, made.id])
    assert (wave.made, wave.left) == (2, {})
    assert Counter(Invoice.objects.values_list("kind", flat=True)) == {"invoice": 2, "credit_note": 1}


def test_a_wave_that_breaks_a_rule_of_the_database_is_written_one_by_one(owner, places, monkeypatch) -> None:
    from trato.modules.subscriptions.actions import waves

    made = [begin(owner, kinds(places)[0], places["Plain"], today(owner).replace(day=1)) for _each in range(2)]

    def break_it(*given: Any) -> None:
        given_back.extend(Invoice.objects.values_list("number", flat=True))
        raise IntegrityError("broken")

    given_back: list[str] = []
    write_many = waves.write_many
    monkeypatch.setattr(waves, "write_many", lambda *given: write_many(*given) if given_back else break_it())
    wave = actions.bill_wave(owner, [each.id for each in made])
    assert (wave.made, wave.left, len(given_back)) == (2, {}, 2)
    assert sorted(Invoice.objects.values_list("number", flat=True)) == sorted(given_back)  # they were given again


def test_a_worker_killed_between_waves_or_within_one_loses_and_doubles_nothing(owner, places, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 2)
    for _each in range(5):
        begin(owner, kinds(places)[0], places["Plain"], today(owner).replace(day=1))

    def killed(*_given: Any) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        jobs.invoice_due(owner.workspace, killed)
    assert Invoice.objects.count() == 2
    with monkeypatch.context() as patched, pytest.raises(SystemExit), transaction.atomic():
        patched.setattr("trato.modules.subscriptions.actions.waves.write_many", killed)
        jobs.invoice_due(owner.workspace)
    assert Invoice.objects.count() == 2
    assert jobs.invoice_due(owner.workspace) == 3
    assert jobs.invoice_due(owner.workspace) == 0
    numbers = sorted(Invoice.objects.values_list("number", flat=True))
    assert [number[-4:] for number in numbers] == ["0001", "0002", "0003", "0004", "0005"]
    assert InvoiceLine.objects.count() == 5 * 4 - 5  # what is optional is not charged
    assert Subscription.objects.filter(next_on=rules.add_months(today(owner).replace(day=1), 1)).count() == 5


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_two_workers_side_by_side_invoice_everybody_once(cast, as_) -> None:
    from trato.modules.subscriptions.tests.conftest import _beginner

    with as_(cast.owner) as actor:
        begun, workspace = _beginner(actor), actor.workspace
        for _each in range(12):
            begun(today(actor).replace(day=1), 30, 50)
    made: list[int] = []
    start = threading.Barrier(2)

    def work() -> None:
        try:
            start.wait()
            made.append(jobs.invoice_due(workspace))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == 12
    with as_(cast.owner):
        numbers = sorted(Invoice.objects.values_list("number", flat=True))
        assert [number[-4:] for number in numbers] == [f"{n:04}" for n in range(1, 13)]


def test_much_that_is_due_is_a_job_that_is_seen_and_can_be_stopped(owner, places, monkeypatch) -> None:
    from trato.engine.models import Job

    monkeypatch.setattr(jobs, "AT_ONCE", 2)
    for _each in range(3):
        begin(owner, kinds(places)[0], places["Plain"], today(owner).replace(day=1))
    jobs.invoice_or_order(owner.workspace)
    jobs.invoice_or_order(owner.workspace)
    assert (Invoice.objects.count(), Job.objects.filter(name=jobs.INVOICE, state="waiting").count()) == (0, 1)
    job = Job.objects.get(name=jobs.INVOICE)
    engine_jobs.run_job(str(owner.workspace.id), str(job.id))
    job.refresh_from_db()
    assert (job.state, job.result, job.done, job.total) == ("done", {"made": 3, "left": 0}, 3, 3)
    assert job.message == "3 invoices."


def test_a_job_that_is_stopped_keeps_the_waves_it_wrote(owner, places, monkeypatch) -> None:
    from trato.engine.models import Job

    monkeypatch.setattr(jobs, "AT_ONCE", 2)
    for _each in range(5):
        begin(owner, kinds(places)[0], places["Plain"], today(owner).replace(day=1))
    jobs.invoice_or_order(owner.workspace)
    job = Job.objects.get(name=jobs.INVOICE)
    bill_wave = actions.bill_wave

    def asked_to_stop(*given: Any) -> Any:
        engine_jobs.cancel(owner, job.id)
        return bill_wave(*given)

    monkeypatch.setattr(actions, "bill_wave", asked_to_stop)
    engine_jobs.run_job(str(owner.workspace.id), str(job.id))
    job.refresh_from_db()
    assert (job.state, Invoice.objects.count()) == ("cancelled", 2)
