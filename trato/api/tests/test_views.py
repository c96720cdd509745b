"""Saved views over the API: made, shared, pinned, used in lists and exports, and never more than may be seen."""

import pytest

from trato.engine import objects, views

pytestmark = pytest.mark.django_db
BIG = {"field": "count", "op": "gt", "value": 5}


@pytest.fixture
def lamps(as_, cast):
    from trato.engine import actions

    with as_(cast.owner) as actor:
        for n in range(10):
            actions.create(actor, objects.get("things"), {"name": f"Lamp {n}", "count": n, "secret": "s"})


def test_a_view_is_made_changed_pinned_and_taken_away(call, cast, lamps):
    to = call(cast.manager)
    made = to.post("views", {"object": "things", "name": "Big", "settings": {"filter": BIG, "sort": "-count"}})
    assert made.status_code == 201 and made.json()["visibility"] == "private" and not made.json()["pinned"]
    at = made.headers["Location"].removeprefix("/api/v1/")
    assert to.get(at).json()["settings"] == {"filter": BIG, "sort": "-count"}
    found = to.patch(at, {"name": "Large", "visibility": "everyone", "pinned": True, "version": 1}).json()
    assert (found["name"], found["visibility"], found["pinned"], found["version"]) == ("Large", "everyone", True, 2)
    assert to.patch(at, {"name": "Late", "version": 1}).status_code == 422
    assert [view["name"] for view in to.get("views?object=things").json()["data"]] == ["Large"]
    assert to.delete(at).status_code == 204
    assert to.get(at).status_code == 404
    assert to.get("views?object=things").json()["data"] == []


def test_lists_and_exports_are_as_the_view_says(call, cast, lamps):
    to = call(cast.manager)
    settings = {"filter": BIG, "sort": "-count,title", "columns": ["title", "count"]}
    made = to.post("views", {"object": "things", "name": "Big", "settings": settings}).json()
    rows = to.get(f"things?view={made['id']}").json()["data"]
    assert [row["count"] for row in rows] == [9, 8, 7, 6]
    rows = to.get(f"things?view={made['id']}&sort=count&count[lt]=9").json()["data"]
    assert [row["count"] for row in rows] == [6, 7, 8]
    run = to.post("exports", {"object": "things", "view": made["id"]})
    assert run.status_code == 202
    from trato.engine.models import ExportRun
    from trato.engine.postgres.scope import in_workspace

    with in_workspace(cast.acme.id):
        options = ExportRun.objects.get().options
    assert options == {"fields": ["id", "title", "count"], "filter": BIG, "order": "-count,title"}
    assert to.get(f"crates?view={made['id']}").status_code == 404, "of another object"


def test_others_see_only_what_is_shared_and_nobody_elsewhere_anything(call, cast, as_, lamps):
    with as_(cast.manager) as actor:
        things = objects.get("things")
        shared = {"columns": ["title", "secret"], "filter": {"field": "secret", "op": "is", "value": "s"}}
        seen = views.create(actor, things, {"name": "For all", "visibility": "everyone", "settings": shared})
        mine = views.create(actor, things, {"name": "Mine"})
    for who in (cast.owner, cast.member, cast.limited):
        to = call(who)
        assert [view["name"] for view in to.get("views?object=things").json()["data"]] == ["For all"]
        assert to.get(f"views/{mine.id}").status_code == 404
        assert to.get(f"things?view={mine.id}").status_code == 404
    assert call(cast.member).patch(f"views/{seen.id}", {"name": "X"}).status_code == 403
    assert call(cast.member).delete(f"views/{seen.id}").status_code == 403
    assert call(cast.member).patch(f"views/{seen.id}", {"pinned": True}).status_code == 200
    hidden = call(cast.limited).get(f"views/{seen.id}").json()
    assert (hidden["settings"], hidden["left_out"]) == ({"columns": ["title"]}, 2)
    stranger = call(cast.stranger)
    for verb in (stranger.get, stranger.delete):
        assert verb(f"views/{seen.id}").status_code == 404
    assert stranger.get(f"things?view={seen.id}").status_code == 404


@pytest.mark.parametrize(
    "given",
    [
        {"object": "things"},
        {"object": "things", "name": 5},
        {"object": "things", "name": "A", "settings": "x"},
        {"object": "things", "name": "A", "settings": {"filter": {"field": "nope", "op": "is", "value": 1}}},
        {"object": "things", "name": "A", "settings": {"sort": "nope"}},
        {"object": "things", "name": "A", "settings": {"board": {"by": ["nope"]}}},
        {"object": "things", "name": "A", "settings": {"calendar": {"on": "made_on"}}},
        {"object": "things", "name": "A", "owner": "me"},
        {"object": "things", "name": "A", "pinned": "yes"},
    ],
)
def test_nonsense_is_refused_with_every_problem(call, cast, given):
    answer = call(cast.manager).post("views", given)
    assert answer.status_code == 422 and answer.json()["errors"], answer.json()


def test_a_token_needs_its_scope(call, cast):
    to = call(cast.manager, "things:see", "things:change")
    assert to.get("views?object=things").status_code == 403
    assert to.post("views", {"object": "things", "name": "A"}).status_code == 403
    assert call(cast.manager, "views:see", "things:see").get("views?object=things").status_code == 200
    assert call(cast.manager).get("views?object=nope").status_code == 404
