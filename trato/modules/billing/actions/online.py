"""Payments online: a provider's page for an invoice is opened, and what the provider tells of it is taken down once.

Amount and currency always come from the invoice. What a provider tells is believed only when it is signed, was asked
for here, and says what was asked for.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings as django_settings
from django.utils import timezone
from django.utils.translation import gettext as _now

from trato.engine import sealing
from trato.engine.actions import Problem, Refused
from trato.engine.decisions import record, require
from trato.engine.kinds.money import Money
from trato.engine.workspaces.actors import Actor, system_actor
from trato.engine.workspaces.models import Workspace

from .. import queries
from ..models import Checkout, Invoice, Settings
from . import payments
from .orders import refuse
from .providers import Notice, Provider, Unreachable, Wanted, stripe

logger = logging.getLogger("trato.payments")
PURPOSE = "payment-provider"
LONGEST_TERM = 365
PROVIDERS: Mapping[str, type[Provider]] = {"stripe": stripe.Stripe}
#: How long a payment page can be used.
OPEN_FOR = timedelta(hours=23)


def provider_of(kept: Settings) -> Provider | None:
    """The provider the workspace has an account with; None where there is none."""
    if not kept.provider or not kept.key:
        return None
    secrets = [sealing.unseal(PURPOSE, text) if text else "" for text in (kept.key, kept.hook_secret)]
    return PROVIDERS[kept.provider](*secrets)


def has_provider() -> bool:
    """Whether customers can pay online."""
    kept = queries.settings()
    return bool(kept.provider and kept.key)


def change_settings(actor: Actor, given: Mapping[str, Any]) -> None:
    """Set days, provider, key and hook_secret (None: as it is); raises NotAdministrator, Refused."""
    require(actor)
    kept = Settings.objects.select_for_update().first() or Settings()
    days, provider = given.get("days"), given.get("provider") or ""
    problems = []
    if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= LONGEST_TERM:
        problems.append(Problem("days", "range", _now("Give a number of days from 0 to %(n)s.") % {"n": LONGEST_TERM}))
    if provider and provider not in PROVIDERS:
        problems.append(Problem("provider", "choice", _now("Choose one of the list.")))
    for name in ("key", "hook_secret"):  # without its secret no message of the provider could be believed
        if provider and not (given.get(name) or getattr(kept, name)):
            problems.append(Problem(name, "required", _now("Fill in this field.")))
    if problems:
        raise Refused(problems)
    changed = {
        name: (getattr(kept, name), new)
        for name, new in (("days", days), ("provider", provider))
        if getattr(kept, name) != new
    }
    kept.days, kept.provider = days, provider
    for name in ("key", "hook_secret"):
        if given.get(name):
            setattr(kept, name, sealing.seal(PURPOSE, given[name].strip()))
            changed[name] = (None, True)  # that it changed, never what it is
    kept.save()
    if changed:
        record(actor, "billing", kept.id, "updated", changed)


def reseal_keys() -> bool:
    """Seal the provider's keys by the newest sealing key; whether they were not yet (inside ``in_workspace``)."""
    kept = Settings.objects.select_for_update().first()
    fresh = {name: sealing.reseal(getattr(kept, name)) for name in ("key", "hook_secret") if getattr(kept, name, "")}
    changed = {name: text for name, text in fresh.items() if text != getattr(kept, name)}
    return bool(changed and kept and Settings.objects.filter(id=kept.id).update(**changed))


def open_page(actor: Actor, invoice: Invoice, back: str, email: str = "") -> str:
    """The address of the provider's page where a locked invoice is paid: the one that is open, else a new one. ``back``
    is where the customer comes back to. Raises Refused.
    """
    provider = provider_of(queries.settings())
    if provider is None:
        raise refuse(_now("Payments online are not set up."))
    if invoice.kind != "invoice" or invoice.status not in queries.OWED:
        raise refuse(_now("Nothing is open of this invoice."))
    now = timezone.now()
    if known := queries.open_checkout(invoice, now):
        return known.url
    wanted = Wanted(
        workspace=str(actor.workspace.id),
        invoice=str(invoice.id),
        words=invoice.number,
        amount=Money(invoice.open, invoice.currency),
        language=actor.language,
        email=email,
        back=back,
        until=now + OPEN_FOR,
        key=f"{invoice.id}:{invoice.version}",
    )
    try:
        opened = provider.open(wanted)
    except Unreachable as error:
        logger.warning("no payment page: %s", error)
        raise refuse(_now("The payment page can't be opened now. Please try again later.")) from error
    Checkout.objects.get_or_create(
        provider=provider.name,
        key=opened.key,
        defaults={
            "invoice": invoice,
            "amount": invoice.open,
            "currency": invoice.currency,
            "url": opened.url,
            "expires_at": wanted.until,
        },
    )
    return opened.url


def hear(workspace: Workspace, notice: Notice) -> str:
    """Take down what the provider told, once (inside ``in_workspace``); what became of it: ``paid``, ``known``,
    ``unknown``, ``expired``, ``ignored`` or ``refused``.
    """
    page = queries.checkout(notice.provider, notice.key)
    if page is None:
        return "unknown"  # of another workspace, or of somebody else's shop at the same provider
    if page.state != "open":
        return "known"
    if notice.what == "expired":
        Checkout.objects.filter(id=page.id).update(state="expired")
        return "expired"
    if notice.what != "paid":
        return "ignored"
    if notice.amount != Money(page.amount, page.currency):
        logger.error("a payment of another amount than asked for", extra={"workspace": str(workspace.id)})
        Checkout.objects.filter(id=page.id).update(state="refused")
        return "refused"
    return _take_down(workspace, page, notice)


def _take_down(workspace: Workspace, page: Checkout, notice: Notice) -> str:
    """Write down the payment that a page was for; what somebody wrote down by hand already is ``known``."""
    invoice = queries.hold_invoices([page.invoice_id])[page.invoice_id]
    is_known = notice.reference and queries.payment_with(invoice.account_id, notice.reference, but=page.id)
    if not is_known:
        given = {
            "account": invoice.account_id,
            "invoice": invoice.id,
            "amount": notice.amount,
            "received_on": timezone.localdate(),
            "method": "online",
            "reference": notice.reference or None,
            "external_key": f"{notice.provider}:{notice.key}",
        }
        payments.take(system_actor(workspace, "hook", f"{notice.provider}:{notice.key}"), given)
    Checkout.objects.filter(id=page.id).update(state="paid")
    return "known" if is_known else "paid"


def hook_address(workspace: Workspace, provider: str) -> str:
    """Where a provider tells of payments."""
    return f"{django_settings.TRATO_URL}/hooks/payments/{workspace.slug}/{provider}"
