"""Secret addresses: what they open, to whom, how often, and that nothing of them is kept or told."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from django.utils.translation import get_language

from trato.engine import access, actions, doors, objects
from trato.engine.doors.models import Door
from trato.engine.history import of_record
from trato.engine.models import RateCount
from trato.engine.postgres.scope import in_workspace
from trato.engine.together import comments
from trato.engine.workspaces.models import digest_of
from trato.web.doors import _rooms, public, shown

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rooms():
    """Pages behind doors of the purpose "test"."""

    @public("test")
    def page(request, visit):
        record = access.get(visit.actor, objects.get("things"), visit.door.record_id)
        context = {"heading": record.title, "text": get_language()}
        return shown(request, visit, "public_error.html", context, title=record.title)

    @public("test", "say", methods=("POST",))
    def say(request, visit):
        comments.create(visit.actor, objects.get("things"), visit.door.record_id, request.POST["text"])
        return HttpResponse("no", status=422) if "fail" in request.POST else HttpResponse("said")

    yield
    for name in [name for name in _rooms if name[0] == "test"]:
        del _rooms[name]


@pytest.fixture
def lamp(make):
    return make("things", name="Lamp <b>")


@pytest.fixture
def address(cast, as_, lamp):
    """The path of a door to the lamp."""

    def make_one(**values):
        with as_(cast.owner) as actor:
            given = {"name": "Ana García", "email": "ana@customer.example", "language": "es"} | values
            return doors.make(actor, objects.get("things"), lamp.id, "test", **given)[1].partition("8000")[2]

    return make_one


def test_the_address_opens_one_record_in_the_customer_s_language(address):
    path = address()
    assert re.fullmatch(r"/p/acme/[A-Za-z0-9_-]{43}", path)
    answer = Client().get(path)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "Lamp &lt;b&gt;" in text and ">es<" in text and 'lang="es"' in text
    assert "Trato</title>" not in text


def test_nobody_keeps_it_lists_it_or_is_told_of_it(address):
    for path in (address(), "/p/acme/" + "x" * 43):
        answer = Client().get(path)
        assert answer["Cache-Control"] == "private, no-store"
        assert "noindex" in answer["X-Robots-Tag"]
        assert answer["Referrer-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_only_the_hash_of_the_secret_is_kept(cast, address):
    secret = address().rpartition("/")[2]
    with in_workspace(cast.acme.id):
        door = Door.objects.get()
        assert door.digest == digest_of(secret)
        assert secret not in str(vars(door))


def bodies(paths):
    return {
        (answer.status_code, re.sub(r'name="csrf-token" content="[^"]*"', "", answer.content.decode()))
        for answer in map(Client().get, paths)
    }


def test_what_is_wrong_closed_over_or_elsewhere_looks_the_same(cast, as_, address, lamp):
    good, over, closed = address(), address(expires_at=timezone.now() - timedelta(seconds=1)), address()
    with as_(cast.owner) as actor:
        Door.objects.filter(digest=digest_of(closed.rpartition("/")[2])).update(closed_at=timezone.now())
    secret = good.rpartition("/")[2]
    paths = [
        over,
        closed,
        f"/p/globex/{secret}",
        f"/p/none/{secret}",
        "/p/acme/short",
        good[:-1] + ("A" if good[-1] != "A" else "B"),
    ]
    assert len(bodies(paths)) == 1
    assert Client().get(paths[0]).status_code == 404
    assert Client().get(good).status_code == 200
    with as_(cast.owner) as actor:
        assert doors.close(actor, objects.get("things"), lamp.id, "test") == 2
    assert Client().get(good).status_code == 404


def test_a_deleted_record_is_gone_there_too(cast, as_, address, lamp):
    path = address()
    with as_(cast.owner) as actor:
        actions.delete(actor, objects.get("things"), lamp.id)
    assert Client().get(path).status_code == 404


def test_a_door_is_made_by_who_sees_the_record(cast, as_, lamp):
    with as_(cast.limited) as actor, pytest.raises(access.Absent):
        doors.make(actor, objects.get("things"), lamp.id, "test")
    with as_(cast.stranger) as actor, pytest.raises(access.Absent):
        doors.make(actor, objects.get("things"), lamp.id, "test")


def test_a_customer_sees_that_record_and_changes_nothing_by_the_usual_ways(cast, as_, address, make, lamp):
    other, secret = make("things", name="Other"), address().rpartition("/")[2]
    with in_workspace(cast.acme.id):
        actor, things = doors.enter(cast.acme, digest_of(secret)).actor, objects.get("things")
        assert [row.id for row in access.visible(actor, things)] == [lamp.id]
        for plural in ("contacts", "accounts", "notes"):
            assert not access.visible(actor, objects.get(plural)).exists()
        with pytest.raises(access.Absent):
            access.get(actor, things, other.id)
        with pytest.raises(access.Forbidden):
            actions.update(actor, things, lamp.id, {"name": "Mine"})
        for verb in (actions.delete,):
            with pytest.raises(access.Forbidden):
                verb(actor, things, lamp.id)
        with pytest.raises(access.Forbidden):
            actions.create(actor, things, {"name": "Mine"})
        assert access.titles(actor, [f"things/{other.id}", f"users/{cast.owner.id}"]).keys() <= {
            f"users/{cast.owner.id}"
        }


def test_what_is_refused_is_taken_back_and_what_is_said_names_the_customer(cast, as_, address, lamp):
    path, client = address(), Client()
    assert client.post(f"{path}/say", {"text": "Hello", "fail": "1"}).status_code == 422
    with as_(cast.owner) as actor:
        assert comments.of_record(actor, objects.get("things"), lamp.id) == []
    assert client.post(f"{path}/say", {"text": "Hello"}).status_code == 200
    with as_(cast.owner) as actor:
        (said,) = comments.of_record(actor, objects.get("things"), lamp.id)
        assert (said.author_name, said.author_id) == ("Ana García", None)
        entry = comments.versions(actor, objects.get("things"), lamp.id, said.id)[0]
        assert (entry.actor_kind, entry.face, entry.actor_name) == ("customer", "public", "Ana García")
        assert of_record(actor, objects.get("things"), lamp.id).count() == 1


def test_a_form_from_elsewhere_is_not_believed(address):
    client = Client(enforce_csrf_checks=True)
    path = address()
    client.get(path)
    assert client.post(f"{path}/say", {"text": "x"}).status_code == 403


def test_parts_that_are_none_and_methods_that_are_not_meant(address):
    path = address()
    assert Client().get(f"{path}/none").status_code == 404
    assert Client().post(path).status_code == 405
    assert Client().get(f"{path}/say").status_code == 405


def test_who_comes_too_often_waits(address):
    path, client = address(), Client()
    for _turn in range(120):
        answer = client.get(path)
    assert answer.status_code == 200
    answer = client.get(path)
    assert answer.status_code == 429 and int(answer["Retry-After"]) <= 60
    assert Client(REMOTE_ADDR="192.0.2.7").get(path).status_code == 200  # others come as before


def test_who_sends_too_often_waits(address):
    path, client = address(), Client()
    answers = [client.post(f"{path}/say", {"text": "x"}).status_code for _turn in range(31)]
    assert set(answers[:30]) == {200} and answers[30] == 429
    assert client.get(path).status_code == 200


def test_who_tries_many_secrets_waits_and_leaves_no_rows(cast):
    client = Client()
    for turn in range(20):
        assert client.get(f"/p/acme/{turn:043d}").status_code == 404
    assert client.get(f"/p/acme/{99:043d}").status_code == 429
    assert not RateCount.objects.filter(caller__startswith="door:").exists()
