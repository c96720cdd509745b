"""What was done: a line a batch, with undo of it, undo of the undo, and why it can't be."""

import re

from trato.engine import access, batches, mass, merging, objects
from trato.engine.imports.tests.running import imported

PLACE = "/w/acme/activity"


def lines(browser, query=""):
    """What the page says was done: (words, badge) from the newest on."""
    html = browser.get(PLACE + query).content.decode()
    heads = re.findall(r'<div class="moment-head"><a href="[^"]*">(.*?)</a>(.*?)</div>', html, re.S)
    return [(words, (re.search(r'class="badge">(.*?)<', rest) or ["", ""])[1]) for words, rest in heads]


def change(as_, who, change, *records):
    with as_(who) as actor:
        return mass.begin(actor, objects.get("things"), {"ids": [str(r.id) for r in records]}, change).batch


def held(as_, cast, record, name):
    with as_(cast.owner) as actor:
        obj = objects.get("things")
        return obj.fields(actor.workspace)[name].read_from(access.get(actor, obj, record.id))


def test_one_line_a_batch_in_words_the_newest_first(browser, make, as_, cast):
    one, two = make("things", name="Lamp"), make("things", name="Chair")
    change(as_, cast.owner, {"set": {"colour": "red", "count": 3}}, one, two)
    change(as_, cast.owner, {"delete": True}, two)
    assert lines(browser)[:4] == [
        ("Deleted “Chair”", ""),
        ("Changed 2 Things: Colour, Count", ""),
        ("Created “Chair”", ""),
        ("Created “Lamp”", ""),
    ]


def test_undo_redo_and_undo_again(browser, make, as_, cast):
    one = make("things", name="Lamp", colour="blue")
    batch = change(as_, cast.owner, {"set": {"colour": "red"}}, one)
    colours = []
    for _turn in range(3):
        page = browser.get(f"{PLACE}/{batch}").content.decode()
        assert browser.post(re.search(r"/w/acme/undo/[0-9a-f-]{36}", page)[0]).status_code == 303
        colours.append(held(as_, cast, one, "colour"))
    assert colours == ["blue", "red", "blue"]
    assert lines(browser)[:4] == [
        ("Undone: Changed “Lamp”: Colour", ""),
        ("Redone: Changed “Lamp”: Colour", ""),
        ("Undone: Changed “Lamp”: Colour", "Undone"),
        ("Changed “Lamp”: Colour", "Undone"),
    ]


def test_what_stands_in_the_way_is_named_and_linked(browser, make, as_, cast):
    one = make("things", name="Lamp", colour="blue")
    first = change(as_, cast.owner, {"set": {"colour": "red"}}, one)
    second = change(as_, cast.manager, {"set": {"colour": "green"}}, one)
    answer = browser.post(f"/w/acme/undo/{first}", HTTP_REFERER=f"http://testserver{PLACE}")
    assert answer.headers["Location"] == f"{PLACE}/{first}"
    page = browser.get(answer.headers["Location"]).content.decode()
    assert "Max Manager changed this record later" in page
    assert f'href="{PLACE}/{second}">Max Manager changed “Lamp” later.' in page
    assert held(as_, cast, one, "colour") == "green"


def test_who_sees_only_their_own_learns_nothing_of_the_rest(signed_in, make, as_, cast):
    theirs, other = make("things", name="Theirs", owner=str(cast.limited.id)), make("things", name="Hidden")
    batch = change(as_, cast.owner, {"set": {"colour": "red", "secret": "x"}}, theirs, other)
    alone = change(as_, cast.owner, {"set": {"count": 1}}, other)
    browser = signed_in(cast.limited)
    assert lines(browser) == [("Changed “Theirs”: Colour", ""), ("Created “Theirs”", "")]
    page = browser.get(f"{PLACE}/{batch}").content.decode()
    assert "Hidden" not in page
    assert "Secret" not in page
    assert "/undo/" not in page
    assert browser.get(f"{PLACE}/{alone}").status_code == 404


