"""Records that are part of others: their rights, their whole's sums, and what happens when it goes or is frozen."""

import pytest

from tests.toys.models import Bill, BillLine
from trato.engine import access, actions, destroying, history, mass, merging, objects, search, undo
from trato.engine.access import Absent, Forbidden
from trato.engine.actions import Refused
from trato.engine.bulk import ID, Row, Writer
from trato.engine.models import HistoryEntry
from trato.engine.workspaces.ids import uuid7

bills, lines = objects.get("bills"), objects.get("bill-lines")


def bill(actor, *amounts, **more):
    """A bill with lines of these amounts, and the lines."""
    rows = [{"name": f"L{n}", "amount": amount, "position": n} for n, amount in enumerate(amounts)]
    made = actions.create(actor, bills, {"name": "B", "bill-lines": rows, **more})
    return made, list(BillLine.objects.filter(bill_id=made.id).order_by("position"))


def send(actor, record):
    """Freeze a bill."""
    actions.run(actor, bills, "send", record.id, {})


def state(record):
    """The total, how often it was settled, and the version, as they are stored."""
    now = Bill.objects.get(id=record.id)
    return now.total, now.settled, now.version


def codes(refused):
    return [(problem.field, problem.code) for problem in refused.value.problems]


def test_parts_made_with_their_whole_are_one_write_and_settle_once(owner):
    with history.batch() as batch:
        made, some = bill(owner, 3, 4)
    assert (made.total, state(made)) == (7, (7, 1, 2))
    assert [line.name for line in some] == ["L0", "L1"]
    told = HistoryEntry.objects.filter(batch_id=batch.id).order_by("id")
    assert [(row.object, row.action) for row in told] == [
        ("bills", "created"),
        ("bill-lines", "created"),
        ("bill-lines", "created"),
        ("bills", "settled"),
    ]


def test_one_wrong_part_makes_nothing_and_is_named_by_its_place(owner):
    rows = [{"name": "good", "amount": 1}, {"name": "", "amount": "many"}, {"amount": 2, "colour": "red"}]
    with pytest.raises(Refused) as refused:
        actions.create(owner, bills, {"name": "B", "bill-lines": rows})
    assert set(codes(refused)) == {
        ("bill-lines/1/name", "required"),
        ("bill-lines/1/amount", "number"),
        ("bill-lines/2/colour", "unknown"),
        ("bill-lines/2/name", "required"),
    }
    assert not BillLine.objects.exists()
    for wrong in ("x", [1], {"name": "x"}):
        with pytest.raises(Refused):
            actions.create(owner, bills, {"name": "B", "bill-lines": wrong})


def test_every_write_of_a_part_settles_its_whole(owner):
    made, (first, second) = bill(owner, 3, 4)
    actions.update(owner, lines, first.id, {"amount": 10})
    assert state(made)[0] == 14
    actions.delete(owner, lines, second.id)
    assert state(made)[0] == 10
    actions.restore(owner, lines, second.id)
    assert state(made)[0] == 14
    actions.create(owner, lines, {"bill": str(made.id), "name": "third", "amount": 1})
    assert state(made)[:2] == (15, 5)
    actions.update(owner, lines, first.id, {"amount": 10})  # nothing changed
    assert state(made)[1] == 5


def test_a_change_of_many_parts_settles_each_whole_once(owner):
    one, two = bill(owner, 1, 1, 1)[0], bill(owner, 1, 1)[0]
    done = mass.begin(owner, lines, {"filter": None}, {"set": {"amount": 5}})
    assert done.count.done == 5
    assert (state(one)[:2], state(two)[:2]) == ((15, 2), (10, 2))
    undo.undo(owner, done.batch)
    assert (state(one)[:2], state(two)[:2]) == ((3, 3), (2, 3))
    mass.begin(owner, lines, {"filter": None}, {"delete": True})
    assert (state(one)[0], state(two)[0]) == (0, 0)


def test_the_undo_of_one_part_leaves_what_was_done_since(owner):
    made, (first, second) = bill(owner, 3, 4)
    with history.batch() as batch:
        actions.update(owner, lines, first.id, {"amount": 10})
    actions.update(owner, lines, second.id, {"amount": 20})
    back = undo.undo(owner, batch.id)
    assert state(made)[0] == 23
    undo.undo(owner, back)
    assert state(made)[0] == 30


def test_a_large_batch_is_undone_with_its_wholes(owner, monkeypatch):
    made, _some = bill(owner, *[1] * 6)
    monkeypatch.setattr(undo, "FEW", 3)
    done = mass.begin(owner, lines, {"filter": None}, {"set": {"amount": 2}})
    assert state(made)[0] == 12
    undo.undo(owner, done.batch)
    assert state(made)[0] == 6
    assert not HistoryEntry.objects.filter(batch_id=done.batch, undone_at=None).exists()


