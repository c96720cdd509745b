"""Boards over HTTP: what they show and count, moving cards, and what a move is refused for."""

import json
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from trato.engine import gatekeeping, objects

pytestmark = pytest.mark.django_db
BOARD = "/w/acme/things/?as=board"


@pytest.fixture
def act(cast, as_):
    """``act(function)``: run it as the administrator."""

    def run(function):
        with as_(cast.owner) as actor:
            return function(actor)

    return run


def counts(browser, address=BOARD):
    heads = browser.get(f"{address}&heads=1").json()["columns"]
    return {head["key"]: head["count"] for head in heads}


def test_a_board_shows_cards_in_the_columns_of_its_field(browser, make):
    make("things", name="Red lamp", state="used", price={"amount": "12.50", "currency": "EUR"})
    make("things", name="Blue lamp", price={"amount": "3", "currency": "USD"})
    html = browser.get(BOARD).content.decode()
    assert html.index("Blue lamp") < html.index('data-key="used"') < html.index("Red lamp")
    heads = browser.get(f"{BOARD}&heads=1").json()["columns"]
    assert [(head["label"], head["count"]) for head in heads] == [("New", 1), ("Used", 1), ("Worn", 0)]
    assert heads[1]["sums"] == [{"label": "Price", "amounts": ["€12.50"]}]


def test_a_board_goes_by_any_field_and_over_the_same_filter(browser, make):
    make("things", name="Red lamp", broken=True, count=5)
    make("things", name="Blue lamp", broken=False, count=5)
    make("things", name="Chair", broken=False)
    tree = quote(json.dumps({"field": "count", "op": "is", "value": 5}))
    assert counts(browser, f"{BOARD}&by=broken") == {"false": 2, "true": 1}
    assert counts(browser, f"{BOARD}&by=broken&filter={tree}") == {"false": 1, "true": 1}


def test_counts_are_over_all_records_and_cards_come_in_pages(browser, make):
    for number in range(45):
        make("things", name=f"Lamp {number:02}", state="used")
    first = browser.get(f"{BOARD}&sort=title").content.decode()
    assert counts(browser)["used"] == 45
    seen, address = first.count("data-id="), first.split('hx-get="')
    more = next(part.split('"')[0].replace("&amp;", "&") for part in address if "column=used" in part.split('"')[0])
    titles = [f"Lamp {number:02}" for number in range(45) if f"Lamp {number:02}<" in first]
    while more:
        part = browser.get(more, headers={"HX-Request": "true"}).content.decode()
        titles += [f"Lamp {number:02}" for number in range(45) if f"Lamp {number:02}<" in part]
        links = [p.split('"')[0].replace("&amp;", "&") for p in part.split('hx-get="')[1:]]
        more = links[0] if links else ""
    assert seen == 20 and titles == [f"Lamp {number:02}" for number in range(45)]


def test_a_board_costs_the_same_queries_however_many_cards_it_has(browser, make):
    for state in ("new", "used", "worn"):
        make("things", name=state, state=state, crate=str(make("crates", name=state).id))

    def cost():
        with CaptureQueriesContext(connection) as queries:
            browser.get(BOARD)
        return len(queries)

    cost()
    few = cost()
    for number in range(30):
        make("things", name=f"T{number}", state="used", crate=str(make("crates", name=f"C{number}").id))
    assert cost() == few


def test_a_card_is_moved_and_the_move_undone(browser, make):
    thing = make("things", name="Red lamp")
    answer = browser.post(f"/w/acme/things/{thing.id}/move?as=board", {"to": "used", "version": "1"})
    assert answer.status_code == 200
    assert answer["X-Column"] == "used" and f'data-id="{thing.id}" data-version="2"' in answer.content.decode()
    assert counts(browser) == {"new": 0, "used": 1, "worn": 0}
    browser.post(json.loads(answer["HX-Trigger"])["toast"]["undo"])
    assert counts(browser) == {"new": 1, "used": 0, "worn": 0}


def test_a_move_over_somebody_elses_move_is_refused_but_not_over_another_change(browser, make):
    thing = make("things", name="Red lamp")
    address = f"/w/acme/things/{thing.id}"
    browser.post(f"{address}/field/count", {"count": "7", "version": "1"})
    assert browser.post(f"{address}/move", {"to": "used", "version": "1"}).status_code == 200
    answer = browser.post(f"{address}/move", {"to": "worn", "version": "1"})
    assert answer.status_code == 409 and "Olga Owner moved this meanwhile" in answer.content.decode()
    assert counts(browser)["used"] == 1


def test_a_gate_asks_in_a_dialog_and_lets_in_with_what_is_filled_in(browser, make, act):
    thing = make("things", name="Red lamp")
    act(lambda actor: gatekeeping.set_gate(actor, objects.get("things"), "state", "worn", needed=["note", "count"]))
    address = f"/w/acme/things/{thing.id}/move"
    asked = browser.post(address, {"to": "worn", "version": "1"})
    assert asked.status_code == 422
    assert 'name="note"' in asked.content.decode() and 'name="count"' in asked.content.decode()
    again = browser.post(
        address, {"to": "worn", "version": "1", "ask": ["note", "count"], "note": "Rust", "count": "x"}
    )
    assert again.status_code == 422 and 'value="x"' in again.content.decode() and "Rust" in again.content.decode()
    done = browser.post(address, {"to": "worn", "version": "1", "ask": ["note", "count"], "note": "Rust", "count": "2"})
    assert done.status_code == 200 and counts(browser)["worn"] == 1


