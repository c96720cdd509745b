"""What products, prices, discounts and lines may say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from trato.engine.kinds.money import WHOLE


def product_problem(values: Mapping[str, Any]) -> dict[str, str]:
    """Prices and costs are not negative; what is serviced says after how long."""
    for name in ("price", "cost"):
        if values.get(name) is not None and values[name].amount < 0:
            return {name: _("This can't be less than nothing.")}
    if values.get("service") and values.get("service_every") is None and values.get("parent") is None:
        return {"service_every": _("Say after how many months the service is due.")}
    return {}


def price_problem(values: Mapping[str, Any]) -> dict[str, str]:
    """A price is of something, from a quantity on."""
    if values.get("quantity") is not None and values["quantity"] <= 0:
        return {"quantity": _("A quantity is more than nothing.")}
    if values.get("price") is not None and values["price"].amount < 0:
        return {"price": _("A price can't be less than nothing.")}
    return {}


def discount_problem(values: Mapping[str, Any]) -> dict[str, str]:
    """Either a percentage or an amount comes off, and it is more than nothing."""
    percent, amount = values.get("percent"), values.get("amount")
    if (percent is None) == (amount is None):
        return {"percent": _("Give a percentage or an amount: one of the two.")}
    if amount is not None and amount.amount <= 0:
        return {"amount": _("Take off more than nothing.")}
    return {"percent": _("Take off more than nothing.")} if percent == 0 else {}


def line_problem(values: Mapping[str, Any], currency: str = "") -> dict[str, str]:
    """Nothing is sold of nothing; prices are not negative, and in the document's ``currency`` where it is given."""
    quantity, price = values.get("quantity"), values.get("price")
    if quantity is not None and quantity <= 0:
        return {"quantity": _("Sell more than nothing; what is given back stands on a credit note.")}
    if price is not None and price.amount < 0:
        return {"price": _("A price can't be less than nothing; give a discount, or write a credit note.")}
    if price is not None and currency and price.currency != currency:
        words = _("The document is in %(currency)s: give the price in it too, or leave it empty to have it filled in.")
        return {"price": words % {"currency": currency}}
    if quantity is not None and price is not None and quantity * price.amount >= Decimal(10) ** WHOLE:
        return {"quantity": _("This comes to more than can be written down. Give a smaller quantity or price.")}
    return {}


def rate_problem(values: Mapping[str, Any]) -> dict[str, str]:
    """A rate is between two currencies, and more than nothing."""
    if values.get("rate") is not None and values["rate"] <= 0:
        return {"rate": _("A rate is more than nothing.")}
    if values.get("currency") and values.get("currency") == values.get("base"):
        return {"currency": _("Choose another currency: the base currency is worth 1 of itself.")}
    return {}
