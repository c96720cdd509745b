"""What is part of a record stands on its page as a table, and what is frozen shows no way to change it."""

import re

import pytest

from tests.toys.models import Bill, BillLine
from trato.engine import actions, objects


@pytest.fixture
def bill(cast, as_):
    """A bill with two lines."""
    with as_(cast.owner) as actor:
        rows = [{"name": "Screws", "amount": 3}, {"name": "Nails", "amount": 4}]
        made = actions.create(actor, objects.get("bills"), {"name": "B", "bill-lines": rows})
        return made, list(BillLine.objects.filter(bill_id=made.id).order_by("position"))


def part(text):
    """The table as a whole page or its own answer shows it."""
    return re.search(r'<section class="box lines" id="lines-bill-lines".*?</section>', text, re.DOTALL)[0]


def names(text):
    return re.findall(r'class="row-title"[^>]*><span>([^<]*)', text)


HTMX = {"HTTP_HX_REQUEST": "true"}


def test_parts_are_a_table_on_the_page_of_their_whole(cast, signed_in, bill):
    made, (screws, _nails) = bill
    client, base = signed_in(cast.owner), f"/w/{cast.acme.slug}"
    page = client.get(f"{base}/bills/{made.id}").content.decode()
    table = part(page)
    assert names(table) == ["Screws", "Nails"]
    assert 'data-column="bill"' not in table
    assert 'data-column="position"' not in table
    jump = '<a href="#lines-bill-lines">Bill lines</a>'
    assert page.replace(jump, "").count("Bill lines") == table.count("Bill lines")  # not related, nor gone to
    own = client.get(f"{base}/bill-lines/{screws.id}").content.decode()
    assert f'href="{base}/bills/{made.id}"' in own
    assert f"{base}/bill-lines/{screws.id}/favourite" not in own
    assert f"{base}/bill-lines/{screws.id}/share" not in own
    assert client.get(f"{base}/bill-lines/").status_code == 200


def test_parts_are_added_taken_away_and_moved(cast, as_, signed_in, bill):
    made, (screws, nails) = bill
    client = signed_in(cast.owner)
    url = f"/w/{cast.acme.slug}/bills/{made.id}/lines/bill-lines"
    answer = client.post(url, {"name": "Bolts", "amount": "5"}, **HTMX)
    assert (answer.status_code, names(answer.content.decode())) == (200, ["Screws", "Nails", "Bolts"])
    assert "undo" in answer.headers["HX-Trigger"]
    refused = client.post(url, {"name": "", "amount": "x"}, **HTMX)
    assert refused.status_code == 422
    assert 'value="x"' in refused.content.decode()
    answer = client.post(f"{url}/order", {"id": [str(nails.id), str(screws.id)]}, **HTMX)
    assert names(answer.content.decode()) == ["Nails", "Screws", "Bolts"]
    answer = client.post(f"{url}/{nails.id}/delete", **HTMX)
    assert names(answer.content.decode()) == ["Screws", "Bolts"]
    assert client.post(f"{url}/{nails.id}/delete").status_code == 404
    assert client.post(url, {"name": "Plain", "amount": "1"}).headers["Location"].endswith(str(made.id))
    with as_(cast.owner):
        assert Bill.objects.get(id=made.id).total == 9
    assert client.get(f"/w/{cast.acme.slug}/bills/{made.id}/lines/things").status_code == 404


def test_who_may_not_change_the_whole_sees_its_parts_only(cast, as_, signed_in, bill):
    made, (screws, _nails) = bill
    client, base = signed_in(cast.reader), f"/w/{cast.acme.slug}"
    table = part(client.get(f"{base}/bills/{made.id}").content.decode())
    assert names(table) == ["Screws", "Nails"]
    assert "<form" not in table
    assert "data-editable" not in table
    url = f"{base}/bills/{made.id}/lines/bill-lines"
    assert client.post(url, {"name": "x"}).status_code == 403
    assert client.post(f"{url}/order", {"id": [str(screws.id)]}).status_code == 403
    assert client.post(f"{url}/{screws.id}/delete").status_code == 403
    assert client.post(f"{base}/bill-lines/{screws.id}/cell/amount", {"amount": "9"}).status_code == 403
    assert signed_in(cast.limited).get(url).status_code == 404


def test_a_cell_saved_in_the_table_comes_back_with_what_stands_in_its_row(cast, signed_in, bill):
    made, (screws, _nails) = bill
    client, base = signed_in(cast.owner), f"/w/{cast.acme.slug}"
    sent = {"amount": "30", "columns": ["title", "amount"], "lines": f"{base}/bills/{made.id}/lines/bill-lines"}
    row = client.post(f"{base}/bill-lines/{screws.id}/cell/amount", sent | {"movable": "1"}, **HTMX).content.decode()
    assert f"{base}/bills/{made.id}/lines/bill-lines/{screws.id}/delete" in row
    assert "data-move" in row
    row = client.post(f"{base}/bill-lines/{screws.id}/cell/amount", sent | {"lines": "//x/y"}, **HTMX).content.decode()
    assert "//x/y" not in row


def test_what_is_frozen_says_so_once_and_shows_no_pencils(cast, as_, signed_in, bill):
    made, (screws, _nails) = bill
    with as_(cast.owner) as actor:
        actions.run(actor, objects.get("bills"), "send", made.id, {})
    client, base = signed_in(cast.owner), f"/w/{cast.acme.slug}"
    page = client.get(f"{base}/bills/{made.id}").content.decode()
    assert page.count("Sent; write another one instead.") == 1
    assert "<form" not in part(page)
    assert f"{base}/bills/{made.id}/field/name" not in page
    assert f"{base}/bills/{made.id}/field/paid" in page
    assert f"{base}/bills/{made.id}/delete" not in page
    form = client.get(f"{base}/bills/{made.id}/edit").content.decode()
    assert 'name="paid"' in form
    assert 'name="name"' not in form
    assert client.post(f"{base}/bills/{made.id}/edit", {"paid": "on", "only": "paid"}).status_code == 303
    answer = client.post(f"{base}/bill-lines/{screws.id}/cell/amount", {"amount": "9"}, **HTMX)
    assert (answer.status_code, "Sent; write another" in answer.content.decode()) == (422, True)
    assert client.post(f"{base}/bills/{made.id}/lines/bill-lines", {"name": "x"}, **HTMX).status_code == 422
    with as_(cast.owner):
        assert Bill.objects.get(id=made.id).paid
        assert BillLine.objects.get(id=screws.id).amount == 3
