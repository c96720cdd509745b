"""What is found in orders: against a textbook's baskets, a brute-force count and dates worked out by hand; and how it
is shown and answered.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from html import unescape
from itertools import pairwise, permutations
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from trato.engine import access, objects
from trato.engine.actions import Refused, create
from trato.modules.billing.models import Delivery, DeliveryLine, Order, OrderLine
from trato.modules.catalog.models import Product
from trato.modules.offers import actions, queries
from trato.modules.offers.actions import finding
from trato.modules.offers.models import Offer, Pair
from trato.modules.people.models import Account, Contact, Task
from trato.modules.sales.models import Deal
from trato.modules.subscriptions.models import Contract

if TYPE_CHECKING:
    from django.test import Client

    from tests.cast import As, Cast

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()
Buy = Callable[..., Order]


def account(name: str, **values: Any) -> Account:
    return Account.objects.create(name=name, title=name, **values)


def product(name: str, **values: Any) -> Product:
    return Product.objects.create(name=name, title=name, **values)


def buy(whose: Account, products: Iterable[Product], days_ago: int = 10, **values: Any) -> Order:
    order = Order.objects.create(
        account=whose, ordered_on=TODAY - timedelta(days=days_ago), **{"status": "confirmed"} | values
    )
    OrderLine.objects.bulk_create(OrderLine(order=order, product=one, quantity=1) for one in products)
    return order


def offers(kind: str = "") -> list[tuple[str, str]]:
    rows = Offer.objects.filter(answer="", **{"kind": kind} if kind else {})
    return sorted(rows.values_list("account__title", "product__title"))


def test_the_baskets_of_the_textbook(cast: Cast, as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tan, Steinbach and Kumar, *Introduction to Data Mining*, table 6.1: five baskets. Diapers in 4, beer in 3, both
    in 3: support 3/5, confidence 3/4 of diapers -> beer and 1 of beer -> diapers, lift 5/4 of both.
    """
    monkeypatch.setitem(finding.LIMITS, "orders", 2)
    baskets = ("bread milk", "bread diapers beer eggs", "milk diapers beer cola", "bread milk diapers beer")
    with as_(cast.owner):
        goods = {name: product(name) for name in "bread milk diapers beer eggs cola".split()}
        for basket in (*baskets, "bread milk diapers cola"):
            buy(account(f"Household {basket}"), [goods[name] for name in basket.split()])
        actions.find(cast.acme)
        found = {(pair.left.title, pair.right.title): pair for pair in Pair.objects.select_related("left", "right")}
        forth, back = found["diapers", "beer"], found["beer", "diapers"]
        assert (forth.orders, forth.support, forth.confidence) == (3, 0.6, 0.75) and forth.lift == pytest.approx(1.25)
        assert (back.orders, back.support, back.confidence) == (3, 0.6, 1.0) and back.lift == pytest.approx(1.25)
        assert ("milk", "cola") in found and ("eggs", "beer") not in found, "eggs were bought once"
        assert ("Household bread milk diapers cola", "beer") in offers("together")
        assert ("Household bread milk diapers beer", "beer") not in offers()


@pytest.mark.parametrize("seed", range(2))
def test_pairs_are_what_counting_by_hand_finds(cast: Cast, as_: As, seed: int) -> None:
    chance = random.Random(seed)
    with as_(cast.owner):
        goods = [product(f"P{number}") for number in range(8)]
        customers = [account(f"A{number}") for number in range(6)]
        baskets = []
        for _order in range(50):
            whose, basket = chance.choice(customers), chance.sample(goods, chance.randrange(1, 5))
            status = chance.choice(["confirmed", "confirmed", "closed", "draft", "cancelled"])
            order = buy(whose, [*basket, basket[0]], chance.randrange(100), status=status)  # one stands there twice
            if status not in ("draft", "cancelled"):
                baskets.append({one.id for one in basket})
            OrderLine.objects.create(order=order, product=goods[0], is_optional=True)
        actions.find(cast.acme)
        actions.find(cast.acme)
        single = Counter(one for basket in baskets for one in basket)
        both = Counter(pair for basket in baskets for pair in permutations(basket, 2))
        expected = {
            pair: (n, n / len(baskets), n / single[pair[0]], n * len(baskets) / single[pair[0]] / single[pair[1]])
            for pair, n in both.items()
            if n >= 3
        }
        rows = Pair.objects.values_list("left_id", "right_id", "orders", "support", "confidence", "lift")
        found = {(row[0], row[1]): row[2:] for row in rows}
        assert found.keys() == expected.keys() and found
        for pair, values in expected.items():
            assert found[pair] == pytest.approx(values)


