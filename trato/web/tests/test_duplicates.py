"""The review of duplicates in the browser: scan, decide, compare, merge, undo, rules."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from trato.engine import access, objects
from trato.engine.duplicates import weighing
from trato.engine.duplicates.models import DuplicatePair
from trato.engine.jobs import run_job
from trato.engine.models import Job

pytestmark = pytest.mark.django_db

ANA = {"first_name": "Ana", "last_name": "Lumbreras", "emails": ["ana@lumbre.example"], "tags": ["vip"]}
ANNA = {"first_name": "Anna", "last_name": "Lumbreras", "emails": ["ana@lumbre.example", "a@b.example"]}


@pytest.fixture
def two(make):
    return make("contacts", **ANA), make("contacts", **ANNA, birthday="1980-03-12", tags=["press"])


@pytest.fixture
def found(browser, two, cast, as_):
    """Both, after a scan that was asked for in the browser."""
    assert browser.post("/w/acme/contacts/duplicates/scan").status_code == 303
    with as_(cast.owner):
        job = Job.objects.get(name="find duplicates")
    run_job(str(cast.acme.id), str(job.id))
    return two


def html_of(answer, status=200):
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def test_a_scan_fills_the_queue_and_decisions_are_remembered(browser, found, cast, as_, signed_in):
    html = html_of(browser.get("/w/acme/contacts/duplicates"))
    assert "Anna Lumbreras" in html and "% sure" in html and "E-mails" in html and "1 pair found" in html
    pair = re.search(r'name="pair" value="([^"]+)"', html)[1]
    decide = "/w/acme/contacts/duplicates/decide"
    assert browser.post(decide, {"pair": pair, "state": "nonsense"}).status_code == 404
    assert signed_in(cast.reader).post(decide, {"pair": pair, "state": "later"}).status_code == 403
    assert "Anna Lumbreras" not in html_of(signed_in(cast.limited).get("/w/acme/contacts/duplicates"))
    browser.post(decide, {"pair": pair, "state": "later"})
    assert "Nothing to review" in html_of(browser.get("/w/acme/contacts/duplicates"))
    assert "Anna Lumbreras" in html_of(browser.get("/w/acme/contacts/duplicates?state=later"))
    browser.post(decide, {"pair": pair, "state": "dismissed"})
    assert browser.post("/w/acme/contacts/duplicates/scan").status_code == 303
    with as_(cast.owner):
        job = Job.objects.filter(name="find duplicates").latest("id")
    run_job(str(cast.acme.id), str(job.id))
    assert "Nothing to review" in html_of(browser.get("/w/acme/contacts/duplicates"))
    assert browser.get("/w/acme/contacts/duplicates?state=none").status_code == 404


def test_the_queue_costs_the_same_queries_however_many_groups_it_has(browser, found, make, cast, as_):
    def queries():
        with CaptureQueriesContext(connection) as caught:
            html = html_of(browser.get("/w/acme/contacts/duplicates"))
        return html.count("duplicate-group"), len(caught)

    queries()
    assert queries()[0] == 1
    few = queries()[1]
    for name in ("Quintero", "Ashworth", "Zubiri", "Belmonte"):
        for first in ("Nora", "Norah", "Nora"):
            make("contacts", first_name=first, last_name=name, emails=[f"{name}@x.example"])
    browser.post("/w/acme/contacts/duplicates/scan")
    with as_(cast.owner):
        job = Job.objects.filter(name="find duplicates").latest("id")
    run_job(str(cast.acme.id), str(job.id))
    assert queries() == (5, few)


def test_who_does_not_see_all_starts_no_scan(two, cast, signed_in):
    for user in (cast.limited, cast.reader):
        assert signed_in(user).post("/w/acme/contacts/duplicates/scan").status_code == 403


def test_records_are_compared_merged_found_at_the_old_address_and_taken_apart(browser, found, cast, as_):
    ana, anna = found
    html = html_of(browser.get(f"/w/acme/contacts/merge?id={ana.id}&id={anna.id}"))
    assert f'name="keep" value="{anna.id}"' in html and 'name="take-emails" value=""' in html
    form = {"id": [str(ana.id), str(anna.id)], "keep": str(ana.id), "take-first_name": str(anna.id), "take-tags": ""}
    answer = browser.post("/w/acme/contacts/merge", form)
    assert answer.status_code == 303 and answer.headers["Location"] == f"/w/acme/contacts/{ana.id}"
    page = html_of(browser.get(answer.headers["Location"]))
    assert "Anna Lumbreras" in page and "2 records are one now." in page
    moved = browser.get(f"/w/acme/contacts/{anna.id}/history?x=1")
    assert moved.status_code == 302 and moved.headers["Location"] == f"/w/acme/contacts/{ana.id}/history?x=1"
    with as_(cast.owner) as actor:
        record = access.get(actor, objects.get("contacts"), ana.id)
        assert record.tags == ["vip", "press"] and record.first_name == "Anna"
        assert DuplicatePair.objects.get().state == "merged"
    again = browser.post("/w/acme/contacts/merge", form)
    assert again.status_code == 303
    assert "Olga Owner has already merged this into" in html_of(browser.get(again.headers["Location"]))
    history = html_of(browser.get(f"/w/acme/contacts/{ana.id}/history"))
    undo = re.search(r'action="(/w/acme/undo/[^"]+)"', history)[1]
    assert "Merged" in history
    assert browser.post(undo).status_code == 303
    with as_(cast.owner) as actor:
        record = access.get(actor, objects.get("contacts"), ana.id)
        assert record.tags == ["vip"] and record.first_name == "Ana"
        assert access.get(actor, objects.get("contacts"), anna.id).tags == ["press"]
        assert DuplicatePair.objects.get().state == "open"


def test_one_of_three_is_left_out(browser, two, make):
    ids = [str(each.id) for each in (*two, make("contacts", first_name="Eva"))]
    html = html_of(browser.get("/w/acme/contacts/merge?" + "&".join(f"id={each}" for each in ids)))
    left = re.findall(r'href="(/w/acme/contacts/merge[^"]+)"', html)
    assert len(left) == 3
    rest = html_of(browser.get(left[0].replace("&amp;", "&")))
    assert sum(f'name="keep" value="{each}"' in rest for each in ids) == 2 and "Leave out" not in rest


def test_a_record_offers_what_looks_the_same_and_any_other(browser, two):
    ana, anna = two
    place = f"/w/acme/contacts/{ana.id}"
    assert f"{place}/duplicates" in html_of(browser.get(place))
    html = html_of(browser.get(f"{place}/duplicates"))
    assert "Anna Lumbreras" in html and f"merge?id={ana.id}&amp;id={anna.id}" in html
    answer = browser.get(f"{place}/duplicates", {"with": f"contacts/{anna.id}"})
    assert answer.headers["Location"] == f"/w/acme/contacts/merge?id={ana.id}&id={anna.id}"
    assert "Nothing is called" in html_of(browser.get(f"{place}/duplicates", {"with": "Nobody"}), 422)


def test_ticked_rows_are_compared(browser, two):
    ids = [str(each.id) for each in two]
    answer = browser.post("/w/acme/contacts/bulk", {"action": "merge", "id": ids})
    assert answer.headers["Location"] == f"/w/acme/contacts/merge?id={ids[0]}&id={ids[1]}"
    one = browser.get(f"/w/acme/contacts/merge?id={ids[0]}")
    assert one.status_code == 303


@pytest.mark.parametrize(
    "query", ["", "?id=x&id=y", "?id=01a2008c-cf3d-7cb0-9182-692dce504bd5&id=01a2008c-cf3d-7cb0-9182-692dce504bd6"]
)
def test_nothing_to_compare_is_said(browser, query):
    assert browser.get(f"/w/acme/contacts/merge{query}").status_code in (303, 404)


def test_an_administrator_gives_points(browser, two, cast, as_, signed_in):
    place = "/w/acme/settings/duplicates"
    assert "Contacts" in html_of(browser.get(place))
    form = html_of(browser.get(f"{place}/contacts"))
    data = dict(re.findall(r'name="((?:same|different)-\d+|threshold)"[^>]*value="([^"]*)"', form))
    data |= {
        name: value
        for value, name in re.findall(r'value="([^"]*)"[^>]*name="((?:same|different)-\d+|threshold)"', form)
    }
    assert data["threshold"] in ("12", "12.0") and len(data) > 10, form[:3000]
    assert browser.post(f"{place}/contacts", data | {"threshold": "-1"}).status_code == 422
    assert browser.post(f"{place}/contacts", data | {"threshold": "60"}).status_code == 303
    with as_(cast.owner):
        assert weighing.of(objects.get("contacts")).threshold == 60
    typed = {"first_name": "Ana", "last_name": "Lumbreras", "lifecycle": "lead"}
    typed |= {"emails-0-address": "ana@lumbre.example", "emails-primary": "0"}
    assert browser.post("/w/acme/contacts/new", typed).status_code == 303  # nothing reaches sixty points
    assert browser.post(f"{place}/contacts/reset").status_code == 303
    assert browser.post("/w/acme/contacts/new", typed).status_code == 422
    assert signed_in(cast.member).get(f"{place}/contacts").status_code == 403


def test_somebody_else_at_the_same_phone_is_a_hint_and_no_obstacle(browser, make):
    make("contacts", first_name="Ana", last_name="Lumbreras", phones=["+34600123456"])
    typed = {"first_name": "Pedro", "last_name": "Sanz", "phones-0-number": "+34600123456", "phones-primary": "0"}
    hint = browser.post("/w/acme/contacts/look-alikes", typed, headers={"HX-Request": "true"})
    assert "Ana Lumbreras" in hint.content.decode()
    assert browser.post("/w/acme/contacts/new", typed | {"lifecycle": "lead"}).status_code == 303
