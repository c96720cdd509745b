"""Pages of billing: boxes, statements, PDFs, settings; who may not see stays outside."""

from __future__ import annotations

from typing import Any

import pytest

from trato.modules.billing.models import Invoice, Settings

from .conftest import make_customer, make_order, run


@pytest.fixture
def sold(cast: Any, as_: Any) -> tuple[Any, Any]:
    """A customer, and an issued invoice of 121.00 of which 21.00 are paid."""
    with as_(cast.owner) as actor:
        customer = make_customer(actor)
        order = make_order(actor, customer, ("1", "100.00", "21"))
        invoice = run(actor, run(actor, order, "invoice_rest"), "issue")
        run(actor, invoice, "record_payment", amount={"amount": "21", "currency": "EUR"}, reference="TR-1")
        return customer, invoice


def test_an_accounts_page_says_what_it_owes(cast: Any, sold: Any, signed_in: Any) -> None:
    customer, invoice = sold
    browser = signed_in(cast.owner)
    page = browser.get(f"/w/acme/accounts/{customer.id}").text
    assert "€100.00" in page
    statement = browser.get(f"/w/acme/accounts/{customer.id}/statement").text
    for part in (invoice.number, "€121.00", "TR-1", "€100.00"):
        assert part in statement
    assert browser.get(f"/w/acme/accounts/{customer.id}/statement?since=nonsense&currency=XXX").status_code == 200
    paper = browser.get(f"/w/acme/accounts/{customer.id}/statement.pdf")
    assert b"".join(paper.streaming_content).startswith(b"%PDF")


def test_an_invoices_page_has_its_pdf_lines_and_payments(cast: Any, sold: Any, signed_in: Any) -> None:
    _customer, invoice = sold
    browser = signed_in(cast.owner)
    page = browser.get(f"/w/acme/invoices/{invoice.id}").text
    for part in ("Item 1", "TR-1", f"/w/acme/invoices/{invoice.id}/pdf"):
        assert part in page
    paper = browser.get(f"/w/acme/invoices/{invoice.id}/pdf")
    assert paper.headers["Content-Type"] == "application/pdf"
    assert b"".join(paper.streaming_content).startswith(b"%PDF")


def test_strangers_and_those_who_see_only_their_own_find_nothing(cast: Any, sold: Any, signed_in: Any) -> None:
    customer, invoice = sold
    for who in (cast.stranger, cast.limited):
        for place in (f"invoices/{invoice.id}/pdf", f"accounts/{customer.id}/statement", f"invoices/{invoice.id}"):
            assert signed_in(who).get(f"/w/acme/{place}").status_code == 404


def test_who_may_not_see_amounts_gets_no_paper_of_them(cast: Any, sold: Any, signed_in: Any, set_role: Any) -> None:
    account, invoice = sold[0], sold[1]
    see = {"see": "all", "change": "none"}
    set_role(cast.member, {"objects": {"*": see, "invoices": see | {"fields": {"total": "hidden", "open": "hidden"}}}})
    browser = signed_in(cast.member)
    own = f"/w/acme/accounts/{account.id}"
    assert "Papers and payments" in browser.get(f"/w/acme/invoices/{invoice.id}").text
    assert f"{invoice.id}/pdf" not in browser.get(f"/w/acme/invoices/{invoice.id}").text
    assert "121.00" not in browser.get(own).text
    for address in (f"/w/acme/invoices/{invoice.id}/pdf", f"{own}/statement", f"{own}/statement.pdf"):
        assert browser.get(address).status_code == 403, address


def test_settings_are_for_administrators_and_never_show_a_key(cast: Any, as_: Any, signed_in: Any) -> None:
    assert signed_in(cast.manager).get("/w/acme/settings/billing").status_code == 403
    browser = signed_in(cast.owner)
    given = {"days": "30", "provider": "stripe", "key": "sk_test_secret", "hook_secret": "whsec_secret"}
    assert browser.post("/w/acme/settings/billing", given).status_code == 303
    page = browser.get("/w/acme/settings/billing").text
    assert "sk_test_secret" not in page
    assert "whsec_secret" not in page
    assert "/hooks/payments/acme/stripe" in page
    assert browser.post("/w/acme/settings/billing", {"days": "x"}).status_code == 422
    with as_(cast.owner):
        assert Settings.objects.get().days == 30


def test_forms_begin_with_what_is_usual_and_lead_on_to_what_they_made(
    cast: Any, as_: Any, sold: Any, signed_in: Any
) -> None:
    _customer, invoice = sold
    browser, address = signed_in(cast.owner), f"/w/acme/invoices/{invoice.id}"
    form = browser.get(f"{address}/record_payment").text
    assert 'value="100.00"' in form  # 121.00 less 21.00
    assert "Void the payment." in form
    assert 'value="pagos@acme-iberia.example"' in browser.get(f"{address}/send_invoice").text
    answer = browser.post(f"{address}/credit", {"percent": "10", "reason": "Torn"})
    with as_(cast.owner):
        note = Invoice.objects.get(kind="credit_note")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/w/acme/invoices/{note.id}")
