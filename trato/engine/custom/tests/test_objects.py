"""Objects an administrator adds: on every surface at once, in their own workspace only."""

from __future__ import annotations

import json
import re

import pytest
from django.db import connection
from django.urls import get_resolver
from django.utils import translation

from trato.engine import access, actions, custom, filters, history, jobs, objects, paging, search
from trato.engine.kinds import KINDS
from trato.engine.models import CustomField, CustomRecord, HistoryEntry, Job, Key
from trato.engine.postgres.scope import in_workspace
from trato.engine.values import Refused
from trato.engine.workspaces.models import Role

pytestmark = pytest.mark.django_db
PROPERTY = {"plural": "properties", "label": "Property", "label_plural": "Properties", "icon": "home"}
USES = {"choices": [{"value": "flat"}, {"value": "shop"}]}
FIELDS = [
    {"name": "area", "label": "Area in m²", "kind": "number"},
    {"name": "built", "label": "Built", "kind": "date"},
    {"name": "city", "label": "City", "kind": "text"},
    {"name": "use", "label": "Use", "kind": "choice", "options": USES},
    {"name": "owners", "label": "Owners", "kind": "links", "options": {"to": ["contacts"]}},
]


def add_properties(actor):
    """The object *properties* with an area, a date, a city, a use and many owners."""
    custom.add_object(actor, PROPERTY)
    for field in FIELDS:
        custom.add(actor, objects.get("properties"), field)
    return objects.get("properties")


@pytest.fixture
def properties(owner):
    return add_properties(owner)


def ids(actor, obj, tree):
    return set(filters.narrow(actor, obj, access.visible(actor, obj), tree).values_list("id", flat=True))


def in_order(actor, obj, name):
    order = paging.order_of(access.fields(actor, obj), obj, name)
    return [row["title"] for row in paging.page(access.visible(actor, obj), order, ["title"], 10).rows]


def test_a_record_is_made_found_filtered_ordered_and_remembered(owner, properties):
    ana = actions.create(owner, objects.get("contacts"), {"first_name": "Ana", "last_name": "Ruiz"})
    values = {"area": 90, "built": "1931-04-14", "city": "Madrid", "owners": [f"contacts/{ana.id}"]}
    house = actions.create(owner, properties, {"name": "Calle Mayor 1", "custom": values})
    flat = actions.create(
        owner, properties, {"name": "Rua Nova 2", "custom": {"area": 45, "city": "Lugo", "use": "flat"}}
    )
    assert [hit.ref for hit in search.find(owner, "mayor")] == [f"properties/{house.id}"]
    assert [hit.ref for hit in search.find(owner, "lugo")] == [f"properties/{flat.id}"]
    assert ids(owner, properties, {"field": "custom.area", "op": "gt", "value": 50}) == {house.id}
    assert ids(owner, properties, {"field": "custom.city", "op": "is", "value": "LUGO"}) == {flat.id}
    assert ids(owner, properties, {"field": "custom.city", "op": "contains", "value": "ADR"}) == {house.id}
    assert ids(owner, properties, {"field": "custom.use", "op": "in", "value": ["flat", "shop"]}) == {flat.id}
    assert ids(owner, properties, {"field": "custom.owners", "op": "has", "value": f"contacts/{ana.id}"}) == {house.id}
    assert in_order(owner, properties, "custom.area") == ["Rua Nova 2", "Calle Mayor 1"]
    assert in_order(owner, properties, "-custom.city") == ["Calle Mayor 1", "Rua Nova 2"]
    actions.update(owner, properties, flat.id, {"custom.area": 120})
    assert in_order(owner, properties, "custom.area") == ["Calle Mayor 1", "Rua Nova 2"]
    actions.update(owner, properties, flat.id, {"custom.area": None})
    assert ids(owner, properties, {"field": "custom.area", "op": "empty"}) == {flat.id}
    assert [entry.action for entry in history.of_record(owner, properties, flat.id)] == [
        "updated",
        "updated",
        "created",
    ]


