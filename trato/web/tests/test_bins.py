"""The recycle bin: ticked records, or all of them, are deleted for good once the number was named."""

import re

import pytest

from trato.engine import access, actions, destroying, jobs, objects

BIN = "/w/acme/settings/bin/things"


@pytest.fixture
def binned(make, as_, cast):
    """``binned("Lamp")``: a thing in the recycle bin."""

    def one(name, by=None):
        record = make("things", by=by, name=name)
        with as_(by or cast.owner) as actor:
            actions.delete(actor, objects.get("things"), record.id)
        return record

    return one


def left(as_, cast):
    with as_(cast.owner) as actor:
        rows = access.visible(actor, objects.get("things"), deleted=True).order_by("title")
        return list(rows.values_list("title", flat=True))


def test_it_asks_with_the_number_and_then_deletes_what_was_ticked(browser, binned, as_, cast):
    one, two, _other = (binned(name) for name in ("A", "B", "C"))
    chosen = {"id": [str(one.id), str(two.id)]}
    html = browser.post(f"{BIN}/destroy", chosen).content.decode()
    assert "Delete 2 Things for good?" in html
    assert left(as_, cast) == ["A", "B", "C"]
    answer = browser.post(f"{BIN}/destroy", chosen | {"sure": "1"})
    assert left(as_, cast) == ["C"]
    assert "2 records were deleted for good." in browser.get(answer.headers["Location"]).content.decode()
    page = browser.get("/w/acme/activity").content.decode()
    assert "Deleted for good: 2 Things" in page
    assert "/undo/" not in re.search(r"Deleted for good: 2 Things.*?</li>", page, re.S)[0]


def test_a_deleted_records_own_page_leads_to_the_same_question(browser, binned, signed_in, cast):
    one = binned("A")
    html = browser.get(f"/w/acme/things/{one.id}").content.decode()
    form = re.search(r'<form method="post" action="(/w/acme/settings/bin/things/destroy)".*?</form>', html, re.S)
    assert f'name="id" value="{one.id}"' in form[0]
    assert "Delete 1 Thing for good?" in browser.post(form[1], {"id": str(one.id)}).content.decode()
    assert signed_in(cast.reader).get(f"/w/acme/things/{one.id}").status_code == 404


def test_a_whole_bin_goes_in_the_background_and_the_page_tells_how_far(browser, binned, as_, cast, monkeypatch):
    monkeypatch.setattr(destroying.bins, "FEW", 2)
    for name in ("A", "B", "C"):
        binned(name)
    assert "Delete 3 Things for good?" in browser.post(f"{BIN}/destroy", {"all": "1"}).content.decode()
    browser.post(f"{BIN}/destroy", {"all": "1", "sure": "1"})
    html = browser.get(BIN).content.decode()
    job = re.search(r"destroy/([0-9a-f-]{36})/cancel", html)[1]
    jobs.run_job(str(cast.acme.id), job)
    html = browser.get(BIN).content.decode()
    assert "3 records deleted for good." in html
    assert "Nothing was deleted" in html
    assert left(as_, cast) == []


def test_who_may_not_delete_gets_nowhere(signed_in, binned, as_, cast):
    one = binned("A")
    for person, status in ((cast.reader, 403), (cast.limited, 303)):
        answer = signed_in(person).post(f"{BIN}/destroy", {"id": [str(one.id)], "sure": "1"})
        assert answer.status_code in (status, 404)
    assert left(as_, cast) == ["A"]


@pytest.mark.parametrize("given", [{}, {"id": "x"}, {"id": "0" * 32}])
def test_what_is_no_choice_deletes_nothing(browser, binned, as_, cast, given):
    binned("A")
    assert browser.post(f"{BIN}/destroy", given | {"sure": "1"}).status_code in (303, 404)
    assert left(as_, cast) == ["A"]


def test_an_administrator_says_how_long_deleted_records_stay(browser, cast):
    given = {"name": "Acme", "language": "en", "country": "", "time_zone": "UTC", "currency": "EUR"}
    assert browser.post("/w/acme/settings/workspace", given | {"bin_days": "-1"}).status_code == 422
    assert browser.post("/w/acme/settings/workspace", given | {"bin_days": "30"}).status_code == 303
    cast.acme.refresh_from_db()
    assert cast.acme.bin_days == 30
    assert "After 30 days they are deleted for good." in browser.get(BIN).content.decode()