def test_a_gate_holds_for_the_api_too(make, act, token_for, cast, client):
    thing = make("things", name="Red lamp")
    act(lambda actor: gatekeeping.set_gate(actor, objects.get("things"), "state", "worn", needed=["note"]))
    headers = {"Authorization": f"Bearer {token_for(cast.owner)}"}
    address = f"/api/v1/things/{thing.id}"
    refused = client.patch(address, json.dumps({"state": "worn"}), content_type="application/json", headers=headers)
    assert refused.status_code == 422 and "note" in refused.content.decode()
    both = json.dumps({"state": "worn", "note": "Rust"})
    assert client.patch(address, both, content_type="application/json", headers=headers).status_code == 200


def test_administrators_set_gates_and_others_do_not(browser, signed_in, cast, make):
    make("things", name="Red lamp")
    said = {"by": "state", "value": "worn", "needed": ["note"], "stale_days": "14"}
    assert signed_in(cast.manager).post("/w/acme/things/gate", said).status_code == 404
    assert browser.post("/w/acme/things/gate", said).status_code == 204
    form = browser.get("/w/acme/things/gate?by=state&value=worn").content.decode()
    assert 'value="note" checked' in form and 'value="14"' in form
    assert browser.post("/w/acme/things/gate", said | {"stale_days": "soon"}).status_code == 422
    assert browser.post("/w/acme/things/gate", said | {"needed": "nothing"}).status_code == 422


def test_quiet_cards_are_marked_in_columns_with_a_limit(browser, make, act):
    from datetime import timedelta

    from django.utils import timezone

    old, fresh = make("things", name="Old lamp", state="worn"), make("things", name="New lamp", state="worn")
    visited = make("things", name="Visited lamp", state="worn")
    long_ago = timezone.now() - timedelta(days=20)

    def age(actor):
        rows = objects.get("things").rows()
        rows.filter(id__in=[old.id, visited.id]).update(updated_at=long_ago)
        gatekeeping.set_gate(actor, objects.get("things"), "state", "worn", stale_days=14)

    act(age)
    make("trips", name="Trip", about=[f"things/{visited.id}"], happened_at=timezone.now().isoformat())
    html = browser.get(BOARD).content.decode()
    assert html.count("Quiet for 20 days") == 1
    assert "Quiet" in html.split(f'data-id="{old.id}"')[1].split("</li>")[0]
    assert str(fresh.id) in html


def test_who_may_not_change_a_record_moves_nothing(signed_in, cast, make, browser):
    thing = make("things", name="Red lamp")
    for person, status in ((cast.reader, 403), (cast.limited, 404), (cast.stranger, 404)):
        visitor = signed_in(person)
        answer = visitor.post(f"/w/acme/things/{thing.id}/move", {"to": "used", "version": "1"})
        assert answer.status_code == status, person
    assert "board-card movable" not in signed_in(cast.reader).get(BOARD).content.decode()
    assert counts(browser) == {"new": 1, "used": 0, "worn": 0}


def test_one_card_is_fetched_for_live_pages_only_where_it_belongs(browser, make, signed_in, cast):
    thing = make("things", name="Red lamp", count=5)
    card = browser.get(f"{BOARD}&card={thing.id}")
    assert card["X-Column"] == "new" and "Red lamp" in card.content.decode()
    tree = quote(json.dumps({"field": "count", "op": "is", "value": 6}))
    assert browser.get(f"{BOARD}&filter={tree}&card={thing.id}").status_code == 204
    assert signed_in(cast.limited).get(f"{BOARD}&card={thing.id}").status_code == 204


@pytest.mark.parametrize(
    "said",
    [
        "by=note",
        "by=nothing",
        "by=%00",
        "sort=story",
        "filter=[]",
        "by=state&column=gone&after=x",
        "by=state&column=new&after=%00",
        "by=crate&column=nonsense",
        "sum=nothing&sum=note",
        "card=nonsense",
        "card=00000000-0000-0000-0000-000000000000",
        "by=state&by=broken",
        "heads=1&by=note",
    ],
)
def test_damaged_addresses_are_explained_and_never_500(browser, make, said):
    make("things", name="Red lamp")
    assert browser.get(f"{BOARD}&{said}").status_code in (200, 204, 400, 404)


@pytest.mark.parametrize("to", ["gone", "\0", "x" * 5000, "new' OR 1=1 --"])
def test_a_move_to_a_column_that_is_not_there_changes_nothing(browser, make, to):
    thing = make("things", name="Red lamp")
    answer = browser.post(f"/w/acme/things/{thing.id}/move", {"to": to, "version": "1"})
    assert answer.status_code == 400
    assert counts(browser) == {"new": 1, "used": 0, "worn": 0}


def test_a_hidden_field_is_no_choice_of_columns(signed_in, cast, make, set_role):
    make("things", name="Red lamp")
    set_role(cast.reader, {"objects": {"things": {"see": "all", "fields": {"state": "hidden"}}}})
    visitor = signed_in(cast.reader)
    assert visitor.get(f"{BOARD}&by=state").status_code == 400
    assert 'by=state"' not in visitor.get(f"{BOARD}&by=broken").content.decode()