def test_records_of_two_objects_in_one_table_never_mix(owner, properties):
    custom.add_object(owner, {"plural": "permits", "label": "Permit", "label_plural": "Permits"})
    permits = objects.get("permits")
    house = actions.create(owner, properties, {"name": "Gran Via"})
    permit = actions.create(owner, permits, {"name": "Gran Via"})
    assert ids(owner, properties, None) == {house.id}
    assert ids(owner, permits, None) == {permit.id}
    assert [hit.ref for hit in search.find(owner, "gran via", [permits])] == [f"permits/{permit.id}"]
    with pytest.raises(access.Absent):
        access.get(owner, permits, house.id)
    with pytest.raises(access.Absent):
        actions.update(owner, permits, house.id, {"name": "Stolen"})
    assert access.titles(owner, [f"permits/{house.id}"]) == {}


def test_two_workspaces_with_an_object_of_one_name_see_nothing_of_each_other(cast, as_):
    with as_(cast.owner) as actor:
        house = actions.create(actor, add_properties(actor), {"name": "Acme tower", "custom": {"city": "Madrid"}})
    with as_(cast.stranger) as actor:
        assert not objects.is_known("properties")
        custom.add_object(actor, PROPERTY | {"label": "Estate"})
        theirs = objects.get("properties")
        assert str(theirs.label) == "Estate"
        assert "custom.city" not in theirs.fields(actor.workspace)
        assert not access.visible(actor, theirs).exists()
        assert search.find(actor, "tower") == []
        with pytest.raises(access.Absent):
            access.get(actor, theirs, house.id)
    with as_(cast.owner) as actor:
        assert str(objects.get("properties").label) == "Property"
        assert access.get(actor, objects.get("properties"), house.id).title == "Acme tower"


WRONG = [
    ({"plural": "contacts"}, "plural"),
    ({"plural": "settings"}, "plural"),
    ({"plural": "custom-objects"}, "plural"),
    ({"plural": "Properties"}, "plural"),
    ({"plural": "1st"}, "plural"),
    ({"plural": "a_b"}, "plural"),
    ({"plural": "x" * 61}, "plural"),
    ({"plural": None}, "plural"),
    ({"label": ""}, "label"),
    ({"label_plural": "x" * 101}, "label_plural"),
    ({"icon": "<script>"}, "icon"),
    ({"labels": {"xx": ["a", "b"]}}, "labels"),
    ({"labels": {"es": ["uno"]}}, "labels"),
    ({"position": -1}, "position"),
]


@pytest.mark.parametrize(("wrong", "field"), WRONG)
def test_an_object_that_can_not_be_is_refused(owner, wrong, field):
    with pytest.raises(Refused) as refused:
        custom.add_object(owner, PROPERTY | wrong)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert custom.listed_objects(owner) == []


def words_below(*places):
    """The words that addresses right below a place begin with."""
    below = get_resolver().url_patterns
    for place in places:
        below = [each for p in below if str(p.pattern) == place for each in getattr(p, "url_patterns", [])]
    firsts = (str(p.pattern).lstrip("^/").split("/")[0].rstrip("$") for p in below)
    return {word for word in firsts if re.fullmatch("[a-z][a-z0-9-]*", word)}


def test_no_object_is_called_like_a_page_or_an_address_of_the_api():
    pages, api = words_below("", "^w/[-a-zA-Z0-9_]+/"), words_below("api/v1/")
    assert {"settings", "search"} <= pages
    assert {"imports", "me"} <= api
    assert (pages | api) - custom.RESERVED - {obj.plural for obj in objects.registered()} == set()


def test_only_administrators_shape_objects_and_a_name_is_taken_once(cast, as_):
    with as_(cast.manager) as actor:
        for attempt in (
            lambda: custom.add_object(actor, PROPERTY),
            lambda: custom.change_object(actor, "properties", {}),
            lambda: custom.bury_object(actor, "properties"),
            lambda: custom.revive_object(actor, "properties"),
            lambda: custom.destroy_object(actor, "properties", "properties"),
            lambda: custom.listed_objects(actor),
        ):
            with pytest.raises(custom.NotAdministrator):
                attempt()
    with as_(cast.owner) as actor:
        custom.add_object(actor, PROPERTY)
        with pytest.raises(Refused):
            custom.add_object(actor, PROPERTY)