def test_rights_are_those_of_the_whole(cast, as_):
    with as_(cast.owner) as actor:
        hers, (line,) = bill(actor, 1, owner=str(cast.limited.id))
        other, (foreign,) = bill(actor, 1)
    with as_(cast.limited) as actor:
        assert set(access.visible(actor, lines)) == {line}
        assert set(access.visible(actor, lines, "change")) == {line}
        actions.update(actor, lines, line.id, {"amount": 2})
        actions.create(actor, lines, {"bill": str(hers.id), "name": "x"})
        actions.delete(actor, lines, line.id)
        with pytest.raises(Absent):
            actions.update(actor, lines, foreign.id, {"amount": 2})
        with pytest.raises(Refused):
            actions.create(actor, lines, {"bill": str(other.id), "name": "x"})
    with as_(cast.reader) as actor:
        assert access.visible(actor, lines).filter(id=foreign.id).exists()
        assert not actor.rights.may("bill-lines", "create")
        with pytest.raises(Forbidden):
            actions.create(actor, lines, {"bill": str(other.id), "name": "x"})
        with pytest.raises(Forbidden):
            actions.update(actor, lines, foreign.id, {"amount": 2})
    with as_(cast.member) as actor:  # sees all, changes the team's
        with pytest.raises(Forbidden):
            actions.create(actor, lines, {"bill": str(other.id), "name": "x"})
        with pytest.raises(Forbidden):
            actions.delete(actor, lines, foreign.id)
        assert BillLine.objects.get(id=foreign.id).amount == 1


def test_scopes_of_a_key_are_those_of_the_whole(cast, as_):
    from dataclasses import replace

    with as_(cast.owner) as actor:
        made, _some = bill(actor, 1)

        def keyed(*scopes):
            return replace(actor, rights=replace(actor.rights, scopes=scopes))

        assert access.visible(keyed("bills:see"), lines).exists()
        assert not access.visible(keyed("bill-lines:see"), lines).exists()
        assert not keyed("bills:see", "bills:create").rights.may("bill-lines", "create")
        actions.create(keyed("bills:see", "bills:change"), lines, {"bill": str(made.id), "name": "x"})
        with pytest.raises(Forbidden):
            actions.create(keyed("bills:see", "bill-lines:create"), lines, {"bill": str(made.id), "name": "x"})


def test_a_part_stays_what_it_is_part_of(owner):
    one, (line,) = bill(owner, 1)
    two, _none = bill(owner)
    with pytest.raises(Refused) as refused:
        actions.update(owner, lines, line.id, {"bill": str(two.id)})
    assert codes(refused) == [("bill", "read_only")]
    done = mass.begin(owner, lines, {"ids": [line.id]}, {"set": {"bill": str(two.id)}})
    assert done.count.done == 0
    [outcome] = Writer(owner, lines, uuid7(), match=(ID,)).write([Row(1, {"bill": two.id}, line.id)])
    assert outcome.result == "failed"
    assert BillLine.objects.get(id=line.id).bill_id == one.id


def test_parts_go_and_come_back_with_their_whole(owner):
    made, (first, second) = bill(owner, 1, 2)
    actions.delete(owner, lines, first.id)
    actions.delete(owner, bills, made.id)
    assert not access.visible(owner, lines).exists()
    assert set(access.visible(owner, lines, deleted=True)) == {first, second}
    assert not access.in_bin(owner, lines).exists()  # neither comes back by itself
    with pytest.raises(Refused):
        actions.restore(owner, lines, second.id)
    actions.restore(owner, bills, made.id)
    assert set(access.visible(owner, lines)) == {second}
    assert set(access.in_bin(owner, lines)) == {first}
    assert state(made)[0] == 2


def test_many_wholes_go_and_come_back_with_their_parts(owner):
    made = [bill(owner, 1, 2)[0] for _n in range(3)]
    done = mass.begin(owner, bills, {"ids": [each.id for each in made]}, {"delete": True})
    assert not access.visible(owner, lines).exists()
    undo.undo(owner, done.batch)
    assert access.visible(owner, lines).count() == 6


def test_what_is_deleted_for_good_takes_its_parts_along(owner):
    made, (first, _second) = bill(owner, 1, 2)
    kept, _some = bill(owner, 5)
    actions.delete(owner, lines, first.id)
    actions.delete(owner, bills, made.id)
    assert destroying.begin(owner, bills, [made.id]).count == 1
    assert not Bill.objects.filter(id=made.id).exists()
    assert [line.bill_id for line in BillLine.objects.all()] == [kept.id]


def test_merged_wholes_unite_their_parts(owner):
    one, two = bill(owner, 1)[0], bill(owner, 2)[0]
    with history.batch() as batch:
        merging.merge(owner, bills, one.id, [two.id])
    assert state(one)[0] == 3
    assert set(access.visible(owner, lines).values_list("bill_id", flat=True)) == {one.id}
    undo.undo(owner, batch.id)
    assert (state(one)[0], state(two)[0]) == (1, 2)


