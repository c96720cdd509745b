"""What a device takes along and brings back: within its person's rights, once, never over another's work."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from trato.engine import actions, objects
from trato.engine.postgres.scope import in_workspace
from trato.modules.billing.models import Order, OrderLine
from trato.modules.field.models import Visit
from trato.modules.people.models import Account, Note

pytestmark = pytest.mark.django_db
ALL = {"see": "all", "change": "all", "create": True, "delete": True}


def soon(hours: float = 1) -> str:
    return (timezone.now() + timedelta(hours=hours)).isoformat()


@pytest.fixture
def world(cast: Any, as_: Any) -> dict[str, Any]:
    """A visit of Mia's to Bar Luna, with a contact, an open order, and a product at ten euros."""
    with as_(cast.owner) as actor:

        def make(plural: str, **values: Any) -> Any:
            return actions.create(actor, objects.get(plural), values)

        money = {"amount": "10.00", "currency": cast.acme.currency}
        mia = str(cast.member.id)
        address = {"line1": "Calle Mayor 1", "city": "Madrid", "country": "ES", "primary": True}
        luna = make("accounts", name="Bar Luna", owner=mia, addresses=[address], tax_number="B12345674")
        make("accounts", name="Never on the way")
        ana = make("contacts", first_name="Ana", account=str(luna.id), owner=mia, birthday="1990-01-01")
        beans = make("products", name="Beans", sku="B1", price=money, cost=money | {"amount": "4.00"})
        visit = make("visits", purpose="Talk", account=str(luna.id), planned_at=soon(), owner=mia)
        line = {"product": str(beans.id), "quantity": "3"}
        order = make("orders", account=str(luna.id), owner=mia, **{"order-lines": [line]})
    return {"luna": luna, "ana": ana, "beans": beans, "visit": visit, "order": order}


def send(browser: Any, user: Any, **item: Any) -> Any:
    body = {"user": str(user.id), "id": str(uuid4())} | item
    return browser.post("/w/acme/offline/send", json.dumps(body), content_type="application/json")


def bundle(browser: Any) -> Any:
    return browser.get("/w/acme/offline/bundle").json()


def test_the_bundle_has_the_way_of_the_week_and_prices(cast: Any, signed_in: Any, world: Any) -> None:
    told = bundle(signed_in(cast.member))
    assert [visit["title"] for visit in told["visits"]] == ["Talk"]
    assert [account["title"] for account in told["accounts"]] == ["Bar Luna"]
    assert [contact["title"] for contact in told["contacts"]] == ["Ana"]
    assert [line["product"]["title"] for line in told["order-lines"]] == ["Beans"]
    assert Decimal(told["products"][0]["prices"][""]) == 10
    assert "cost" not in told["products"][0] and "birthday" not in told["contacts"][0]
    assert told["user"] == str(cast.member.id)


def test_the_bundle_holds_nothing_the_role_hides(cast: Any, signed_in: Any, world: Any, set_role: Any) -> None:
    rules = dict.fromkeys(("visits", "notes", "orders"), ALL)
    rules |= {
        "accounts": ALL | {"fields": {"phones": "hidden", "addresses": "hidden"}},
        "products": ALL | {"fields": {"price": "hidden"}},
    }
    set_role(cast.member, {"objects": rules})
    answer = signed_in(cast.member).get("/w/acme/offline/bundle")
    told = answer.json()
    assert "phones" not in told["accounts"][0] and "addresses" not in told["accounts"][0]
    assert "prices" not in told["products"][0] and told["contacts"] == []
    assert "Calle Mayor" not in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"


def test_others_get_nothing(cast: Any, signed_in: Any, world: Any, set_role: Any) -> None:
    assert bundle(signed_in(cast.owner))["visits"] == []
    assert signed_in(cast.stranger).get("/w/acme/offline/bundle").status_code == 404
    set_role(cast.member, {"objects": {"accounts": ALL}})
    for place in ("offline", "offline/bundle", "worker.js", "visits/plan"):
        assert signed_in(cast.member).get(f"/w/acme/{place}").status_code == 403


def test_what_is_sent_twice_is_done_once(cast: Any, signed_in: Any, world: Any) -> None:
    browser, item = signed_in(cast.member), str(uuid4())
    luna, beans = str(world["luna"].id), str(world["beans"].id)
    values = {"account": luna, "order-lines": [{"product": beans, "quantity": "2"}]}
    first = send(browser, cast.member, id=item, does="create", object="orders", values=values)
    again = send(browser, cast.member, id=item, does="create", object="orders", values=values)
    assert (first.status_code, again.status_code) == (201, 201) and first.json() == again.json()
    with in_workspace(cast.acme.id):
        made = Order.objects.get(id=item)
        assert (made.owner_id, made.net) == (cast.member.id, 20)
        assert OrderLine.objects.filter(order=made).count() == 1
        # A day later nobody remembers the answer; the record is there all the same.
        from trato.engine.models import IdempotencyKey

        IdempotencyKey.objects.all().delete()
    assert send(browser, cast.member, id=item, does="create", object="orders", values=values).status_code == 200
    other = send(browser, cast.member, id=item, does="create", object="orders", values=values | {"notes": "x"})
    assert other.status_code == 409
    with in_workspace(cast.acme.id):
        assert Order.objects.filter(account=world["luna"]).count() == 2