def test_renaming_keeps_the_address_and_each_language_has_its_words(owner, properties):
    house = actions.create(owner, properties, {"name": "Calle Mayor 1"})
    custom.change_object(
        owner,
        "properties",
        {
            "label": "Estate",
            "label_plural": "Estates",
            "labels": {"es": ["inmueble", "inmuebles"]},
            "name_label": "Address",
        },
    )
    renamed = objects.get("properties")
    assert str(renamed.label_plural) == "Estates"
    with translation.override("es"):
        assert str(renamed.label_plural) == "inmuebles"
    assert str(renamed.builtin["name"].label) == "Address"
    assert access.get(owner, renamed, house.id).title == "Calle Mayor 1"


def test_a_workspace_has_no_more_objects_than_it_may(owner, monkeypatch):
    monkeypatch.setattr("trato.engine.custom.definitions.MOST_OBJECTS", 1)
    custom.add_object(owner, PROPERTY)
    with pytest.raises(Refused, match="at most 1 objects"):
        custom.add_object(owner, PROPERTY | {"plural": "permits"})


def test_an_object_waits_in_the_recycle_bin_and_comes_back_whole(owner, properties):
    contacts = objects.get("contacts")
    custom.add(owner, contacts, {"name": "home", "label": "Home", "kind": "link", "options": {"to": ["properties"]}})
    house = actions.create(owner, properties, {"name": "Calle Mayor 1", "custom": {"area": 90}})
    ana = actions.create(owner, contacts, {"last_name": "Ruiz", "custom": {"home": f"properties/{house.id}"}})
    custom.bury_object(owner, "properties")
    assert not objects.is_known("properties")
    assert search.find(owner, "mayor") == []
    assert access.titles(owner, [f"properties/{house.id}"]) == {}
    assert "custom.home" not in access.fields(owner, contacts)
    actions.update(owner, contacts, ana.id, {"first_name": "Ana"})
    with pytest.raises(Refused, match="recycle bin"):
        custom.add_object(owner, PROPERTY)
    assert [row.plural for row in custom.listed_objects(owner, deleted=True)] == ["properties"]
    custom.revive_object(owner, "properties")
    again = access.get(owner, objects.get("properties"), house.id)
    assert (again.title, again.custom) == ("Calle Mayor 1", {"area": 90})
    assert access.get(owner, contacts, ana.id).custom == {"home": f"properties/{house.id}"}
    assert "custom.home" in access.fields(owner, contacts)


def test_what_is_deleted_for_good_leaves_nothing_behind(cast, as_):
    with as_(cast.owner) as actor:
        obj = add_properties(actor)
        for n in range(3):
            actions.create(actor, obj, {"name": f"House {n}", "custom": {"owners": []}})
        Role.objects.create(name="Clerk", permissions={"objects": {"properties": {"see": "all"}}})
        with pytest.raises(access.Absent):
            custom.destroy_object(actor, "properties", "properties")
        custom.bury_object(actor, "properties")
        with pytest.raises(Refused):
            custom.destroy_object(actor, "properties", "yes")
        row = custom.destroy_object(actor, "properties", "properties")
    jobs.run_job(str(cast.acme.id), str(row.id))
    with as_(cast.owner) as actor:
        assert Job.objects.get(id=row.id).result == {"records": 3}
        assert not CustomRecord.objects.exists()
        for model in (HistoryEntry, Key, CustomField):
            assert not model.objects.filter(object="properties").exists()
        assert Role.objects.get(name="Clerk").permissions == {"objects": {}}
        assert custom.listed_objects(actor, deleted=True) == []
        custom.add_object(actor, PROPERTY)


