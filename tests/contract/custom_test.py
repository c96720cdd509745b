"""A field of any kind that an administrator adds is on every surface of every object at once."""

from __future__ import annotations

import pytest

from tests.contract.reads_test import expected, matching, operand, pages
from tests.contract.samples import CUSTOM_KINDS, OPTIONS, OWN, another, fitted, full, least, make, own_object, sample
from trato.engine import access, actions, custom, history, objects, paging, values
from trato.engine.kinds import KINDS
from trato.engine.models import CustomField, Key


def add(actor, obj, kind, **given):
    """A field of this kind, named after it."""
    row = custom.add(actor, obj, {"name": kind, "label": kind, "kind": kind, "options": OPTIONS.get(kind, {})} | given)
    return obj.fields(actor.workspace)[f"custom.{row.name}"]


#: Every kind is tried on these; on one object of each module one of each sort of storage, on all others one.
THOROUGH, BRIEF, LEAST = ("contacts", "things"), ("text", "number", "date", "emails", "link"), ("emails",)
#: One object of each module, one that is part of others, and an administrator's own: what a field of the workspace's
#: own does depends on its kind and on these, not on the object.
PLURALS = [
    *{obj.model._meta.app_label: obj.plural for obj in reversed(objects.all_objects()) if not obj.within}.values(),
    next(obj.plural for obj in objects.all_objects() if obj.within),
    OWN,
]


def pairs():
    return [
        (obj.plural, kind)
        for obj in objects.all_objects()
        for kind in (CUSTOM_KINDS if obj.plural in THOROUGH else BRIEF if obj.plural in PLURALS else LEAST)
    ] + [(OWN, kind) for kind in CUSTOM_KINDS]


@pytest.mark.parametrize(("plural", "kind"), pairs())
def test_a_field_of_any_kind_holds_filters_sorts_and_is_remembered(owner, plural, kind):
    obj = own_object(owner) if plural == OWN else objects.get(plural)
    field = add(owner, obj, kind)
    reader = access.reader(owner)
    three = [sample(owner, field, n) for n in range(3)]
    records = [actions.create(owner, obj, full(owner, obj, n) | {"custom": {kind: three[n]}}) for n in range(3)]
    records.append(actions.create(owner, obj, least(owner, obj, "Without")))
    for record, given in zip(records, three, strict=False):
        fresh = access.get(owner, obj, record.id)
        wanted = field.kind.clean(given, reader)
        assert field.read_from(fresh) == wanted
        assert fresh.custom == {kind: field.kind.dump(wanted)} or field.kind.is_empty(wanted)
    changes = history.of_record(owner, obj, records[2].id).get().changes
    assert changes[field.name][1] == field.kind.dump(field.kind.clean(three[2], reader))
    for op in field.kind.operators:
        tree = {"field": field.name, "op": op, "value": operand(owner, field, op)}
        found, everything = matching(owner, obj, tree), matching(owner, obj, None)
        assert matching(owner, obj, {"not": tree}) == everything - found, tree
    if "empty" in field.kind.operators:
        ids = {record.id for record in records}
        assert matching(owner, obj, {"field": field.name, "op": "empty"}) & ids == {records[3].id}
    if field.sortable:
        for descending in (False, True):
            order = paging.order_of(access.fields(owner, obj), obj, ("-" if descending else "") + field.name)
            wanted = expected(owner, obj, field, descending)
            forwards, backwards = pages(owner, obj, order, ["title"], 2)
            assert [row for page in forwards for row in page] == wanted
            assert [row for page in backwards for row in page] == wanted
    actions.update(owner, obj, records[0].id, {field.name: None})
    assert access.get(owner, obj, records[0].id).custom == {}


def test_required_default_and_unique_hold(owner, obj):
    add(owner, obj, "text", name="code", unique=True)
    add(owner, obj, "number", default=7)
    actions.create(owner, obj, full(owner, obj, 0) | {"custom.code": "A-1"})
    with pytest.raises(values.Refused) as refused:
        actions.create(owner, obj, full(owner, obj, 1) | {"custom": {"code": " a-1 "}})
    assert [(p.field, p.code) for p in refused.value.problems] == [("custom.code", "unique")]
    other = actions.create(owner, obj, full(owner, obj, 1) | {"custom": {"code": "B-2"}})
    assert other.custom == {"code": "B-2", "number": 7}
    with pytest.raises(values.Refused):
        actions.update(owner, obj, other.id, {"custom": {"code": "A-1"}})
    assert access.get(owner, obj, other.id).custom["code"] == "B-2"
    actions.update(owner, obj, other.id, {"custom": {"code": "C-3"}})
    actions.create(owner, obj, full(owner, obj, 2) | {"custom": {"code": "B-2"}})
    add(owner, obj, "date", name="day", required=True)
    with pytest.raises(values.Refused) as refused:
        actions.create(owner, obj, least(owner, obj, "No day"))
    assert [(p.field, p.code) for p in refused.value.problems] == [("custom.day", "required")]
    actions.update(owner, obj, other.id, another(owner, obj, other))


def test_a_unique_value_is_free_again_when_its_record_is_deleted(owner, obj):
    add(owner, obj, "text", name="code", unique=True)
    first = actions.create(owner, obj, full(owner, obj, 0) | {"custom.code": "A-1"})
    actions.delete(owner, obj, first.id)
    actions.create(owner, obj, full(owner, obj, 1) | {"custom.code": "A-1"})
    with pytest.raises(values.Refused) as refused:
        actions.restore(owner, obj, first.id)
    assert [(p.field, p.code) for p in refused.value.problems] == [("custom.code", "unique")]
    assert not Key.objects.filter(record_id=first.id).exists()


