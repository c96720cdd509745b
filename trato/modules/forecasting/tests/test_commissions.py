"""What people earn: worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trato.engine import access, objects
from trato.engine.actions import Refused, delete, update
from trato.modules.billing.models import Invoice, InvoiceLine
from trato.modules.forecasting import actions
from trato.modules.forecasting.queries import closing
from trato.modules.forecasting.rules.commissions import EVERYTHING, Rate, Sold, earned, stepped
from trato.modules.forecasting.rules.periods import Period
from trato.modules.people.models import Account
from trato.modules.sales.models import DealLine

from .conftest import Make

if TYPE_CHECKING:
    from tests.cast import As, Cast

JULY = Period("month", date(2026, 7, 1))
BEANS, GRINDER = UUID(int=1), UUID(int=2)


def rate(percent: str, start: int = 0, sort: Any = EVERYTHING) -> Rate:
    return Rate(sort, Decimal(start), Decimal(percent))


def test_each_step_has_its_own_rate() -> None:
    """5 % up to 10,000, 8 % from there and 10 % from 20,000: of 25,000 it is 500 + 800 + 500."""
    steps = [rate("8", 10_000), rate("5"), rate("10", 20_000)]
    assert stepped(Decimal(25_000), steps) == 1800
    assert stepped(Decimal(10_000), steps) == 500
    assert stepped(Decimal(0), steps) == 0
    assert stepped(Decimal(-100), steps) == -5, "what is given back takes away at the lowest rate"
    assert stepped(Decimal(900), [rate("5", 1000)]) == 0


def test_the_nearest_rate_holds() -> None:
    """Beans have their own, machines by category, everything else the rest; what has none earns nothing."""
    rates = [rate("1", sort=("product", BEANS)), rate("2", sort=("category", "Machines"))]
    sales = [
        Sold(BEANS, "Machines", Decimal(100)),
        Sold(GRINDER, "Machines", Decimal(200)),
        Sold(None, "", Decimal(50)),
    ]
    found = {one.sort[0]: (one.sold, one.commission) for one in earned(sales, rates, Decimal(100), 2)}
    assert found == {"product": (100, 1), "category": (200, 4), "none": (50, 0)}
    found = {one.sort[0]: one.commission for one in earned(sales, [*rates, rate("10")], Decimal(50), 2)}
    assert found == {"product": Decimal("0.5"), "category": 2, "": Decimal("2.5")}


@given(st.lists(st.decimals("0", "100000", places=2), max_size=8), st.decimals("0", "100", places=2))
def test_nothing_is_lost_between_steps(amounts: list[Decimal], percent: Decimal) -> None:
    """With the same rate on every step the steps make no difference, to the cent."""
    sales = [Sold(None, "", amount) for amount in amounts]
    one = earned(sales, [Rate(EVERYTHING, Decimal(0), percent)], Decimal(100), 2)
    many = earned(sales, [Rate(EVERYTHING, Decimal(n * 1000), percent) for n in range(5)], Decimal(100), 2)
    assert [line.commission for line in one] == [line.commission for line in many]


@pytest.fixture
def plan(make: Make, cast: Cast) -> Any:
    """5 %, and 10 % beyond 1,000; 20 % on Beans; for the member, and half of it for the teammate."""
    beans = make("products", name="Beans")
    plan = make("commission-plans", name="Sellers")
    euros = {"amount": "1000", "currency": "EUR"}
    for values in ({"percent": 5}, {"percent": 10, "start": euros}, {"percent": 20, "product": beans.id}):
        make("commission-rates", plan=plan.id, **values)
    make("commission-members", plan=plan.id, person=cast.member.id)
    make("commission-members", plan=plan.id, person=cast.teammate.id, share=50)
    return plan, beans


@pytest.mark.django_db
def test_won_deals_count_by_lines_and_shares(deal: Make, make: Make, plan: Any, cast: Cast, as_: As) -> None:
    _plan, beans = plan
    lined = deal(1, None, stage="Signed", on="2026-07-02", owner=cast.member)
    with as_(cast.owner):
        for product, net in ((beans.id, 500), (None, 1200)):
            DealLine.objects.create(deal=lined, product_id=product, quantity=1, net=net, net_currency="EUR")
    shared = deal(1000, None, stage="Signed", on="2026-07-31", owner=cast.member)
    make("deal-splits", deal=shared.id, seller=cast.teammate.id, percent=40)
    make("deal-splits", deal=shared.id, seller=cast.member.id, percent=60)
    deal(9999, None, stage="Signed", on="2026-08-01", owner=cast.member)
    deal(9999, "2026-07-05", owner=cast.member)
    with as_(cast.owner) as actor:
        found, missing = closing.statements(actor, JULY)
        told = {one.person: (one.sold, one.commission) for one in found}
        # The member: 500 of beans at 20 % = 100; 1,200 + 600 at 5 % to 1,000 and 10 % beyond = 50 + 80.
        # The teammate: 400 at 5 % = 20, of which half.
        assert told == {cast.member.id: (2300, 230), cast.teammate.id: (400, 10)} and not missing
        assert [(sale.title, sale.amount) for sale in found[0].sales] == [("Deal of 1", 1700), ("Deal of 1000", 600)]


@pytest.mark.django_db
def test_people_see_their_own_statement(signed_in: Any, deal: Make, plan: Any, cast: Cast) -> None:
    deal(2000, None, stage="Signed", on="2026-07-02", owner=cast.member)
    deal(777, None, stage="Signed", on="2026-07-02", owner=cast.teammate)
    address = "/w/acme/commissions?month=2026-07"

    def page(person: Any, place: str = address) -> str:
        answer = signed_in(person).get(place)
        assert answer.status_code == 200
        return unescape(answer.content.decode())

    member, owner = page(cast.member), page(cast.owner)
    assert (
        "€150.00" in member
        and "Deal of 2000" in member
        and "Tom Teammate" not in member
        and "Deal of 777" not in member
    )
    assert "€150.00" in owner and "€19.43" in owner, "777 at 5 % is 38.85, and half of that 19.425"
    assert "No plan holds" in page(cast.reader)
    assert "There is no such month" in page(cast.member, "/w/acme/commissions?month=soon")
    assert "Nothing counted" in page(cast.member, "/w/acme/commissions?month=2026-06")
    assert "€150" not in page(cast.stranger, "/w/globex/commissions?month=2026-07")


@pytest.mark.django_db
def test_a_closed_month_stays_and_what_changes_is_corrected_in_the_next(
    deal: Make, plan: Any, cast: Cast, as_: As
) -> None:
    """2,000 in July is 50 + 100; a rate that changes in August leaves that. Of the 2,000, 400 are taken back then: by
    July's rates 1,600 are 50 + 60, so August takes 40 off.
    """
    big = deal(2000, None, stage="Signed", on="2026-07-02", owner=cast.member)
    deal(100, None, stage="Signed", on="2026-08-02", owner=cast.member)
    august, september = JULY.shifted(1), JULY.shifted(2)

    def told(actor: Any, month: Period) -> dict[Any, Any]:
        found, _missing = closing.statements(actor, month)
        return {
            one.person: (one.own, [(each.month, each.commission) for each in one.corrections], one.commission)
            for one in found
        }

    with as_(cast.member) as actor, pytest.raises(access.Forbidden):
        actions.close_month(actor, JULY)
    with as_(cast.owner) as actor:
        assert actions.close_month(actor, JULY) == 2
        for month in (JULY, september, Period("month", date(2099, 1, 1))):
            with pytest.raises(Refused):
                actions.close_month(actor, month)
        with pytest.raises(Refused):
            actions.reopen_month(actor, august)
        rates = objects.get("commission-rates")
        for rate in access.visible(actor, rates):
            update(actor, rates, rate.id, {"percent": 50})
        assert told(actor, JULY)[cast.member.id] == (150, [], 150)
        assert told(actor, august) == {cast.member.id: (50, [], 50), cast.teammate.id: (0, [], 0)}
        value = {"amount": "1600", "currency": "EUR"}
        update(actor, objects.get("deals"), big.id, {"value": value})
        assert told(actor, JULY)[cast.member.id] == (150, [], 150)
        assert told(actor, august)[cast.member.id] == (50, [(JULY.first, -40)], 10)
        assert told(actor, september)[cast.member.id] == (0, [], 0), "it stands in one month only"
        actions.close_month(actor, august)
        assert told(actor, august)[cast.member.id] == (50, [(JULY.first, -40)], 10)
        assert told(actor, september)[cast.member.id] == (0, [], 0), "corrected once"
        update(actor, objects.get("deals"), big.id, {"value": {"amount": "2000", "currency": "EUR"}})
        assert told(actor, september)[cast.member.id] == (0, [(JULY.first, 40)], 40)
        delete(actor, objects.get("commission-plans"), plan[0].id)
        assert told(actor, september) == {cast.member.id: (0, [(JULY.first, 40)], 40)}, "owed though the plan is gone"
        actions.reopen_month(actor, august)
        assert closing.last_closed().month == JULY.first
    with as_(cast.teammate) as actor:
        assert list(told(actor, JULY)) == [cast.teammate.id]


@pytest.mark.django_db
def test_a_month_is_closed_on_its_page(signed_in: Any, deal: Make, plan: Any, cast: Cast) -> None:
    deal(2000, None, stage="Signed", on="2026-07-02", owner=cast.member)
    owner, member = signed_in(cast.owner), signed_in(cast.member)
    address = "/w/acme/commissions"
    assert "Close month" in owner.get(f"{address}?month=2026-07").content.decode()
    assert "Close month" not in member.get(f"{address}?month=2026-07").content.decode()
    assert member.post(f"{address}/close", {"month": "2026-07"}).status_code == 403
    assert "no such month" in owner.post(f"{address}/close", {"month": "soon"}, follow=True).content.decode()
    assert "one after the other" in owner.post(f"{address}/close", {"month": "2099-01"}, follow=True).content.decode()
    closed = owner.post(f"{address}/close", {"month": "2026-07"}, follow=True).content.decode()
    assert "with 2 statements" in closed and "Open again" in closed and "Olga Owner" in closed
    assert "Deal of 2000" in unescape(member.get(f"{address}?month=2026-07").content.decode())
    assert "is open again" in owner.post(f"{address}/reopen", {"month": "2026-07"}, follow=True).content.decode()


@pytest.mark.django_db
def test_paid_invoices_count_in_the_month_they_are_paid_less_credit_notes(make: Make, cast: Cast, as_: As) -> None:
    plan = make("commission-plans", name="On payment", counts="paid")
    make("commission-rates", plan=plan.id, percent=10)
    make("commission-members", plan=plan.id, person=cast.member.id)
    with as_(cast.owner) as actor:
        acme = Account.objects.create(name="Acme", title="Acme")
        for kind, status, day, net in (
            ("invoice", "paid", date(2026, 7, 31), 1000),
            ("invoice", "paid", date(2026, 8, 1), 9999),
            ("invoice", "partly_paid", None, 9999),
            ("credit_note", "issued", None, 200),
        ):
            issued = date(2026, 7, 15)
            invoice = Invoice.objects.create(
                account=acme, kind=kind, status=status, paid_on=day, issued_on=issued, owner=cast.member, title=kind
            )
            InvoiceLine.objects.create(invoice=invoice, quantity=1, net=net, net_currency="EUR")
        (found,), _missing = closing.statements(actor, JULY)
        assert (found.sold, found.commission) == (800, 80)
