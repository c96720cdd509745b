"""Who stands on an invoice: as they are on the day it is issued, and from then on."""

import re
from collections.abc import Sequence
from typing import Any

from stdnum import iban

from trato.engine.printing import letterhead
from trato.engine.workspaces.actors import Actor
from trato.modules.people.models import Account, Contact

from .. import queries
from ..models import Invoice


def parties_of(actor: Actor, invoices: Sequence[Invoice]) -> list[dict[str, Any]]:
    """Seller, buyer and tax classes of each invoice as JSON, so that it says the same whatever becomes of them. Some
    five statements, however many they are.
    """
    workspace, sender = letterhead.current()
    seller = {
        "name": sender["name"],
        "lines": sender["address"],
        "country": workspace.country,
        "tax_number": sender["tax_number"],
        "iban": next((found for line in sender["bank"] if (found := iban_in(line))), ""),
        "email": "",
    }
    classes = {str(each.id): each for each in queries.tax_classes(set().union(*map(_classes_of, invoices)))}
    accounts = queries.accounts({invoice.account_id for invoice in invoices})
    contacts = queries.contacts({invoice.contact_id for invoice in invoices} - {None})
    return [
        {
            "seller": seller,
            "buyer": _buyer(invoice, accounts[invoice.account_id], contacts.get(invoice.contact_id)),
            "classes": {
                key: {"name": each.name, "category": each.category, "reason": each.reason}
                for key in _classes_of(invoice)
                if (each := classes.get(key))
            },
        }
        for invoice in invoices
    ]


def _classes_of(invoice: Invoice) -> list[str]:
    return [each["class"] for each in invoice.taxes if each["class"]]


def _buyer(invoice: Invoice, account: Account, contact: Contact | None) -> dict[str, Any]:
    address = _first(account.addresses) or (_first(contact.addresses) if contact else {})
    reach = _first(contact.emails if contact else []) or _first(account.emails)
    return {
        "name": account.name,
        "contact": contact.title if contact else "",
        "lines": [line for line in (address.get("line1"), address.get("line2")) if line],
        "postcode": address.get("postcode") or "",
        "city": address.get("city") or "",
        "region": address.get("region") or "",
        "country": address.get("country") or invoice.country or "",
        "tax_number": account.tax_number,
        "email": reach.get("address", ""),
    }


def iban_in(text: str) -> str:
    """The first valid IBAN in a line of text; "" where there is none."""
    packed = re.sub(r"\s", "", text.upper())
    for found in re.finditer(r"[A-Z]{2}\d{2}", packed):
        rest = packed[found.start() :]
        for length in range(min(len(rest), 34), 14, -1):
            if iban.is_valid(rest[:length]):
                return rest[:length]
    return ""


def _first(items: Any) -> dict[str, Any]:
    """The primary one of several, else the first; nothing where there is none."""
    return next((item for item in items or () if item.get("primary")), next(iter(items or ()), {}))
