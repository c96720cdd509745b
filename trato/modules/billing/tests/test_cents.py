"""No path of discounts, taxes, invoices in parts and in advance, credit notes and payments loses or makes a cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from trato.engine.kinds.currency import digits
from trato.modules.billing.rules import sums
from trato.modules.billing.rules.sums import Debt, Part, Piece, Sum, Whole, settled
from trato.modules.catalog.rules import Line, Totals, document_totals

D = Decimal
RATES = {"standard": D(21), "reduced": D(10), "odd": D("5.5"), "zero": D(0)}
QUANTITY = st.integers(1, 40).map(lambda n: D(n) / 4)


class Document:
    """Lines with what they come to, as a document keeps them."""

    def __init__(self, head: dict[str, Any], lines: list[Line], of: list[Any]) -> None:
        self.head, self.lines, self.of = head, lines, of
        self.natural: Totals = document_totals(lines, **head, rate_of=RATES.get)
        self.nets = list(self.natural.line_nets)
        self.classes = {each.tax_class: Sum(each.net, each.tax) for each in self.natural.taxes}
        self.deducted: list[tuple[Any, Any, Sum]] = []

    def settle(self, whole: Whole) -> Document:
        parts = [Part(of, line.quantity, net) for of, line, net in zip(self.of, self.lines, self.nets, strict=True)]
        keys = [line.tax_class for line in self.lines]
        found = settled(parts, keys, self.classes, whole, digits(self.head["currency"]))
        self.nets, self.classes, self.deducted = found.nets, found.classes, found.deducted
        return self

    @property
    def total(self) -> Decimal:
        return sum((each.net + each.tax for each in self.classes.values()), D(0))


def piled(documents: list[Document]) -> tuple[dict[Any, Piece], dict[Any, Sum]]:
    """What some documents say together, by line of the whole and by tax class."""
    lines: dict[Any, Piece] = {}
    classes: dict[Any, Sum] = {}
    for document in documents:
        for of, line, net in zip(document.of, document.lines, document.nets, strict=True):
            if of is not None:
                before = lines.get(of, Piece())
                lines[of] = Piece(before.quantity + line.quantity, before.net + net)
        for key, each in document.classes.items():
            before_sum = classes.get(key, Sum())
            classes[key] = Sum(before_sum.net + each.net, before_sum.tax + each.tax)
    return lines, classes


class Billing:
    """An order and the invoices of it, by the rules alone."""

    def __init__(self, head: dict[str, Any], lines: list[Line]) -> None:
        self.head, self.order = head, Document(head, lines, list(range(len(lines))))
        self.invoices: list[Document] = []
        self.advances: dict[int, dict[Any, Sum]] = {}

    def whole(self, advances: dict[int, dict[Any, Sum]]) -> Whole:
        done_lines, done = piled(self.invoices)
        pieces = {n: Piece(line.quantity, self.order.nets[n]) for n, line in enumerate(self.order.lines)}
        keys = {n: line.tax_class for n, line in enumerate(self.order.lines)}
        return Whole(pieces, self.order.classes, done_lines, done, len(self.invoices), advances, keys)

    def left(self, n: int) -> Decimal:
        done = piled(self.invoices)[0].get(n, Piece())
        return self.order.lines[n].quantity - done.quantity

    def bill(self, wanted: dict[int, Decimal]) -> None:
        """An invoice of so much of each line, at most what is left."""
        pieces = {n: min(quantity, self.left(n)) for n, quantity in wanted.items()}
        lines = [(n, self.order.lines[n]._replace(quantity=q)) for n, q in pieces.items() if q > 0]
        if not lines:
            return
        made = Document(self.head, [line for _n, line in lines], [n for n, _line in lines])
        made.settle(self.whole(self.advances))
        for document, key, off in made.deducted:
            before = self.advances[document][key]
            self.advances[document][key] = Sum(before.net - off.net, before.tax - off.tax)
        self.invoices.append(made)

    def advance(self, percent: int) -> None:
        """An invoice in advance of so much of each tax class, at most what is left."""
        done, with_tax = piled(self.invoices)[1], self.head["prices"] == "inclusive"
        lines = []
        for key, whole in self.order.classes.items():
            before = done.get(key, Sum())
            total, so_far = (each.net + each.tax if with_tax else each.net for each in (whole, before))
            part = sums.percent_part(total, so_far, D(percent), digits(self.head["currency"]))
            if part:
                lines.append(Line(D(1), part, None, key))
        if lines:
            made = Document(self.head | {"discount_percent": None}, lines, [None] * len(lines))
            made.settle(self.whole({}))
            self.advances[len(self.invoices)] = dict(made.classes)
            self.invoices.append(made)


@st.composite
def orders(draw: Any) -> Billing:
    """An order in euro, yen or dinar, with prices of any kind and a discount or none."""
    currency = draw(st.sampled_from(["EUR", "JPY", "KWD"]))
    places = draw(st.sampled_from([0, digits(currency), 4]))
    price = st.integers(0, 10**6).map(lambda n: D(n).scaleb(-places))
    discount = st.sampled_from([None, D(5), D("12.5"), D("33.33")])
    line = st.builds(Line, QUANTITY, price, discount, st.sampled_from(list(RATES)))
    head = {
        "currency": currency,
        "prices": draw(st.sampled_from(["exclusive", "inclusive"])),
        "rounding": draw(st.sampled_from(["line", "document"])),
        "discount_percent": draw(discount),
    }
    return Billing(head, draw(st.lists(line, min_size=1, max_size=5)))


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("advance"), st.integers(1, 60)),
        st.tuples(st.just("bill"), st.dictionaries(st.integers(0, 4), QUANTITY, max_size=5)),
    ),
    max_size=6,
)


@settings(max_examples=200, deadline=None)
@given(orders(), STEPS)
def test_invoices_of_any_parts_sum_up_to_the_order(billing: Billing, steps: list[tuple[str, Any]]) -> None:
    count = len(billing.order.lines)
    for what, how in steps:
        if what == "advance":
            billing.advance(how)
        else:
            billing.bill({n: quantity for n, quantity in how.items() if n < count})
    billing.bill({n: billing.left(n) for n in range(count)})
    lines, classes = piled(billing.invoices)
    assert classes == billing.order.classes
    assert [lines[n].net for n in range(count)] == billing.order.nets
    assert sum(each.total for each in billing.invoices) == billing.order.total == billing.order.natural.total
    assert all(each.net >= 0 for invoice in billing.invoices for each in invoice.classes.values())


@settings(max_examples=100, deadline=None)
@given(orders(), st.lists(st.integers(1, 99), max_size=4), st.lists(st.integers(1, 10**6), max_size=4))
def test_credit_notes_and_payments_end_at_nothing(billing: Billing, percents: list[int], paid: list[int]) -> None:
    """What an invoice comes to is credited or paid, and what is too much is the payer's, to the last unit."""
    invoice, places = billing.order, digits(billing.head["currency"])
    notes: list[Document] = []
    for percent in [*percents, 100]:
        done = piled(notes)[1]
        lines = []
        for key, whole in invoice.classes.items():
            with_tax = billing.head["prices"] == "inclusive"
            total, so_far = (each.net + each.tax if with_tax else each.net for each in (whole, done.get(key, Sum())))
            part = sums.percent_part(total, so_far, D(percent), places)
            if part:
                lines.append(Line(D(1), part, None, key))
        if lines:
            note = Document(billing.head | {"discount_percent": None}, lines, [None] * len(lines))
            note.settle(Whole({}, invoice.classes, {}, done, len(notes)))
            assert not sums.excess(invoice.classes, done, note.classes)
            notes.append(note)
    assert piled(notes)[1] == {key: each for key, each in invoice.classes.items() if each != Sum()}
    open_, credit = invoice.total, D(0)
    for units in paid:
        amount = D(units).scaleb(-places)
        taken, left = sums.allocate(amount, [Debt("i", None, open_)])  # type: ignore[arg-type]
        open_, credit = open_ - taken.get("i", D(0)), credit + left
    assert open_ + sum(D(units).scaleb(-places) for units in paid) - credit == invoice.total
    assert open_ >= 0


def test_a_credit_note_gives_back_no_tax_that_was_never_invoiced() -> None:
    """Three lines of 0.02 at 21 %, rounded line by line: 0.0042 is no tax. Half of their sum alone would have 0.01."""
    invoiced, half = {"standard": Sum(D("0.06"), D(0))}, {"standard": Sum(D("0.03"), D("0.01"))}
    assert sums.closing_sums(half, invoiced, {}, parts=0, unit=D("0.01")) == {"standard": Sum(D("0.03"), D(0))}
    more = {"standard": Sum(D("0.10"), D("0.02"))}
    assert sums.closing_sums(more, invoiced, {}, parts=0, unit=D("0.01")) == more, (
        "what goes beyond is refused elsewhere"
    )
