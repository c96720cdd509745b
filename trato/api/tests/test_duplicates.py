"""Duplicates over the API: refused on create, listed, decided about, merged, taken apart."""

from __future__ import annotations

import json

import pytest

from trato.engine import access, objects
from trato.engine.duplicates import weighing
from trato.engine.duplicates.models import DuplicatePair
from trato.engine.duplicates.scan import Scan
from trato.engine.models import Job
from trato.engine.workspaces.ids import uuid7

pytestmark = pytest.mark.django_db

ANA = {"first_name": "Ana", "last_name": "Lumbreras", "emails": ["ana@lumbre.example"]}
ANNA = {"first_name": "Anna", "last_name": "Lumbreras", "emails": ["ana@lumbre.example"], "birthday": "1980-03-12"}


@pytest.fixture
def two(owner):
    """Ana twice."""
    one = owner.post("contacts", ANA).json()
    other = owner.send("POST", "contacts", ANNA, duplicates="allow").json()
    return one["id"], other["id"]


def found(as_, cast):
    """Scan as the job does."""
    with as_(cast.owner) as actor:
        contacts = objects.get("contacts")
        Scan(actor, contacts, weighing.of(contacts).scorer(contacts.builtin), uuid7()).run()


def test_a_second_record_is_refused_with_candidates_unless_told_otherwise(owner, call, cast):
    first = owner.post("contacts", ANA).json()
    answer = owner.post("contacts", ANNA)
    assert answer.status_code == 409 and answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["type"].endswith("#duplicate") and [one["id"] for one in told["candidates"]] == [first["id"]]
    assert told["candidates"][0]["title"] == "Ana Lumbreras" and "E-mails" in told["candidates"][0]["why"]
    assert told["candidates"][0]["certainty"] >= 90
    assert owner.send("POST", "contacts", ANNA, duplicates="allow").status_code == 201
    assert owner.send("POST", "contacts", ANNA, duplicates="perhaps").status_code == 400
    # What the caller can't see is told to nobody.
    assert call(cast.limited).post("contacts", ANA).status_code == 201
    # The same name with another address may be somebody else; so may somebody else at the same one.
    assert owner.post("contacts", ANA | {"emails": ["other@lumbre.example"]}).status_code == 201
    pedro = {"first_name": "Pedro", "last_name": "Sanz", "emails": ["ana@lumbre.example"]}
    assert owner.post("contacts", pedro).status_code == 201


def test_a_refused_create_is_not_repeated_by_its_key(owner):
    owner.post("contacts", ANA)
    for _time in range(2):
        assert owner.post("contacts", ANNA, Idempotency_Key="k-1").status_code == 409
    assert owner.get("contacts").json()["data"][0]["title"] == "Ana Lumbreras"


def test_pairs_are_found_listed_and_decided_about(owner, call, two, as_, cast):
    answer = owner.post("contacts/duplicates/scan")
    assert answer.status_code == 202 and Job.objects is not None
    again = owner.post("contacts/duplicates/scan").json()
    assert again["job"] == answer.json()["job"]  # one scan at a time
    found(as_, cast)
    (pair,) = owner.get("contacts/duplicates").json()["data"]
    assert {record["id"] for record in pair["records"]} == set(two) and pair["certainty"] >= 90
    assert pair["why"][0]["field"] == "first_name" and pair["state"] == "open"
    assert call(cast.limited).get("contacts/duplicates").json()["data"] == []
    assert call(cast.reader).patch(f"contacts/duplicates/{pair['id']}", {"state": "later"}).status_code == 403
    wrong = owner.patch(f"contacts/duplicates/{pair['id']}", {"state": "merged"})
    assert wrong.status_code == 422
    assert owner.patch(f"contacts/duplicates/{pair['id']}", {"state": "dismissed"}).json()["state"] == "dismissed"
    found(as_, cast)  # what was dismissed stays so
    assert owner.get("contacts/duplicates").json()["data"] == []
    assert len(owner.get("contacts/duplicates", state="dismissed").json()["data"]) == 1


def test_who_does_not_see_all_can_start_no_scan(call, cast):
    for user in (cast.limited, cast.reader):
        assert call(user).post("contacts/duplicates/scan").status_code == 403


def test_records_are_merged_lead_on_and_are_taken_apart(owner, two, as_, cast):
    one, other = two
    found(as_, cast)
    task = owner.post("tasks", {"subject": "Call", "about": [f"contacts/{other}"]}).json()
    before = owner.get(f"contacts/{one}").json()
    answer = owner.post(f"contacts/{one}/merge", {"others": [other], "take": {"first_name": other}})
    assert answer.status_code == 200, answer.content
    assert (answer.json()["first_name"], answer.json()["birthday"]) == ("Anna", "1980-03-12")
    moved = owner.get(f"contacts/{other}")
    assert moved.status_code == 307 and moved.headers["Location"] == f"/api/v1/contacts/{one}"
    assert owner.get(f"contacts/{other}/history", limit="5").headers["Location"] == (
        f"/api/v1/contacts/{one}/history?limit=5"
    )
    assert owner.patch(f"contacts/{other}", {"job_title": "x"}).status_code == 404
    assert owner.get(f"tasks/{task['id']}").json()["about"][0]["id"] == one
    with as_(cast.owner):
        assert DuplicatePair.objects.get().state == "merged"
    second = owner.post(f"contacts/{one}/merge", {"others": [other]})
    assert second.status_code == 422 and "has already merged this" in json.dumps(second.json())
    assert owner.post(f"contacts/{one}/unmerge").status_code == 200
    after = owner.get(f"contacts/{one}").json()
    passing = {"version", "updated_at"}
    assert {k: v for k, v in after.items() if k not in passing} == {k: v for k, v in before.items() if k not in passing}
    assert owner.get(f"contacts/{other}").json()["first_name"] == "Anna"
    assert owner.get(f"tasks/{task['id']}").json()["about"][0]["id"] == other
    assert owner.post(f"contacts/{one}/unmerge").status_code == 404
    with as_(cast.owner) as actor:
        assert DuplicatePair.objects.get().state == "open"
        assert access.visible(actor, objects.get("contacts")).count() == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "others"),
        ({"others": "x"}, "others"),
        ({"others": []}, "others"),
        ({"others": [1]}, "others"),
        ({"others": [], "take": []}, "take"),
        ({"others": [], "nonsense": 1}, "nonsense"),
    ],
)
def test_a_merge_that_can_not_be_read_is_refused(owner, two, body, field):
    answer = owner.post(f"contacts/{two[0]}/merge", body)
    assert answer.status_code == 422 and field in [error["field"] for error in answer.json()["errors"]]
    assert owner.post(f"contacts/{two[0]}/merge", {"others": [str(uuid7())]}).status_code == 404
