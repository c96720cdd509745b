"""One change on many records does to each what a single write does, and says of each what became of it."""

import pytest

from trato.engine import access, actions, custom, jobs, mass, objects, undo
from trato.engine.kinds import Tags
from trato.engine.models import HistoryEntry, Job, Key
from trato.engine.values import Refused
from trato.engine.workspaces.ids import uuid7


def things():
    return objects.get("things")


def make(actor, many, **given):
    return [actions.create(actor, things(), {"name": f"Thing {n}", **given}) for n in range(many)]


def ids(records):
    return {"ids": [str(record.id) for record in records]}


def read(actor, record, name):
    found = access.get(actor, things(), record.id)
    return things().fields(actor.workspace)[name].read_from(found)


def run(job, actor):
    jobs.run_job(str(actor.workspace.id), str(job.id))
    return Job.objects.get(id=job.id)


def test_a_change_of_many_is_what_each_single_one_is(owner):
    one, *many = make(owner, 4, tags=["old", "vip"])
    actions.update(owner, things(), one.id, {"colour": "red", "tags": ["vip", "new"]})
    change = {"set": {"colour": "red"}, "add": {"tags": ["new"]}, "remove": {"tags": ["OLD"]}}
    done = mass.begin(owner, things(), ids(many), change)
    assert (done.count.done, done.count.unchanged, done.count.refused.total()) == (3, 0, 0)
    wanted = things().model.objects.filter(id=one.id).values("colour", "tags", "version", "custom").get()
    for record in many:
        row = things().model.objects.filter(id=record.id).values("colour", "tags", "version", "custom").get()
        assert row == wanted
        entries = [HistoryEntry.objects.filter(record_id=each.id).order_by("-id")[0] for each in (one, record)]
        assert entries[0].changes == entries[1].changes
        assert entries[1].batch_id == done.batch
        keys = set(Key.objects.filter(record_id=record.id).values_list("key", flat=True))
        assert {"tag:vip", "tag:new"} <= keys
        assert "tag:old" not in keys


def test_what_is_so_already_is_left_without_a_line_of_history(owner):
    records = make(owner, 2, colour="red")
    done = mass.begin(owner, things(), ids(records), {"set": {"colour": "red"}})
    assert (done.count.done, done.count.unchanged) == (0, 2)
    assert HistoryEntry.objects.filter(batch_id=done.batch).count() == 0


def test_a_filter_means_all_it_finds_also_where_the_change_takes_them_out_of_it(owner, monkeypatch):
    monkeypatch.setattr(mass, "FEW", 1)
    monkeypatch.setattr(mass, "CHUNK", 3)
    records, other = make(owner, 7, colour="red"), make(owner, 1, colour="blue")
    tree = {"field": "colour", "op": "is", "value": "red"}
    job = mass.begin(owner, things(), {"filter": tree}, {"set": {"colour": "green"}})
    [late] = make(owner, 1, colour="red")  # it was not there when this was asked for
    ended = run(job, owner)
    assert (ended.state, ended.done, ended.total, ended.result["done"]) == ("done", 7, 7, 7)
    assert {read(owner, record, "colour") for record in records} == {"green"}
    assert (read(owner, other[0], "colour"), read(owner, late, "colour")) == ("blue", "red")
    undo.undo(owner, ended.result["batch"])
    assert {read(owner, record, "colour") for record in records} == {"red"}


def test_a_job_that_dies_goes_on_where_it_was(owner, monkeypatch):
    monkeypatch.setattr(mass, "FEW", 1)
    monkeypatch.setattr(mass, "CHUNK", 2)
    records = make(owner, 5, count=0)
    job = mass.begin(owner, things(), ids(records), {"action": "add", "parameters": {"by": 1}})
    steps, step = [], mass.Changing.step

    def dies(self, wanted):
        steps.append(list(wanted))
        if len(steps) == 2:
            raise RuntimeError("killed before it was done")
        step(self, wanted)

    monkeypatch.setattr(mass.Changing, "step", dies)
    assert run(job, owner).state == "waiting"  # it is tried again
    assert sorted(read(owner, record, "count") for record in records) == [0, 0, 0, 1, 1]
    assert run(job, owner).state == "done"
    assert [read(owner, record, "count") for record in records] == [1] * 5


