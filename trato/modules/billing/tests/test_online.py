"""Payments online, against a server that speaks Stripe's API: paid once, whoever tells it, however often."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.test import Client

from trato.engine import doors, objects, sealing
from trato.engine.kinds.money import Money
from trato.engine.values import Refused
from trato.modules.billing.actions import change_settings
from trato.modules.billing.actions.online import reseal_keys
from trato.modules.billing.actions.providers.stripe import amount_of, units
from trato.modules.billing.models import Checkout, Payment, Settings

from . import stripe_server
from .conftest import again, make_customer, make_order, run
from .stripe_server import HOOK_SECRET, KEY, signature

GIVEN = {"days": 14, "provider": "stripe", "key": KEY, "hook_secret": HOOK_SECRET}


@pytest.fixture
def stripe(settings: Any) -> Any:
    with stripe_server.running() as server:
        settings.TRATO_STRIPE_API = server.address
        settings.TRATO_INTERNAL_HOSTS = ["127.0.0.1"]
        yield server


@pytest.fixture
def look(cast: Any, as_: Any) -> Any:
    """``look(lambda actor: ...)``: what somebody in the workspace reads, or does."""

    def inside(read: Any) -> Any:
        with as_(cast.owner) as actor:
            return read(actor)

    return inside


@pytest.fixture
def page(look: Any, stripe: Any) -> tuple[Any, str]:
    """An issued invoice of 121.00, and the address of its customer's page."""

    def make(actor: Any) -> tuple[Any, str]:
        change_settings(actor, GIVEN)
        order = make_order(actor, make_customer(actor), ("1", "100.00", "21"))
        invoice = run(actor, run(actor, order, "invoice_rest"), "issue")
        told = {"email": "ana@acme.example", "language": "en"}
        made = doors.make(actor, objects.get("invoices"), invoice.id, "invoice", **told)
        return invoice, "/p/" + made[1].partition("/p/")[2]

    return look(make)


def tell(body: bytes, header: str | None = None, slug: str = "acme") -> Any:
    """A message of Stripe's to a workspace."""
    told = {} if header == "" else {"HTTP_STRIPE_SIGNATURE": header or signature(body)}
    return Client(enforce_csrf_checks=True).post(
        f"/hooks/payments/{slug}/stripe", body, content_type="application/json", **told
    )


def test_a_customer_sees_pays_and_has_paid(look: Any, page: Any, stripe: Any) -> None:
    invoice, address = page
    browser = Client()
    seen = browser.get(address)
    assert seen.status_code == 200
    assert invoice.number in seen.text
    assert "121.00" in seen.text
    assert "Pay online" in seen.text
    assert browser.get(f"{address}/pdf").headers["Content-Type"] == "application/pdf"
    opened = browser.post(
        f"{address}/pay", {"amount": "1", "currency": "usd"}
    )  # what a visitor says counts for nothing
    assert "https://checkout.stripe.example/c/pay/cs_test_1" in opened.text
    (session,) = stripe.sessions.values()
    assert (session["amount_total"], session["currency"]) == (12100, "eur")
    browser.post(f"{address}/pay")
    assert stripe.calls == 1  # the page that is open is used again
    assert tell(stripe.event("cs_test_1")).json() == {"result": "paid"}
    payment = look(lambda actor: Payment.objects.get())
    assert (payment.amount, payment.method, payment.reference) == (121, "online", "pi_cs_test_1")
    assert (look(lambda actor: again(invoice)).status, look(lambda actor: again(invoice)).open) == ("paid", 0)
    assert "is paid" in browser.get(address).text
    assert browser.post(f"{address}/pay").status_code == 422


def test_a_message_that_comes_again_pays_nothing_again(look: Any, page: Any, stripe: Any) -> None:
    Client().post(f"{page[1]}/pay")
    body = stripe.event("cs_test_1")
    header = signature(body)
    assert [tell(body, header).json()["result"] for _n in range(3)] == ["paid", "known", "known"]
    later = stripe.event("cs_test_1", "checkout.session.async_payment_succeeded")
    assert tell(later).json() == {"result": "known"}
    assert look(lambda actor: Payment.objects.count()) == 1


@pytest.mark.parametrize("wrong", ["nothing", "secret", "body", "late", "garbage", "v0"])
def test_what_stripe_did_not_sign_is_refused(look: Any, page: Any, stripe: Any, wrong: str) -> None:
    invoice, address = page
    Client().post(f"{address}/pay")
    body = stripe.event("cs_test_1")
    headers = {
        "nothing": "",
        "secret": signature(body, "whsec_other"),
        "body": signature(stripe.event("cs_test_1", amount_total=1)),
        "late": signature(body, at=time.time() - 301),
        "garbage": "t=now,v1=zz",
        "v0": signature(body).replace("v1=", "v0="),
    }
    assert tell(body, headers[wrong]).status_code == 400
    assert look(lambda actor: Payment.objects.count()) == 0
    assert look(lambda actor: again(invoice)).status == "issued"
    assert tell(body, signature(body, at=time.time() - 290)).json() == {"result": "paid"}