def test_who_buys_in_a_rhythm_is_told_when_it_is_due(cast: Cast, as_: As) -> None:
    with as_(cast.owner):
        coffee, tea, milk, rum = (product(name) for name in ("Coffee", "Tea", "Milk", "Rum"))
        acme, rare, late = account("Acme"), account("Rare"), account("Late")
        days = [100, 71, 40, 9]  # gaps of 29, 31 and 31 days: every 31, due in 22 days
        for ago in (*days, 9):
            buy(acme, [coffee], ago)
        for ago in (92, 61, 30):  # every 31, due tomorrow
            buy(acme, [tea], ago)
        for ago in (200, 190, 60):  # 10 and 130 days: no rhythm
            buy(acme, [milk], ago)
        for ago in (60, 30):  # twice is no rhythm either
            buy(rare, [tea], ago)
        for ago in (400, 370, 340):  # ended
            buy(late, [rum], ago)
        actions.find(cast.acme)
        assert offers("again") == [("Acme", "Tea")]
        due = Offer.objects.get(kind="again")
        assert due.due_on == TODAY + timedelta(days=1)
        assert due.facts == {"times": 3, "days": 31, "last": (TODAY - timedelta(days=30)).isoformat()}
        assert due.score == 1
        actions.find(cast.acme, TODAY + timedelta(days=8))  # coffee is due in 14 days
        assert offers("again") == [("Acme", "Coffee"), ("Acme", "Tea")]
        gaps = [one - other for one, other in pairwise(days)]
        low, _middle, high = quantiles(gaps, n=4, method="inclusive")
        found = Offer.objects.get(product=coffee)
        assert (found.facts["days"], found.score) == (median(gaps), 1 / (1 + (high - low) / median(gaps)))
        actions.find(cast.acme, TODAY + timedelta(days=33))  # more than a beat after tea was due
        assert ("Acme", "Tea") not in offers("again")


def test_a_service_is_due_months_after_delivery_or_the_last_service(cast: Cast, as_: As) -> None:
    """Dates by hand, as of 15 May 2026. The machine wants care every 12 months, the grinder a new one every 6."""
    as_of = date(2026, 5, 15)

    def sell(whose: Account, what: Product, day: date, delivered: date | None = None, **values: Any) -> None:
        order = buy(whose, [what], (TODAY - day).days, **values)
        if delivered:
            coming = Delivery.objects.create(order=order, status="delivered", delivered_on=delivered)
            line = OrderLine.objects.get(order=order)
            DeliveryLine.objects.create(delivery=coming, order_line=line, quantity=1)

    with as_(cast.owner):
        care = product("Care")
        machine = product("Machine", service_every=12, service=care)
        red, grinder = product("Machine, red", parent=machine), product("Grinder", service_every=6)
        names = ("Delivered", "Ordered", "Served", "Variant", "Later", "Lost", "Draft", "Grinds")
        acme = {name: account(name) for name in names}
        sell(acme["Delivered"], machine, date(2025, 5, 1), date(2025, 6, 2))  # due on 2 June
        sell(acme["Ordered"], machine, date(2025, 4, 1))  # due since 1 April
        sell(acme["Served"], machine, date(2022, 3, 1))
        for day in (date(2023, 4, 20), date(2024, 4, 20), date(2025, 4, 20)):  # in a rhythm, too: told once
            sell(acme["Served"], care, day)
        sell(acme["Variant"], red, date(2025, 5, 31), date(2025, 5, 31))
        sell(acme["Later"], machine, date(2025, 5, 1), date(2025, 7, 1))  # due on 1 July: 47 days ahead
        sell(acme["Lost"], machine, date(2024, 5, 1))  # due on 1 May 2025, missed for more than a year
        sell(acme["Draft"], machine, date(2025, 5, 1), status="draft")
        sell(acme["Grinds"], grinder, date(2025, 8, 31))  # six months later is the last of February
        actions.find(cast.acme, as_of)
        found = {offer.account.title: offer for offer in Offer.objects.exclude(kind__in=("together", "similar"))}
        assert {name: (one.kind, one.product.title, one.due_on) for name, one in found.items()} == {
            "Delivered": ("service", "Care", date(2026, 6, 2)),
            "Ordered": ("service", "Care", date(2026, 4, 1)),
            "Served": ("service", "Care", date(2026, 4, 20)),
            "Variant": ("service", "Care", date(2026, 5, 31)),
            "Grinds": ("service", "Grinder", date(2026, 2, 28)),
        }
        assert found["Served"].facts["served"] == "2025-04-20" and found["Ordered"].facts["served"] is None
        assert found["Ordered"].score > found["Delivered"].score, "what is due comes before what will be"