def test_filters_narrow_to_person_object_kind_and_period(browser, make, as_, cast):
    make("crates", name="Box")
    one = make("things", by=cast.manager, name="Lamp")
    change(as_, cast.manager, {"set": {"count": 2}}, one)
    assert [words for words, _badge in lines(browser, "?who=me")] == ["Created “Box”"]
    assert [words for words, _badge in lines(browser, f"?who={cast.manager.id}")] == [
        "Changed “Lamp”: Count",
        "Created “Lamp”",
    ]
    assert [words for words, _badge in lines(browser, "?object=crates")] == ["Created “Box”"]
    assert [words for words, _badge in lines(browser, "?kind=changed")] == ["Changed “Lamp”: Count"]
    assert lines(browser, "?until=2020-01-01") == []
    assert len(lines(browser, "?since=2020-01-01&who=me")) == 1
    assert browser.get(f"{PLACE}?since=9999-99-99&until=9999-12-31&kind=x&object=%00").status_code == 200


def test_pages_go_on_by_key(browser, make, monkeypatch):
    for number in range(7):
        make("crates", name=f"Box {number}")
    monkeypatch.setattr(batches, "SHOWN", 3)
    monkeypatch.setattr(batches, "LOOKED_INTO", 2)
    found, query = [], ""
    while True:
        html = browser.get(PLACE + query).content.decode()
        found += re.findall(r"Created “(Box \d)”", html)
        more = re.search(r'href="[^"]*(\?before=[0-9a-f-]{36})"[^>]*rel="next"', html)
        if more is None:
            break
        query = more[1]
    assert found == [f"Box {number}" for number in reversed(range(7))]


def test_much_that_is_skipped_ends_the_page_and_goes_on(browser, make, monkeypatch):
    make("things", name="Lamp")
    for number in range(6):
        make("crates", name=f"Box {number}")
    monkeypatch.setattr(batches, "LOOKED_INTO", 2)
    monkeypatch.setattr(batches, "WALKED", 4)
    html = browser.get(f"{PLACE}?object=things").content.decode()
    assert "looks further back" in html
    query = re.search(r'href="[^"]*(\?object=things&amp;before=[0-9a-f-]{36})"', html)[1].replace("&amp;", "&")
    assert lines(browser, query) == [("Created “Lamp”", "")]


def test_a_merge_is_taken_apart_and_done_again(browser, make, as_, cast):
    one, two = make("things", name="Ana"), make("things", name="Anna")
    with as_(cast.owner) as actor:
        merging.merge(actor, objects.get("things"), one.id, [two.id], {})
    assert lines(browser)[0][0] == "Merged 2 Things into “Ana”"
    for told in ("Undone: ", "Merged 2 Things into “Ana”"):
        page = browser.get(PLACE).content.decode()
        assert browser.post(re.search(r"/w/acme/undo/[0-9a-f-]{36}", page)[0]).status_code == 303
        assert lines(browser)[0][0].startswith(told)


def test_a_view_is_taken_back_here_too(browser, as_, cast):
    browser.post("/w/acme/things/views", {"name": "Mine", "visibility": "private"})
    assert lines(browser)[0][0] == "Created a view"
    page = browser.get(PLACE).content.decode()
    browser.post(re.search(r"/w/acme/undo/[0-9a-f-]{36}", page)[0])
    assert lines(browser)[1] == ("Created a view", "Undone")


def test_an_import_is_taken_back_as_the_import_it_is(browser, as_, cast):
    with as_(cast.owner) as actor:
        imported(actor, "Name\nAna\nLuis\n", plural="things")
    assert lines(browser)[0] == ("Imported people.csv: 2 created", "")
    page = browser.get(PLACE).content.decode()
    browser.post(re.search(r"/w/acme/import/[0-9a-f-]{36}/undo", page)[0])
    with as_(cast.owner) as actor:
        assert not access.visible(actor, objects.get("things")).exists()
    assert lines(browser)[:2] == [
        ("Undone: Deleted 2 Things", ""),
        ("Imported people.csv: 2 created", "Undone"),
    ]


def test_nobody_else_undoes_what_a_person_did(signed_in, make, as_, cast):
    one = make("things", name="Lamp", colour="blue")
    batch = change(as_, cast.owner, {"set": {"colour": "red"}}, one)
    browser = signed_in(cast.manager)
    assert lines(browser)[0][0] == "Changed “Lamp”: Colour"
    assert "/undo/" not in browser.get(f"{PLACE}/{batch}").content.decode()
    assert browser.post(f"/w/acme/undo/{batch}").status_code == 404
    assert held(as_, cast, one, "colour") == "red"
