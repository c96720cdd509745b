"""Taking back what was done: whole or not at all, never over somebody else's later work."""

import pytest

from trato.engine import access, actions, history, objects, undo
from trato.engine.models import HistoryEntry


@pytest.fixture
def things():
    return objects.get("things")


def last(record):
    """The batch of a record's newest history row."""
    return HistoryEntry.objects.filter(record_id=record.id).order_by("-id").first().batch_id


def current(actor, things, record, *names):
    found = access.get(actor, things, record.id)
    return tuple(getattr(found, name) for name in names) if len(names) > 1 else getattr(found, names[0])


def refused(actor, batch):
    with pytest.raises(actions.Refused) as problem:
        undo.undo(actor, batch)
    return [each.code for each in problem.value.problems]


def test_an_update_is_taken_back_and_is_history_itself(owner, things):
    record = actions.create(owner, things, {"name": "Lamp", "count": 1})
    actions.update(owner, things, record.id, {"count": 2, "colour": "red"})
    undone = last(record)
    batch = undo.undo(owner, undone)
    assert current(owner, things, record, "count", "colour") == (1, "")
    entry = HistoryEntry.objects.get(batch_id=batch)
    assert (entry.action, entry.face, entry.changes) == ("updated", "undo", {"count": [2, 1], "colour": ["red", ""]})
    assert refused(owner, undone) == ["undone"]


def test_an_undo_can_be_undone_again_and_again(owner, things):
    record = actions.create(owner, things, {"name": "Lamp", "count": 1})
    actions.update(owner, things, record.id, {"count": 2})
    change = last(record)
    for _ in range(2):
        first = undo.undo(owner, change)
        assert current(owner, things, record, "count") == 1
        undo.undo(owner, first)
        assert current(owner, things, record, "count") == 2
    again = undo.undo(owner, change)
    assert current(owner, things, record, "count") == 1
    redo = undo.undo(owner, again)
    assert undo.undo(owner, redo)
    assert current(owner, things, record, "count") == 1
    assert refused(owner, change) == ["undone"]


def test_later_work_on_the_same_field_is_never_lost(owner, things):
    record = actions.create(owner, things, {"name": "Lamp", "count": 1})
    actions.update(owner, things, record.id, {"count": 2})
    first = last(record)
    actions.update(owner, things, record.id, {"count": 3})
    second = last(record)
    actions.update(owner, things, record.id, {"colour": "red"})
    assert refused(owner, first) == ["later"]
    assert current(owner, things, record, "count", "colour") == (3, "red")
    taken = undo.undo(owner, second)
    undo.undo(owner, taken)
    assert refused(owner, first) == ["later"]
    undo.undo(owner, second)
    undo.undo(owner, first)
    assert current(owner, things, record, "count", "colour") == (1, "red")


def test_what_was_made_is_undone_only_while_untouched(owner, things):
    record = actions.create(owner, things, {"name": "Lamp"})
    made = last(record)
    actions.update(owner, things, record.id, {"count": 3})
    assert refused(owner, made) == ["later"]
    undo.undo(owner, last(record))
    undo.undo(owner, made)
    with pytest.raises(access.Absent):
        access.get(owner, things, record.id)


def test_a_deletion_is_taken_back_with_keys_and_all(owner, things):
    record = actions.create(owner, things, {"name": "Lamp", "tags": ["vip"]})
    actions.delete(owner, things, record.id)
    undo.undo(owner, last(record))
    from trato.engine.models import Key

    assert current(owner, things, record, "tags") == ["vip"]
    assert Key.objects.filter(record_id=record.id, key="tag:vip").exists()


def test_an_action_is_taken_back_as_one(owner, things):
    record = actions.create(owner, things, {"name": "Lamp", "count": 1})
    actions.run(owner, things, "add", record.id, {"by": 4})
    entry = HistoryEntry.objects.get(batch_id=last(record))
    assert (entry.action, entry.changes) == ("add", {"count": [1, 5]})
    undo.undo(owner, entry.batch_id)
    assert current(owner, things, record, "count") == 1


