"""A record's timeline: everything about it and about what it stands for, newest first, in pages that fit together."""

import base64
import random
from datetime import UTC, datetime, timedelta

import pytest

from trato.engine import access, actions, history, objects, timeline, undo
from trato.engine.models import HistoryEntry, Moment
from trato.engine.workspaces.ids import uuid7

START = datetime(2026, 1, 1, tzinfo=UTC)


def things():
    return objects.get("things")


def crates():
    return objects.get("crates")


def trips():
    return objects.get("trips")


@pytest.fixture
def crate(owner):
    return actions.create(owner, crates(), {"name": "Crate"})


def trip(actor, name, about, at=START, **values):
    given = {"name": name, "about": [obj.ref(record.id) for obj, record in about], "happened_at": at.isoformat()}
    return actions.create(actor, trips(), given | values)


def all_pages(actor, obj, record_id, limit, **options):
    entries, cursor, pages = [], "", 0
    while cursor is not None:
        found, cursor = timeline.page(actor, obj, record_id, cursor=cursor, limit=limit, **options)
        entries += found
        pages += 1
        assert len(found) == limit or cursor is None
        assert pages < 500
    return entries


def test_a_thousand_moments_come_newest_first_and_each_once(owner, crate):
    """Many at the same instant, as imports of whole days make them."""
    chance = random.Random(7)
    items = [uuid7() for _ in range(1000)]
    moments = {item: START + timedelta(days=chance.randrange(60)) for item in items}
    place = {"object": "crates", "record_id": crate.id, "item_object": "trips", "owner_id": owner.user_id}
    Moment.objects.bulk_create(Moment(item_id=item, at=at, **place) for item, at in moments.items())
    found = all_pages(owner, crates(), crate.id, 30, only=["trips"])
    assert [entry.id for entry in found] == sorted(items, key=lambda item: (moments[item], item), reverse=True)


def test_what_happened_with_its_parts_is_rolled_up_once(owner, crate):
    inside = [actions.create(owner, things(), {"name": f"T{n}", "crate": str(crate.id)}) for n in range(5)]
    outside = actions.create(owner, things(), {"name": "Elsewhere"})
    everywhere = [(things(), thing) for thing in inside]
    shared = [trip(owner, f"All {n}", everywhere, START + timedelta(hours=n)) for n in range(40)]
    alone = [trip(owner, f"One {n}", everywhere[:1], START + timedelta(hours=n)) for n in range(3)]
    both = trip(owner, "Both", [(crates(), crate), *everywhere], START - timedelta(days=1))
    trip(owner, "Not ours", [(things(), outside)])
    found = all_pages(owner, crates(), crate.id, 7, only=["trips"])
    wanted = sorted([*shared, *alone, both], key=lambda record: (record.happened_at, record.id), reverse=True)
    assert [entry.id for entry in found] == [record.id for record in wanted]
    assert found[-1].on == crates().ref(crate.id)
    found = all_pages(owner, things(), inside[0].id, 7, only=["trips"])
    assert len(found) == 44


def test_changes_stand_between_items_and_can_be_asked_for_alone(owner, crate):
    trip(owner, "Before", [(crates(), crate)], START)
    trip(owner, "Later", [(crates(), crate)], datetime(2999, 1, 1, tzinfo=UTC))
    actions.update(owner, crates(), crate.id, {"name": "Renamed"})
    entries = all_pages(owner, crates(), crate.id, 2)
    told = [(entry.object, entry.change.action if entry.change else "") for entry in entries]
    assert told == [("trips", ""), ("crates", "updated"), ("crates", "created"), ("trips", "")]
    assert entries[1].change.changes["name"] == ["Crate", "Renamed"]
    only = all_pages(owner, crates(), crate.id, 2, only=["changes"])
    assert [entry.change.action for entry in only] == ["updated", "created"]
    assert all_pages(owner, crates(), crate.id, 2, only=["things"]) == []


def test_pages_of_many_changes_fit_together(owner, crate):
    for n in range(25):
        actions.update(owner, crates(), crate.id, {"name": f"Name {n}"})
    at = START
    HistoryEntry.objects.filter(record_id=crate.id).update(at=at)
    entries = all_pages(owner, crates(), crate.id, 4)
    ids = list(HistoryEntry.objects.filter(record_id=crate.id).order_by("-id").values_list("id", flat=True))
    assert [entry.key for entry in entries] == ids


def test_items_that_may_not_be_seen_are_not_there(cast, as_, set_role):
    with as_(cast.owner) as actor:
        crate = actions.create(actor, crates(), {"name": "Crate", "owner": str(cast.limited.id)})
        mine = trip(actor, "Mine", [(crates(), crate)], owner=str(cast.limited.id))
        theirs = trip(actor, "Theirs", [(crates(), crate)], owner=str(cast.manager.id))
        shared = trip(actor, "Shared", [(crates(), crate)], owner=str(cast.manager.id))
        actions.share(actor, trips(), shared.id, user=str(cast.limited.id))
        thing = actions.create(actor, things(), {"name": "Hidden", "crate": str(crate.id)})
        trip(actor, "About the hidden", [(things(), thing)], owner=str(cast.manager.id))
        assert len(all_pages(actor, crates(), crate.id, 30, only=["trips"])) == 4
    with as_(cast.limited) as actor:
        seen = {entry.id for entry in all_pages(actor, crates(), crate.id, 30, only=["trips"])}
        assert seen == {mine.id, shared.id}
        with pytest.raises(access.Absent):
            timeline.pin(actor, crates(), crate.id, moment_of(theirs), on=True)
        with pytest.raises(access.Absent):
            timeline.page(actor, things(), thing.id)
    with as_(cast.owner) as actor:
        actions.update(actor, trips(), theirs.id, {"owner": str(cast.limited.id)})
    with as_(cast.limited) as actor:
        assert theirs.id in {entry.id for entry in all_pages(actor, crates(), crate.id, 30, only=["trips"])}


