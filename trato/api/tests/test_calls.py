"""Who may call, how often, and what happens when a call comes twice."""

from __future__ import annotations

from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from trato.api import endpoint
from trato.engine import idempotency, limits
from trato.engine.models import IdempotencyKey, RateCount
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.models import Membership, Token, digest_of

ANA = {"last_name": "García", "emails": ["ana@x.com"]}


def problem(response, status):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    assert response.json()["status"] == status
    return response.json()


# -- tokens --------------------------------------------------------------------------------------------------------


def refused(**headers):
    return problem(Client().get("/api/v1/me", headers=headers), 401)


def test_without_a_good_token_every_reason_looks_the_same(cast, token_for):
    good, theirs = token_for(cast.owner), token_for(cast.stranger)
    secret = good.rpartition("_")[2] if "_" not in good[39:] else good[39:]
    wrong = [
        {},
        {"Authorization": ""},
        {"Authorization": good},
        {"Authorization": f"Basic {good}"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer trato_"},
        {"Authorization": f"Bearer {good}x"},
        {"Authorization": f"Bearer {good[:-1]}"},
        {"Authorization": f"Bearer trato_{'0' * 32}_{secret}"},
        {"Authorization": f"Bearer trato_{cast.globex.id.hex}_{secret}"},  # another workspace's name on it
        {"Authorization": f"Bearer {theirs[:39]}{good[39:]}"},
        {"Authorization": "Bearer trato_\u00e9"},
    ]
    answers = [refused(**headers) for headers in wrong]
    assert all(answer == answers[0] for answer in answers)
    assert Client().get("/api/v1/me")["WWW-Authenticate"].startswith("Bearer")


def test_a_session_is_no_token(cast):
    browser = Client()
    browser.force_login(cast.owner)
    problem(browser.get("/api/v1/contacts"), 401)


@pytest.mark.parametrize("change", ["revoked", "expired", "inactive person", "left"])
def test_a_key_opens_nothing_any_more(cast, call, change):
    caller = call(cast.member)
    assert caller.get("me").status_code == 200
    now = timezone.now()
    with in_workspace(cast.acme.id):
        token = Token.objects.filter(digest=digest_of(caller.token))
        if change == "revoked":
            token.update(revoked_at=now)
        elif change == "expired":
            token.update(expires_at=now - timedelta(seconds=1))
        elif change == "left":
            Membership.objects.filter(user=cast.member).update(is_active=False)
        else:
            cast.member.is_active = False
            cast.member.save()
    problem(caller.get("me"), 401)


def test_who_am_i(cast, call):
    told = call(cast.member, "contacts:see").get("me").json()
    assert told["user"] == {"id": str(cast.member.id), "name": "Mia Member", "email": "member@acme.example"}
    assert told["workspace"]["slug"] == "acme"
    assert told["token"]["scopes"] == ["contacts:see"]
    assert told["objects"]["contacts"]["see"] == "all"
    assert told["objects"]["contacts"]["change"] == "none"
    assert told["objects"]["accounts"]["see"] == "none"


def test_when_a_token_was_last_used_is_kept_but_not_with_every_call(cast, call):
    caller = call(cast.owner)

    def last_used():
        with in_workspace(cast.acme.id):
            return Token.objects.get(digest=digest_of(caller.token)).last_used_at

    assert last_used() is None
    assert caller.get("contacts/nothing").status_code == 404  # also a call that fails is a use
    first = last_used()
    assert timezone.now() - first < timedelta(seconds=10)
    caller.get("me")
    assert last_used() == first


# -- rates ---------------------------------------------------------------------------------------------------------


def test_a_token_has_so_many_calls_a_minute(cast, call, settings):
    settings.TRATO_API_PER_MINUTE = 3
    caller, other = call(cast.owner), call(cast.owner)
    left = [caller.get("me")["RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    stopped = caller.post("contacts", ANA)
    problem(stopped, 429)
    assert 1 <= int(stopped["Retry-After"]) <= 60
    assert stopped["RateLimit-Limit"] == "3"
    assert stopped["RateLimit-Remaining"] == "0"
    assert other.get("contacts").json()["data"] == []


def test_trying_keys_is_stopped_and_leaves_no_row_for_each(cast, monkeypatch):
    monkeypatch.setattr(endpoint, "FAILURES_PER_MINUTE", 3)
    tries = [
        Client().get("/api/v1/me", headers={"Authorization": f"Bearer trato_{cast.acme.id.hex}_{n:030d}"})
        for n in range(5)
    ]
    assert [answer.status_code for answer in tries] == [401, 401, 401, 429, 429]
    assert list(RateCount.objects.values_list("caller", flat=True)) == ["failed:127.0.0.1"]


def test_past_counts_are_swept(db):
    limits.count("token:now")
    RateCount.objects.create(caller="token:old", window=1, count=7)
    assert limits.sweep() == 1
    assert RateCount.objects.get().caller == "token:now"


# -- idempotency ---------------------------------------------------------------------------------------------------


def test_the_same_call_with_its_key_does_its_work_once(owner):
    first = owner.post("contacts", ANA, Idempotency_Key="k-1")
    again = owner.post("contacts", ANA, Idempotency_Key="k-1")
    assert first.status_code == again.status_code == 201
    assert again.json() == first.json()
    assert again["Location"] == first["Location"]
    assert again["ETag"] == first["ETag"]
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert owner.get("contacts", count="exact").json()["count"] == 1


def test_a_key_belongs_to_one_call_and_one_token(owner, call, cast):
    made = owner.post("contacts", ANA, Idempotency_Key="k-1").json()
    problem(owner.post("contacts", ANA | {"last_name": "Other"}, Idempotency_Key="k-1"), 409)
    problem(owner.post("accounts", {"name": "X"}, Idempotency_Key="k-1"), 409)
    problem(owner.patch(f"contacts/{made['id']}", {}, Idempotency_Key="k-1"), 409)
    assert owner.get("contacts", count="exact").json()["count"] == 1
    other = call(cast.manager).send("POST", "contacts", ANA, {"Idempotency-Key": "k-1"}, duplicates="allow")
    assert other.json()["id"] != made["id"]


def test_a_call_that_was_refused_leaves_its_key_unused(owner):
    problem(owner.post("contacts", ANA | {"nickname": "A"}, Idempotency_Key="k-2"), 422)
    assert owner.post("contacts", ANA, Idempotency_Key="k-2").status_code == 201


def test_deleting_twice_with_one_key_answers_the_same(owner):
    made = owner.post("contacts", ANA).json()
    for _ in range(2):
        assert owner.delete(f"contacts/{made['id']}", Idempotency_Key="d").status_code == 204
    problem(owner.delete(f"contacts/{made['id']}", Idempotency_Key="e"), 404)


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "ñ"])
def test_a_key_is_visible_ascii(owner, key):
    problem(owner.post("contacts", ANA, Idempotency_Key=key), 400)


def test_kept_answers_are_dropped_after_a_day(owner, cast):
    def post(key):
        return owner.send("POST", "contacts", ANA, {"Idempotency-Key": key}, duplicates="allow")

    post("k-1")
    with in_workspace(cast.acme.id):
        IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))
    post("k-2")
    assert idempotency.sweep() == 1
    with in_workspace(cast.acme.id):
        assert IdempotencyKey.objects.get().key == "k-2"
    assert post("k-1").status_code == 201
    assert owner.get("contacts", count="exact").json()["count"] == 3


