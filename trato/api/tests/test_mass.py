"""One change on many records in one call."""

from __future__ import annotations

import pytest

from trato.engine import jobs, mass


def people(owner, count):
    return [owner.post("contacts", {"last_name": f"Person {n}"}).json() for n in range(count)]


def test_ticked_records_are_changed_at_once_and_taken_back(owner):
    one, two, other = people(owner, 3)
    sent = {"ids": [one["id"], two["id"]], "set": {"job_title": "Cook"}, "add": {"tags": ["vip"]}}
    answer = owner.post("contacts/change", sent)
    assert (answer.status_code, answer.json()["done"], answer.json()["unchanged"]) == (200, 2, 0)
    seen = [owner.get(f"contacts/{each['id']}").json() for each in (one, two, other)]
    assert [(each["job_title"], each["tags"]) for each in seen] == [("Cook", ["vip"]), ("Cook", ["vip"]), ("", [])]
    assert owner.post(f"undo/{answer.json()['batch']}", {}).status_code == 200
    assert owner.get(f"contacts/{one['id']}").json()["job_title"] == ""


def test_many_become_a_job_that_only_its_owner_and_administrators_follow(owner, call, cast, monkeypatch):
    monkeypatch.setattr(mass, "FEW", 1)
    people(owner, 3)
    manager, member = call(cast.manager), call(cast.member)
    answer = manager.post("contacts/change", {"filter": None, "set": {"job_title": "Cook"}})
    assert answer.status_code == 202
    job = answer.json()["job"]
    assert member.get(f"jobs/{job}").status_code == 404
    assert member.post(f"jobs/{job}/cancel", {}).status_code == 404
    assert manager.get(f"jobs/{job}").json()["state"] == "waiting"
    jobs.run_job(str(cast.acme.id), job)
    told = owner.get(f"jobs/{job}").json()
    assert (told["state"], told["done"], told["result"]["done"]) == ("done", 3, 3)
    assert {each["job_title"] for each in owner.get("contacts").json()["data"]} == {"Cook"}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"set": {"job_title": "X"}}, 422),
        ({"ids": [], "filter": None, "set": {"job_title": "X"}}, 422),
        ({"ids": ["x"], "set": {"job_title": "X"}}, 404),
        ({"filter": {"field": "nothing", "op": "filled"}, "set": {"job_title": "X"}}, 400),
        ({"filter": None}, 422),
        ({"filter": None, "set": {"nothing": 1}}, 422),
        ({"filter": None, "set": {"job_title": "X"}, "delete": True}, 422),
        ({"filter": None, "set": "all"}, 422),
        ({"filter": None, "action": "fly"}, 404),
        ({"filter": None, "colour": "red"}, 422),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(owner, sent, status):
    [one] = people(owner, 1)
    answer = owner.post("contacts/change", sent)
    assert answer.status_code == status, answer.json()
    assert owner.get(f"contacts/{one['id']}").json()["version"] == 1


def test_a_token_changes_only_what_its_scopes_leave_open(owner, call, cast):
    [one] = people(owner, 1)
    seer = call(cast.owner, "contacts:see")
    assert seer.post("contacts/change", {"ids": [one["id"]], "set": {"job_title": "X"}}).status_code == 403
    changer = call(cast.owner, "contacts:see", "contacts:change")
    assert changer.post("contacts/change", {"ids": [one["id"]], "delete": True}).status_code == 403
    assert changer.post("contacts/change", {"ids": [one["id"]], "set": {"job_title": "X"}}).json()["done"] == 1


def test_a_key_with_fewer_rights_neither_reads_nor_stops_the_jobs_of_its_person(
    owner, call, cast, token_for, monkeypatch
):
    monkeypatch.setattr(mass, "FEW", 1)
    people(owner, 2)
    job = owner.post("contacts/change", {"filter": None, "set": {"job_title": "Cook"}}).json()["job"]
    reading = call(cast.owner, "contacts:see")
    assert reading.get(f"jobs/{job}").status_code == 404
    assert reading.post(f"jobs/{job}/cancel", {}).status_code == 404
    changing = call(cast.owner, "contacts:see", "contacts:change")
    mine = changing.post("contacts/change", {"filter": None, "set": {"job_title": "Baker"}}).json()["job"]
    assert changing.get(f"jobs/{mine}").json()["state"] == "waiting"
    assert owner.post(f"jobs/{mine}/cancel", {}).json()["state"] == "cancelled"
