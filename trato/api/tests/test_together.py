"""Comments, following, reminders and notifications over the API."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from trato.engine import actions, objects
from trato.engine.postgres.scope import in_workspace
from trato.engine.together import gathering, jobs
from trato.engine.together.models import Gathering

pytestmark = pytest.mark.django_db


@pytest.fixture
def thing(cast, as_):
    with as_(cast.owner) as actor:
        Gathering.objects.create(began_at=timezone.now() - timedelta(hours=1), through=timezone.now())
        return actions.create(actor, objects.get("things"), {"name": "Lamp"})


@pytest.fixture
def call(client, token_for):
    def send(user, method, path, data=None, *scopes):
        return client.generic(
            method,
            f"/api/v1/{path}",
            json.dumps(data) if data is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {token_for(user, *scopes)}"},
        )

    return send


def test_a_thread_from_beginning_to_end(call, cast, thing):
    at = f"things/{thing.id}/comments"
    text = f'Hi <a href="#users/{cast.member.id}">@Mia</a> <a href="#users/{cast.limited.id}">@Lia</a>'
    made = call(cast.owner, "POST", at, {"text": text})
    assert made.status_code == 201
    first = made.json()
    assert first["mentions"] == [str(cast.member.id), str(cast.limited.id)]
    assert first["not_told"] == [{"id": str(cast.limited.id), "title": "Lia Limited"}]
    answer = call(cast.member, "POST", at, {"text": "Yes", "parent": first["id"]}).json()
    call(cast.member, "POST", f"{at}/{first['id']}/reactions", {"emoji": "👍"})
    [thread] = call(cast.reader, "GET", at).json()["data"]
    assert [each["id"] for each in thread["answers"]] == [answer["id"]]
    assert thread["reactions"] == [{"emoji": "👍", "users": [{"id": str(cast.member.id), "title": "Mia Member"}]}]
    assert call(cast.teammate, "PATCH", f"{at}/{answer['id']}", {"text": "No"}).status_code == 403
    assert call(cast.member, "PATCH", f"{at}/{answer['id']}", {"text": "Sure"}).json()["text"] == "<p>Sure</p>"
    assert call(cast.member, "DELETE", f"{at}/{answer['id']}").status_code == 204
    assert call(cast.owner, "GET", at).json()["data"][0]["answers"] == []


@pytest.mark.parametrize(
    "body",
    [{}, {"text": ""}, {"text": 1}, {"text": ["a"]}, {"text": "x" * 30_000}, {"text": "a", "more": 1}, {"text": None}],
)
def test_bad_comments_are_refused_in_words(call, cast, thing, body):
    answer = call(cast.owner, "POST", f"things/{thing.id}/comments", body)
    assert answer.status_code == 422 and answer.json()["errors"]


def test_who_may_not_see_the_record_finds_nothing(call, cast, thing):
    for user in (cast.limited, cast.stranger):
        for method, rest, body in (
            ("GET", "comments", None),
            ("POST", "comments", {"text": "a"}),
            ("GET", "follow", None),
            ("PUT", "follow", {}),
            ("GET", "reminders", None),
            ("POST", "reminders", {"at": "2100-01-01T00:00Z"}),
            ("PATCH", f"comments/{uuid4()}", {"text": "a"}),
        ):
            assert call(user, method, f"things/{thing.id}/{rest}", body).status_code == 404, (method, rest)


def test_a_token_for_reading_does_not_write(call, cast, thing):
    at = f"things/{thing.id}"
    assert call(cast.owner, "POST", f"{at}/comments", {"text": "a"}, "things:see").status_code == 403
    assert call(cast.owner, "PUT", f"{at}/follow", {}, "things:*").status_code == 403
    assert call(cast.owner, "GET", "notifications", None, "things:*").status_code == 403
    assert call(cast.owner, "GET", "notifications", None, "notifications:see").status_code == 200


def test_following_reminders_and_notifications(call, cast, thing):
    at = f"things/{thing.id}"
    assert call(cast.member, "PUT", f"{at}/follow", {}).json() == {"following": True}
    later = (timezone.now() + timedelta(days=2)).isoformat()
    made = call(cast.member, "POST", f"{at}/reminders", {"at": later, "note": "Call"})
    assert made.status_code == 201
    assert call(cast.member, "DELETE", f"{at}/reminders/{made.json()['id']}").status_code == 204
    call(cast.owner, "PATCH", at, {"owner": str(cast.member.id)})
    with in_workspace(cast.acme.id):
        gathering.gather(cast.acme)
    found = call(cast.member, "GET", "notifications?state=unread").json()
    [one] = [each for each in found["data"] if each["kind"] == "assigned"]
    assert one["record"] == {"id": str(thing.id), "title": "Lamp", "object": "things"}
    address = f"notifications/{one['id']}"
    assert call(cast.member, "PATCH", address, {"snoozed_until": later}).json()["snoozed_until"]
    assert call(cast.member, "PATCH", address, {"read": True}).json()["read"] is True
    assert call(cast.reader, "PATCH", address, {"read": True}).status_code == 404
    assert call(cast.member, "PATCH", address, {}).status_code == 422
    assert call(cast.member, "PATCH", address, {"snoozed_until": "yesterday"}).status_code == 422
    assert call(cast.member, "POST", "notifications/read", {}).status_code == 200
    assert call(cast.member, "GET", "notifications").json()["unread"] == 0
    assert call(cast.member, "GET", "notifications?state=odd").status_code == 400
    assert call(cast.member, "GET", "notifications?before=odd").status_code == 404


def test_the_settings(call, cast):
    changed = call(cast.member, "PATCH", "notifications/settings", {"digest_hour": 6, "quiet_from": "22:30"})
    assert (changed.json()["digest_hour"], changed.json()["quiet_from"]) == (6, "22:30")
    assert call(cast.member, "PATCH", "notifications/settings", {"digest_hour": 60}).status_code == 422


def test_jobs_of_comments_that_are_gone_do_nothing(cast):
    jobs.comment(str(cast.acme.id), str(uuid4()), str(uuid4()))
