"""Cells of a table are changed where they stand, one by one or as a pasted block."""

import json
import re

import pytest

from trato.engine import access, objects


@pytest.fixture
def read(as_, cast):
    """``read(record, "colour")``: what a thing holds now."""

    def value(record, name):
        with as_(cast.owner) as actor:
            obj = objects.get("things")
            return obj.fields(actor.workspace)[name].read_from(access.get(actor, obj, record.id))

    return value


def block(*rows):
    return {
        "block": json.dumps([{"id": str(record.id), "cells": cells} for record, cells in rows]),
        "columns": ["count"],
    }


def test_a_cell_is_opened_saved_and_undone(browser, make, read):
    thing = make("things", name="Lamp", count=3)
    address = f"/w/acme/things/{thing.id}/cell/count"
    html = browser.get(address).content.decode()
    assert 'value="3"' in html
    version = re.search(r'name="version" value="(\d+)"', html)[1]
    sent = {"version": version, "count": "5", "columns": ["title", "count", "colour"], "tickable": "1"}
    answer = browser.post(address, sent)
    assert answer.status_code == 200
    row = answer.content.decode()
    assert re.findall(r"<td[^>]*>(.*?)</td>", row)[1:] == ["5", ""]
    assert read(thing, "count") == 5
    undo = json.loads(answer.headers["HX-Trigger"])["toast"]["undo"]
    assert browser.post(undo).status_code == 303
    assert read(thing, "count") == 3


def test_a_wrong_value_and_one_changed_meanwhile_are_told_at_the_cell(browser, make, read):
    thing = make("things", name="Lamp", count=3)
    address = f"/w/acme/things/{thing.id}/cell/count"
    wrong = browser.post(address, {"version": "1", "count": "many"})
    assert (wrong.status_code, 'value="many"' in wrong.content.decode()) == (422, True)
    assert browser.post(address, {"version": "1", "count": "4"}).status_code == 200
    late = browser.post(address, {"version": "1", "count": "9"})
    assert late.status_code == 409
    html = late.content.decode()
    assert "Changed meanwhile to “4”" in html
    assert 'value="9"' in html
    assert read(thing, "count") == 4
    again = re.search(r'name="version" value="(\d+)"', html)[1]
    assert browser.post(address, {"version": again, "count": "9"}).status_code == 200
    assert read(thing, "count") == 9


def test_the_title_is_its_one_field_and_what_may_not_be_changed_is_refused(browser, make, read, cast, signed_in):
    thing = make("things", name="Lamp")
    assert 'value="Lamp"' in browser.get(f"/w/acme/things/{thing.id}/cell/title").content.decode()
    contact = make("contacts", first_name="Ana", last_name="García")
    assert browser.get(f"/w/acme/contacts/{contact.id}/cell/title").status_code == 403
    assert browser.get(f"/w/acme/things/{thing.id}/cell/created_at").status_code == 403
    assert browser.get(f"/w/acme/things/{thing.id}/cell/nothing").status_code == 404
    reader = signed_in(cast.reader)
    assert reader.post(f"/w/acme/things/{thing.id}/cell/count", {"count": "1"}).status_code in {403, 404}
    stranger = signed_in(cast.stranger)
    assert stranger.get(f"/w/acme/things/{thing.id}/cell/count").status_code == 404
    assert read(thing, "count") is None


def test_a_block_is_written_row_by_row_and_undone_as_one(browser, make, read):
    crate = make("crates", name="Box")
    one, two, three = (make("things", name=f"Thing {n}", count=n) for n in range(3))
    answer = browser.post(
        "/w/acme/things/paste",
        block(
            (one, {"count": "10", "crate": "Box"}), (two, {"count": "ten"}), (three, {"count": "12", "colour": "red"})
        ),
    )
    told = answer.json()
    assert [(problem["id"], problem["field"]) for problem in told["problems"]] == [(str(two.id), "count")]
    assert told["rows"].count("<tr") == 2
    assert [read(each, "count") for each in (one, two, three)] == [10, 1, 12]
    assert read(one, "crate") == crate.id
    assert browser.post(told["toast"]["undo"]).status_code == 303
    assert [read(each, "count") for each in (one, two, three)] == [0, 1, 2]


@pytest.mark.parametrize(
    "sent",
    [
        *("", "x", "{}", "[1]", '[{"id": 1, "cells": {}}]', '[{"id": "x", "cells": {"count": 1}}]'),
        pytest.param("[" * 100_000, id="deep"),
        pytest.param(json.dumps([{"id": "x", "cells": {}}] * 5_001), id="rows without cells"),
    ],
)
def test_what_is_no_block_is_refused(browser, sent):
    assert browser.post("/w/acme/things/paste", {"block": sent}).status_code == 400


def test_a_row_without_cells_of_no_record_is_told(browser):
    answer = browser.post("/w/acme/things/paste", {"block": '[{"id": "x", "cells": {}}]'})
    assert [problem["id"] for problem in answer.json()["problems"]] == ["x"]


def test_a_block_never_reaches_what_may_not_be_changed(browser, make, read, cast, signed_in):
    thing = make("things", name="Lamp", count=1)
    limited = signed_in(cast.limited)
    told = limited.post("/w/acme/things/paste", block((thing, {"count": "5"}))).json()
    assert (len(told["problems"]), told["rows"]) == (1, "")
    strange = browser.post(
        "/w/acme/things/paste", {"block": json.dumps([{"id": "nobody", "cells": {"count": "5"}}])}
    ).json()
    assert len(strange["problems"]) == 1
    assert read(thing, "count") == 1
