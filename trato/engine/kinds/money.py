"""An amount with its currency, in two columns: `<name>` and `<name>_currency`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache, reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import Case, ExpressionWrapper, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from . import html, locales, lookups
from .base import Kind, Reader, Typed
from .currency import code_options, digits, find_currency
from .number import read_number
from .texts import DIRECTION, Invalid

PLACES = 4
WHOLE = 15
PARTS = re.compile(
    r"(?P<sign>[+\-−]?)(?P<before>[^\d+\-−.,]*)(?P<amount>[+\-−]?[\d.,' \u00a0\u202f\u2019]*\d)(?P<after>[^\d]*)"
)
MACHINE = re.compile(r"-?\d{1,20}(\.\d{1,10})?", re.ASCII)


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str


@lru_cache(256)
def frame(language: str, currency: str) -> str:
    """CLDR's standard pattern as a template with {} for the amount: "{}\u00a0€" in Spanish, "€{}" in English."""
    locale = locales.locale_of(language)
    prefix, suffix = locale.currency_formats["standard"].prefix[0], locale.currency_formats["standard"].suffix[0]
    symbol = locale.currency_symbols.get(currency, currency)
    gap = "\u00a0" if prefix.endswith("¤") and symbol[-1:].isalpha() else ""
    return prefix.replace("¤", symbol + gap).replace("'", "") + "{}" + suffix.replace("¤", symbol).replace("'", "")


def places(money: Money) -> int:
    """The digits its currency has, and more where the amount has them (unit prices)."""
    exponent = money.amount.normalize().as_tuple().exponent
    return max(digits(money.currency), -exponent if isinstance(exponent, int) else 0)


def _factor(target: Decimal, source: Decimal) -> Decimal | None:
    """By what an amount is multiplied; None for a rate that no currency has."""
    factor = target / source
    return factor.quantize(Decimal("1e-12")) if Decimal("1e-9") < factor < Decimal("1e9") else None


def _turned(amount: Decimal, source: str, target: str, reader: Reader) -> Decimal | None:
    """An amount at the latest rates, in the digits a column has; None where there is no rate."""
    if source not in reader.rates or target not in reader.rates:
        return None
    turned = amount / reader.rates[source] * reader.rates[target]
    largest = Decimal(10) ** WHOLE - 1
    return max(-largest, min(largest, turned)).quantize(Decimal(1).scaleb(-PLACES))


