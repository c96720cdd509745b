"""What a lead needs, who gets it, and how soon it is to be touched."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _


def lead_title(values: Mapping[str, Any]) -> str:
    """The person's name, else that of the company."""
    person = " ".join(part for part in (values.get("first_name"), values.get("last_name")) if part)
    return person or values.get("company") or ""


def lead_problem(values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
    """A lead becomes converted by converting it, and is disqualified for a reason."""
    status, before = values.get("status"), (old or {}).get("status")
    if before == "converted" and status != "converted" and values.get("converted_at"):
        return {"status": _("This lead was converted already. Undo the conversion to take it up again.")}
    if status == "converted" and not values.get("converted_at"):
        return {"status": _("Use “Convert”: it makes the account, the contact and the deal.")}
    if status == "disqualified" and not values.get("loss_reason"):
        return {"loss_reason": _("Say why it is no lead.")}
    return {}


@dataclass(frozen=True)
class Place:
    """Where somebody is: code of the country, region, postcode; "" where it isn't known."""

    country: str = ""
    region: str = ""
    postcode: str = ""


@dataclass(frozen=True)
class Candidate:
    """A person a rule may give a lead to.

    ``balance`` is what they are owed from the turns before (``turn``), ``load`` how many open leads they have.
    """

    id: UUID
    weight: int = 1
    balance: int = 0
    load: int = 0
    countries: str = ""
    regions: str = ""
    postcodes: str = ""
    is_away: bool = False


def place_of(addresses: Iterable[Mapping[str, Any]]) -> Place:
    """Where somebody is by their primary address, else by the first."""
    known = list(addresses)
    first = next((each for each in known if each.get("primary")), known[0] if known else {})
    return Place(*(str(first.get(part) or "") for part in ("country", "region", "postcode")))


def nearness(candidate: Candidate, place: Place) -> int:
    """How closely a territory names a place: 0 for not at all, then by country, by region, by the longest beginning of
    the postcode. Everything a territory says has to hold.
    """
    countries, regions, postcodes = (
        [part.strip().casefold() for part in text.split(",") if part.strip()]
        for text in (candidate.countries, candidate.regions, candidate.postcodes)
    )
    code = place.postcode.replace(" ", "").casefold()
    begins = [len(each.replace(" ", "")) for each in postcodes if code.startswith(each.replace(" ", ""))]
    if not (countries or regions or postcodes):
        return 0
    if countries and place.country.casefold() not in countries:
        return 0
    if regions and place.region.casefold() not in regions:
        return 0
    if postcodes and not begins:
        return 0
    return 1 + (1 if regions else 0) + (1 + max(begins) if begins else 0)


def turn(candidates: Sequence[Candidate]) -> tuple[Candidate, dict[UUID, int]]:
    """Whose turn it is, and everybody's balance afterwards: each is owed their weight, who is owed most gets the lead
    and pays what all were owed (smooth weighted round robin). Over as many turns as the weights sum up to, everybody
    gets exactly their weight.
    """
    owed = {each.id: each.balance + each.weight for each in candidates}
    chosen = max(candidates, key=lambda each: owed[each.id])
    owed[chosen.id] -= sum(each.weight for each in candidates)
    return chosen, owed


def choose(method: str, candidates: Iterable[Candidate], place: Place) -> tuple[Candidate, dict[UUID, int]] | None:
    """Who gets a lead by a rule's method, with the balances to keep; None where nobody is there for it."""
    here = [each for each in candidates if not each.is_away]
    if method == "territory":
        near = {each.id: nearness(each, place) for each in here}
        nearest = max(near.values(), default=0)
        here = [each for each in here if nearest and near[each.id] == nearest]
    elif method == "load":
        least = min((each.load for each in here), default=0)
        here = [each for each in here if each.load == least]
    if method in ("turns", "load", "territory"):
        here = [replace(each, weight=1) for each in here]
    return turn(here) if here else None


def unanswered(answers: Mapping[str, Mapping[str, Any]], asked: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The questions without a yes or no, under the status that they hold back."""
    left = [str(each["name"]) for each in asked if answers.get(str(each["id"]), {}).get("met") is None]
    if not left:
        return {}
    words = _("Answer first, in the lead's checklist: %(questions)s")
    return {"status": words % {"questions": "; ".join(left)}}


def is_live(status: str) -> bool:
    """Whether somebody still works on a lead of this status."""
    return status in ("new", "working", "qualified")


def wish_of(lead: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The values of the account, the contact and the deal that a lead becomes; no account where no company is named, no
    contact where no person is.
    """
    origin = {"source": lead.source, "tags": lead.tags}
    reach = {"emails": lead.emails, "phones": lead.phones}
    account: dict[str, Any] = {}
    contact: dict[str, Any] = {}
    if lead.company:
        account = {"name": lead.company, "lifecycle": "prospect", **origin}
        account |= {"industry": lead.industry, "size": lead.size, "website": lead.website, "addresses": lead.addresses}
    if lead.first_name or lead.last_name or not lead.company:
        contact = {"first_name": lead.first_name, "last_name": lead.last_name, "lifecycle": "prospect", **origin}
        contact |= {"job_title": lead.job_title, **reach, "addresses": [] if lead.company else lead.addresses}
    else:
        account |= reach
    deal = {"name": lead.company or lead.title, "description": lead.wish, "campaign": lead.campaign, **origin}
    return account, contact, deal
