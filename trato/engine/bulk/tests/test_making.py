"""Many records made with their parts, and many written, are what single actions make: values, history, keys."""

import pytest
from django.db import IntegrityError, transaction

from tests.toys.models import Bill, BillLine
from trato.engine import access, actions, custom, history, objects
from trato.engine.bulk import Made, Maker, write_many
from trato.engine.models import HistoryEntry, Key
from trato.engine.workspaces.ids import uuid7

bills, lines = objects.get("bills"), objects.get("bill-lines")
SLOTS = ("slot_numbers", "slot_dates", "slot_times", "slot_flags")
OWN = {"id", "created_at", "updated_at", "bill_id"}


def given(*amounts, **more):
    rows = [{"name": f"L{n}", "amount": amount} for n, amount in enumerate(amounts)]
    return {"name": "B", "bill-lines": rows, **more}


def make(actor, *rows):
    """The records that are made of these, or why they are not; written with their totals."""
    maker = Maker(actor, bills, uuid7())
    found = maker.make(rows)
    sound = [each for each in found if isinstance(each, Made)]
    for each in sound:
        total = sum(part.record.amount for part in each.parts)
        each.follow({"total": total, "settled": 1}, history.SETTLED)
    maker.write(sound)
    return found


def told(record):
    rows = HistoryEntry.objects.filter(record_id=record.id).order_by("id")
    return [(row.action, row.version, {n: v for n, v in row.changes.items() if n != "bill"}) for row in rows]


def stored(rows):
    return [{name: value for name, value in row.items() if name not in OWN} for row in rows.values()]


def test_a_record_with_its_parts_is_what_a_single_create_makes(owner):
    crate = actions.create(owner, objects.get("crates"), {"name": "C"})
    row = given(3, 4, crate=str(crate.id))
    single = actions.create(owner, bills, row)
    many = [made.record for made in make(owner, row, row)]
    of_bill = [stored(Bill.objects.filter(id=each.id)) for each in (single, *many)]
    assert of_bill[0] == of_bill[1] == of_bill[2]
    assert (of_bill[0][0]["total"], of_bill[0][0]["version"]) == (7, 2)
    of_lines = [BillLine.objects.filter(bill_id=each.id).order_by("position") for each in (single, *many)]
    assert stored(of_lines[0]) == stored(of_lines[1]) == stored(of_lines[2])
    assert [line.position for line in of_lines[1]] == [1, 2]
    assert told(single) == told(many[0]) == told(many[1])
    assert [told(line) for line in of_lines[0]] == [told(line) for line in of_lines[1]]
    assert [row.version for row in HistoryEntry.objects.filter(record_id=many[0].id).order_by("id")] == [1, 2]


def test_own_fields_have_their_defaults_copies_and_keys(owner):
    custom.add(owner, bills, {"name": "weight", "label": "Weight", "kind": "number", "default": 5})
    custom.add(owner, bills, {"name": "code", "label": "Code", "kind": "text", "unique": True})
    single = actions.create(owner, bills, given(1, custom={"code": "A-1"}))
    [made] = [each.record for each in make(owner, given(1, custom={"code": "B-2"}))]
    one, other = (Bill.objects.filter(id=each.id).values().get() for each in (single, made))
    assert other["custom"] == {"weight": 5, "code": "B-2"}
    assert [other[name] for name in SLOTS if name != "slot_texts"] == [
        one[name] for name in SLOTS if name != "slot_texts"
    ]
    keys = [Key.objects.filter(record_id=each.id).values_list("key", flat=True) for each in (single, made)]
    assert [sorted(each) for each in keys] == [["unique:custom.code:a-1"], ["unique:custom.code:b-2"]]
    with pytest.raises(IntegrityError), transaction.atomic():
        make(owner, given(1, custom={"code": "b-2"}))


def test_what_can_not_be_made_says_why_and_the_others_are_made(owner):
    gone = actions.create(owner, objects.get("crates"), {"name": "C"})
    actions.delete(owner, objects.get("crates"), gone.id)
    wrong = given(1, colour="red")
    rows = (given(1), given(1, crate=str(gone.id)), wrong, given("many", 2, "few"), given(5))
    first, absent, unknown, parts, last = make(owner, *rows)
    problems = [[(p.field, p.code) for p in each.problems] for each in (absent, unknown, parts)]
    assert problems == [
        [("crate", "absent")],
        [("colour", "unknown")],
        [("bill-lines/0/amount", "number"), ("bill-lines/2/amount", "number")],
    ]
    assert set(Bill.objects.values_list("id", "total")) == {(first.record.id, 1), (last.record.id, 5)}
    assert BillLine.objects.count() == 2


def test_who_may_not_create_makes_nothing(cast, as_):
    with as_(cast.reader) as actor, pytest.raises(access.Forbidden):
        Maker(actor, bills, uuid7())


def test_inside_settling_each_record_settles_afterwards(owner):
    from trato.engine import wholes

    with wholes.settling(owner):
        maker = Maker(owner, bills, uuid7())
        maker.write([each for each in maker.make([given(3, 4)]) if isinstance(each, Made)])
    assert Bill.objects.values_list("total", "settled").get() == (7, 1)


def test_many_written_are_what_single_writes_are(owner, django_assert_max_num_queries):
    one, *others = (actions.create(owner, bills, {"name": f"B{n}"}) for n in range(4))
    actions.write(owner, bills, one, {"paid": True, "total": 9})
    same = others[-1]
    with django_assert_max_num_queries(12):
        changed = [(each, {"paid": True, "total": 9}) for each in others[:2]]
        write_many(owner, bills, [*changed, (same, {"paid": False})], uuid7())
    expected = [{"action": "updated", "version": 2, "changes": {"paid": [False, True], "total": [0, 9]}}]
    for each in (one, *others[:2]):
        rows = HistoryEntry.objects.filter(record_id=each.id).exclude(action="created")
        assert list(rows.values("action", "version", "changes")) == expected
        assert (each.version, each.total) == Bill.objects.values_list("version", "total").get(id=each.id) == (2, 9)
    assert Bill.objects.get(id=same.id).version == 1