def test_an_import_writes_parts_of_what_may_be_changed_and_settles_once(cast, as_):
    with as_(cast.owner) as actor:
        hers, (line,) = bill(actor, 1, owner=str(cast.limited.id))
        other, _some = bill(actor, 1)
        sent = actions.create(actor, bills, {"name": "S", "owner": str(cast.limited.id)})
        send(actor, sent)
    with as_(cast.limited) as actor:
        rows = [
            Row(1, {"bill": hers.id, "name": "a", "amount": 5}),
            Row(2, {"bill": hers.id, "name": "b", "amount": 5}),
            Row(3, {"bill": other.id, "name": "c", "amount": 5}),
            Row(4, {"bill": sent.id, "name": "d", "amount": 5}),
            Row(5, {"name": "e", "amount": 5}),
        ]
        outcomes = Writer(actor, lines, uuid7()).write(rows)
        assert [one.result for one in outcomes] == ["created", "created", "failed", "failed", "failed"]
        assert outcomes[3].problems[0].code == "frozen"
        assert state(hers)[:2] == (11, 2)
        assert (state(other)[0], state(sent)[0]) == (1, 0)
        match = Writer(actor, lines, uuid7(), match=(ID,))
        assert match.write([Row(1, {"amount": 100}, line.id)])[0].result == "updated"
        assert state(hers)[0] == 110


# -- frozen ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def sent(owner):
    """A frozen bill, its lines, and everything about it as it was."""
    made, some = bill(owner, 3, 4)
    with history.batch() as batch:
        actions.update(owner, bills, made.id, {"name": "Bill"})
    send(owner, made)
    return made, some, batch


def refusals(actor, made, some, batch):
    """Each way a frozen record or its parts could be changed."""
    other = actions.create(actor, bills, {"name": "other"})
    return {
        "update": lambda: actions.update(actor, bills, made.id, {"name": "x"}),
        "update with what is thawed": lambda: actions.update(actor, bills, made.id, {"name": "x", "paid": True}),
        "delete": lambda: actions.delete(actor, bills, made.id),
        "merge as winner": lambda: merging.merge(actor, bills, made.id, [other.id]),
        "merge as loser": lambda: merging.merge(actor, bills, other.id, [made.id]),
        "undo": lambda: undo.undo(actor, batch.id),
        "new part": lambda: actions.create(actor, lines, {"bill": str(made.id), "name": "x"}),
        "part": lambda: actions.update(actor, lines, some[0].id, {"amount": 9}),
        "part deleted": lambda: actions.delete(actor, lines, some[0].id),
    }


def test_what_is_frozen_is_changed_in_no_way(owner, sent):
    made, some, _batch = sent
    before = [*Bill.objects.filter(id=made.id).values(), *BillLine.objects.order_by("id").values()]
    for way, attempt in refusals(owner, *sent).items():
        with pytest.raises(Refused) as refused:
            attempt()
        assert codes(refused) == [("", "frozen")], way
    done = mass.begin(owner, bills, {"ids": [made.id]}, {"set": {"name": "x"}})
    assert (done.count.done, dict(done.count.refused)) == (0, {"Sent; write another one instead.": 1})
    assert mass.begin(owner, bills, {"ids": [made.id]}, {"delete": True}).count.done == 0
    assert mass.begin(owner, lines, {"ids": [some[0].id]}, {"set": {"amount": 9}}).count.done == 0
    assert mass.begin(owner, lines, {"ids": [some[0].id]}, {"delete": True}).count.done == 0
    [one] = Writer(owner, bills, uuid7(), match=(ID,)).write([Row(1, {"name": "x"}, made.id)])
    [two] = Writer(owner, lines, uuid7(), match=(ID,)).write([Row(1, {"amount": 9}, some[0].id)])
    assert [(each.result, each.problems[0].code) for each in (one, two)] == [("failed", "frozen")] * 2
    after = [*Bill.objects.filter(id=made.id).values(), *BillLine.objects.order_by("id").values()]
    assert after == before


def test_thawed_fields_of_what_is_frozen_still_change(owner, sent):
    made, some, _batch = sent
    actions.update(owner, bills, made.id, {"paid": True})
    actions.update(owner, lines, some[0].id, {"mark": "here"})
    assert mass.begin(owner, bills, {"ids": [made.id]}, {"set": {"paid": False}}).count.done == 1
    assert BillLine.objects.get(id=some[0].id).mark == "here"


def test_a_large_undo_leaves_what_is_frozen_since(owner, monkeypatch):
    made = [actions.create(owner, bills, {"name": str(n)}) for n in range(4)]
    done = mass.begin(owner, bills, {"ids": [each.id for each in made]}, {"set": {"name": "same"}})
    send(owner, made[0])
    monkeypatch.setattr(undo, "FEW", 2)
    with pytest.raises(Refused):
        undo.undo(owner, done.batch)
    assert set(Bill.objects.values_list("name", flat=True)) == {"same"}


def test_parts_are_found_by_words_only_where_they_are_asked_for(owner):
    made, _some = bill(owner, 1)
    actions.create(owner, lines, {"bill": str(made.id), "name": "Zwetschge"})
    assert search.find(owner, "Zwetschge") == []
    assert [hit.title for hit in search.find(owner, "Zwetschge", [lines])] == ["Zwetschge"]
