"""A field that many records hold becomes unique by a job; one that several share values of does not."""

from __future__ import annotations

import pytest

from trato.engine import access, actions, custom, jobs, objects
from trato.engine.custom import uniqueness
from trato.engine.models import CustomField, Key
from trato.engine.values import Refused

PLACE = "/w/acme/settings/fields/contacts/code"


@pytest.fixture
def codes(as_, cast, monkeypatch):
    """Five contacts with codes, where a job begins above two and takes two a step."""
    monkeypatch.setattr(uniqueness, "FEW", 2)
    monkeypatch.setattr(uniqueness, "STEP", 2)
    with as_(cast.owner) as owner:
        obj = objects.get("contacts")
        custom.add(owner, obj, {"name": "code", "label": "Code", "kind": "text"})
        made = [actions.create(owner, obj, {"first_name": f"n{code}", "custom": {"code": code}}) for code in "ABCDE"]
        actions.create(owner, obj, {"first_name": "none"})
    return made


def begin(as_, cast):
    with as_(cast.owner) as owner:
        custom.change(owner, objects.get("contacts"), "code", {"unique": True})
        return custom.last_job(objects.get("contacts"), "code")


def run(cast, job):
    jobs.run_job(str(cast.acme.id), str(job.id))


def state(as_, cast, job):
    """The job's state, whether the field is unique, and how many keys it has."""
    with as_(cast.owner):
        job.refresh_from_db()
        unique = CustomField.objects.get(name="code").unique
        return job.state, unique, Key.objects.filter(key__startswith="unique:custom.code:").count()


def test_many_records_get_their_keys_by_a_job(codes, as_, cast):
    job = begin(as_, cast)
    assert state(as_, cast, job) == ("waiting", False, 0)
    assert begin(as_, cast).id == job.id
    run(cast, job)
    assert state(as_, cast, job) == ("done", True, 5)
    with as_(cast.owner) as owner, pytest.raises(Refused, match="must be unique"):
        actions.create(owner, objects.get("contacts"), {"first_name": "x", "custom": {"code": "c"}})


def test_shared_values_are_named_with_links_and_the_field_stays_common(codes, as_, cast, signed_in):
    with as_(cast.owner) as owner:
        again = actions.create(owner, objects.get("contacts"), {"first_name": "Eva", "custom": {"code": " a "}})
    browser = signed_in(cast.owner)
    sent = browser.post(PLACE, {"label": "Code", "unique": "true"})
    assert sent.url == f"{PLACE}/unique" and "Every record is looked at" in browser.get(sent.url).content.decode()
    with as_(cast.owner):
        job = custom.last_job(objects.get("contacts"), "code")
    run(cast, job)
    assert state(as_, cast, job) == ("failed", False, 0)
    page = browser.get(sent.url).content.decode()
    assert "1 value is in several records" in page
    for record in (codes[0], again):
        assert f'href="/w/acme/contacts/{record.id}"' in page
    assert f'href="/w/acme/contacts/{codes[1].id}"' not in page
    with as_(cast.owner) as owner:
        actions.update(owner, objects.get("contacts"), again.id, {"custom.code": "F"})
    assert browser.post(f"{PLACE}/unique/again").url == f"{PLACE}/unique"
    with as_(cast.owner):
        job = custom.last_job(objects.get("contacts"), "code")
    run(cast, job)
    assert state(as_, cast, job) == ("done", True, 6)
    assert "The field is unique." in browser.get(sent.url).content.decode()
    assert signed_in(cast.member).get(sent.url).status_code == 403


def test_who_writes_meanwhile_is_held_to_the_keys_that_are_there(codes, as_, cast, monkeypatch):
    """Between two steps: a new record takes a value that a later record holds, another is refused an earlier one."""
    written = uniqueness._write
    met = []

    def write(obj, field, rows):
        found = written(obj, field, rows)
        if not met:
            met.append(True)
            with as_(cast.owner) as owner:
                actions.create(owner, objects.get("contacts"), {"first_name": "new", "custom": {"code": "E"}})
        return found

    monkeypatch.setattr(uniqueness, "_write", write)
    job = begin(as_, cast)
    run(cast, job)
    assert state(as_, cast, job) == ("failed", False, 0)
    with as_(cast.owner) as owner:
        [shared] = job.result["shared"].values()
        assert shared["value"] == "E" and len(shared["records"]) == 2
        assert access.titles(owner, shared["records"]).keys() == set(shared["records"])


def test_a_job_that_is_stopped_leaves_the_field_as_it_was(codes, as_, cast, monkeypatch):
    job = begin(as_, cast)
    monkeypatch.setattr(jobs.Run, "progress", lambda *_args: (_ for _ in ()).throw(jobs.Cancelled))
    run(cast, job)
    assert state(as_, cast, job) == ("cancelled", False, 0)


def test_the_form_names_the_records_that_share_a_value(codes, as_, cast, signed_in, monkeypatch):
    monkeypatch.setattr(uniqueness, "FEW", 100)
    with as_(cast.owner) as owner:
        actions.create(owner, objects.get("contacts"), {"first_name": "Eva", "custom": {"code": "a"}})
    page = signed_in(cast.owner).post(PLACE, {"label": "Code", "unique": "true"})
    assert page.status_code == 422
    assert f'href="/w/acme/contacts/{codes[0].id}">nA</a>' in page.content.decode()
