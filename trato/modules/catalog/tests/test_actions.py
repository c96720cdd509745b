"""Documents: their prices fill in, and their sums follow."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from trato.engine import actions, objects
from trato.engine.values import Refused

if TYPE_CHECKING:
    from trato.engine.models import Record
    from trato.engine.workspaces.actors import Actor

    from .conftest import Make


def lines_of(paper: Record) -> list[Any]:
    return list(objects.get("paper-lines").rows().filter(paper_id=paper.id, deleted_at=None).order_by("position", "id"))


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def test_a_line_takes_price_tax_and_words_from_its_product(make: Make, acme_bar: Record, huila: Record) -> None:
    # Spain's standard rate is 21 %: 3 x 20 = 60, tax 12.60.
    paper = make("papers", account=acme_bar.id, paper__lines=[{"product": huila.id, "quantity": 3}])
    (line,) = lines_of(paper)
    assert (line.price, line.price_currency, line.net) == (Decimal(20), "EUR", Decimal(60))
    assert line.description == line.title == "Huila"
    assert line.explanation["steps"] == [{"step": "list", "is": {"amount": "20.00", "currency": "EUR"}}]
    assert (paper.net, paper.tax, paper.total) == (Decimal(60), Decimal("12.60"), Decimal("72.60"))
    assert [(each["rate"], each["net"], each["tax"]) for each in paper.taxes] == [("21.0000", "60.00", "12.60")]
