"""What sellers take off by hand, and what they may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from trato.engine import access
from trato.engine.kinds.currency import digits
from trato.engine.kinds.money import Money, MoneyKind
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.models import Role

from ..models import DiscountLimit, PricedLine
from ..rules import Quoted, quote, rounded
from .prices import prices_of, shelf_for

_load = MoneyKind().load


def limit_of(actor: Actor) -> DiscountLimit | None:
    """What somebody may take off by themselves: the limit of their role, else everybody's; None for no limit, which is
    also so for administrators and for Trato itself.
    """
    if actor.rights.admin:
        return None
    role = Role.objects.filter(id=actor.role_id).values_list("name", flat=True).first() if actor.role_id else ""
    limits = {each.role: each for each in DiscountLimit.objects.filter(deleted_at=None, role__in={role or "", ""})}
    return limits.get(role or "") or limits.get("")


def price_of(
    actor: Actor,
    product: Any,
    account: Any,
    currency: str,
    quantity: Decimal = Decimal(1),
    *,
    day: date | None = None,
    discount_percent: Decimal | None = None,
) -> Quoted:
    """The price of one product for an account (or None for nobody in particular) on a day, with its reasons.

    ``discount_percent`` is what the seller takes off by hand: ``approval_needed`` says whether they may. Raises
    access.Absent for a product or an account that is not there for the actor.
    """
    product_id = access.as_uuid(product)
    found = prices_of(actor, [(product_id, quantity)], account=account, currency=currency, day=day)[0]
    off = discount_percent or Decimal(0)
    limit = limit_of(actor)
    if limit is None or limit.percent is None or off <= limit.percent:
        return found
    step = {"step": "limit", "off": str(off), "limit": str(limit.percent)}
    return replace(found, approval_needed=True, steps=[*found.steps, step])


@dataclass(frozen=True)
class Off:
    """What was taken off one line by hand: percent of the price the catalogue gives, what of that was approved, and the
    amount off the whole line.
    """

    title: str
    percent: Decimal
    approved: Decimal
    amount: Decimal


@dataclass(frozen=True)
class TakenOff:
    """What was taken off a document by hand: each of its lines, and all together."""

    lines: list[Off]
    amount: Money

    @property
    def approved(self) -> bool:
        """Whether all of it was."""
        return all(each.percent <= each.approved for each in self.lines)


def taken_off(actor: Actor, lines: Sequence[PricedLine], document: Any, day: date) -> TakenOff:
    """By how much the prices of lines were lowered by hand: by a lower price, the line's discount and the document's.

    The catalogue's own price stands in the line's explanation, or is asked for now; of a line without a product,
    whatever is asked for is its price, and only discounts count. Options count too: the customer may take them all.
    """
    usual = [_load((line.explanation or {}).get("usual") or (line.explanation or {}).get("price")) for line in lines]
    missing = [n for n, line in enumerate(lines) if usual[n] is None and line.product_id and line.price is not None]
    if missing:
        asked = [(lines[n].product_id, lines[n].quantity) for n in missing]
        terms: dict[str, Any] = {"currency": document.currency, "prices": document.prices, "country": document.country}
        shelf = shelf_for(actor, {product for product, _n in asked}, account=document.account_id, day=day, **terms)
        for n, (product, quantity) in zip(missing, asked, strict=True):
            usual[n] = quote(shelf.items[product], quantity, shelf).price if product in shelf.items else None
    of_each = [_off(line, price, document.discount_percent) for line, price in zip(lines, usual, strict=True)]
    return TakenOff(of_each, Money(sum((each.amount for each in of_each), Decimal()), document.currency))


def _off(line: PricedLine, usual: Money | None, of_document: Decimal | None) -> Off:
    price = line.price if line.price is not None else Decimal(0)
    before = usual.amount if usual and usual.amount > price else price
    left = Fraction(price) * (100 - Fraction(line.discount_percent or 0)) / 100
    left = left * (100 - Fraction(of_document or 0)) / 100
    off = rounded((Fraction(before) - left) * Fraction(line.quantity), digits(line.price_currency or "EUR"))
    percent = rounded((1 - left / Fraction(before)) * 100, 4) if before else Decimal(0)
    return Off(line.title, percent, Decimal((line.explanation or {}).get("approved", 0)), off)
