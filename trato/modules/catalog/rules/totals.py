"""Rounding, and the sums of documents."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple

from trato.engine.kinds.currency import digits

HALF = Fraction(1, 2)
#: Products of quantities, prices and percentages have some 50 digits at most: here none is lost before the rounding. A
#: tenth of the time that fractions take, and a document has hundreds of lines.
EXACT = Context(prec=100, rounding=ROUND_HALF_UP)


def rounded(exact: Fraction, places: int) -> Decimal:
    """Half up, away from zero: 0.005 is 0.01, and -0.005 is -0.01."""
    units = floor(abs(exact) * 10**places + HALF)
    return Decimal(-units if exact < 0 else units).scaleb(-places)


def apportion(exact: Sequence[Fraction], places: int) -> list[Decimal]:
    """Amounts rounded so that they sum to the rounded sum: what is left over goes to the largest remainders, of equal
    ones to the first.
    """
    units = [amount * 10**places for amount in exact]
    whole = [floor(amount) for amount in units]
    left = int(rounded(sum(units, Fraction()), 0)) - sum(whole)
    by_remainder = sorted(range(len(units)), key=lambda place: whole[place] - units[place])
    for place in by_remainder[:left]:
        whole[place] += 1
    return [Decimal(amount).scaleb(-places) for amount in whole]


class Line(NamedTuple):
    """What a line brings to its document: ``price`` of one, ``discount_percent`` 0 to 100, ``tax_class`` anything that
    ``rate_of`` knows.
    """

    quantity: Decimal
    price: Decimal
    discount_percent: Decimal | None = None
    tax_class: Hashable = None
    is_optional: bool = False


class TaxSum(NamedTuple):
    """What one tax class comes to: ``rate`` in percent, None where no rate is known and none is charged; ``discount``
    is this class's part of the document's discount, already taken from ``net``.
    """

    tax_class: Hashable
    rate: Decimal | None
    net: Decimal
    tax: Decimal
    discount: Decimal


@dataclass(frozen=True)
class Totals:
    """What a document comes to, in its currency's digits.

    ``subtotal`` is the sum of ``line_nets`` (without tax, before the document's discount) of lines that are not
    optional; ``net = subtotal - discount``, ``total = net + tax``; ``taxes`` sum to ``net``, ``tax`` and ``discount``.
    """

    subtotal: Decimal
    discount: Decimal
    net: Decimal
    tax: Decimal
    total: Decimal
    taxes: list[TaxSum]
    line_nets: list[Decimal]


def line_amount(line: Line, places: int) -> Decimal:
    """Quantity times price less the line's discount, rounded (EN 16931: BT-131)."""
    left = (100 - Decimal(line.discount_percent or 0)).scaleb(-2)
    exact = EXACT.multiply(EXACT.multiply(line.quantity, line.price), left)
    return EXACT.quantize(exact, Decimal(1).scaleb(-places)) + 0  # never -0


def document_totals(
    lines: Sequence[Line],
    *,
    currency: str,
    prices: str,
    rounding: str,
    discount_percent: Decimal | None,
    rate_of: Callable[[Any], Decimal | None],
) -> Totals:
    """The sums of a document; exact, and the parts always make the whole.

    Every line is rounded first. ``prices`` ``inclusive`` means that they hold the tax, which is taken out of them. With
    ``rounding`` ``document`` tax is rounded once a tax class (EN 16931, BR-CO-17), with ``line`` once a line. The
    document's discount is rounded once and spread over the lines by their amounts. ``rate_of`` gives a tax class's rate
    in percent, or None where there is none.
    """
    places = digits(currency)
    amounts = [line_amount(line, places) for line in lines]
    counted = [place for place, line in enumerate(lines) if not line.is_optional]
    off = Fraction(discount_percent or 0) / 100
    cuts = apportion([Fraction(amounts[place]) * off for place in counted], places) if off else []
    rates = {line.tax_class: rate_of(line.tax_class) for line in lines}
    split = _inclusive if prices == "inclusive" else _exclusive

    nets = {
        place: split([amounts[place]], rates[lines[place].tax_class], rounding, places).nets[0]
        for place in _rest(lines)
    }
    taxes = []
    for tax_class, rate in rates.items():
        own = [n for n, place in enumerate(counted) if lines[place].tax_class == tax_class]
        if not own:
            continue
        before = split([amounts[counted[n]] for n in own], rate, rounding, places)
        after = split([amounts[counted[n]] - cuts[n] for n in own], rate, rounding, places) if off else before
        nets |= {counted[n]: net for n, net in zip(own, before.nets, strict=True)}
        net = sum(after.nets, Decimal())
        taxes.append(TaxSum(tax_class, rate, net, after.tax, sum(before.nets, Decimal()) - net))
    zero = Decimal(0).scaleb(-places)
    net, tax, discount = (sum((getattr(each, name) for each in taxes), zero) for name in ("net", "tax", "discount"))
    return Totals(net + discount, discount, net, tax, net + tax, taxes, [nets[place] for place in range(len(lines))])


class _Split(NamedTuple):
    """The amounts of one tax class without tax, and the tax on them together."""

    nets: list[Decimal]
    tax: Decimal


def _rest(lines: Sequence[Line]) -> list[int]:
    return [place for place, line in enumerate(lines) if line.is_optional]


def _exclusive(amounts: Sequence[Decimal], rate: Decimal | None, rounding: str, places: int) -> _Split:
    """Tax comes on top of the amounts."""
    share = Fraction(rate or 0) / 100
    if rounding == "line":
        taxed = (rounded(Fraction(amount) * share, places) for amount in amounts)
        return _Split(list(amounts), sum(taxed, Decimal()))
    return _Split(list(amounts), rounded(Fraction(sum(amounts, Decimal())) * share, places))


def _inclusive(amounts: Sequence[Decimal], rate: Decimal | None, rounding: str, places: int) -> _Split:
    """Tax is taken out of the amounts."""
    bare = [Fraction(amount) * 100 / (100 + Fraction(rate or 0)) for amount in amounts]
    nets = [rounded(net, places) for net in bare] if rounding == "line" else apportion(bare, places)
    return _Split(nets, sum(amounts, Decimal()) - sum(nets, Decimal()))
