"""Issuing, crediting and writing off: numbers without gaps, nothing changed afterwards, never above the invoice."""

import pytest

from trato.engine import actions, objects
from trato.engine.values import Refused
from trato.modules.billing.models import Invoice, Payment

from .conftest import again, eur, lines_of, run


@pytest.fixture
def invoice(owner, order):
    """``invoice(("1", "100.00", "21"))``: an issued invoice of an order of these lines."""

    def make(*lines, **given):
        return run(owner, run(owner, order(*lines, **given), "invoice_rest"), "issue")

    return make


def test_only_issued_invoices_have_numbers_and_these_have_no_gaps(owner, order):
    drafts = [run(owner, order(("1", "10.00", "21")), "invoice_rest") for _n in range(3)]
    assert [each.number for each in drafts] == [None] * 3
    actions.delete(owner, objects.get("invoices"), drafts[1].id)
    numbers = [run(owner, each, "issue").number for each in (drafts[2], drafts[0])]
    year = again(drafts[0]).issued_on.year
    assert numbers == [f"INV-{year}-0001", f"INV-{year}-0002"]


def test_an_issued_invoice_says_who_when_and_how_much(invoice):
    made = invoice(("2", "50.00", "21"))
    assert (made.status, made.total, made.open, made.paid) == ("issued", eur("121.00"), eur("121.00"), 0)
    assert (made.due_on - made.issued_on).days == 14
    assert made.parties["buyer"]["name"] == "Acme Iberia SL"
    assert made.parties["buyer"]["city"] == "Madrid"


def test_once_issued_nothing_changes_it(owner, invoice):
    made = invoice(("2", "50.00", "21"))
    invoices, rows, line = objects.get("invoices"), objects.get("invoice-lines"), lines_of(made)[0]
    for attempt in (
        lambda: actions.update(owner, invoices, made.id, {"terms": "other"}),
        lambda: actions.delete(owner, invoices, made.id),
        lambda: actions.update(owner, rows, line.id, {"quantity": "1"}),
        lambda: actions.delete(owner, rows, line.id),
        lambda: actions.create(owner, rows, {"invoice": str(made.id), "price": {"amount": "1", "currency": "EUR"}}),
        lambda: run(owner, made, "issue"),
    ):
        with pytest.raises(Refused):
            attempt()
    assert again(made).total == eur("121.00")
    with pytest.raises(Refused, match="credit note"):
        actions.delete(owner, invoices, made.id)


def test_what_can_not_be_issued_is_refused_in_words(owner, customer, order, taxed):
    empty = actions.create(owner, objects.get("invoices"), {"account": str(customer.id)})
    with pytest.raises(Refused, match="Add a line"):
        run(owner, empty, "issue")
    elsewhere = run(owner, order(("1", "10.00", "21"), country="FR"), "invoice_rest")
    with pytest.raises(Refused, match="No tax rate is known in FR"):
        run(owner, elsewhere, "issue")
    assert again(elsewhere).number is None
    assert run(owner, run(owner, order(("1", "10.00", "21")), "invoice_rest"), "issue").number.endswith("-0001")


def test_a_credit_note_gives_all_back(owner, order, invoice):
    made = invoice(("3", "0.335", "21"), ("1", "10.00", "10"))
    note = run(owner, run(owner, made, "credit", reason="Returned"), "issue")
    assert note.number.startswith("CN-")
    assert (note.net, note.tax, note.total) == (made.net, made.tax, made.total)
    assert (again(made).status, again(made).open, again(made).credited) == ("credited", 0, made.total)
    ordered = again(made).order
    assert [line.invoiced for line in lines_of(ordered)] == [0, 0]
    with pytest.raises(Refused, match="given back already"):
        run(owner, made, "credit", reason="Again")
    assert run(owner, ordered, "invoice_rest").total == ordered.total


def test_parts_are_given_back_and_the_last_one_takes_what_is_left(owner, invoice):
    """9.99 at 21 % is 2.10 tax: a third is 3.33 and 0.70, three of them 9.99 and 2.10."""
    made = invoice(("1", "9.99", "21"))
    notes = [run(owner, run(owner, made, "credit", percent="33", reason="Part"), "issue") for _n in range(2)]
    assert [each.net for each in notes] == [eur("3.30"), eur("3.30")]
    assert again(made).open == made.total - sum(each.total for each in notes)
    last = run(owner, run(owner, made, "credit", reason="The rest"), "issue")
    assert (last.net, sum(each.total for each in notes) + last.total) == (eur("3.39"), made.total)


def test_a_credit_note_is_never_above_its_invoice(owner, invoice):
    made = invoice(("1", "100.00", "21"))
    note = run(owner, made, "credit", reason="Too much")
    line = lines_of(note)[0].id
    with pytest.raises(Refused, match="Only 1 of this"):
        actions.update(owner, objects.get("invoice-lines"), line, {"quantity": "2"})
    actions.update(owner, objects.get("invoice-lines"), line, {"price": {"amount": "200", "currency": "EUR"}})
    with pytest.raises(Refused, match="more than is left"):
        run(owner, note, "issue")
    assert again(note).number is None
    assert again(made).credited == 0


def test_what_was_paid_of_a_credited_invoice_is_the_customers_credit(owner, invoice):
    made = invoice(("1", "100.00", "21"))
    payment = run(owner, made, "record_payment", amount={"amount": "100", "currency": "EUR"})
    run(owner, run(owner, made, "credit", percent="50", reason="Half"), "issue")
    assert (again(made).status, again(made).paid, again(made).open) == ("paid", eur("60.50"), 0)
    assert again(payment).credit == eur("39.50")
    other = invoice(("1", "20.00", "21"))
    assert (other.status, other.open) == ("paid", 0)  # 24.20 of the credit
    assert again(payment).credit == eur("15.30")


def test_what_is_lost_is_written_off_and_expected_again(owner, invoice):
    made = invoice(("1", "100.00", "21"))
    run(owner, made, "record_payment", amount={"amount": "21", "currency": "EUR"})
    run(owner, made, "write_off", reason="Insolvent")
    assert (again(made).status, again(made).written_off, again(made).open) == ("written_off", eur("100.00"), 0)
    run(owner, made, "expect")
    assert (again(made).status, again(made).open) == ("partly_paid", eur("100.00"))


def test_a_credit_note_corrects_an_issued_invoice_of_the_same_account(owner, customer, order, invoice):
    draft = run(owner, order(("1", "10.00", "21")), "invoice_rest")
    given = {"account": str(customer.id), "kind": "credit_note", "currency": "EUR"}
    for corrects, words in ((None, "Name the invoice"), (str(draft.id), "Only invoices that were issued")):
        with pytest.raises(Refused, match=words):
            actions.create(owner, objects.get("invoices"), given | {"corrects": corrects})
    with pytest.raises(Refused, match="account and the currency"):
        mine = invoice(("1", "10.00", "21"))
        actions.create(owner, objects.get("invoices"), given | {"corrects": str(mine.id), "currency": "USD"})
    assert not Invoice.objects.filter(kind="credit_note").exists()
    assert not Payment.objects.exists()