class MoneyKind(Kind):
    name = "money"
    file_sql = (
        "CASE WHEN {0} IS NOT NULL THEN chr(1) || jsonb_build_object('amount', {0}::text, 'currency', {1})::text END"
    )
    label = _("Money")
    operators = lookups.ORDERED
    align = "end"
    suffixes = ("", "_currency")
    grouped = True
    longest = 100

    def join(self, values: tuple[Any, ...]) -> Money | None:
        amount, currency = values
        return None if amount is None else Money(amount, currency)

    def split(self, value: Any) -> tuple[Any, ...]:
        return (None, "") if value is None else (value.amount, value.currency)

    def _clean(self, value: Any, reader: Reader) -> Money | None:
        if isinstance(value, Money):
            return self._fit(value.amount, value.currency)
        if isinstance(value, Mapping):
            if value.keys() - {"amount", "currency"}:
                raise Invalid("money", _("Give an amount and a currency."))
            amount, currency = value.get("amount"), value.get("currency") or reader.currency
            return (
                None
                if amount is None or amount == ""
                else self._fit(self._number(amount), self._code(currency, reader))
            )
        if isinstance(value, str) and not MACHINE.fullmatch(value.strip()):
            return self.parse(value, reader)
        return self._fit(self._number(value), reader.currency)

    def _number(self, value: Any) -> Decimal:
        if isinstance(value, str) and MACHINE.fullmatch(value.strip()):
            return Decimal(value.strip())
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return Decimal(value)
        if isinstance(value, float):
            return Decimal(repr(value))
        raise Invalid("money", _("Give an amount and a currency."))

    def _code(self, currency: Any, reader: Reader) -> str:
        code = find_currency(currency, reader.language) if isinstance(currency, str) and len(currency) < 100 else None
        if code is None:
            raise Invalid("currency", _("Choose a currency, like EUR."))
        return code

    def _fit(self, amount: Decimal, currency: str) -> Money:
        try:
            exact = amount.quantize(Decimal(1).scaleb(-PLACES))
        except InvalidOperation:
            exact = None
        if exact is None or not amount.is_finite() or abs(amount) >= 10**WHOLE:
            raise Invalid("range", _("This number is too large."))
        if exact != amount:
            raise Invalid("digits", _("At most %(n)s digits after the point."), n=PLACES)
        return Money(exact, currency)

    def _parse(self, text: str, reader: Reader) -> Money | None:
        """An amount as the language writes it, with its currency on either side, else in the reader's."""
        found = PARTS.fullmatch(text.translate(DIRECTION))
        if not found or (found["before"].strip() and found["after"].strip()):
            raise Invalid("money", _("Write an amount, like %(example)s."), example=self._example(reader))
        named = found["before"].strip() or found["after"].strip()
        currency = self._code(named, reader) if named else reader.currency
        return self._fit(read_number(found["sign"] + found["amount"], reader), currency)

    def _example(self, reader: Reader) -> str:
        return self.plain(Money(Decimal("1234.5"), reader.currency), reader)

    def dump(self, value: Any) -> dict[str, str] | None:
        """The amount as text: it keeps every digit that a JSON number might lose."""
        if value is None:
            return None
        return {"amount": f"{value.amount:.{places(value)}f}", "currency": value.currency}

    def load(self, data: Any) -> Money | None:
        return None if data is None else self._fit(Decimal(data["amount"]), data["currency"])

    def text(self, value: Any, reader: Reader) -> str:
        return f"{self._amount(value, reader)} {value.currency}" if value else ""

    def _amount(self, value: Money, reader: Reader) -> str:
        return f"{value.amount:.{places(value)}f}".replace(".", locales.marks(reader.language).decimal)

    def plain(self, value: Any, reader: Reader) -> str:
        if value is None:
            return ""
        shown = frame(reader.language, value.currency).format(
            locales.number(abs(value.amount), places(value), reader.language)
        )
        return f"-{shown}" if value.amount < 0 else shown

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        if isinstance(value, Typed):
            amount, currency = value.get(name), value.get(f"{name}_currency")
        else:
            amount, currency = (self._amount(value, reader), value.currency) if value else ("", reader.currency)
        values = self._attributes(name, f"{id}-amount", invalid, described_by)
        values |= {"inputmode": "decimal", "autocomplete": "off", "aria-label": _("Amount")}
        chosen = {
            "class": "form-control",
            "name": f"{name}_currency",
            "id": f"{id}-currency",
            "aria-label": _("Currency"),
        }
        pair = Markup('<div class="input-group">{}{}</div>').format(
            html.control(amount, values), html.select(currency, code_options(), chosen)
        )
        return html.fieldset(pair, id=id)

    def from_form(self, data: Mapping[str, str], name: str, reader: Reader) -> Money | None:
        amount, currency = data.get(name, "").strip(), data.get(f"{name}_currency", "").strip()
        bare = amount and not re.search(r"[^\W\d]|[€$£¥₹]", amount)
        return self.parse(f"{amount} {currency}" if bare else amount, reader)

    def schema(self) -> dict[str, Any]:
        amount = {"anyOf": [{"type": "string"}, {"type": "number"}]}
        return self.nullable(
            {
                "type": "object",
                "properties": {"amount": amount, "currency": {"type": "string"}},
                "required": ["amount"],
                "additionalProperties": False,
            }
        )

    # -- compared across currencies -----------------------------------------------------------------------------

    def operand(self, value: Any, reader: Reader) -> Any:
        """An amount alone, for what is all in one currency."""
        return super().operand(value, reader).amount

    def worth(self, value: Any, reader: Reader) -> dict[str, Decimal]:
        """What a filter's value is in every currency it has a rate to, its own as it stands; raises Invalid."""
        asked = super().operand(value, reader)
        found = {code: _turned(asked.amount, asked.currency, code, reader) for code in reader.rates}
        return {code: amount for code, amount in found.items() if amount is not None} | {asked.currency: asked.amount}

    def among(self, lhs: Combinable, currency: Combinable, op: str, value: Any, reader: Reader) -> Q:
        """The condition on amounts in any currency: each is compared with what the value is worth in its own; one
        without a rate is neither more nor less. Only amounts of its own currency are equal to it.
        """
        if op in ("is_not", "between"):
            if op == "is_not":
                return Q(lookups.NotTrue(self.among(lhs, currency, "is", value, reader)))
            low, high = lookups.bounds(value)
            return self.among(lhs, currency, "gte", low, reader) & self.among(lhs, currency, "lte", high, reader)
        if op not in lookups.COMPARE:
            return self.lookup(lhs, op, value, reader)
        worth = self.worth(value, reader)
        if op == "is":
            worth = {code: worth[code] for code in [self.clean(value, reader).currency]}
        compare = lookups.COMPARE[op]
        each = [
            Q(Exact(currency, Value(code))) & Q(compare(lhs, lookups.literal(self, amount)))
            for code, amount in worth.items()
        ]
        edge = min(worth.values()) if op in ("gt", "gte") else max(worth.values())
        # Said once for all of them as well, so that an index over the amounts can serve.
        return Q(compare(lhs, lookups.literal(self, edge))) & reduce(or_, each)

    def in_one(self, lhs: Combinable, currency: Combinable, value: Any, reader: Reader) -> Combinable:
        """Amounts in the currency of a filter's value (of the first where they are two), NULL for those without a
        rate: what can be added up and compared with it.
        """
        target = super().operand(value[0] if isinstance(value, list | tuple) and value else value, reader).currency
        cases = [When(Exact(currency, Value(target)), then=lhs)]
        rates = reader.rates if target in reader.rates else {}
        for code in rates.keys() - {target}:
            if (factor := _factor(rates[target], rates[code])) is not None:
                times = Value(factor, output_field=models.DecimalField(max_digits=30, decimal_places=12))
                turned = ExpressionWrapper(lhs * times, output_field=self.model_field())
                cases.append(When(Exact(currency, Value(code)), then=turned))
        return Case(*cases, default=None, output_field=self.model_field())

    def alike(self, value: Any, reader: Reader) -> Any:
        """A filter's value, of two amounts both in the currency of the first; raises Invalid where there is no rate."""
        if not isinstance(value, list | tuple) or len(value) != 2:
            return value
        low, high = (super(MoneyKind, self).operand(each, reader) for each in value)
        worth = self.worth(high, reader).get(low.currency)
        if worth is None:
            raise Invalid("rate", _("There is no exchange rate between these currencies; give both in one."))
        return [low, Money(worth, low.currency)]

    def custom(self, name: str) -> Combinable:
        amount = KeyTextTransform("amount", KeyTransform(name, F("custom")))
        return Cast(amount, output_field=self.model_field())

    def custom_currency(self, name: str) -> Combinable:
        """The SQL expression of a custom field's currency."""
        return KeyTextTransform("currency", KeyTransform(name, F("custom")))

    def model_field(self) -> models.Field:
        return models.DecimalField(max_digits=WHOLE + PLACES, decimal_places=PLACES)