def test_what_is_signed_but_not_what_was_asked_for_pays_nothing(look: Any, page: Any, stripe: Any) -> None:
    invoice, address = page
    Client().post(f"{address}/pay")
    assert tell(stripe.event("cs_test_1", payment_status="unpaid")).json() == {"result": "ignored"}
    stripe.sessions["cs_other"] = stripe.sessions["cs_test_1"] | {"id": "cs_other"}
    assert tell(stripe.event("cs_other")).json() == {"result": "unknown"}
    assert tell(stripe.event("cs_test_1", amount_total=100)).json() == {"result": "refused"}
    assert tell(stripe.event("cs_test_1")).json() == {"result": "known"}
    assert look(lambda actor: Payment.objects.count()) == 0
    assert look(lambda actor: again(invoice)).open == 121


def test_another_currency_pays_nothing(look: Any, page: Any, stripe: Any) -> None:
    Client().post(f"{page[1]}/pay")
    assert tell(stripe.event("cs_test_1", currency="huf")).json() == {"result": "refused"}
    assert look(lambda actor: Payment.objects.count()) == 0


def test_another_workspace_is_not_told(look: Any, page: Any, stripe: Any) -> None:
    invoice, address = page
    Client().post(f"{address}/pay")
    body = stripe.event("cs_test_1")
    assert tell(body, slug="globex").status_code == 400  # it has no provider
    assert tell(body, slug="nowhere").status_code == 400
    assert look(lambda actor: again(invoice)).status == "issued"


def test_an_expired_page_makes_way_for_a_new_one(look: Any, page: Any, stripe: Any) -> None:
    invoice, address = page
    Client().post(f"{address}/pay")
    assert tell(stripe.event("cs_test_1", "checkout.session.expired", payment_status="unpaid")).json() == {
        "result": "expired"
    }
    assert look(lambda actor: Checkout.objects.get()).state == "expired"
    assert look(lambda actor: again(invoice)).status == "issued"


def test_paid_twice_in_different_ways_is_the_customers_credit(look: Any, page: Any, stripe: Any) -> None:
    invoice, address = page
    Client().post(f"{address}/pay")
    look(lambda actor: run(actor, invoice, "record_payment", reference="bank"))
    assert tell(stripe.event("cs_test_1")).json() == {"result": "paid"}
    assert look(lambda actor: again(invoice)).paid == 121
    assert look(lambda actor: Payment.objects.get(method="online")).credit == 121


def test_what_somebody_wrote_down_by_hand_is_not_paid_again(look: Any, page: Any, stripe: Any) -> None:
    invoice, address = page
    Client().post(f"{address}/pay")
    look(lambda actor: run(actor, invoice, "record_payment", reference="pi_cs_test_1"))
    assert tell(stripe.event("cs_test_1")).json() == {"result": "known"}
    assert look(lambda actor: Payment.objects.get()).amount == 121
    assert look(lambda actor: Checkout.objects.get()).state == "paid"


def test_a_payment_that_can_not_be_taken_down_is_told_again(look: Any, page: Any, stripe: Any) -> None:
    Client().post(f"{page[1]}/pay")
    answer = tell(stripe.event("cs_test_1", payment_intent="p" * 141))  # a reference has 140 characters at most
    assert (answer.status_code, answer.json()) == (422, {"error": "refused"})
    assert look(lambda actor: (Checkout.objects.get().state, Payment.objects.count())) == ("open", 0)
    assert tell(stripe.event("cs_test_1")).json() == {"result": "paid"}


def test_a_provider_out_of_order_is_said_and_nothing_is_kept(look: Any, page: Any, stripe: Any) -> None:
    stripe.is_broken = True
    answer = Client().post(f"{page[1]}/pay")
    assert answer.status_code == 422
    assert "try again later" in answer.text
    assert look(lambda actor: Checkout.objects.count()) == 0


def test_keys_are_sealed(owner: Any) -> None:
    change_settings(owner, GIVEN)
    kept = Settings.objects.get()
    assert KEY not in kept.key
    assert sealing.unseal("payment-provider", kept.key) == KEY
    change_settings(owner, {"days": 30, "provider": "stripe", "key": "", "hook_secret": ""})
    assert sealing.unseal("payment-provider", Settings.objects.get().key) == KEY
    with pytest.raises(Refused):
        change_settings(owner, {"days": -1, "provider": "nobody"})


def test_keys_are_sealed_anew_by_the_newest_key(owner: Any, settings: Any) -> None:
    change_settings(owner, GIVEN)
    assert reseal_keys() is False
    kept = settings.TRATO_SEALING_KEYS()
    fresh = Fernet.generate_key().decode()
    settings.TRATO_SEALING_KEYS = lambda: [fresh, *kept]
    assert reseal_keys() is True
    settings.TRATO_SEALING_KEYS = lambda: [fresh]
    assert sealing.unseal("payment-provider", Settings.objects.get().hook_secret) == HOOK_SECRET


def test_stripes_units() -> None:
    assert units(Money(Decimal("12.34"), "EUR")) == 1234
    assert units(Money(Decimal("500"), "JPY")) == 500
    assert units(Money(Decimal("1.230"), "KWD")) == 1230
    assert units(Money(Decimal("5"), "ISK")) == 500
    assert amount_of(1234, "eur") == Money(Decimal("12.34"), "EUR")
    assert amount_of("1234", "eur") is None
    with pytest.raises(ValueError, match="units"):
        units(Money(Decimal("0.001"), "EUR"))
