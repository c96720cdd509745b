"""What every registered object answers over the API, whoever declared it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.contract.samples import fitting, full, least
from trato.engine import actions, objects


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "obj" in metafunc.fixturenames:
        metafunc.parametrize("obj", objects.all_objects(), ids=lambda obj: obj.plural)


@pytest.fixture
def values(as_, cast):
    """``values(obj, n)``: JSON of a full record, its link targets made; ``values(obj, n, least)`` of the smallest."""

    def given(obj, n=0, how=full):
        with as_(cast.owner) as actor:
            return how(actor, obj, n if how is full else f"Least {n}")

    return given


def test_a_record_is_what_was_written(owner, obj, values):
    given = values(obj)
    made = owner.post(obj.plural, given)
    assert made.status_code == 201, made.content
    record = made.json()
    assert owner.get(f"{obj.plural}/{record['id']}").json() == record
    fields = set(obj.builtin) | {"id", "version", "custom"}
    assert set(record) == fields
    for name in given:
        assert record[name] not in (None, "", []), name


def test_what_was_read_can_be_written_back_unchanged(owner, obj, values):
    record = owner.post(obj.plural, values(obj)).json()
    writable = {name: record[name] for name, field in obj.builtin.items() if not field.readonly}
    again = owner.patch(f"{obj.plural}/{record['id']}", writable)
    assert again.status_code == 200, again.content
    assert again.json() == record  # the same version: nothing was changed


def test_a_list_has_pages_that_hold_each_record_once(owner, obj, values):
    ids = {owner.post(obj.plural, values(obj, n, least)).json()["id"] for n in range(5)}
    for sort in ["", "id", "-id", *[name for name, field in obj.builtin.items() if field.sortable][:6]]:
        seen, cursor = [], None
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = owner.get(obj.plural, limit=2, **({"sort": sort} if sort else {}), **more).json()
            seen += [record["id"] for record in page["data"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert len(seen) == len(set(seen))
        assert set(seen) >= ids, sort


def test_a_list_is_narrowed_by_simple_conditions(owner, obj, values):
    record = owner.post(obj.plural, values(obj, 0)).json()
    owner.post(obj.plural, values(obj, 1, least))
    found = owner.get(obj.plural, id=record["id"]).json()["data"]
    assert [one["id"] for one in found] == [record["id"]]
    for name, field in obj.builtin.items():
        if "filled" in field.kind.operators:
            answer = owner.get(obj.plural, **{f"{name}[filled]": "true"})
            assert answer.status_code == 200, answer.content
            filled = {one["id"] for one in answer.json()["data"]}
            empty = {one["id"] for one in owner.get(obj.plural, **{f"{name}[empty]": "true"}).json()["data"]}
            assert filled & empty == set(), name
            nothing = (None,) if field.kind.name == "json" else (None, "", [])
            assert (record["id"] in filled) == (record[name] not in nothing), name


def test_counts_are_said_when_asked_for(owner, obj, values):
    given = values(obj, 0, least)  # what it links to may bring some along
    before = owner.get(obj.plural, count="exact").json()["count"]
    owner.post(obj.plural, given)
    assert owner.get(obj.plural, count="exact").json()["count"] == before + 1
    assert isinstance(owner.get(obj.plural, count="estimate").json()["count"], int)
    assert owner.get(obj.plural).json()["count"] is None


def test_only_the_fields_asked_for_are_answered(owner, obj, values):
    owner.post(obj.plural, values(obj, 0, least))
    one = obj.within or "owner"
    answer = owner.get(obj.plural, fields=f"title,{one}").json()["data"][0]
    assert set(answer) == {"id", "title", one, "version"}
    assert owner.get(obj.plural, fields="title,nothing").status_code == 400


def test_unknown_members_are_refused_and_nothing_is_written(owner, obj, values):
    given = values(obj, 0, least)
    before = owner.get(obj.plural, count="exact").json()["count"]
    for wrong in (
        {"no_such": 1},
        {"id": "x"},
        {"version": 9},
        {"title": "T"},
        {"created_at": None},
        {"deleted_at": None},
    ):
        refused = owner.post(obj.plural, given | wrong)
        assert refused.status_code == 422, (wrong, refused.content)
        assert [error["field"] for error in refused.json()["errors"]] == list(wrong)
    assert owner.get(obj.plural, count="exact").json()["count"] == before


def test_deleted_records_go_to_the_bin_and_come_back(owner, call, cast, obj, values):
    record = owner.post(obj.plural, values(obj, 0)).json()
    address = f"{obj.plural}/{record['id']}"
    assert owner.delete(address).status_code == 204
    assert owner.get(address).status_code == 404
    assert owner.delete(address).status_code == 404
    assert owner.patch(address, {}).status_code == 404
    gone = owner.get(obj.plural, deleted="true").json()["data"]
    assert [one["id"] for one in gone] == [record["id"]]
    assert gone[0]["deleted_at"]
    for place in (obj.plural, f"{obj.plural}/{gone[0]['id']}"):
        assert call(cast.reader).get(place, deleted="true").status_code == 403, "only who may delete looks into the bin"
    back = owner.post(f"{address}/restore")
    assert back.status_code == 200, back.content
    now = owner.get(address).json()
    assert {name: now[name] for name in obj.builtin if name != "updated_at"} == {
        name: record[name] for name in obj.builtin if name != "updated_at"
    }


def test_a_record_of_the_bin_is_deleted_for_good_and_no_other(owner, call, cast, obj, values):
    if obj.plural == "pipelines":
        pytest.skip("it comes with stages that point at it")
    record = owner.post(obj.plural, values(obj, 0, least)).json()
    address = f"{obj.plural}/{record['id']}"
    assert owner.post(f"{address}/destroy").status_code == 404, "it is alive"
    assert owner.get(address).status_code == 200
    owner.delete(address)
    assert call(cast.reader).post(f"{address}/destroy").status_code == 403
    assert call(cast.stranger).post(f"{address}/destroy").status_code == 404
    assert owner.get(address, deleted="true").status_code == 200
    assert owner.post(f"{address}/destroy").status_code == 204
    assert owner.get(address, deleted="true").status_code == 404
    assert owner.post(f"{address}/restore").status_code == 404


def test_the_history_says_who_did_what(owner, obj, values):
    record = owner.post(obj.plural, values(obj, 0, least)).json()
    owner.delete(f"{obj.plural}/{record['id']}")
    owner.post(f"{obj.plural}/{record['id']}/restore")
    entries = owner.get(f"{obj.plural}/{record['id']}/history").json()["data"]
    assert [entry["action"] for entry in entries] == ["restored", "deleted", "created"]
    assert {entry["by"]["name"] for entry in entries} == {"Olga Owner (test)"}
    assert {entry["face"] for entry in entries} == {"api"}
    page = owner.get(f"{obj.plural}/{record['id']}/history", limit=1).json()
    rest = owner.get(f"{obj.plural}/{record['id']}/history", cursor=page["next"]).json()["data"]
    assert [entry["action"] for entry in rest] == ["deleted", "created"]


def test_a_change_depends_on_the_version_that_was_read(owner, obj, values):
    record = owner.post(obj.plural, values(obj, 0)).json()
    kept = {name for name, field in obj.builtin.items() if name == obj.within or fitting(obj, field) is None}
    other, another = ({k: v for k, v in values(obj, n).items() if k not in kept} for n in (1, 2))
    address = f"{obj.plural}/{record['id']}"
    changed = owner.patch(address, other, If_Match='"1"')
    assert changed.status_code == 200, changed.content
    tag = changed["ETag"]
    assert tag == '"2"' or obj.settles_on  # what it comes to is written after it
    late = owner.patch(address, another, If_Match='"1"')
    assert late.status_code == 412
    told = late.json()
    assert told["version"] == int(tag.strip('"'))
    assert told["changes"][0]["by"] == "Olga Owner (test)"
    differing = {name for name in {*other, *obj.prepared} if changed.json()[name] != record[name]}
    assert set(told["changes"][0]["fields"]) == differing
    assert {error["field"] for error in told["errors"]} >= differing & set(other)
    assert owner.get(address).json() == changed.json()
    assert owner.delete(address, If_Match='"1"').status_code == 412
    assert owner.delete(address, If_Match=tag).status_code == 204


def test_a_stranger_meets_nothing_but_absence(owner, call, cast, obj, values):
    record = owner.post(obj.plural, values(obj, 0)).json()
    stranger, address = call(cast.stranger), f"{obj.plural}/{record['id']}"
    for answer in (
        stranger.get(address),
        stranger.patch(address, {}),
        stranger.delete(address),
        stranger.post(f"{address}/restore"),
        stranger.get(f"{address}/history"),
        stranger.get(f"{address}/timeline"),
        stranger.get(f"{address}/shares"),
        stranger.post(f"{address}/shares", {"user": str(cast.stranger.id)}),
    ):
        assert answer.status_code == 404, answer.content
        assert record["id"] not in answer.json()["detail"]
    theirs = stranger.get(obj.plural, limit=200).json()
    assert record["id"] not in {one["id"] for one in theirs["data"]}
    assert theirs["next"] is None
    assert owner.get(address).json() == record


def test_a_reader_changes_nothing(owner, call, cast, obj, values):
    record = owner.post(obj.plural, values(obj, 0)).json()
    reader, address = call(cast.reader), f"{obj.plural}/{record['id']}"
    assert reader.get(address).status_code == 200
    for answer in (
        reader.post(obj.plural, values(obj, 1, least)),
        reader.patch(address, values(obj, 1)),
        reader.delete(address),
        reader.post(f"{address}/shares", {"user": str(cast.reader.id), "can_change": True}),
    ):
        assert answer.status_code == 403, answer.content
    assert owner.get(address).json() == record


def test_what_belongs_to_others_is_absent_for_the_limited(owner, call, cast, obj, values):
    if obj.within:
        pytest.skip("its rights are those of what it is part of: test_parts.py")
    record = owner.post(obj.plural, values(obj, 0)).json()
    limited, address = call(cast.limited), f"{obj.plural}/{record['id']}"
    assert limited.get(address).status_code == 404
    assert limited.patch(address, values(obj, 1, least)).status_code == 404
    assert limited.delete(address).status_code == 404
    assert limited.get(obj.plural).json()["data"] == []
    assert owner.get(address).json() == record
    shared = owner.post(f"{address}/shares", {"user": str(cast.limited.id)})
    assert shared.status_code == 201, shared.content
    assert limited.get(address).json()["id"] == record["id"]
    assert limited.patch(address, {}).status_code == 403
    share = shared.json()["data"][0]
    assert owner.delete(f"{address}/shares/{share['id']}").status_code == 204
    assert limited.get(address).status_code == 404


def test_a_token_does_what_its_scopes_say(owner, call, cast, obj, values):
    if obj.within:
        pytest.skip("its rights are those of what it is part of: test_parts.py")
    record = owner.post(obj.plural, values(obj, 0)).json()
    address = f"{obj.plural}/{record['id']}"
    sees = call(cast.owner, f"{obj.plural}:see")
    assert sees.get(address).status_code == 200
    assert sees.post(obj.plural, values(obj, 1, least)).status_code == 403
    assert sees.patch(address, {}).status_code == 403
    assert sees.delete(address).status_code == 403
    elsewhere = call(cast.owner, "crates:see" if obj.plural != "crates" else "things:see")
    assert elsewhere.get(obj.plural).status_code == 403
    assert elsewhere.get(address).status_code == 403
    assert owner.get(address).json() == record


def test_an_action_of_that_name_there_is_not(owner, obj, values):
    record = owner.post(obj.plural, values(obj, 0, least)).json()
    assert owner.post(f"{obj.plural}/{record['id']}/explode").status_code == 404
    for known in actions.of(obj.plural).values():
        refused = owner.post(f"{obj.plural}/{record['id']}/{known.name}", {"no_such": 1})
        assert refused.status_code == 422


def test_the_query_is_refused_when_it_says_nothing_known(owner, obj):
    for query in (
        {"no_such": "1"},
        {"no_such[is]": "1"},
        {"sort": "no_such"},
        {"sort": "-custom.no_such"},
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "x"},
        {"cursor": "nonsense"},
        {"count": "perhaps"},
        {"deleted": "maybe"},
        {"include": "title"},
        {"filter": "{"},
        {"filter": '{"field": "no_such"}'},
        {"filter": "[" * 5000},
        {"title[frobnicates]": "x"},
        {"title[is]": "\x00"},
        {"[": "x"},
    ):
        answer = owner.get(obj.plural, **query)
        assert answer.status_code == 400, (query, answer.content)
        assert answer["Content-Type"] == "application/problem+json"


def test_the_number_of_queries_does_not_grow_with_the_list(owner, obj, values):
    for n in range(3):
        owner.post(obj.plural, values(obj, n))
    with CaptureQueriesContext(connection) as few:
        owner.get(obj.plural, limit=1)
    with CaptureQueriesContext(connection) as more:
        owner.get(obj.plural, limit=2)
    assert len(more) <= len(few)
