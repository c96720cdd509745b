"""An invoice as the XML of EN 16931 (UN/CEFACT CII, as Factur-X and ZUGFeRD carry it in their PDF).

The comments name the business terms (BT) of EN 16931-1. What is given is taken as it is: amounts are worked out and
rounded elsewhere, and ``problems`` says what the standard asks for and the invoice lacks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from lxml import etree

from trato.engine.kinds.currency import digits

PROFILE = "urn:cen.eu:en16931:2017"
NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
INVOICE, CREDIT_NOTE = "380", "381"
#: Ours to UN/ECE Recommendation 20; what is not known there is "one".
UNITS = {
    "h": "HUR", "hour": "HUR", "hours": "HUR", "day": "DAY", "days": "DAY", "month": "MON", "months": "MON",
    "year": "ANN", "years": "ANN", "kg": "KGM", "g": "GRM", "t": "TNE", "m": "MTR", "cm": "CMT", "km": "KMT",
    "m²": "MTK", "m2": "MTK", "m³": "MTQ", "m3": "MTQ", "l": "LTR", "litre": "LTR", "kwh": "KWH", "set": "SET",
    "pair": "PR", "pcs": "H87", "piece": "H87", "pieces": "H87", "min": "MIN", "minute": "MIN", "minutes": "MIN",
}  # fmt: skip
REVERSE_CHARGE, OUTSIDE = "AE", "O"
#: Why a category has no tax, where the standard asks for words (BT-120) and nobody gave any.
UNTAXED = {REVERSE_CHARGE: "Reverse charge", "E": "Exempt from tax", OUTSIDE: "Not subject to tax"}
Node = etree._Element


@dataclass(frozen=True)
class Party:
    """Seller or buyer."""

    name: str
    country: str = ""
    line1: str = ""
    line2: str = ""
    postcode: str = ""
    city: str = ""
    tax_number: str = ""
    email: str = ""


@dataclass(frozen=True)
class Line:
    """One line: ``price`` is for one unit, without tax and after its discount."""

    name: str
    quantity: Decimal
    unit: str
    price: Decimal
    net: Decimal
    category: str
    rate: Decimal
    code: str = ""


@dataclass(frozen=True)
class Tax:
    """One tax category: S standard, Z zero, E exempt, AE reverse charge, O outside the scope; why nothing is due."""

    category: str
    rate: Decimal
    net: Decimal
    tax: Decimal
    allowance: Decimal = Decimal(0)
    reason: str = ""


@dataclass(frozen=True)
class Bill:
    """What an invoice or credit note says."""

    type: str
    number: str
    issued: date
    currency: str
    seller: Party
    buyer: Party
    lines: Sequence[Line]
    taxes: Sequence[Tax]
    total: Decimal
    paid: Decimal = Decimal(0)
    due: date | None = None
    delivered: date | None = None
    terms: str = ""
    note: str = ""
    order: str = ""
    reference: str = ""
    corrects: tuple[str, date] | None = None
    iban: str = ""
    digits: int = field(default=2)

    @property
    def lines_net(self) -> Decimal:
        """BT-106."""
        return sum((line.net for line in self.lines), Decimal(0))

    @property
    def allowances(self) -> Decimal:
        """BT-107."""
        return sum((tax.allowance for tax in self.taxes), Decimal(0))

    @property
    def net(self) -> Decimal:
        """BT-109."""
        return sum((tax.net for tax in self.taxes), Decimal(0))

    @property
    def tax(self) -> Decimal:
        """BT-110."""
        return sum((tax.tax for tax in self.taxes), Decimal(0))


def problems(bill: Bill) -> list[str]:
    """What keeps a bill from being an electronic invoice, in words; empty when nothing does."""
    found = []
    if digits(bill.currency) > 2:
        found.append(_("EN 16931 knows no amounts with three digits after the point (%s).") % bill.currency)
    for party, who in ((bill.seller, _("your workspace")), (bill.buyer, bill.buyer.name)):
        if not party.country:
            found.append(_("The country in the address of %s is missing.") % who)
    taxed = {tax.category for tax in bill.taxes}
    if not bill.seller.tax_number:
        found.append(_("Your own tax number is missing; give it in the settings."))
    if REVERSE_CHARGE in taxed and not bill.buyer.tax_number:
        found.append(_("Reverse charge needs the tax number of %s.") % bill.buyer.name)
    return found


def xml(bill: Bill) -> bytes:
    """The bill as a CII document of the profile EN 16931."""
    root = etree.Element(f"{{{NAMESPACES['rsm']}}}CrossIndustryInvoice", nsmap=NAMESPACES)
    context = _add(_add(root, "rsm:ExchangedDocumentContext"), "GuidelineSpecifiedDocumentContextParameter")
    _add(context, "ID", PROFILE)  # BT-24
    head = _add(root, "rsm:ExchangedDocument")
    _add(head, "ID", bill.number)  # BT-1
    _add(head, "TypeCode", bill.type)  # BT-3
    _date(head, "IssueDateTime", bill.issued)  # BT-2
    if bill.note:
        _add(_add(head, "IncludedNote"), "Content", bill.note)  # BT-22
    trade = _add(root, "rsm:SupplyChainTradeTransaction")
    for place, line in enumerate(bill.lines, start=1):
        _line(trade, place, line, bill.digits)
    _agreement(trade, bill)
    delivery = _add(trade, "ApplicableHeaderTradeDelivery")
    if bill.delivered:
        _date(_add(delivery, "ActualDeliverySupplyChainEvent"), "OccurrenceDateTime", bill.delivered)  # BT-72
    _settlement(trade, bill)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _add(parent: Node, name: str, text: str | Decimal | None = None, **attributes: str) -> Node:
    """A new last child; names without a prefix are of ``ram``."""
    prefix, _colon, local = name.rpartition(":")
    child = etree.SubElement(parent, f"{{{NAMESPACES[prefix or 'ram']}}}{local}", attributes)
    if text is not None:
        child.text = f"{text:f}" if isinstance(text, Decimal) else "".join(_legal(text))
    return child


def _legal(text: str) -> Iterator[str]:
    """What XML 1.0 may hold."""
    return (char for char in text if char in "\t\n\r" or (char >= " " and not "\ud800" <= char <= "\udfff"))


def _date(parent: Node, name: str, day: date) -> None:
    _add(_add(parent, name), "udt:DateTimeString", day.strftime("%Y%m%d"), format="102")


def _line(trade: Node, place: int, line: Line, places: int) -> None:
    item = _add(trade, "IncludedSupplyChainTradeLineItem")
    _add(_add(item, "AssociatedDocumentLineDocument"), "LineID", str(place))  # BT-126
    product = _add(item, "SpecifiedTradeProduct")
    if line.code:
        _add(product, "SellerAssignedID", line.code)  # BT-155
    _add(product, "Name", line.name)  # BT-153
    price = _add(_add(item, "SpecifiedLineTradeAgreement"), "NetPriceProductTradePrice")
    _add(price, "ChargeAmount", line.price)  # BT-146
    unit = UNITS.get(line.unit.strip().casefold(), "C62")
    _add(_add(item, "SpecifiedLineTradeDelivery"), "BilledQuantity", line.quantity.normalize(), unitCode=unit)  # BT-129
    settled = _add(item, "SpecifiedLineTradeSettlement")
    _category(_add(settled, "ApplicableTradeTax"), line.category, line.rate)  # BT-151, BT-152
    summed = _add(settled, "SpecifiedTradeSettlementLineMonetarySummation")
    _add(summed, "LineTotalAmount", _amount(line.net, places))  # BT-131


def _category(node: Node, category: str, rate: Decimal) -> None:
    _add(node, "TypeCode", "VAT")
    _add(node, "CategoryCode", category)
    if category != OUTSIDE:  # BR-O-5
        _add(node, "RateApplicablePercent", rate.normalize())


def _amount(amount: Decimal, places: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-places))


def _agreement(trade: Node, bill: Bill) -> None:
    node = _add(trade, "ApplicableHeaderTradeAgreement")
    if bill.reference:
        _add(node, "BuyerReference", bill.reference)  # BT-10
    is_taxed = any(tax.category != OUTSIDE for tax in bill.taxes)
    _party(_add(node, "SellerTradeParty"), bill.seller, is_taxed=is_taxed)  # BG-4
    _party(_add(node, "BuyerTradeParty"), bill.buyer, is_taxed=is_taxed)  # BG-7
    if bill.order:
        _add(_add(node, "SellerOrderReferencedDocument"), "IssuerAssignedID", bill.order)  # BT-14


def _party(node: Node, party: Party, *, is_taxed: bool) -> None:
    """Where nothing is taxed, a number is no VAT identifier but the register's (BR-O-2, BR-CO-26)."""
    number = party.tax_number.replace(" ", "")
    _add(node, "Name", party.name)  # BT-27, BT-44
    if number and not is_taxed:
        _add(_add(node, "SpecifiedLegalOrganization"), "ID", number)  # BT-30, BT-47
    place = _add(node, "PostalTradeAddress")
    for name, text in (
        ("PostcodeCode", party.postcode),
        ("LineOne", party.line1),
        ("LineTwo", party.line2),
        ("CityName", party.city),
        ("CountryID", party.country),
    ):
        if text:
            _add(place, name, text)
    if party.email:
        _add(_add(node, "URIUniversalCommunication"), "URIID", party.email, schemeID="EM")  # BT-34, BT-49
    if number and is_taxed:
        scheme = "VA" if number[:2].isalpha() else "FC"
        _add(_add(node, "SpecifiedTaxRegistration"), "ID", number, schemeID=scheme)  # BT-31, BT-32, BT-48