@pytest.mark.django_db(transaction=True)
def test_a_call_that_comes_while_its_first_is_running_is_told_to_wait(cast):
    inside, finish, answers = Event(), Event(), []

    def slow():
        inside.set()
        finish.wait(10)
        return 201, {"done": 1}

    def first():
        with in_workspace(cast.acme.id):
            answers.append(idempotency.once(cast.owner.id, "k", "f", slow))
        connection.close()

    thread = Thread(target=first)
    thread.start()
    assert inside.wait(10)
    with pytest.raises(idempotency.Running), in_workspace(cast.acme.id):
        idempotency.once(cast.owner.id, "k", "f", slow)
    finish.set()
    thread.join()
    with in_workspace(cast.acme.id):
        again = idempotency.once(cast.owner.id, "k", "f", slow)
    assert answers == [(201, {"done": 1}, False)]
    assert again == (201, {"done": 1}, True)


# -- hostile input -------------------------------------------------------------------------------------------------

BODIES = {
    "nothing": (b"", 415),
    "no JSON": (b"{", 400),
    "a list": (b"[]", 400),
    "a number": (b"1", 400),
    "NaN": (b'{"last_name": NaN}', 400),
    "a name twice": (b'{"last_name": "a", "last_name": "b"}', 400),
    "broken UTF-8": (b'{"last_name": "\xff"}', 400),
    "a lone surrogate": (b'{"last_name": "\\ud800"}', 400),
    "a lone surrogate in a name": (b'{"\\udfff": 1}', 400),
    "UTF-16": ('{"last_name": "a"}'.encode("utf-16"), 400),
    "deep": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 400),
    "deep lists": (b'{"emails":' + b"[" * 500 + b"]" * 500 + b"}", 422),
    "an endless number": (b'{"last_name": ' + b"9" * 10_000 + b"}", 400),
    "a huge number": (b'{"last_name": 99999999999999999999999999}', 422),
    "a NUL": (b'{"last_name": "a\\u0000b"}', 422),
    "a NUL in a name": (b'{"a\\u0000b": "x"}', 422),
    "a number for text": (b'{"last_name": 5}', 422),
    "an object for text": (b'{"last_name": {"a": 1}}', 422),
    "text for a list": (b'{"last_name": "a", "tags": 7}', 422),
    "custom as text": (b'{"last_name": "a", "custom": "x"}', 422),
    "custom unknown": (b'{"last_name": "a", "custom": {"x": 1}}', 422),
    "a link to nowhere": (b'{"last_name": "a", "account": "018f0000-0000-7000-8000-000000000000"}', 422),
    "a link that is none": (b'{"last_name": "a", "account": {"id": 5}}', 422),
    "a date that is none": (b'{"last_name": "a", "birthday": "2023-02-29"}', 422),
    "too long": (b'{"last_name": "' + b"a" * 5_000 + b'"}', 422),
    "too large": (b'{"last_name": "' + b"a" * 3_000_000 + b'"}', 413),
    "far too large": (b'{"last_name": "' + b"a" * 11_000_000 + b'"}', 413),
    "nobody": (b"{}", 422),
}