def test_services_are_told_with_their_reason(cast: Cast, as_: As, signed_in: Any) -> None:
    with as_(cast.owner):
        care = product("Care", price=380, price_currency="EUR")
        acme = account("Acme", owner=cast.member)
        buy(acme, [product("Machine", service_every=12, service=care)], 370, owner=cast.member)
        actions.find(cast.acme)
    browser = signed_in(cast.member)
    for place in ("offers", "offers?kind=service", f"accounts/{acme.id}"):
        html = unescape(page(browser, f"/w/acme/{place}"))
        assert "Machine wants a service every 12 months; they have it since" in html and "Care" in html, place
    with as_(cast.member) as actor:
        offer = queries.next_for(actor, acme.id)[0]
        assert actions.accept(actor, offer["id"], "deals").title == "Care for Acme"
        products = objects.get("products")
        with pytest.raises(Refused, match="At most 240"):
            create(actor, products, {"name": "Boiler", "service_every": 241})
        with pytest.raises(Refused, match="after how many months"):
            create(actor, products, {"name": "Boiler", "service": str(care.id)})


def test_what_similar_customers_buy(cast: Cast, as_: As) -> None:
    with as_(cast.owner):
        scale, mug, old = product("Scale"), product("Mug"), product("Old", is_active=False)
        bakers = [account(f"Baker {n}", industry="Bakery", size="2-9") for n in range(5)]
        other = account("Office", industry="Bakery", size="50-249")
        for baker in bakers[:3]:
            buy(baker, [scale, old])
        for whose in (*bakers[3:], other):
            buy(whose, [mug])
        actions.find(cast.acme)
        # Scale: 3 of the 4 others; Mug: 2 buyers are too few; Old is sold no more.
        assert offers("similar") == [("Baker 3", "Scale"), ("Baker 4", "Scale")]
        facts = Offer.objects.filter(kind="similar").first().facts
        assert facts == {"buyers": 3, "alike": 4, "industry": "Bakery", "size": "2-9"}


@pytest.fixture
def due(cast: Cast, as_: As) -> Offer:
    """Tea is due at Acme, an account of the member."""
    with as_(cast.owner):
        tea = product("Tea & more", price=12, price_currency="EUR")
        acme = account("Acme <b>", owner=cast.member)
        Contact.objects.create(first_name="Ana", title="Ana", account=acme, owner=cast.member)
        for ago in (92, 61, 30):
            buy(acme, [tea], ago, owner=cast.member)
        actions.find(cast.acme)
        return Offer.objects.get()


def test_a_dismissed_offer_rests_until_its_day(cast: Cast, as_: As, due: Offer) -> None:
    with as_(cast.member) as actor:
        for reason, days in (("", 30), ("x" * 301, 30), ("No", 0), ("No", 9999)):
            with pytest.raises(Refused):
                actions.dismiss(actor, due.id, reason, days)
        actions.dismiss(actor, due.id, "They have  enough", 20)
        assert queries.next_for(actor, due.account_id) == []
        with pytest.raises(access.Absent):
            actions.dismiss(actor, due.id, "Again", 20)
        actions.find(cast.acme, TODAY + timedelta(days=19))
        kept = Offer.objects.get()
        assert (kept.answer, kept.reason, kept.answered_by_id) == ("dismissed", "They have enough", cast.member.id)
        actions.find(cast.acme, TODAY + timedelta(days=20))
        assert [row["product__title"] for row in queries.next_for(actor, due.account_id)] == ["Tea & more"]


def test_an_offer_becomes_a_deal_or_a_task(cast: Cast, as_: As, due: Offer) -> None:
    with as_(cast.member) as actor:
        with pytest.raises(Refused):
            actions.accept(actor, due.id, "contacts")
        deal = actions.accept(actor, due.id, "deals")
        assert (deal.title, deal.account_id, deal.value, deal.owner_id) == (
            "Tea & more for Acme <b>",
            due.account_id,
            12,
            cast.member.id,
        )
        assert Offer.objects.get().became == f"deals/{deal.id}"
        with pytest.raises(access.Absent):
            actions.accept(actor, due.id, "tasks")
        assert Deal.objects.count() == 1 and Task.objects.count() == 0


def test_offers_are_seen_with_the_accounts_and_orders_they_tell_of(
    cast: Cast, as_: As, set_role: Any, due: Offer
) -> None:
    for person, seen in ((cast.member, 1), (cast.reader, 1), (cast.limited, 0), (cast.stranger, 0)):
        with as_(person) as actor:
            assert len(queries.queue(actor)[0]) == seen, person
    set_role(cast.reader, {"objects": {"*": {"see": "all"}, "orders": {"fields": {"ordered_on": "hidden"}}}})
    with as_(cast.reader) as actor:
        assert queries.queue(actor)[0] == [], "an offer tells when was ordered"
    with as_(cast.owner):  # an account of theirs whose orders are somebody else's
        Account.objects.filter(id=due.account_id).update(owner=cast.limited)
        Product.objects.update(owner=cast.limited)
    with as_(cast.limited) as actor:
        assert queries.queue(actor)[0] == []
        with pytest.raises(access.Absent):
            actions.accept(actor, due.id, "tasks")
    with as_(cast.owner):
        Order.objects.update(owner=cast.limited)
    with as_(cast.limited) as actor:
        assert len(queries.queue(actor)[0]) == 1