def test_a_field_has_an_index_that_answers_under_row_level_security(cast, as_):
    """As the app role, whose every statement passes a policy: for an order, a range and an equality."""
    with as_(cast.owner) as actor:
        obj = add_properties(actor)
        waiting = list(Job.objects.filter(name="index field", state="waiting"))
    for row in waiting:
        jobs.run_job(str(cast.acme.id), str(row.id))
    with as_(cast.owner) as actor, connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for name, tree in (
            ("custom.area", {"field": "custom.area", "op": "gt", "value": 50}),
            ("custom.built", {"field": "custom.built", "op": "lt", "value": "2000-01-01"}),
            ("custom.city", {"field": "custom.city", "op": "is", "value": "Lugo"}),
        ):
            order = paging.order_of(access.fields(actor, obj), obj, name)
            rows = filters.narrow(actor, obj, access.visible(actor, obj), tree)
            [first, _rest] = paging.stretches(rows, order)
            plan = first.values("id")[:50].explain(format="json")
            node = json.dumps(plan)
            slot = access.fields(actor, obj)[name].slot
            assert f"engine_customrecord_{slot.column}_{slot.place}" in node, node
            assert f"{slot.column}[{slot.place}]" in node.split("Index Cond")[1], node


def test_every_kind_that_can_be_ordered_has_copies(owner, properties):
    for name, kind in KINDS.items():
        if kind.sortable and not kind.many and name != "formula":
            options = {"choice": USES, "link": {"to": ["contacts"]}}.get(name, {})
            row = custom.add(owner, properties, {"name": f"a_{name}", "label": name, "kind": name, "options": options})
            assert row.slot or name == "user", name


def test_no_two_fields_have_one_slot_and_an_archived_one_keeps_its(owner, properties):
    assert CustomField.objects.get(object="properties", name="area").slot == "slot_numbers.1"
    custom.archive(owner, properties, "area")
    row = custom.add(owner, properties, {"name": "rooms", "label": "Rooms", "kind": "number"})
    assert row.slot == "slot_numbers.2"
    record = actions.create(owner, properties, {"name": "House", "custom": {"rooms": 4}})
    assert record.slot_numbers == [None, 4.0]
    custom.archive(owner, properties, "area", archived=False)
    with in_workspace(owner.workspace.id):
        assert ids(owner, properties, {"field": "custom.rooms", "op": "is", "value": 4}) == {record.id}


def test_filters_go_through_links_of_ones_own_both_ways(owner, properties):
    contacts = objects.get("contacts")
    custom.add(owner, properties, {"name": "agent", "label": "Agent", "kind": "link", "options": {"to": ["contacts"]}})
    ana, ion = (actions.create(owner, contacts, {"last_name": name}) for name in ("Ruiz", "Popescu"))
    both = {"owners": [f"contacts/{ana.id}", f"contacts/{ion.id}"], "area": 100, "agent": f"contacts/{ion.id}"}
    one = {"owners": [f"contacts/{ana.id}"], "area": 50}
    large = actions.create(owner, properties, {"name": "Large", "custom": both})
    small = actions.create(owner, properties, {"name": "Small", "custom": one})
    called = {"field": "last_name", "op": "is", "value": "Popescu"}
    assert ids(owner, properties, {"related": "custom.owners", "object": "contacts", "where": called}) == {large.id}
    assert ids(owner, properties, {"related": "custom.agent", "object": "contacts", "where": called}) == {large.id}
    assert ids(owner, contacts, {"related": "properties.custom.owners"}) == {ana.id, ion.id}
    two = {"related": "properties.custom.owners", "count": True, "op": "gte", "value": 2}
    assert ids(owner, contacts, two) == {ana.id}
    wide = {"related": "properties.custom.owners", "where": {"field": "custom.area", "op": "lt", "value": 60}}
    assert ids(owner, contacts, wide) == {ana.id}
    summed = {"related": "properties.custom.owners", "sum": "custom.area", "op": "gte", "value": 150}
    assert ids(owner, contacts, summed) == {ana.id}
    assert ids(owner, contacts, {"related": "properties.custom.agent"}) == {ion.id}
    assert small.id not in ids(owner, properties, {"field": "custom.agent.last_name", "op": "is", "value": "Popescu"})
