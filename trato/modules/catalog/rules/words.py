"""How a price came about, in the words of who reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from trato.engine.kinds import Number, Reader
from trato.engine.kinds.money import MoneyKind
from trato.engine.kinds.percent import ShortPercent

_MONEY, _PERCENT = MoneyKind(), ShortPercent(digits=4)


def told(steps: Iterable[Mapping[str, Any]], reader: Reader) -> list[str]:
    """One sentence a step of ``Quoted.steps``, or of what a line keeps of it."""
    return [_SAID[step["step"]](step, reader) for step in steps if step.get("step") in _SAID]


def money(dumped: Any, reader: Reader) -> str:
    """An amount as it was kept, in the reader's way of writing."""
    return _MONEY.plain(_MONEY.load(dumped), reader)


def percent(text: Any, reader: Reader) -> str:
    """A percentage as it was kept, without the digits it does not need."""
    return _PERCENT.plain(Decimal(text), reader)


def _short(text: Any, reader: Reader) -> str:
    """A number without zeros at its end."""
    value = Decimal(text).normalize()
    exponent = value.as_tuple().exponent
    return Number(digits=max(0, -exponent if isinstance(exponent, int) else 0)).plain(value, reader)


def _book(step: Mapping[str, Any], reader: Reader) -> str:
    named = {"book": step["name"], "price": money(step["is"], reader), "n": _short(step["from"], reader)}
    if step["reach"] == "account":
        words = _("Price book “%(book)s”, for this account alone: %(price)s from %(n)s on.")
    elif step["reach"] == "segment":
        words = _("Price book “%(book)s”, for customers like this account: %(price)s from %(n)s on.")
    else:
        words = _("Price book “%(book)s”: %(price)s from %(n)s on.")
    return words % named


def _gap(step: Mapping[str, Any], reader: Reader) -> str:
    if not step["has"]:
        return _("There is no price: no book in %(currency)s has one, and there is no list price.") % step
    words = _("There is no price in %(currency)s, only in %(others)s, and no price book in %(currency)s converts.")
    return words % {"currency": step["currency"], "others": ", ".join(step["has"])}


def _parts(step: Mapping[str, Any], reader: Reader) -> str:
    each = [
        f"{_short(part['quantity'], reader)} × {part['title']} ({money(part['is'], reader)})" for part in step["parts"]
    ]
    return _("The sum of its parts: %(parts)s.") % {"parts": ", ".join(each)}


def _discount(step: Mapping[str, Any], reader: Reader) -> str:
    off = percent(step["percent"], reader) if "percent" in step else money(step["amount"], reader)
    return _("Discount “%(name)s”: %(off)s off.") % {"name": step["name"], "off": off}


def _hand(step: Mapping[str, Any], reader: Reader) -> str:
    if not step.get("instead"):
        return _("The price was set by hand.")
    return _("The price was set by hand, instead of %(price)s.") % {"price": money(step["instead"], reader)}


_SAID = {
    "inactive": lambda step, reader: _("The product is no longer on sale."),
    "book": _book,
    "list": lambda step, reader: _("List price: %(price)s.") % {"price": money(step["is"], reader)},
    "converted": lambda step, reader: (
        _("List price %(was)s at the day's exchange rate, as “%(book)s” allows: %(price)s.")
        % {"was": money(step["was"], reader), "book": step["name"], "price": money(step["is"], reader)}
    ),
    "gap": _gap,
    "no_rate": lambda step, reader: (
        _("There is no price: no exchange rate from %(from)s to %(to)s is known for the day.") % step
    ),
    "part_gap": lambda step, reader: _("There is no price: “%(part)s” in the bundle has none in %(currency)s.") % step,
    "parts": _parts,
    "with_tax": lambda step, reader: (
        _("With %(rate)s tax: %(price)s.") % {"rate": percent(step["rate"], reader), "price": money(step["is"], reader)}
    ),
    "without_tax": lambda step, reader: (
        _("Without %(rate)s tax: %(price)s.")
        % {"rate": percent(step["rate"], reader), "price": money(step["is"], reader)}
    ),
    "discount": _discount,
    "after": lambda step, reader: _("After discounts: %(price)s.") % {"price": money(step["is"], reader)},
    "hand": _hand,
    "limit": lambda step, reader: (
        _("%(off)s off by hand is more than the %(limit)s a seller may give: it needs an approval.")
        % {"off": percent(step["off"], reader), "limit": percent(step["limit"], reader)}
    ),
    "limit_amount": lambda step, reader: (
        _("%(off)s off the document by hand is more than the %(limit)s a seller may give: it needs an approval.")
        % {"off": money(step["off"], reader), "limit": money(step["limit"], reader)}
    ),
    "approved": lambda step, reader: (
        _("%(who)s approved %(off)s off by hand.") % {"who": step["by"], "off": percent(step["off"], reader)}
    ),
}
