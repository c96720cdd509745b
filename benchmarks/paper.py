"""PDFs: quotes of 30 lines set one after the other by one process; two processes on two cores set twice as many."""

from __future__ import annotations

import time
from typing import Any

from trato.engine import printing
from trato.engine.postgres.scope import in_workspace

from .filtering import Bench

NAME, MANY, LINES = "PDFs of quotes", 40, 30
HEADS = {name: name.title() for name in ("description", "quantity", "price", "discount", "net", "options", "chosen")}


def rows(bench: Bench) -> list[dict[str, Any]]:
    """How many a second, by one process."""
    if bench.only not in NAME:
        return []
    with in_workspace(bench.workspace.id):
        printing.pdf("quoting/quote.typ", _quote(0), "en")
        begun = time.perf_counter()
        for number in range(1, MANY + 1):
            printing.pdf("quoting/quote.typ", _quote(number), "en")
        taken = time.perf_counter() - begun
    return [{"name": NAME, "value": MANY / taken, "unit": "a second", "aim": ">= 20"}]


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
