"""Quotes for open deals of the roastery: drafts, some before their customers, one declined, one signed. Nothing is
mailed.
"""

from typing import Any

from trato.engine import access, actions, doors, files, objects, seeding
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog.demo import fill as catalogue
from trato.modules.sales.demo import tell as deals

from .actions import answering, sending
from .models import Quote

#: The stories this one goes on from.
BEFORE = (catalogue, deals)
#: What each quote offers, by the code of the product and how many; the last one beside the rest.
OFFERS = (
    (("DUO", 1), ("M58", 2), ("INS", 1), ("CAR", 1)),
    (("UNO", 3), ("FIL", 12), ("CRS", 4)),
    (("DUO", 2), ("INS", 1), ("CRS", 6), ("CAR", 2)),
    (("CUP", 60), ("CLN", 6), ("FIL", 10)),
    (("M58", 1), ("CLN", 2), ("CAR", 1)),
    (("RNT", 1), ("INS", 1), ("CRS", 2)),
)
#: What becomes of them.
BECOMES = ("signed", "declined", "seen", "sent", "draft", "draft")
INTRO = "Thank you for the good talk. As we said, this is what we offer:"


@seeding.story
def tell(actor: Actor) -> None:
    """A quote for each of the newest open deals; nothing where there are no deals or no products."""
    teller = actor.via("web", seeding.SOURCE)
    rows = access.visible(teller, objects.get("deals")).filter(status="open", account_id__isnull=False)
    products = access.visible(teller, objects.get("products")).filter(sku__isnull=False)
    known = dict(products.values_list("sku", "id"))
    for deal, offer, becomes in zip(rows.order_by("-id")[: len(OFFERS)], OFFERS, BECOMES, strict=False):
        lines = [{"product": known[code], "quantity": count} for code, count in offer if code in known]
        if len(lines) == len(offer):
            _become(teller, _quote(teller, deal, lines), becomes)


def _quote(actor: Actor, deal: Any, lines: list[dict[str, Any]]) -> Quote:
    numbered = [line | {"position": place} for place, line in enumerate(lines, 1)]
    numbered[-1]["is_optional"] = True
    contacts = access.visible(actor, objects.get("contacts")).filter(account_id=deal.account_id)
    given = {
        "name": deal.name,
        "account": deal.account_id,
        "contact": contacts.order_by("id").values_list("id", flat=True).first(),
        "deal": deal.id,
        "owner": deal.owner_id,
        "intro": INTRO,
        "quote-lines": numbered,
    }
    return actions.create(actor, objects.get("quotes"), given)


def _become(actor: Actor, quote: Quote, becomes: str) -> None:
    """Let the customer do what they did."""
    if becomes == "draft":
        return
    sending.issue(actor, quote)
    if becomes == "sent":
        return
    door, _address = doors.make(actor, objects.get("quotes"), quote.id, sending.PURPOSE, name="Robin Hale")
    visit = doors.enter(actor.workspace, door.digest)
    if visit is None:
        return
    answering.opened(visit.actor, quote.id)
    if becomes == "declined":
        answering.decline(visit.actor, quote.id, "We stay with the machine we have for another year.")
    elif becomes == "signed":
        digest = files.open_file(quote.document["id"])[0].digest
        signing = answering.Signing("Robin Hale", "", digest, "192.0.2.10", "Demo")
        answering.sign(visit.actor, quote.id, signing)