def _settlement(trade: Node, bill: Bill) -> None:
    node = _add(trade, "ApplicableHeaderTradeSettlement")
    _add(node, "PaymentReference", bill.number)  # BT-83
    _add(node, "InvoiceCurrencyCode", bill.currency)  # BT-5
    if bill.iban:
        means = _add(node, "SpecifiedTradeSettlementPaymentMeans")
        _add(means, "TypeCode", "30")  # BT-81: credit transfer
        _add(_add(means, "PayeePartyCreditorFinancialAccount"), "IBANID", bill.iban.replace(" ", ""))  # BT-84
    for tax in bill.taxes:
        _tax(node, tax, bill.digits)
    for tax in bill.taxes:
        if tax.allowance:
            _allowance(node, tax, bill.digits)
    if bill.terms or bill.due:
        terms = _add(node, "SpecifiedTradePaymentTerms")
        if bill.terms:
            _add(terms, "Description", bill.terms)  # BT-20
        if bill.due:
            _date(terms, "DueDateDateTime", bill.due)  # BT-9
    sums = _add(node, "SpecifiedTradeSettlementHeaderMonetarySummation")
    for name, amount in (
        ("LineTotalAmount", bill.lines_net),  # BT-106
        ("AllowanceTotalAmount", bill.allowances),  # BT-107
        ("TaxBasisTotalAmount", bill.net),  # BT-109
        ("TaxTotalAmount", bill.tax),  # BT-110
        ("GrandTotalAmount", bill.total),  # BT-112
        ("TotalPrepaidAmount", bill.paid),  # BT-113
        ("DuePayableAmount", bill.total - bill.paid),  # BT-115
    ):
        currency = {"currencyID": bill.currency} if name == "TaxTotalAmount" else {}
        _add(sums, name, _amount(amount, bill.digits), **currency)
    if bill.corrects:
        number, day = bill.corrects
        earlier = _add(node, "InvoiceReferencedDocument")
        _add(earlier, "IssuerAssignedID", number)  # BT-25
        formatted = _add(earlier, "FormattedIssueDateTime")  # BT-26
        stamp = etree.SubElement(formatted, f"{{{QDT}}}DateTimeString", {"format": "102"}, nsmap={"qdt": QDT})
        stamp.text = day.strftime("%Y%m%d")


