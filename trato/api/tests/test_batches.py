"""What was done over the API: a line a batch, which undo takes back and which says so then."""

from trato.engine import jobs, mass, undo


def person(by, **given):
    return by.post("contacts", {"last_name": "García", **given}).json()


def test_a_change_is_listed_undone_and_done_again(owner):
    one = person(owner)
    batch = owner.post("contacts/change", {"ids": [one["id"]], "set": {"job_title": "Cook"}}).json()["batch"]
    line = owner.get("batches").json()["data"][0]
    assert (line["id"], line["undone"], line["undoable"], line["face"]) == (batch, "no", True, "api")
    changed = {"object": "contacts", "action": "updated", "records": 1, "undone": 0, "fields": ["job_title"]}
    assert line["writes"] == [changed]
    first = owner.post(f"undo/{batch}", {}).json()["batch"]
    assert owner.get(f"batches/{batch}").json()["undone"] == "all"
    assert owner.get(f"batches/{first}").json()["undo_of"] == batch
    owner.post(f"undo/{first}", {})
    assert owner.get(f"contacts/{one['id']}").json()["job_title"] == "Cook"
    assert owner.get(f"batches/{batch}").json()["undone"] == "no"


def test_filters_and_what_makes_no_sense(owner, call, cast):
    person(owner)
    assert [line["by"]["name"] for line in owner.get("batches?person=me&object=contacts").json()["data"]] == [
        "Olga Owner (test)"
    ]
    assert owner.get("batches?kind=deleted").json()["data"] == []
    for wrong in ("kind=x", "since=monday", "until=2026-05-04T12:00:00", "person=x", "cursor=x", "limit=2"):
        assert owner.get(f"batches?{wrong}").status_code == 400, wrong
    assert owner.get("batches/no-id").status_code == 404


def test_who_sees_only_their_own_reads_of_nothing_else(owner, call, cast):
    mine, other = person(owner, owner=str(cast.limited.id)), person(owner)
    ids = [mine["id"], other["id"]]
    batch = owner.post("contacts/change", {"ids": ids, "set": {"phones": ["+34600000000"]}}).json()["batch"]
    line = call(cast.limited).get(f"batches/{batch}").json()
    assert [(each["records"], each["fields"]) for each in line["writes"]] == [(1, [])]  # phones are hidden from them
    assert line["undoable"] is False


def test_a_large_change_undone_in_part_says_so_and_can_be_finished(owner, cast, monkeypatch):
    monkeypatch.setattr(mass, "FEW", 1)
    monkeypatch.setattr(undo, "FEW", 1)
    people = [person(owner) for _ in range(3)]
    begun = owner.post("contacts/change", {"filter": None, "set": {"job_title": "Cook"}}).json()
    jobs.run_job(str(cast.acme.id), begun["job"])
    owner.patch(f"contacts/{people[0]['id']}", {"job_title": "Chef"})
    taking = owner.post(f"undo/{begun['batch']}", {}).json()
    jobs.run_job(str(cast.acme.id), taking["job"])
    line = owner.get(f"batches/{begun['batch']}").json()
    assert (line["undone"], line["writes"][0]["undone"], line["writes"][0]["records"]) == ("part", 2, 3)
    assert line["undoable"] is True
    titles = sorted(each["job_title"] for each in owner.get("contacts").json()["data"])
    assert titles == ["", "", "Chef"]
    again = owner.post(f"undo/{taking['batch']}", {}).json()
    jobs.run_job(str(cast.acme.id), again["job"])
    titles = sorted(each["job_title"] for each in owner.get("contacts").json()["data"])
    assert titles == ["Chef", "Cook", "Cook"]
    assert owner.get(f"batches/{begun['batch']}").json()["undone"] == "no"
