"""The page of recurring revenue, as an administrator, a limited role and a stranger meet it."""

from __future__ import annotations

from datetime import date

import pytest

from trato.engine import objects
from trato.engine.actions import run as run_action
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.actors import actor_for_user
from trato.modules.billing.models import Invoice
from trato.modules.catalog.queries import today
from trato.modules.subscriptions import queries, rules
from trato.modules.subscriptions.models import Subscription


@pytest.fixture
def sold(cast, begun_as):
    """A subscription of 30 a month since three months, changed to 45 with the last."""
    with in_workspace(cast.acme.id):
        owner = actor_for_user(cast.owner, cast.acme, "web")
        first = today(owner).replace(day=1)
        make, run = begun_as(owner)
        made = make(rules.add_months(first, -3), 30)
        run("reprice", made, percent="50", on=first)
    return first


@pytest.mark.django_db
def test_the_page_tells_revenue_and_how_it_moved(cast, signed_in, sold: date) -> None:
    page = signed_in(cast.owner).get("/w/acme/revenue").content.decode()
    for said in ("€45", "€540", "+€15", "Expansion", "150.0 %"):
        assert said in page, said
    month = rules.add_months(sold, -3)
    page = signed_in(cast.owner).get(f"/w/acme/revenue?month={month:%Y-%m}").content.decode()
    assert "+€30" in page


@pytest.mark.django_db
def test_a_subscriptions_page_has_its_invoices_and_a_change_begins_with_its_line(
    cast, signed_in, set_role, sold: date
) -> None:
    with in_workspace(cast.acme.id):
        owner = actor_for_user(cast.owner, cast.acme, "web")
        made = Subscription.objects.get()
        run_action(owner, objects.get("subscriptions"), "bill", made.id, {})
        invoice = Invoice.objects.get()
        line = next(each for each in queries.lines_of([made.id])[made.id] if each.until is None)
    address = f"/w/acme/subscriptions/{made.id}"
    assert f"/w/acme/invoices/{invoice.id}" in signed_in(cast.owner).get(address).content.decode()
    form = signed_in(cast.owner).get(f"{address}/change").content.decode()
    assert f'value="subscription-lines/{line.id}"' in form and 'value="45.00"' in form
    set_role(cast.member, {"objects": {"*": {"see": "all"}, "invoices": {"see": "none"}}})
    assert f"/w/acme/invoices/{invoice.id}" not in signed_in(cast.member).get(address).content.decode()


@pytest.mark.django_db
def test_nonsense_for_a_month_is_told_and_shows_the_running_one(cast, signed_in, sold) -> None:
    for nonsense in ("2026-99", "x", "%00", "1999-01"):
        answer = signed_in(cast.owner).get(f"/w/acme/revenue?month={nonsense}")
        assert answer.status_code == 200 and "There is no such month" in answer.content.decode()


@pytest.mark.django_db
def test_who_may_see_no_subscriptions_finds_no_such_page(cast, signed_in, set_role, sold) -> None:
    set_role(cast.member, {"objects": {"*": {"see": "all"}, "subscriptions": {"see": "none"}}})
    assert signed_in(cast.member).get("/w/acme/revenue").status_code == 404
    assert signed_in(cast.stranger).get("/w/acme/revenue").status_code == 404
    assert "revenue" not in signed_in(cast.member).get("/w/acme/").content.decode()


@pytest.mark.django_db
def test_who_sees_their_own_sees_nothing_of_others(cast, signed_in, set_role, sold) -> None:
    set_role(cast.member, {"objects": {"*": {"see": "own"}}})
    page = signed_in(cast.member).get("/w/acme/revenue").content.decode()
    assert "€45" not in page and "Nothing recurs yet" in page
