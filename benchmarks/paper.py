"""PDFs one after the other by one process, which is one core: quotes of 30 lines, and invoices from what is stored to
the kept file with its electronic form (Factur-X).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from facturx import get_xml_from_pdf

from trato.engine import actions, files, objects, printing
from trato.engine.kinds.money import Money
from trato.engine.postgres.scope import in_workspace
from trato.engine.printing import letterhead
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.ids import uuid7
from trato.modules.billing.actions import issued, make_invoices
from trato.modules.billing.models import Invoice

from .filtering import Bench

NAMES, MANY, LINES = ("PDFs of quotes", "PDFs of invoices, electronic"), 40, 30
HEADS = {name: name.title() for name in ("description", "quantity", "price", "discount", "net", "options", "chosen")}


def rows(bench: Bench) -> list[dict[str, Any]]:
    """How many a second."""
    if not any(bench.only in name for name in NAMES):
        return []
    with in_workspace(bench.workspace.id):
        quotes = _timed([partial(printing.pdf, "quoting/quote.typ", _quote(n), "en") for n in range(MANY + 1)])
        drawn = _invoices(bench.actor)
        invoices = _timed([partial(issued, bench.actor, invoice) for invoice in drawn])
        kept = files.open_file(drawn[-1].document["id"])[1].read()
        if not get_xml_from_pdf(kept, check_xsd=False)[1]:
            raise RuntimeError("no electronic form")
        transaction.set_rollback(True)
    speeds = zip(NAMES, (quotes, invoices), strict=True)
    return [{"name": name, "value": speed, "unit": "a second", "aim": ">= 20"} for name, speed in speeds]


def _timed(works: list[Callable[[], Any]]) -> float:
    """How many of these a second; the first one, which reads fonts and templates, is not counted."""
    works[0]()
    begun = time.perf_counter()
    for work in works[1:]:
        work()
    return (len(works) - 1) / (time.perf_counter() - begun)


def _invoices(actor: Actor) -> list[Invoice]:
    """Issued invoices of four lines with all that an electronic invoice needs, which are taken back."""
    letterhead.change(actor, {"name": "Bench SL", "address": "Calle Sol 2\n28013 Madrid", "tax_number": "ESB58378431"})
    make = partial(actions.create, actor)
    taxed = make(objects.get("tax-classes"), {"name": "Bench paper", "tax-rates": [{"country": "ES", "rate": 21}]})
    address = {"line1": "Calle Mayor 1", "postcode": "28013", "city": "Madrid", "country": "ES"}
    account = make(objects.get("accounts"), {"name": "Café Luna", "addresses": [address]})
    line = {"description": "Coffee", "price": Money(Decimal("12.50"), "EUR"), "tax_class": taxed.id}
    given = {"account": account.id, "currency": "EUR", "country": "ES", "invoice-lines": [line] * 4}
    make_invoices(actor, [given] * (MANY + 1), range(MANY + 1), uuid7())
    return list(Invoice.objects.filter(account_id=account.id))


def _quote(number: int) -> dict[str, Any]:
    line = {"quantity": "2 pieces", "price": "€1,000.00", "discount": "", "net": "€2,000.00", "chosen": False}
    return {
        "title": f"Quote Q-2026-{number:04}",
        "subject": "Machines",
        "to": ["Café Luna", "28001 Madrid"],
        "facts": [["Number", str(number)]],
        "intro": ["As discussed, we offer:"],
        "lines": [line | {"description": f"Line {place} of quote {number}"} for place in range(LINES)],
        "options": [line | {"description": "Service"}],
        "sums": [["Net", "€60,000.00"], ["Tax 21 %", "€12,600.00"]],
        "total": "€72,600.00",
        "total_label": "Total",
        "notes": [],
        "terms": ["Payment within 30 days."],
        "heads": HEADS,
    }