def contract(whose: Account, name: str, **values: Any) -> Contract:
    return Contract.objects.create(account=whose, name=name, title=name, **{"status": "active"} | values)


def test_contracts_that_end_soon_are_told(cast: Cast, as_: As, signed_in: Any) -> None:
    day = timedelta(days=1)
    with as_(cast.owner):
        acme = account("Acme", owner=cast.member)
        contract(acme, "Later", starts_on=TODAY - 300 * day, ends_on=TODAY + 91 * day)
        contract(acme, "Soon", starts_on=TODAY - 300 * day, ends_on=TODAY + 60 * day, renewal="ask")
        contract(acme, "Notice", starts_on=TODAY - 300 * day, ends_on=TODAY + 120 * day, notice_by=TODAY + 30 * day)
        contract(acme, "Over", starts_on=TODAY - 300 * day, ends_on=TODAY + 5 * day, status="ended")
    with as_(cast.member) as actor:
        assert [row["title"] for row in queries.renewals(actor, TODAY)] == ["Notice", "Soon"]
        assert queries.renewals(actor, TODAY, owner=cast.manager.id) == []
        assert queries.renewals(actor, TODAY, account=uuid4()) == []
    with as_(cast.limited) as actor:
        assert queries.renewals(actor, TODAY) == []
    browser = signed_in(cast.member)
    for place in ("offers", "offers?kind=renewal&owner=me", f"accounts/{acme.id}"):
        html = page(browser, f"/w/acme/{place}")
        assert "not renewed by itself" in html and "notice until" in html, place


# The pages


def page(browser: Client, address: str) -> str:
    answer = browser.get(address, follow=True)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_the_queue_and_the_boxes_say_why(signed_in: Any, cast: Cast, as_: As, due: Offer) -> None:
    browser = signed_in(cast.member)
    with as_(cast.owner):
        ana = Contact.objects.get()
    places = ("offers", "offers?owner=me&kind=again", f"accounts/{due.account_id}", f"contacts/{ana.id}")
    for place in places:
        html = unescape(page(browser, f"/w/acme/{place}"))
        assert "Bought 3 times, every 31 days or so" in html and "Tea & more" in html, place
    assert "Acme <b>" not in page(browser, "/w/acme/offers")
    assert "Nothing to offer" in page(browser, "/w/acme/offers?kind=similar")
    assert "Nothing to offer" in page(browser, f"/w/acme/offers?owner={cast.owner.id}")
    assert "/w/acme/offers" in page(browser, "/w/acme/")


@pytest.mark.parametrize(
    "query", ["kind=magic", "owner=nobody", f"owner={UUID(int=7)}", "page=0", "page=x", "page=99999999"]
)
def test_nonsense_is_told(signed_in: Any, cast: Cast, due: Offer, query: str) -> None:
    html = page(signed_in(cast.member), f"/w/acme/offers?{query}")
    assert 'class="notice notice-warning"' in html and "Tea" in html


def test_offers_are_answered_on_the_page(signed_in: Any, cast: Cast, as_: As, due: Offer) -> None:
    browser, base = signed_in(cast.member), f"/w/acme/offers/{due.id}"
    for data in ({"reason": "", "days": "30"}, {"reason": "No", "days": "many"}, {"reason": "No"}):
        assert browser.post(f"{base}/dismiss", data).status_code == 303
    assert browser.post(f"{base}/accept", {"as": "users"}).status_code == 303
    assert browser.get(f"{base}/accept").status_code == 405
    assert "Tea" in page(browser, "/w/acme/offers"), "nothing of that changed anything"
    assert signed_in(cast.limited).post(f"{base}/accept", {"as": "tasks"}).status_code == 303
    answer = browser.post(f"{base}/accept", {"as": "tasks", "back": "//evil.example"}, follow=True)
    assert "Offer Tea &amp; more" in answer.content.decode() and "/w/acme/tasks/" in answer.redirect_chain[0][0]
    again = browser.post(f"{base}/dismiss", {"reason": "No", "days": "30"}, follow=True).content.decode()
    assert "not open any more" in again
    with as_(cast.owner):
        assert Task.objects.count() == 1


def test_a_day_in_the_future_is_counted_by_the_orders_until_then(cast: Cast, as_: As) -> None:
    with as_(cast.owner):
        tea, acme = product("Tea"), account("Acme")
        for ago in (92, 61, 30, -400):  # one order lies in a year to come
            buy(acme, [tea], ago)
        actions.find(cast.acme, TODAY)
        assert offers("again") == [("Acme", "Tea")]
