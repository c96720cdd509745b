"""PDFs of invoices and what is inside; statements; mails to customers."""

from decimal import Decimal
from io import BytesIO

import facturx
import pytest
from lxml import etree
from pypdf import PdfReader

from trato.engine import actions, files, objects
from trato.engine.outbox.models import Mail
from trato.engine.printing import letterhead
from trato.engine.values import Refused
from trato.modules.billing.actions import data_of, issued, statement_pdf
from trato.modules.billing.actions.papers import bill_of
from trato.modules.billing.actions.parties import iban_in
from trato.modules.billing.rules.einvoice import NAMESPACES, problems

from .conftest import again, eur, run
from .test_einvoice import arithmetic


@pytest.fixture
def sender(owner):
    """A letterhead with all that an electronic invoice needs."""
    given = {
        "name": "Panadería Sol",
        "address": "Calle Mayor 1\n28013 Madrid",
        "tax_number": "ESB78640570",
        "bank": "Banco Uno\nIBAN ES91 2100 0418 4502 0005 1332",
    }
    letterhead.change(owner, given)


def xml_in(content):
    return etree.fromstring(facturx.get_facturx_xml_from_pdf(BytesIO(content))[1])


def content_of(stored):
    return files.open_file(stored.id)[1].read()


def words_in(content):
    return " ".join("\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())


def test_the_pdf_of_an_invoice_holds_the_electronic_one_and_stays_the_same(owner, sender, order):
    made = order(("3", "9.99", "21"), ("1", "5.00", "10"), discount_percent="10", language="es")
    invoice = run(owner, run(owner, made, "invoice_rest"), "issue")
    content = content_of(issued(owner, invoice))
    told = xml_in(content)
    assert told.xpath("string(//rsm:ExchangedDocument/ram:ID)", namespaces=NAMESPACES) == invoice.number
    total = told.xpath("string(//ram:GrandTotalAmount)", namespaces=NAMESPACES)
    assert Decimal(total) == invoice.total
    assert told.xpath("string(//ram:IBANID)", namespaces=NAMESPACES) == "ES9121000418450200051332"
    arithmetic(etree.tostring(told))
    words = words_in(content)
    for part in (invoice.number, "Acme Iberia SL", "Item 1", "Panadería Sol"):
        assert part in words
    actions.update(owner, objects.get("accounts"), invoice.account_id, {"name": "Renamed SL"})
    letterhead.change(owner, {"name": "Other"})
    assert content_of(issued(owner, again(invoice))) == content


def test_without_a_tax_number_there_is_a_pdf_but_no_electronic_invoice(owner, order):
    invoice = run(owner, run(owner, order(("1", "10.00", "21")), "invoice_rest"), "issue")
    assert "tax number" in " ".join(problems(bill_of(invoice)))
    content = content_of(issued(owner, invoice))
    assert content.startswith(b"%PDF")
    assert not facturx.get_facturx_xml_from_pdf(BytesIO(content))[1]


def test_what_was_billed_in_advance_stands_on_the_last_invoice(owner, sender, order):
    made = order(("10", "10.00", "21"))
    advance = run(owner, run(owner, made, "invoice_advance", percent="30"), "issue")
    last = run(owner, run(owner, made, "invoice_rest"), "issue")
    assert (advance.total, last.total) == (eur("36.30"), eur("84.70"))
    told = data_of(owner, last, "en")
    assert any(advance.number in label for label, _amount, _strong in told["sums"])
    arithmetic(etree.tostring(xml_in(content_of(issued(owner, last)))))


def test_a_credit_note_names_its_invoice(owner, sender, order):
    invoice = run(owner, run(owner, order(("1", "10.00", "21")), "invoice_rest"), "issue")
    note = run(owner, run(owner, invoice, "credit", reason="Broken"), "issue")
    told = xml_in(content_of(issued(owner, note)))
    assert told.xpath("string(//ram:TypeCode)", namespaces=NAMESPACES) == "381"
    earlier = "string(//ram:InvoiceReferencedDocument/ram:IssuerAssignedID)"
    assert told.xpath(earlier, namespaces=NAMESPACES) == invoice.number


def test_an_invoice_is_sent_with_its_pdf_and_the_address_of_its_page(owner, sender, order):
    draft = run(owner, order(("1", "10.00", "21")), "invoice_rest")
    with pytest.raises(Refused, match="Issue it first"):
        run(owner, draft, "send_invoice")
    invoice = run(owner, draft, "issue")
    run(owner, invoice, "send_invoice")
    mail = Mail.objects.get()
    assert mail.to == [["Acme Iberia SL", "pagos@acme-iberia.example"]]
    assert invoice.number in mail.subject
    assert "/p/acme/" in mail.text
    assert [each["name"] for each in mail.attachments] == [f"{invoice.number}.pdf"]


def test_a_statement_on_paper(owner, customer, sender, order):
    invoice = run(owner, run(owner, order(("1", "100.00", "21")), "invoice_rest"), "issue")
    run(owner, invoice, "record_payment", amount={"amount": "21", "currency": "EUR"})
    day = invoice.issued_on
    words = words_in(statement_pdf(owner, customer, "EUR", day, day))
    assert invoice.number in words
    assert "100.00" in words or "100,00" in words


def test_the_account_number_in_the_letterhead():
    assert iban_in("IBAN: DE89 3704 0044 0532 0130 00 BIC COBADEFFXXX") == "DE89370400440532013000"
    assert iban_in("Account 12345") == ""
    assert iban_in("IBAN DE00 3704 0044 0532 0130 00") == ""
