"""Stripe: a Checkout Session for each invoice, and the events it signs (docs.stripe.com/payments/checkout)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from stripe import (
    APIConnectionError,
    RequestsClient,
    SignatureVerificationError,
    StripeClient,
    StripeError,
    Webhook,
)

from trato.engine import outbound
from trato.engine.kinds.currency import digits
from trato.engine.kinds.money import Money

from . import Forged, Notice, Opened, Provider, Unreachable, Wanted

#: Currencies that Stripe counts in other units than CLDR does (docs.stripe.com/currencies, zero-decimal and special
#: cases): whole units, and hundredths although there are none.
WHOLE = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
HUNDREDTHS = frozenset("ISK UGX HUF TWD AFN ALL AMD COP CRC IDR IRR LAK LBP MMK MUR PKR RSD SOS UZS YER".split())
#: Seconds that a message may be on its way.
TOLERANCE = 300
PAID = ("checkout.session.completed", "checkout.session.async_payment_succeeded")


def places(currency: str) -> int:
    """The digits after the point of the units that Stripe counts a currency in."""
    if currency in WHOLE:
        return 0
    return 2 if currency in HUNDREDTHS else digits(currency)


def units(amount: Money) -> int:
    """An amount in Stripe's units; raises ValueError for what it can't count."""
    exact = amount.amount.scaleb(places(amount.currency))
    if exact != int(exact):
        raise ValueError(f"{amount.amount} {amount.currency} is no whole number of units.")
    return int(exact)


def amount_of(count: Any, currency: Any) -> Money | None:
    """An amount from Stripe's units."""
    if not isinstance(count, int) or isinstance(count, bool) or not isinstance(currency, str):
        return None
    code = currency.upper()
    return Money(Decimal(count).scaleb(-places(code)).quantize(Decimal("0.0001")), code)


class Stripe(Provider):
    """An account at Stripe."""

    name = "stripe"

    def __init__(self, key: str, hook_secret: str) -> None:
        self.hook_secret = hook_secret
        base = getattr(settings, "TRATO_STRIPE_API", "")
        self.client = StripeClient(
            key,
            http_client=RequestsClient(session=outbound.Session()),
            max_network_retries=0,
            base_addresses={"api": base} if base else None,
        )

    def open(self, wanted: Wanted) -> Opened:
        """A Checkout Session for the amount; the same wish gives the same one."""
        told = {"workspace": wanted.workspace, "invoice": wanted.invoice}
        parameters: dict[str, Any] = {
            "mode": "payment",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": wanted.amount.currency.lower(),
                        "unit_amount": units(wanted.amount),
                        "product_data": {"name": wanted.words},
                    },
                }
            ],
            "client_reference_id": wanted.invoice,
            "metadata": told,
            "payment_intent_data": {"metadata": told, "description": wanted.words},
            "success_url": f"{wanted.back}?paid=1",
            "cancel_url": wanted.back,
            "expires_at": int(wanted.until.timestamp()),
        }
        if wanted.email:
            parameters["customer_email"] = wanted.email
        try:
            session = self.client.v1.checkout.sessions.create(parameters, {"idempotency_key": wanted.key})
        except (StripeError, APIConnectionError) as error:
            raise Unreachable(type(error).__name__) from error
        return Opened(session.id, session.url or "")

    def read(self, payload: bytes, headers: Mapping[str, str]) -> Notice:
        """The event in a message that Stripe signed less than five minutes ago."""
        try:
            signature = headers.get("Stripe-Signature", "")
            event = Webhook.construct_event(payload, signature, self.hook_secret, TOLERANCE).to_dict()
            kind, session = event["type"], dict(event["data"]["object"])
        except (SignatureVerificationError, ValueError, KeyError, TypeError) as error:
            raise Forged(type(error).__name__) from error
        what = "other"
        if kind in PAID and session.get("payment_status") == "paid":
            what = "paid"
        elif kind == "checkout.session.expired":
            what = "expired"
        amount = amount_of(session.get("amount_total"), session.get("currency"))
        reference = session.get("payment_intent")
        return Notice(self.name, str(session.get("id") or ""), what, amount, str(reference or ""))
