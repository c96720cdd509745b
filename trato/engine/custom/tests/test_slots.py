"""The typed copies of custom values: the same by every way of writing, and answering as the values themselves would."""

from __future__ import annotations

import json
from datetime import date

import pytest

from tests.contract.samples import CUSTOM_KINDS, OPTIONS, own_object, sample
from trato.engine import access, actions, custom, filters, paging, slots, undo
from trato.engine.bulk import Row, Writer
from trato.engine.models import CustomRecord
from trato.engine.slots import Slot
from trato.engine.workspaces.ids import uuid7

pytestmark = pytest.mark.django_db


@pytest.fixture
def building(owner):
    """An object with a field of every kind."""
    obj = own_object(owner)
    for kind in CUSTOM_KINDS:
        custom.add(owner, obj, {"name": kind, "label": kind, "kind": kind, "options": OPTIONS.get(kind, {})})
    return own_object(owner)


def copies(record_id):
    [row] = CustomRecord.objects.filter(id=record_id).values("custom", *slots.PLACES)
    return row


def values(owner, obj, n):
    fields = {name: field for name, field in obj.fields(owner.workspace).items() if field.custom}
    reader = access.reader(owner)
    return {name: field.kind.clean(sample(owner, field, n), reader) for name, field in fields.items()}


def test_one_write_and_many_leave_the_same_copies(owner, building):
    given = [values(owner, building, n) for n in range(3)]
    single = [actions.create(owner, building, {"name": f"S{n}"} | given[n]) for n in range(3)]
    writer = Writer(owner, building, uuid7())
    many = writer.write([Row(n, {"name": f"M{n}"} | given[n]) for n in range(3)])
    for one, other in zip(single, many, strict=True):
        assert copies(one.id) == copies(other.record_id)
    writer = Writer(owner, building, uuid7(), match=["id"], unite=False)
    writer.write([Row(0, given[1], record_id=many[0].record_id)])
    actions.update(owner, building, single[0].id, given[1])
    assert copies(many[0].record_id) == copies(single[0].id) == copies(single[1].id)


def test_the_undo_of_many_changes_brings_the_copies_back(owner, building):
    given = [values(owner, building, n) for n in range(2)]
    [made] = Writer(owner, building, uuid7()).write([Row(0, {"name": "A"} | given[0])])
    before = copies(made.record_id)
    batch = uuid7()
    Writer(owner, building, batch, match=["id"]).write([Row(0, given[1], record_id=made.record_id)])
    assert copies(made.record_id) != before
    undo.undo(owner, batch)
    assert copies(made.record_id) == before


def test_defaults_are_copied_also_where_no_row_names_the_field(owner):
    obj = own_object(owner)
    custom.add(owner, obj, {"name": "floors", "label": "Floors", "kind": "number", "default": 2})
    custom.add(owner, obj, {"name": "lift", "label": "Lift", "kind": "number"})
    [one] = Writer(owner, obj, uuid7()).write([Row(0, {"name": "A"})])
    [two] = Writer(owner, obj, uuid7()).write([Row(0, {"name": "B", "custom.lift": 1})])
    assert (copies(one.record_id)["slot_numbers"], copies(two.record_id)["slot_numbers"]) == ([2.0], [2.0, 1.0])


TEXTS = [
    "Madrid",
    "madrid",
    "MADRID ",
    "Ávila",
    "ávila",
    "x" * 250,
    "x" * 200,
    "x" * 199,
    "X" * 250 + "y",
    "",
    "İstanbul",
    "straße",
]


def test_texts_are_compared_whole_and_in_any_case(owner):
    obj = own_object(owner)
    custom.add(owner, obj, {"name": "city", "label": "City", "kind": "text", "options": {"max_length": 500}})
    records = {
        actions.create(owner, obj, {"name": f"{n}", "custom": {"city": text}}).id: text.strip()
        for n, text in enumerate(TEXTS)
    }

    def found(op, value):
        tree = {"field": "custom.city", "op": op, "value": value}
        return {
            records[i]
            for i in filters.narrow(owner, obj, access.visible(owner, obj), tree).values_list("id", flat=True)
        }

    everything = {text.strip() for text in TEXTS}
    for asked in everything - {""}:
        same = {text for text in everything if text.lower() == asked.lower()}
        assert found("is", asked) == same, asked
        assert found("is_not", asked) == everything - same
        assert found("in", [asked, "nobody"]) == same
        assert found("not_in", [asked, "nobody"]) == everything - same
        for first in (asked[:1], asked[:3], asked, asked.upper()):
            assert found("starts", first) == {t for t in everything if t.lower().startswith(first.lower())}, first
        assert found("contains", asked[1:4]) == {t for t in everything if asked[1:4].lower() in t.lower()}
    assert found("empty", None) == {""}
    assert found("filled", None) == everything - {""}
    order = paging.order_of(access.fields(owner, obj), obj, "custom.city")
    rows = paging.page(access.visible(owner, obj), order, ["custom"], 50).rows
    listed = [row["custom"].get("city", "") for row in rows if row["custom"]]
    assert [text.lower()[:200] for text in listed] == sorted(text.lower()[:200] for text in listed)


def test_numbers_of_every_size_are_found_exactly(owner):
    obj = own_object(owner)
    custom.add(owner, obj, {"name": "n", "label": "N", "kind": "number", "options": {"digits": 6}})
    numbers = ["0.1", "0.3", "-0.000001", "123456789.123456", "999999999999999", "-7", "0"]
    ids = {actions.create(owner, obj, {"name": text, "custom": {"n": text}}).id: float(text) for text in numbers}
    for text in numbers:
        for op, holds in (("is", float.__eq__), ("lt", float.__lt__), ("gte", float.__ge__)):
            tree = {"field": "custom.n", "op": op, "value": text}
            rows = filters.narrow(owner, obj, access.visible(owner, obj), tree).values_list("id", flat=True)
            assert {ids[i] for i in rows} == {n for n in ids.values() if holds(n, float(text))}, (op, text)


def test_a_slot_is_a_place_of_an_array():
    slot = Slot.of("slot_dates.3")
    day = date(2026, 1, 2)
    assert str(slot) == "slot_dates.3"
    assert slot.put(None, day) == [None, None, day]
    assert slot.put([day, None, None, day], day) == [day, None, day, day]
    assert slot.put([None, None, day], None) is None
    assert slot.put([day, None, day], None) == [day]
    assert Slot.of(None) is Slot.of("") is None
    assert json.dumps(slots.PLACES, default=str).count("slot_") == 5
