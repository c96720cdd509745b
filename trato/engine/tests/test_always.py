"""Whatever is written, refused, deleted, restored and undone in whatever order: some things hold always."""

import random

import pytest

from trato.engine import access, actions, custom, derived, history, objects, undo
from trato.engine.models import HistoryEntry, Key, Moment

CHOICES = {
    "name": ["Lamp", "Lantern", "", "x" * 500],
    "count": [None, 1, 2, -2000, "many"],
    "colour": ["", "red"],
    "tags": [[], ["vip"], ["vip", "red"]],
    "emails": [[], [{"address": "a@example.com"}], [{"address": "nonsense"}]],
    "owner": [None, "me"],
    "custom.code": [None, "A", "B"],
    "nothing": [1],
}


@pytest.fixture
def shop(owner):
    """Things with a unique code, crates to put them in, and trips about both."""
    things = objects.get("things")
    custom.add(owner, things, {"name": "code", "label": "Code", "kind": "text", "unique": True})
    return things, objects.get("trips")


def any_values(chance):
    names = chance.sample(list(CHOICES), chance.randint(1, 3))
    return {name: chance.choice(CHOICES[name]) for name in names}


def any_move(actor, shop, chance, ids):
    """One write of any sort on any record; refusals are part of life."""
    things, trips = shop
    obj, record_id = chance.choice(ids) if ids else (things, None)
    move = chance.choice(["create", "update", "update", "update", "delete", "restore", "undo", "undo", "trip", "act"])
    if move == "create" or not ids:
        ids.append((things, actions.create(actor, things, {"name": "New"} | any_values(chance)).id))
    elif move == "trip":
        about = [shop[0].ref(other) for kind, other in chance.sample(ids, min(2, len(ids))) if kind is things]
        ids.append((trips, actions.create(actor, trips, {"name": "Trip", "about": about}).id))
    elif move == "update":
        values = any_values(chance) if obj is things else {"minutes": chance.randint(1, 3), "happened_at": "2026-01-01"}
        actions.update(actor, obj, record_id, values)
    elif move == "act":
        actions.run(actor, things, "add", record_id, {"by": chance.choice([1, 2, None])})
    elif move == "undo":
        undo.undo(actor, chance.choice(list(HistoryEntry.objects.values_list("batch_id", flat=True))))
    else:
        {"delete": actions.delete, "restore": actions.restore}[move](actor, obj, record_id)


def check(actor, obj, record_id):
    """What must hold of one record, deleted or not."""
    fields = obj.fields(actor.workspace)
    record = obj.model.objects.get(id=record_id)
    values = {name: field.read_from(record) for name, field in fields.items()}
    entries = list(HistoryEntry.objects.filter(record_id=record_id).order_by("id"))
    told = {}
    for entry in entries:
        for name, (old, new) in entry.changes.items():
            kind = fields[name].kind
            assert told.get(name, kind.dump(kind.empty)) == old or kind.is_empty(kind.load(old)), (name, entry.changes)
            told[name] = new
    for name, field in fields.items():
        if not field.readonly:
            assert field.kind.dump(values[name]) == told.get(name, field.kind.dump(field.kind.empty)), name
    assert [entry.version for entry in entries] == list(range(1, record.version + 1))
    assert (entries[-1].action == "deleted") == (record.deleted_at is not None)
    kept = set(Key.objects.filter(record_id=record_id).values_list("key", flat=True))
    assert kept == (set() if record.deleted_at else derived.keys_of(obj, fields.values(), values))
    if obj.moment:
        places = {f"{moment.object}/{moment.record_id}" for moment in Moment.objects.filter(item_id=record_id)}
        assert places == (set() if record.deleted_at else set(values[obj.moment.about]))
    if record.deleted_at is None:
        assert record.title == obj.title(values, actor.language)
        found = history.provenance(actor, obj, history.lately(actor, obj, record_id))
        assert {name for name in found if not fields[name].kind.is_empty(values[name])} <= set(told)


@pytest.mark.parametrize("seed", range(6))
def test_history_keys_moments_and_titles_always_follow_the_values(owner, shop, seed):
    chance, ids, refused = random.Random(seed), [], 0
    for _ in range(80):
        try:
            any_move(owner, shop, chance, ids)
        except (actions.Refused, access.Absent):
            refused += 1
    assert len(ids) > 2
    assert 5 < refused < 75
    for obj, record_id in ids:
        check(owner, obj, record_id)