QDT = "urn:un:unece:uncefact:data:standard:QualifiedDataType:100"


def _tax(node: Node, tax: Tax, places: int) -> None:
    """BG-23, one for each category and rate."""
    of = _add(node, "ApplicableTradeTax")
    _add(of, "CalculatedAmount", _amount(tax.tax, places))  # BT-117
    _add(of, "TypeCode", "VAT")
    if tax.category in UNTAXED:
        _add(of, "ExemptionReason", tax.reason or UNTAXED[tax.category])  # BT-120
    _add(of, "BasisAmount", _amount(tax.net, places))  # BT-116
    _add(of, "CategoryCode", tax.category)  # BT-118
    if tax.category != OUTSIDE:
        _add(of, "RateApplicablePercent", tax.rate.normalize())  # BT-119


def _allowance(node: Node, tax: Tax, places: int) -> None:
    """BG-20: a discount on the whole document, parted by tax category."""
    given = _add(node, "SpecifiedTradeAllowanceCharge")
    _add(_add(given, "ChargeIndicator"), "udt:Indicator", "false")
    _add(given, "ActualAmount", _amount(tax.allowance, places))  # BT-92
    _add(given, "Reason", "Discount")  # BT-97
    _category(_add(given, "CategoryTradeTax"), tax.category, tax.rate)  # BT-95, BT-96