def test_an_archived_field_is_nowhere_and_comes_back_with_its_values(owner, obj):
    field = add(owner, obj, "text", name="code")
    record = actions.create(owner, obj, full(owner, obj, 0) | {"custom.code": "A-1"})
    custom.archive(owner, obj, "code")
    assert field.name not in access.fields(owner, obj)
    with pytest.raises(values.Refused):
        actions.update(owner, obj, record.id, {"custom.code": "B"})
    actions.update(owner, obj, record.id, another(owner, obj, record))
    custom.archive(owner, obj, "code", archived=False)
    assert obj.fields(owner.workspace)["custom.code"].read_from(access.get(owner, obj, record.id)) == "A-1"


def test_two_fields_of_one_kind_never_answer_for_each_other(owner, obj):
    for name in ("mine", "yours"):
        add(owner, obj, "tags", name=name)
    record = actions.create(owner, obj, least(owner, obj, "Tagged") | {"custom": {"mine": ["vip"]}})
    assert matching(owner, obj, {"field": "custom.mine", "op": "has", "value": "vip"}) == {record.id}
    assert matching(owner, obj, {"field": "custom.yours", "op": "has", "value": "vip"}) == set()
    if "tags" in obj.builtin:
        assert matching(owner, obj, {"field": "tags", "op": "has", "value": "vip"}) == set()


def test_digits_that_values_may_have_are_not_taken_away(owner, obj):
    add(owner, obj, "number", options={"digits": 2})
    with pytest.raises(values.Refused) as refused:
        custom.change(owner, obj, "number", {"options": {"digits": 0}})
    assert [(p.field, p.code) for p in refused.value.problems] == [("options", "digits")]
    assert CustomField.objects.get().options == {"digits": 2}
    custom.change(owner, obj, "number", {"options": {"digits": 4}, "label": "Finer"})
    assert obj.fields(owner.workspace)["custom.number"].kind.digits == 4


def test_values_of_older_options_are_read_filtered_and_sorted_without_trouble(owner, obj):
    """Whatever was kept under other options, or put there by other means."""
    number = add(owner, obj, "number")
    choice = add(owner, obj, "choice")
    record = actions.create(owner, obj, full(owner, obj, 0) | {"custom": {"choice": "one"}})
    obj.model.objects.filter(id=record.id).update(custom={"number": 12.5, "choice": "one"})
    custom.change(owner, obj, "choice", {"options": {"choices": [{"value": "other"}]}})
    for field in (access.fields(owner, obj)[name] for name in (number.name, choice.name)):
        for op in field.kind.operators:
            matching(owner, obj, {"field": field.name, "op": op, "value": operand(owner, field, op)})
        if field.sortable:
            order = paging.order_of(access.fields(owner, obj), obj, field.name)
            page = paging.page(access.visible(owner, obj), order, ["title", "custom"], 1)
            assert paging.page(access.visible(owner, obj), order, ["title"], 1, page.next or "").rows is not None
        assert field.kind.plain(field.read_from(access.get(owner, obj, record.id)), access.reader(owner))
    actions.update(owner, obj, record.id, another(owner, obj, record))
    assert access.get(owner, obj, record.id).custom == {"number": 12.5, "choice": "one"}


def test_custom_values_are_found_by_search_only_where_the_kind_says_words(owner, obj):
    add(owner, obj, "text", name="code")
    record = make(owner, obj, 0, custom={"code": "Zyzzyva"})
    if "custom" not in [name for names in obj.model._meta.get_field("search").groups.values() for name in names]:
        pytest.skip("its own search does not cover custom fields")
    from trato.engine import search

    assert record.id in [hit.id for hit in search.find(owner, "zyzz", [obj])]


WRONG = [
    {"name": "1x"},
    {"name": "A"},
    {"name": "a b"},
    {"name": "x" * 61},
    {"name": ""},
    {"label": ""},
    {"kind": "nothing"},
    {"kind": None},
    {"kind": ["text"]},
    {"options": {"nothing": 1}},
    {"options": [1]},
    {"options": {"max_length": -1}},
    {"kind": "choice", "options": {}},
    {"kind": "number", "default": "x"},
    {"kind": "link", "options": {"to": ["no-such-object"]}},
    {"position": "x"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_field_that_can_not_be_is_refused(owner, wrong):
    obj = objects.get("things")
    with pytest.raises(values.Refused):
        custom.add(owner, obj, {"name": "x", "label": "X", "kind": "text"} | wrong)
    assert not CustomField.objects.exists()


def test_only_administrators_add_fields_and_names_are_taken_once(cast, as_):
    obj = objects.get("things")
    with as_(cast.manager) as actor, pytest.raises(custom.NotAdministrator):
        custom.add(actor, obj, {"name": "x", "label": "X", "kind": "text"})
    with as_(cast.owner) as actor:
        add(actor, obj, "text")
        with pytest.raises(values.Refused):
            add(actor, obj, "text")
        assert set(KINDS) - set(CUSTOM_KINDS) <= {"file", "formula"}
        assert fitted(obj.builtin["title"].kind, "x") == "x"
