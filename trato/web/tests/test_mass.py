"""Ticked records, or all of a list, are changed with one form; a few at once, many on the page of a run."""

import re

import pytest

from trato.engine import access, jobs, mass, objects


@pytest.fixture
def read(as_, cast):
    """``read(record, "colour")``: what a thing holds now."""

    def value(record, name):
        with as_(cast.owner) as actor:
            obj = objects.get("things")
            return obj.fields(actor.workspace)[name].read_from(access.get(actor, obj, record.id))

    return value


def things(make, many, **given):
    return [make("things", name=f"Thing {n}", **given) for n in range(many)]


def form(browser, address, **values):
    return browser.post(address, values)


def test_fields_are_added_one_after_the_other_and_set(browser, make, read):
    one, two, other = things(make, 3, colour="red", tags=["old"])
    chosen = {"id": [str(one.id), str(two.id)], "action": "edit"}
    html = form(browser, "/w/acme/things/bulk", **chosen).content.decode()
    assert "Change: 2 Things" in html
    assert 'name="field"' not in html
    html = form(browser, "/w/acme/things/bulk", **chosen, more="colour").content.decode()
    assert 'name="field" value="colour"' in html
    html = form(browser, "/w/acme/things/bulk", **chosen, field=["colour"], colour="blue", more="tags").content.decode()
    assert 'value="blue"' in html  # what was typed stays
    answer = form(
        browser,
        "/w/acme/things/bulk",
        **chosen,
        field=["colour", "tags"],
        colour="blue",
        tags="new",
        **{"how-tags": "add"},
        do="1",
    )
    assert answer.status_code == 303
    assert (read(one, "colour"), read(two, "colour"), read(other, "colour")) == ("blue", "blue", "red")
    assert read(one, "tags") == ["old", "new"]
    page = browser.get(answer.headers["Location"]).content.decode()
    assert "2 records done." in page
    undo = re.search(r"/w/acme/undo/[0-9a-f-]{36}", page)[0]
    assert browser.post(undo).status_code == 303
    assert (read(one, "colour"), read(one, "tags")) == ("red", ["old"])


def test_all_of_a_list_is_what_its_filter_finds_on_every_page(browser, make, read, monkeypatch, cast):
    monkeypatch.setattr(mass, "FEW", 2)
    red, [blue] = things(make, 4, colour="red"), things(make, 1, colour="blue")
    tree = '{"field":"colour","op":"is","value":"red"}'
    address = f"/w/acme/things/bulk?filter={tree}"
    html = form(browser, address, action="edit", all="1", id=[str(red[0].id)], more="count").content.decode()
    assert "Change: 4 Things" in html
    answer = form(browser, address, action="edit", all="1", field=["count"], count="7", do="1")
    place = answer.headers["Location"]
    assert "It begins in a moment" in browser.get(place).content.decode()
    jobs.run_job(str(cast.acme.id), place.rpartition("/")[2])
    html = browser.get(place).content.decode()
    assert "Undo all of it" in html
    assert [read(record, "count") for record in [*red, blue]] == [7, 7, 7, 7, None]


def test_words_narrow_all_of_a_list_too(browser, make, read):
    lamp, chair = make("things", name="Lamp"), make("things", name="Chair")
    form(browser, "/w/acme/things/bulk?q=lamp", action="edit", all="1", field=["count"], count="3", do="1")
    assert (read(lamp, "count"), read(chair, "count")) == (3, None)


def test_a_field_is_emptied_and_an_action_asks_for_its_parameters(browser, make, read):
    one, two = things(make, 2, colour="red", count=1)
    chosen = {"id": [str(one.id), str(two.id)]}
    form(browser, "/w/acme/things/bulk", **chosen, action="edit", field=["colour"], **{"how-colour": "empty"}, do="1")
    assert read(one, "colour") == ""
    html = form(browser, "/w/acme/things/bulk", **chosen, action="add").content.decode()
    assert 'name="by"' in html
    answer = form(browser, "/w/acme/things/bulk", **chosen, action="add", by="x", do="1")
    assert answer.status_code == 422
    assert form(browser, "/w/acme/things/bulk", **chosen, action="add", by="4", do="1").status_code == 303
    assert [read(one, "count"), read(two, "count")] == [5, 5]


def test_wrong_values_are_told_and_nothing_is_changed(browser, make, read):
    [one] = things(make, 1, count=1)
    sent = {"id": [str(one.id)], "action": "edit", "field": ["count"], "count": "many", "do": "1"}
    answer = form(browser, "/w/acme/things/bulk", **sent)
    assert answer.status_code == 422
    assert "Nothing was saved" in answer.content.decode()
    assert read(one, "count") == 1
    assert form(browser, "/w/acme/things/bulk", action="fly", id=[str(one.id)]).status_code == 404
    assert form(browser, "/w/acme/things/bulk", action="delete", id=["x"]).status_code == 404


def test_a_run_is_shown_to_who_began_it_and_to_administrators(browser, make, cast, signed_in, monkeypatch):
    monkeypatch.setattr(mass, "FEW", 0)
    [one] = things(make, 1)
    member = signed_in(cast.member)
    answer = form(browser, "/w/acme/things/bulk", action="edit", field=["count"], count="1", do="1", id=[str(one.id)])
    place = answer.headers["Location"]
    assert browser.get(place).status_code == 200
    assert member.get(place).status_code == 404
    assert member.post(f"{place}/cancel").status_code == 404
    assert browser.post(f"{place}/cancel").status_code == 303
    assert "Stopped" in browser.get(place).content.decode()
