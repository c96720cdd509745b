"""Several people at once: the database decides, nobody's work is lost, and every loser is told why."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from tests.cast import assemble
from trato.engine import access, actions, custom, objects, undo
from trato.engine.models import HistoryEntry, Key, Share
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.actors import actor_for_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def cast():
    return assemble()


def at_once(cast, *works):
    """Run each piece of work as the owner in a thread and a transaction of its own, all beginning together."""
    start, outcomes = threading.Barrier(len(works)), [None] * len(works)

    def run(place, work):
        try:
            start.wait(10)
            with in_workspace(cast.acme.id):
                outcomes[place] = work(actor_for_user(cast.owner, cast.acme))
        except Exception as error:
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


def make(cast, plural="things", **values):
    with in_workspace(cast.acme.id):
        return actions.create(actor_for_user(cast.owner, cast.acme), objects.get(plural), {"name": "Lamp"} | values)


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


def test_a_unique_value_is_given_once(cast):
    things = objects.get("things")
    with in_workspace(cast.acme.id):
        custom.add(
            actor_for_user(cast.owner, cast.acme),
            things,
            {"name": "code", "label": "Code", "kind": "text", "unique": True},
        )
    cast.acme.refresh_from_db()
    outcomes = at_once(
        cast, *[lambda actor: actions.create(actor, things, {"name": "Same", "custom.code": "A"}) for _ in range(4)]
    )
    assert kinds(outcomes) == ["Refused", "Refused", "Refused", "Thing"]
    with in_workspace(cast.acme.id):
        assert Key.objects.filter(key="unique:custom.code:a").count() == 1
        assert things.model.objects.count() == 1
        assert HistoryEntry.objects.filter(object="things").count() == 1


def test_who_saves_an_old_version_is_told(cast):
    record, things = make(cast, count=0), objects.get("things")
    outcomes = at_once(
        cast,
        *[lambda actor, n=n: actions.update(actor, things, record.id, {"count": n}, version=1) for n in range(1, 5)],
    )
    assert kinds(outcomes) == ["Conflict", "Conflict", "Conflict", "Thing"]


def test_changes_of_different_fields_are_all_kept(cast):
    record, things = make(cast), objects.get("things")
    fields = {"count": 5, "colour": "red", "secret": "x", "note": "y"}
    outcomes = at_once(
        cast,
        *[
            lambda actor, given={name: value}: actions.update(actor, things, record.id, given)
            for name, value in fields.items()
        ],
    )
    assert kinds(outcomes) == ["Thing"] * 4
    with in_workspace(cast.acme.id):
        found = access.get(actor_for_user(cast.owner, cast.acme), things, record.id)
        assert {name: getattr(found, name) for name in fields} == fields
        assert found.version == 5
        assert sorted(HistoryEntry.objects.filter(record_id=record.id).values_list("version", flat=True)) == [
            1,
            2,
            3,
            4,
            5,
        ]


def test_an_action_counts_each_call_once(cast):
    record, things = make(cast, count=0), objects.get("things")
    outcomes = at_once(cast, *[lambda actor: actions.run(actor, things, "add", record.id, {"by": 1}) for _ in range(6)])
    assert kinds(outcomes) == ["Thing"] * 6
    with in_workspace(cast.acme.id):
        assert access.get(actor_for_user(cast.owner, cast.acme), things, record.id).count == 6


def test_a_record_is_deleted_once_and_a_batch_undone_once(cast):
    record, things = make(cast), objects.get("things")
    with in_workspace(cast.acme.id):
        batch = HistoryEntry.objects.get(record_id=record.id).batch_id
    outcomes = at_once(cast, *[lambda actor: undo.undo(actor, batch) for _ in range(3)])
    assert kinds(outcomes).count("UUID") == 1
    assert {type(each) for each in outcomes} <= {type(batch), actions.Refused, access.Absent}
    other = make(cast)
    outcomes = at_once(cast, *[lambda actor: actions.delete(actor, things, other.id) for _ in range(3)])
    assert kinds(outcomes) == ["Absent", "Absent", "Thing"]


def test_a_share_is_made_once(cast):
    record, things = make(cast), objects.get("things")
    outcomes = at_once(
        cast, *[lambda actor: actions.share(actor, things, record.id, user=str(cast.member.id)) for _ in range(4)]
    )
    assert kinds(outcomes) == ["NoneType"] * 4
    with in_workspace(cast.acme.id):
        assert Share.objects.filter(record_id=record.id).count() == 1