@pytest.mark.parametrize("name", BODIES)
def test_bad_bodies_are_refused_and_change_nothing(owner, name):
    body, status = BODIES[name]
    problem(owner.send("POST", "contacts", body), status)
    assert owner.get("contacts", count="exact").json()["count"] == 0
    made = owner.post("contacts", ANA).json()
    if name != "nobody":
        problem(owner.send("PATCH", f"contacts/{made['id']}", body), status)
    assert owner.get(f"contacts/{made['id']}").json() == made


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json", ""])
def test_only_json_is_taken_for_json(owner, kind):
    problem(owner.send("POST", "contacts", b'{"last_name": "a"}', {"Content-Type": kind}), 415)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "nothing",
        "nothing/1",
        "contacts/",
        "contacts/1",
        "contacts/%00",
        "contacts/%ff",
        "contacts/..%2f..%2fme",
        "contacts/018f0000-0000-7000-8000-000000000000",
        "contacts/018f0000-0000-7000-8000-000000000000/history",
        "contacts/1/2/3/4/5",
        "imports/x",
        "exports/x",
        "uploads/x",
        "objects/nothing",
        "custom-fields/nothing",
    ],
)
def test_what_is_not_there_is_a_problem_not_a_page(owner, path):
    problem(owner.get(path), 404)


def test_methods_an_address_does_not_take_are_named(owner):
    answer = owner.send("PUT", "contacts")
    problem(answer, 405)
    assert answer["Allow"] == "GET, POST"
    for method in ("OPTIONS", "TRACE", "FOO", "POST"):
        problem(owner.send(method, "contacts/018f0000-0000-7000-8000-000000000000"), 405)


def test_no_other_site_is_let_in(owner):
    answer = owner.send("GET", "me", headers={"Origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert "Set-Cookie" not in answer.headers


def test_head_is_get_without_its_body(owner):
    owner.post("contacts", ANA)
    answer = owner.send("HEAD", "contacts")
    assert answer.status_code == 200
    assert answer.content == b""


@pytest.mark.parametrize("match", ["3", '"x"', "W/3", '"99999999999999"', '"1", "2"', "\x00"])
def test_an_if_match_that_is_no_version_never_writes(owner, match):
    made = owner.post("contacts", ANA).json()
    answer = owner.patch(f"contacts/{made['id']}", {"last_name": "X"}, If_Match=match)
    assert answer.status_code in (400, 412)
    assert owner.get(f"contacts/{made['id']}").json() == made


def test_a_body_without_its_length_is_not_taken_for_none(owner):
    problem(owner.send("POST", "contacts", headers={"Transfer-Encoding": "chunked"}), 411)
