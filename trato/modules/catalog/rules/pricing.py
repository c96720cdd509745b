"""What one of a product costs somebody on a day, and how that came about.

The price books that fit stand in order: the higher priority first, then those of the customer alone, of a filter of
customers, of everybody. The first that has the product (or what it is a variant of) from at most this quantity on gives
the price; then the product's list price; then that list price at the day's exchange rate, where a book of the currency
allows it; a bundle without a price costs what its parts cost. Of the discounts that fit, the best of those that don't
add up comes off, then the others, one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from trato.engine.kinds.currency import digits
from trato.engine.kinds.money import Money, MoneyKind, places

from .totals import rounded

Step = dict[str, Any]
_dump = MoneyKind().dump


class Book(NamedTuple):
    """A price book that fits customer and day; ``reach`` is ``account``, ``segment`` or ``all``."""

    id: UUID
    name: str
    currency: str
    prices: str
    reach: str
    converts: bool


class Cut(NamedTuple):
    """A discount that fits customer and day."""

    name: str
    percent: Decimal | None
    amount: Money | None
    product_id: UUID | None
    category: str
    quantity: Decimal | None
    stacks: bool


class Item(NamedTuple):
    """A product with what it has from the product it is a variant of."""

    id: UUID
    parent_id: UUID | None
    title: str
    kind: str
    category: str
    unit: str
    tax_class_id: UUID | None
    recurring: str
    price: Money | None
    cost: Money | None
    is_active: bool


@dataclass(frozen=True)
class Shelf:
    """All that prices are made of, for one customer, day and currency.

    ``tiers``: by (book, product) its prices as (from quantity, amount), the highest quantity first. ``parts``: by
    bundle what one of it holds. ``rates``: as ``convert`` wants them. ``taxes``: percent by tax class. ``prices`` says
    whether the asked prices hold the tax.
    """

    currency: str
    prices: str = "exclusive"
    books: Sequence[Book] = ()
    tiers: Mapping[tuple[UUID, UUID], Sequence[tuple[Decimal, Decimal]]] = field(default_factory=dict)
    cuts: Sequence[Cut] = ()
    items: Mapping[UUID, Item] = field(default_factory=dict)
    parts: Mapping[UUID, Sequence[tuple[UUID, Decimal]]] = field(default_factory=dict)
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    taxes: Mapping[UUID, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Quoted:
    """A price: of one, after discounts; ``list_price`` before them; None of both where there is none. ``book`` and
    ``rule`` (the quantity from which the price holds) are empty where no book gave it. ``discount`` is the share in
    percent that came off. ``steps`` are read by ``words.told``.
    """

    item: Item
    quantity: Decimal
    price: Money | None
    list_price: Money | None
    book: str
    rule: str
    discount: Decimal
    steps: list[Step]
    approval_needed: bool = False


def convert(
    amount: Decimal, source: str, target: str, rates: Mapping[str, Decimal], *, exact: int = 0
) -> Decimal | None:
    """An amount in another currency, in the digits of the target or ``exact`` more; None where a rate is missing.

    ``rates`` say how much of a currency one unit of the base currency is worth; the base itself stands with 1.
    """
    if source == target:
        return amount
    if source not in rates or target not in rates:
        return None
    return rounded(Fraction(amount) / Fraction(rates[source]) * Fraction(rates[target]), digits(target) + exact)


def quote(item: Item, quantity: Decimal, shelf: Shelf) -> Quoted:
    """The price of one of ``item`` when ``quantity`` of it are bought."""
    listed, steps, book, rule = _listed(item, quantity, shelf, frozenset())
    if listed is None:
        return Quoted(item, quantity, None, None, "", "", Decimal(0), steps)
    price, taken = _cut(item, quantity, listed, shelf)
    return Quoted(item, quantity, price, listed, book, rule, reduction(listed.amount, price.amount), [*steps, *taken])


def reduction(before: Decimal, after: Decimal) -> Decimal:
    """By how many percent something became less, to four digits; 0 where it did not."""
    return rounded((1 - Fraction(after) / Fraction(before)) * 100, 4) if 0 <= after < before else Decimal(0)


def _listed(
    item: Item, quantity: Decimal, shelf: Shelf, above: frozenset[UUID]
) -> tuple[Money | None, list[Step], str, str]:
    """The price before discounts, how it came about, and the book and its quantity if a book gave it."""
    steps: list[Step] = [] if item.is_active else [{"step": "inactive"}]
    for book in shelf.books:
        if book.currency != shelf.currency:
            continue
        for own in (item.id, item.parent_id):
            tier = next((t for t in shelf.tiers.get((book.id, own), ()) if t[0] <= quantity), None) if own else None
            if tier:
                found = Money(tier[1], shelf.currency)
                told = {
                    "step": "book",
                    "name": book.name,
                    "reach": book.reach,
                    "from": str(tier[0]),
                    "is": _dump(found),
                }
                price, taxed = _taxed(item, found, book.prices, shelf)
                return price, [*steps, told, *taxed], book.name, str(tier[0])
    listed, more = _from_list(item, shelf)
    if listed is None and item.kind == "bundle" and item.price is None:
        listed, more = _of_parts(item, quantity, shelf, above | {item.id})
    return listed, [*steps, *more], "", ""


def _from_list(item: Item, shelf: Shelf) -> tuple[Money | None, list[Step]]:
    """The list price, in the wanted currency or exchanged into it."""
    if item.price is None:
        return None, [{"step": "gap", "currency": shelf.currency, "has": sorted(_currencies(item, shelf))}]
    if item.price.currency == shelf.currency:
        price, taxed = _taxed(item, item.price, "exclusive", shelf)
        return price, [{"step": "list", "is": _dump(item.price)}, *taxed]
    book = next((b for b in shelf.books if b.currency == shelf.currency and b.converts), None)
    if book is None:
        has = sorted({item.price.currency, *_currencies(item, shelf)})
        return None, [{"step": "gap", "currency": shelf.currency, "has": has}]
    amount = convert(item.price.amount, item.price.currency, shelf.currency, shelf.rates)
    if amount is None:
        return None, [{"step": "no_rate", "from": item.price.currency, "to": shelf.currency}]
    found = Money(amount, shelf.currency)
    told = {"step": "converted", "name": book.name, "was": _dump(item.price), "is": _dump(found)}
    price, taxed = _taxed(item, found, "exclusive", shelf)
    return price, [told, *taxed]


def _currencies(item: Item, shelf: Shelf) -> set[str]:
    """In which currencies there are prices of it."""
    return {book.currency for book in shelf.books for own in (item.id, item.parent_id) if (book.id, own) in shelf.tiers}


def _of_parts(item: Item, quantity: Decimal, shelf: Shelf, above: frozenset[UUID]) -> tuple[Money | None, list[Step]]:
    """What the parts of a bundle come to together, at the prices of as many as are bought."""
    total, parts = Fraction(), []
    for part_id, count in shelf.parts.get(item.id, ()):
        part = shelf.items.get(part_id)
        price = None
        if part is not None and part_id not in above:
            price, _steps, _book, _rule = _listed(part, quantity * count, shelf, above | {part_id})
        title = part.title if part else ""
        if price is None:
            return None, [{"step": "part_gap", "part": title, "currency": shelf.currency}]
        total += Fraction(price.amount) * Fraction(count)
        parts.append({"title": title, "quantity": str(count), "is": _dump(price)})
    if not parts:
        return None, [{"step": "gap", "currency": shelf.currency, "has": []}]
    found = Money(rounded(total, digits(shelf.currency)), shelf.currency)
    return found, [{"step": "parts", "parts": parts, "is": _dump(found)}]


def _taxed(item: Item, price: Money, prices: str, shelf: Shelf) -> tuple[Money, list[Step]]:
    """The price with or without tax as the document wants it."""
    if prices == shelf.prices:
        return price, []
    rate = shelf.taxes.get(item.tax_class_id, Decimal(0)) if item.tax_class_id else Decimal(0)
    share = (100 + Fraction(rate)) / 100
    exact = Fraction(price.amount) * share if shelf.prices == "inclusive" else Fraction(price.amount) / share
    found = Money(rounded(exact, places(price)), price.currency)
    return found, [
        {"step": "with_tax" if shelf.prices == "inclusive" else "without_tax", "rate": str(rate), "is": _dump(found)}
    ]


def _fits(cut: Cut, item: Item, quantity: Decimal, currency: str) -> bool:
    return (
        cut.product_id in (None, item.id, item.parent_id)
        and cut.category in ("", item.category)
        and (cut.quantity is None or cut.quantity <= quantity)
        and (cut.amount is None or cut.amount.currency == currency)
    )


def _less(cut: Cut, price: Fraction) -> Fraction:
    """What is left of a price after a discount, never less than nothing."""
    if cut.percent is not None:
        return price * (100 - Fraction(cut.percent)) / 100
    return max(price - Fraction(cut.amount.amount if cut.amount else 0), Fraction())


def _cut(item: Item, quantity: Decimal, listed: Money, shelf: Shelf) -> tuple[Money, list[Step]]:
    """The price after the best of the discounts that don't add up, and after each of those that do."""
    fitting = [cut for cut in shelf.cuts if _fits(cut, item, quantity, listed.currency)]
    price = Fraction(listed.amount)
    alone = min((cut for cut in fitting if not cut.stacks), key=lambda cut: _less(cut, price), default=None)
    steps: list[Step] = []
    for cut in [*([alone] if alone else []), *(cut for cut in fitting if cut.stacks)]:
        price = _less(cut, price)
        taken = {"percent": str(cut.percent)} if cut.percent is not None else {"amount": _dump(cut.amount)}
        steps.append({"step": "discount", "name": cut.name, **taken})
    if not steps:
        return listed, []
    found = Money(rounded(price, places(listed)), listed.currency)
    return found, [*steps, {"step": "after", "is": _dump(found)}]
