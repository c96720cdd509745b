"""What a customer accepted becomes an order, and nothing of it is lost on the way."""

from __future__ import annotations

from typing import Any

import pytest

from trato.engine import actions, doors, files, objects
from trato.engine.values import Refused
from trato.modules.billing.models import Order
from trato.modules.quoting.actions import answering, sending

from .conftest import again, eur, lines_of, run

#: What every record has of its own.
OWN = {"id", "part", "version", "title", "title_key", "search", "custom", "created_at", "updated_at", "deleted_at"}


def price(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture
def accepted(owner: Any, customer: Any, taxed: Any) -> Any:
    """A quote with everything a quote can say, of whose two options the customer took the first, and signed it."""

    def put(plural: str, **given: Any) -> Any:
        return actions.create(owner, objects.get(plural), given)

    machine = put("products", name="Machine", price=price("900"), unit="piece", tax_class=taxed("21"))
    contact = put("contacts", last_name="Luna", account=customer.id, emails=[{"address": "ana@luna.example"}])
    deal = put("deals", name="Machines", account=customer.id)
    lines = [
        {"product": machine.id, "description": "Machine, red", "quantity": "2", "price": price("1000"), "position": 1},
        {"description": "Beans", "quantity": "2.5", "unit": "kg", "price": price("20"), "tax_class": taxed("10")},
        {"description": "Cups", "quantity": "6", "price": price("5"), "is_optional": True, "tax_class": taxed("21")},
        {"description": "Course", "quantity": "1", "price": price("99"), "is_optional": True, "tax_class": taxed("21")},
    ]
    lines[0]["discount_percent"] = "10"
    quote = put(
        "quotes",
        name="Machines for Luna",
        account=customer.id,
        contact=contact.id,
        deal=deal.id,
        currency="EUR",
        prices="inclusive",
        rounding="line",
        country="ES",
        language="es",
        discount_percent="5",
        terms="Ninety days of guarantee",
        **{"quote-lines": [line | {"position": place} for place, line in enumerate(lines, 1)]},
    )
    sending.issue(owner, quote)
    door, _address = doors.make(owner, objects.get("quotes"), quote.id, sending.PURPOSE, name="Ana Luna")
    visit = doors.enter(owner.workspace, door.digest)
    options = {line.description: str(line.id) for line in sending.queries.lines(quote.id) if line.is_optional}
    answering.choose(visit.actor, quote.id, [options["Cups"]])
    digest = files.open_file(again(quote).document["id"])[0].digest
    answering.sign(visit.actor, quote.id, answering.Signing("Ana Luna", "", digest, "192.0.2.1", "Test"))
    return again(quote)


def shared(one: Any, other: Any) -> dict[str, tuple[Any, Any]]:
    """The columns that the tables of two records have in common, with what stands there in each."""
    names = [{field.name: field.attname for field in each._meta.concrete_fields} for each in (one, other)]
    both = names[0].keys() & names[1].keys() - OWN
    return {
        name: (getattr(one, names[0][name]), getattr(other, names[1][name]))
        for name in both
        if not name.startswith("slot")
    }


def test_an_order_keeps_every_value_of_its_quote(owner: Any, accepted: Any) -> None:
    """2 x 1000.00 less 10 %, 2.5 x 20.00 and 6 x 5.00 are 1880.00 with tax, and 1786.00 less 5 %."""
    made = run(owner, accepted, "order")
    assert (made.total, accepted.total) == (eur("1786.00"), eur("1786.00"))
    differing = {name for name, (one, other) in shared(accepted, made).items() if one != other}
    assert differing == {"number", "status"}
    assert made.quote_id == accepted.id
    ordered = lines_of(made)
    quoted = [line for line in sending.queries.lines(accepted.id) if not line.is_optional or line.is_chosen]
    assert [line.description for line in ordered] == ["Machine, red", "Beans", "Cups"]
    for one, other in zip(quoted, ordered, strict=True):
        differing = {name for name, (left, right) in shared(one, other).items() if left != right}
        assert differing <= {"is_optional"}, one.description  # what was chosen is ordered for good


def test_of_a_quote_there_is_one_order(owner: Any, accepted: Any) -> None:
    assert actions.of("quotes")["order"].applies(accepted)
    run(owner, accepted, "order")
    assert not actions.of("quotes")["order"].applies(accepted)
    with pytest.raises(Refused, match="There is an order of this quote already"):
        actions.run(owner, objects.get("quotes"), "order", accepted.id, {})
    assert Order.objects.filter(quote_id=accepted.id).count() == 1


def test_what_nobody_accepted_is_not_ordered(owner: Any, customer: Any) -> None:
    line = {"description": "Beans", "quantity": "1", "price": price("20")}
    given = {"name": "Beans", "account": customer.id, "currency": "EUR", "quote-lines": [line]}
    quote = actions.create(owner, objects.get("quotes"), given)
    with pytest.raises(Refused, match="accepted"):
        actions.run(owner, objects.get("quotes"), "order", quote.id, {})
    assert not Order.objects.filter(quote_id=quote.id).exists()