def test_cancelled_what_is_done_stays_and_can_be_taken_back(owner, monkeypatch):
    monkeypatch.setattr(mass, "FEW", 1)
    monkeypatch.setattr(mass, "CHUNK", 2)
    records = make(owner, 6, count=1)
    job = mass.begin(owner, things(), ids(records), {"set": {"count": 9}})
    step = mass.Changing.step

    def stops(self, wanted):
        step(self, wanted)
        jobs.cancel(owner, job.id)

    monkeypatch.setattr(mass.Changing, "step", stops)
    ended = run(job, owner)
    assert ended.state == "cancelled"
    assert [read(owner, record, "count") for record in records] == [9, 9, 1, 1, 1, 1]
    undo.undo(owner, ended.arguments["batch"])
    assert [read(owner, record, "count") for record in records] == [1] * 6


def test_records_are_deleted_and_brought_back(owner):
    records = make(owner, 3)
    done = mass.begin(owner, things(), ids(records), {"delete": True})
    assert done.count.done == 3
    assert access.visible(owner, things()).count() == 0
    undo.undo(owner, done.batch)
    assert access.visible(owner, things()).count() == 3


def test_each_record_left_as_it_is_has_its_reason(cast, as_, owner):
    with as_(cast.member) as member:
        own = make(member, 2, count=1)
    others = make(owner, 1, count=1)
    with as_(cast.member) as member:
        done = mass.begin(member, things(), ids([*own, *others]), {"set": {"count": 5}})
        assert (done.count.done, list(done.count.refused.values())) == (2, [1])
        assert done.count.reasons[0][0] == things().ref(others[0].id)
    assert read(owner, others[0], "count") == 1
    with as_(cast.limited) as limited:  # sees only their own
        done = mass.begin(limited, things(), ids([*own, *others]), {"set": {"count": 7}})
        assert done.count.seen == 0
    with as_(cast.reader) as reader, pytest.raises(access.Forbidden):
        mass.begin(reader, things(), ids(own), {"delete": True})


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"delete": True, "set": {"count": 1}},
        {"set": {"count": "many"}},
        {"set": {"nothing": 1}},
        {"set": {"id": str(uuid7())}},
        {"add": {"count": 1}},
        {"set": [1]},
        {"colour": "red"},
        {"set": {"crate": str(uuid7())}},
        {"action": "add", "parameters": {"by": "x"}},
    ],
)
def test_a_change_that_makes_no_sense_changes_nothing(owner, change):
    records = make(owner, 1, count=1)
    with pytest.raises(Refused):
        mass.begin(owner, things(), ids(records), change)
    assert HistoryEntry.objects.filter(record_id=records[0].id).count() == 1


@pytest.mark.parametrize("selection", [{}, {"ids": "all"}, {"ids": [], "filter": None}, {"ids": ["x"] * 10_001}])
def test_a_selection_that_is_none_is_refused(owner, selection):
    with pytest.raises(Refused):
        mass.begin(owner, things(), selection, {"set": {"count": 1}})


def test_a_unique_value_for_many_is_one_for_the_first(owner):
    custom.add(owner, things(), {"name": "code", "label": "Code", "kind": "text", "unique": True})
    records = make(owner, 3)
    done = mass.begin(owner, things(), ids(records), {"set": {"custom.code": "SAME"}})
    assert (done.count.done, done.count.refused.total()) == (1, 2)
    assert sorted(read(owner, record, "custom.code") for record in records) == ["", "", "SAME"]


def test_items_are_told_apart_as_in_any_write():
    tags = Tags()
    assert tags.without(["VIP", "New", "old"], ["vip", "OLD"]) == ["New"]
