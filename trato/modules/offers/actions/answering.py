"""Answering an offer: it becomes a deal or a task, or is dismissed for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from trato.engine import access, actions, objects
from trato.engine.kinds import Money
from trato.engine.kinds.datetime import zone_of
from trato.engine.models import Record
from trato.engine.workspaces.actors import Actor

from ..models import Offer
from ..queries import offers_of

#: Days for which an answered offer is not shown again: the least, what is offered, and the most.
FEWEST, USUAL, MOST = 1, 90, 730
LONGEST_REASON = 300
BECOMES = ("deals", "tasks")


def accept(actor: Actor, offer_id: UUID, plural: str) -> Record:
    """Make a deal, or a task, of an offer; it is not shown again for ``USUAL`` days. Raises Absent where there is no
    open one the actor may see, Forbidden where they may make no such record, Refused for another ``plural``.
    """
    if plural not in BECOMES:
        raise actions.Refused([actions.Problem("as", "choice", _("An offer becomes a deal or a task."))])
    with transaction.atomic():
        offer = _open(actor, offer_id)
        obj = objects.get(plural)
        product, account = offer.product.title, offer.account
        values: dict[str, Any] = {"owner": actor.user_id}
        if plural == "deals":
            words = _("%(product)s for %(account)s") % {"product": product, "account": account.title}
            values |= {"name": words[:200], "account": account.id, "source": _("Offers")}
            if offer.product.price is not None:
                values["value"] = Money(offer.product.price, offer.product.price_currency)
        else:
            words = _("Offer %(product)s") % {"product": product}
            values |= {"subject": words[:200], "about": [f"accounts/{account.id}"]}
        record = actions.create(actor, obj, {name: value for name, value in values.items() if value is not None})
        _answer(actor, offer, "accepted", USUAL, became=obj.ref(record.id))
    return record


def dismiss(actor: Actor, offer_id: UUID, reason: str, days: int = USUAL) -> None:
    """Show an offer no more for some days, and keep why. Raises Absent and Refused."""
    reason = " ".join(reason.split())
    problems = []
    if not reason or len(reason) > LONGEST_REASON:
        words = _("Say why, in at most %(n)s characters.") % {"n": LONGEST_REASON}
        problems.append(actions.Problem("reason", "reason", words))
    if not FEWEST <= days <= MOST:
        words = _("Choose between %(least)s and %(most)s days.") % {"least": FEWEST, "most": MOST}
        problems.append(actions.Problem("days", "range", words))
    if problems:
        raise actions.Refused(problems)
    with transaction.atomic():
        _answer(actor, _open(actor, offer_id), "dismissed", days, reason=reason)


def _open(actor: Actor, offer_id: UUID) -> Offer:
    """The offer, locked; raises Absent where the actor sees none, or it was answered."""
    rows = offers_of(actor).filter(id=offer_id).select_for_update(of=("self",))
    offer = rows.select_related("product", "account").first()
    if offer is None:
        raise access.Absent(f"offers/{offer_id}")
    return offer


def _answer(actor: Actor, offer: Offer, answer: str, days: int, *, reason: str = "", became: str = "") -> None:
    today = timezone.now().astimezone(zone_of(actor.time_zone)).date()
    offer.answer, offer.reason, offer.became = answer, reason, became
    offer.until, offer.answered_by_id = today + timedelta(days=days), actor.user_id
    offer.save(update_fields=["answer", "reason", "became", "until", "answered_by"])