def moment_of(item):
    return Moment.objects.get(item_id=item.id).id


def test_pinned_entries_stay_on_top_and_only_where_they_were_pinned(owner, crate):
    thing = actions.create(owner, things(), {"name": "T", "crate": str(crate.id)})
    item = trip(owner, "Pinned", [(things(), thing)])
    timeline.pin(owner, things(), thing.id, moment_of(item), on=True)
    assert [entry.id for entry in timeline.pinned(owner, things(), thing.id)] == [item.id]
    assert [entry.pinned for entry in all_pages(owner, things(), thing.id, 9, only=["trips"])] == [True]
    assert timeline.pinned(owner, crates(), crate.id) == []
    assert [entry.pinned for entry in all_pages(owner, crates(), crate.id, 9, only=["trips"])] == [False]
    actions.update(owner, trips(), item.id, {"happened_at": "2026-02-02T10:00:00Z"})
    [entry] = timeline.pinned(owner, things(), thing.id)
    assert entry.at == datetime(2026, 2, 2, 10, tzinfo=UTC)
    timeline.pin(owner, things(), thing.id, moment_of(item), on=False)
    assert timeline.pinned(owner, things(), thing.id) == []
    for nonsense in ("x", uuid7(), None):
        with pytest.raises(access.Absent):
            timeline.pin(owner, things(), thing.id, nonsense, on=True)


def test_a_cursor_that_is_none_starts_from_the_top(owner, crate):
    first, _next = timeline.page(owner, crates(), crate.id)
    deep = base64.urlsafe_b64encode(b"[" * 3_000).decode()
    number = base64.urlsafe_b64encode(b'["2026-01-01T00:00:00+00:00", 5]').decode()
    for cursor in ("x", "é", "e30", "W10", "bnVsbA", "WyIyMDI2LTAxLTAxIiwgIngiXQ", deep, number):
        assert timeline.page(owner, crates(), crate.id, cursor=cursor)[0] == first


def test_deleted_items_leave_timelines_and_come_back(owner, crate):
    item = trip(owner, "Gone", [(crates(), crate)])
    actions.delete(owner, trips(), item.id)
    assert all_pages(owner, crates(), crate.id, 9, only=["trips"]) == []
    actions.restore(owner, trips(), item.id)
    assert [entry.id for entry in all_pages(owner, crates(), crate.id, 9, only=["trips"])] == [item.id]


def test_a_link_that_is_hidden_rolls_nothing_up(cast, as_, set_role, owner, crate):
    thing = actions.create(owner, things(), {"name": "T", "crate": str(crate.id)})
    item = trip(owner, "About a part", [(things(), thing)])
    assert [entry.id for entry in all_pages(owner, crates(), crate.id, 9, only=["trips"])] == [item.id]
    set_role(cast.member, {"objects": {"*": {"see": "all"}, "things": {"see": "all", "fields": {"crate": "hidden"}}}})
    with as_(cast.member) as actor:
        assert all_pages(actor, crates(), crate.id, 9, only=["trips"]) == []
        assert [entry.id for entry in all_pages(actor, things(), thing.id, 9, only=["trips"])] == [item.id]


def test_a_pin_comes_back_with_what_was_deleted(owner, crate):
    thing = actions.create(owner, things(), {"name": "T", "crate": str(crate.id)})
    item = trip(owner, "Pinned", [(things(), thing), (crates(), crate)])
    place = Moment.objects.get(item_id=item.id, object="crates")
    timeline.pin(owner, crates(), crate.id, place.id, on=True)
    actions.delete(owner, trips(), item.id)
    assert timeline.pinned(owner, crates(), crate.id) == []
    actions.restore(owner, trips(), item.id)
    assert [entry.id for entry in timeline.pinned(owner, crates(), crate.id)] == [item.id]
    assert timeline.pinned(owner, things(), thing.id) == []
    timeline.pin(owner, crates(), crate.id, Moment.objects.get(item_id=item.id, object="crates").id, on=False)
    actions.delete(owner, trips(), item.id)
    actions.restore(owner, trips(), item.id)
    assert timeline.pinned(owner, crates(), crate.id) == []


def test_pins_come_back_when_a_large_deletion_is_undone(owner, crate):
    with history.batch() as batch:
        items = [trip(owner, f"V{n}", [(crates(), crate)]) for n in range(undo.FEW + 1)]
    timeline.pin(owner, crates(), crate.id, moment_of(items[3]), on=True)
    gone = undo.undo(owner, batch.id)
    assert timeline.pinned(owner, crates(), crate.id) == []
    undo.undo(owner, gone)
    assert [entry.id for entry in timeline.pinned(owner, crates(), crate.id)] == [items[3].id]