def test_a_batch_is_taken_back_whole_or_not_at_all(owner, things):
    records = [actions.create(owner, things, {"name": f"Lamp {n}", "count": 1}) for n in range(3)]
    with history.batch("bulk") as batch:
        for record in records:
            actions.update(owner, things, record.id, {"count": 2})
    actions.update(owner, things, records[1].id, {"count": 9})
    assert refused(owner, batch.id) == ["later"]
    assert [current(owner, things, record, "count") for record in records] == [2, 9, 2]
    undo.undo(owner, last(records[1]))
    undo.undo(owner, batch.id)
    assert [current(owner, things, record, "count") for record in records] == [1, 1, 1]


def test_a_large_batch_is_taken_back_by_the_same_rules(owner, things):
    with history.batch("") as batch:
        records = [actions.create(owner, things, {"name": f"Lamp {n}"}) for n in range(undo.FEW + 5)]
    actions.update(owner, things, records[7].id, {"count": 9})
    assert refused(owner, batch.id) == ["later"]
    assert access.visible(owner, things).count() == undo.FEW + 5
    undo.undo(owner, last(records[7]))
    taken = undo.undo(owner, batch.id)
    assert access.visible(owner, things).count() == 0
    assert refused(owner, batch.id) == ["undone"]
    undo.undo(owner, taken)
    assert access.visible(owner, things).count() == undo.FEW + 5
    assert current(owner, things, records[7], "count") is None


def test_the_same_field_changed_twice_in_a_batch_goes_back_to_the_beginning(owner, things):
    record = actions.create(owner, things, {"name": "Lamp", "count": 1})
    with history.batch("twice") as batch:
        actions.update(owner, things, record.id, {"count": 2})
        actions.update(owner, things, record.id, {"count": 3})
    undo.undo(owner, batch.id)
    assert current(owner, things, record, "count") == 1


def test_only_who_did_it_or_an_administrator_may_undo_it(cast, as_, things):
    with as_(cast.member) as actor:
        record = actions.create(actor, things, {"name": "Lamp"})
        actions.update(actor, things, record.id, {"count": 2})
        batch = last(record)
    for person in (cast.teammate, cast.reader):
        with as_(person) as actor, pytest.raises(access.Absent):
            undo.undo(actor, batch)
    with as_(cast.stranger) as actor, pytest.raises(access.Absent):
        undo.undo(actor, batch)
    with as_(cast.owner) as actor:
        assert current(actor, things, record, "count") == 2
        undo.undo(actor, batch)
        assert current(actor, things, record, "count") is None


def test_rights_lost_since_are_a_reason_and_nothing_changes(cast, as_, set_role, things):
    with as_(cast.member) as actor:
        record = actions.create(actor, things, {"name": "Lamp", "count": 1})
        actions.update(actor, things, record.id, {"count": 2})
        batch = last(record)
    set_role(cast.member, "Reader")
    with as_(cast.member) as actor:
        assert refused(actor, batch) == ["rights"]
    set_role(cast.member, {"objects": {"*": {"see": "all", "change": "all", "fields": {"count": "read"}}}})
    with as_(cast.member) as actor:
        assert refused(actor, batch)
        assert current(actor, things, record, "count") == 2
        assert HistoryEntry.objects.get(batch_id=batch).undone_at is None


def test_nonsense_is_absent(owner):
    for wrong in ("x", None, "00000000-0000-7000-8000-000000000000", "\0"):
        with pytest.raises(access.Absent):
            undo.undo(owner, wrong)


def test_a_share_is_taken_back_where_it_was_made(owner, cast, things):
    record = actions.create(owner, things, {"name": "Lamp"})
    actions.share(owner, things, record.id, user=str(cast.member.id))
    assert refused(owner, last(record)) == ["elsewhere"]
