"""A large batch goes back as a whole, or says what stays and why."""

import pytest

from trato.engine import access, actions, custom, history, undo
from trato.engine.bulk import undoing
from trato.engine.models import HistoryEntry, Key
from trato.engine.values import Refused
from trato.engine.workspaces.ids import uuid7

from .writing import emails, results, things, write


def everything():
    """All that undo has to bring back, but the counters of versions."""
    rows = things().model.objects.filter(deleted_at=None).order_by("id")
    ignored = {"updated_at", "version"}
    values = [{k: v for k, v in row.items() if k not in ignored} for row in rows.values()]
    return values, sorted(Key.objects.values_list("object", "key", "record_id"), key=str)


def test_a_large_batch_is_undone_whole(owner):
    """300 records changed and 100 made by one batch: afterwards all is as it was, and it can't be undone twice."""
    write(owner, [{"name": f"N{n}", "emails": emails(f"n{n}@x.com"), "tags": ["old"]} for n in range(300)])
    before = everything()
    rows = [{"name": f"M{n}", "emails": emails(f"n{n}@x.com", f"m{n}@x.com"), "count": n} for n in range(400)]
    outcomes, batch = write(owner, rows, match=["emails"])
    assert (results(outcomes).count("updated"), results(outcomes).count("created")) == (300, 100)
    assert everything() != before

    undo.undo(owner, batch)
    assert everything() == before
    assert not HistoryEntry.objects.filter(batch_id=batch, undone_at=None).exists()
    assert HistoryEntry.objects.filter(face="undo", action="deleted").count() == 100
    with pytest.raises(Refused, match="undone already"):
        undo.undo(owner, batch)


def test_a_large_batch_with_later_changes_stays_and_says_how_many(owner):
    outcomes, batch = write(owner, [{"name": f"N{n}"} for n in range(250)])
    for outcome in outcomes[:3]:
        actions.update(owner, things(), outcome.record_id, {"count": 1})
    with pytest.raises(Refused, match="3 records were changed since"):
        undo.undo(owner, batch)
    assert access.visible(owner, things()).count() == 250


def test_a_large_batch_is_undone_only_by_whom_it_is_of(owner, cast, as_):
    _outcomes, batch = write(owner, [{"name": f"N{n}"} for n in range(250)])
    with as_(cast.manager) as manager, pytest.raises(access.Absent):
        undo.undo(manager, batch)
    assert history.of_record(owner, things(), _outcomes[0].record_id).count() == 1


def test_writes_of_a_batch_go_back_in_the_order_they_need(owner, monkeypatch):
    """What was changed and then deleted comes back as it was; what was restored and then changed goes as it was."""
    monkeypatch.setattr(undo, "FEW", 2)
    monkeypatch.setattr(undoing, "CHUNK", 1)
    lamp, desk = (actions.create(owner, things(), {"name": name, "count": 1}) for name in ("Lamp", "Desk"))
    actions.delete(owner, things(), desk.id)
    with history.batch() as batch:
        actions.update(owner, things(), lamp.id, {"count": 2})
        actions.update(owner, things(), lamp.id, {"count": 3})
        actions.delete(owner, things(), lamp.id)
        actions.restore(owner, things(), desk.id)
        actions.update(owner, things(), desk.id, {"count": 2})
    undo.undo(owner, batch.id)
    assert [(row.id, row.count) for row in access.visible(owner, things())] == [(lamp.id, 1)]
    assert [(row.id, row.count) for row in access.visible(owner, things(), deleted=True)] == [(desk.id, 1)]
    assert not HistoryEntry.objects.filter(batch_id=batch.id, undone_at=None).exists()


def test_a_unique_value_taken_meanwhile_keeps_one_record_and_not_the_others(owner, monkeypatch):
    custom.add(owner, things(), {"name": "number", "label": "Number", "kind": "text", "unique": True})
    made = [actions.create(owner, things(), {"name": f"N{n}", "custom.number": f"n{n}"}) for n in range(5)]
    with history.batch() as batch:
        for record in made:
            actions.delete(owner, things(), record.id)
    actions.create(owner, things(), {"name": "New", "custom.number": "n3"})
    steps = undoing.Undoing(owner, batch.id, uuid7())
    while steps.step():
        pass
    assert (steps.tally.done, steps.tally.total, dict(steps.tally.refused)) == (4, 5, {"unique": 1})
    assert [ref for ref, _reason in steps.tally.reasons] == [things().ref(made[3].id)]
    assert steps.tally.words() == "Undone in part: 4 of 5 records. 1 breaks a rule."
    assert access.visible(owner, things()).count() == 5