def test_a_report_meets_a_colleagues(cast: Any, as_: Any, signed_in: Any, world: Any) -> None:
    browser, visit = signed_in(cast.member), world["visit"]
    said = {"does": "change", "object": "visits", "record": str(visit.id), "version": visit.version}
    with as_(cast.owner) as actor:
        actions.update(actor, objects.get("visits"), visit.id, {"report": "<p>Theirs</p>", "purpose": "Tasting"})
    values, base = {"report": "<p>Mine</p>", "outcome": "order"}, {"report": "", "outcome": ""}
    answer = send(browser, cast.member, values=values, base=base, **said)
    assert answer.status_code == 409
    [field] = answer.json()["fields"]
    assert (field["name"], field["mine"], field["theirs"]) == ("report", "<p>Mine</p>", "<p>Theirs</p>")
    with in_workspace(cast.acme.id):
        assert Visit.objects.get(id=visit.id).outcome == ""
    base["report"] = field["theirs"]  # seen, and mine is kept
    assert send(browser, cast.member, values=values, base=base, **said).status_code == 200
    with in_workspace(cast.acme.id):
        now = Visit.objects.get(id=visit.id)
        assert (now.report, now.outcome, now.purpose) == ("<p>Mine</p>", "order", "Tasting")


def test_a_check_in_and_a_note_from_the_way(cast: Any, signed_in: Any, world: Any) -> None:
    browser, visit = signed_in(cast.member), str(world["visit"].id)
    at = (timezone.now() - timedelta(hours=3)).isoformat()
    values = {"at": at, "latitude": "40.416775", "longitude": "-3.703790", "accuracy": 20}
    answer = send(browser, cast.member, does="act", object="visits", record=visit, action="check_in", values=values)
    assert answer.status_code == 200, answer.content
    about = [f"accounts/{world['luna'].id}"]
    answer = send(browser, cast.member, does="create", object="notes", values={"body": "<p>Hi</p>", "about": about})
    assert answer.status_code == 201
    with in_workspace(cast.acme.id):
        assert Visit.objects.get(id=visit).checked_in_at.isoformat()[:19] == at[:19]
        assert Note.objects.get().about == about


@pytest.mark.parametrize(
    ("item", "status"),
    [
        ({"does": "create", "object": "accounts", "values": {"name": "x"}}, 400),
        ({"does": "create", "object": "orders", "values": {"status": "invoiced"}}, 400),
        ({"does": "change", "object": "visits", "values": {"owner": "x"}, "record": "VISIT"}, 400),
        ({"does": "act", "object": "visits", "action": "cancel", "record": "VISIT"}, 400),
        ({"does": "act", "object": "orders", "action": "confirm", "record": "VISIT"}, 400),
        ({"does": "delete", "object": "visits", "record": "VISIT"}, 400),
        ({"does": "create", "object": "notes", "values": {"body": "x"}, "id": "no id"}, 400),
        ({"does": "create", "object": "notes", "values": [1]}, 400),
        ({"does": ["create"], "object": "notes", "values": {}}, 400),
        ({"does": "create", "object": "notes", "values": {"body": "x"}, "owner": "me"}, 400),
        ({"does": "change", "object": "visits", "values": {"report": "x"}, "version": True, "record": "VISIT"}, 400),
        ({"does": "change", "object": "visits", "values": {"report": "x"}, "record": str(uuid4())}, 404),
        ({"does": "create", "object": "notes", "values": {}}, 422),
        ({"does": "create", "object": "notes", "values": {"body": {"a": 1}}}, 422),
        ({"does": "create", "object": "orders", "values": {"account": str(uuid4())}}, 422),
        ({"does": "create", "object": "orders", "values": {"account": "LUNA", "order-lines": [1]}}, 422),
        (
            {
                "does": "create",
                "object": "orders",
                "values": {"account": "LUNA", "order-lines": [{"product": "BEANS", "quantity": "-1"}]},
            },
            422,
        ),
    ],
)
def test_hostile_input_is_refused_and_changes_nothing(
    cast: Any, signed_in: Any, world: Any, item: dict[str, Any], status: int
) -> None:
    text = json.dumps(item).replace("VISIT", str(world["visit"].id))
    text = text.replace("LUNA", str(world["luna"].id)).replace("BEANS", str(world["beans"].id))
    assert send(signed_in(cast.member), cast.member, **json.loads(text)).status_code == status
    with in_workspace(cast.acme.id):
        assert (Order.objects.count(), Note.objects.count(), Account.objects.count()) == (1, 0, 2)
        assert Visit.objects.get().version == world["visit"].version


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'"x"', b"1" * 300_000])
def test_what_is_no_item_at_all_is_refused(cast: Any, signed_in: Any, body: bytes) -> None:
    answer = signed_in(cast.member).post("/w/acme/offline/send", body, content_type="application/json")
    assert 400 <= answer.status_code < 500


def test_nobody_sends_for_another_nor_without_the_token(cast: Any, signed_in: Any, world: Any) -> None:
    from django.test import Client

    item = {"does": "create", "object": "notes", "values": {"body": "x"}}
    assert send(signed_in(cast.owner), cast.member, **item).status_code == 403
    assert send(signed_in(cast.reader), cast.reader, **item).status_code == 403
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.member)
    assert send(strict, cast.member, **item).status_code == 403
    with in_workspace(cast.acme.id):
        assert not Note.objects.exists()


def test_the_page_that_is_kept_holds_nothing_of_anybody(cast: Any, signed_in: Any, world: Any) -> None:
    page = signed_in(cast.member).get("/w/acme/offline").content.decode()
    for word in (cast.member.name, cast.member.email, "Bar Luna", "csrf"):
        assert word not in page
    worker = signed_in(cast.member).get("/w/acme/worker.js")
    assert worker["Content-Type"].startswith("text/javascript") and '"/w/acme/offline"' in worker.content.decode()


def test_signing_out_clears_the_device(cast: Any, signed_in: Any) -> None:
    answer = signed_in(cast.member).post("/accounts/logout/")
    assert answer["Clear-Site-Data"] == '"storage"'
