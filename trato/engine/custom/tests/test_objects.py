"""Objects an administrator adds: on every surface at once, in their own workspace only."""

from __future__ import annotations

import pytest

from trato.engine import access, actions, custom, filters, history, objects, paging, search

pytestmark = pytest.mark.django_db


def add_property(actor):
    """The object *properties* with an area, a date, a city and many owners."""
    custom.add_object(
        actor, {"plural": "properties", "label": "Property", "label_plural": "Properties", "icon": "home"}
    )
    obj = objects.get("properties")
    fields = [
        {"name": "area", "label": "Area in m²", "kind": "number"},
        {"name": "built", "label": "Built", "kind": "date"},
        {"name": "city", "label": "City", "kind": "text"},
        {
            "name": "use",
            "label": "Use",
            "kind": "choice",
            "options": {"choices": [{"value": "flat"}, {"value": "shop"}]},
        },
        {"name": "owners", "label": "Owners", "kind": "links", "options": {"to": ["contacts"]}},
    ]
    for field in fields:
        custom.add(actor, obj, field)
    return objects.get("properties")


def test_an_object_is_made_filled_found_ordered_and_remembered(cast, as_):
    with as_(cast.owner) as actor:
        obj = add_property(actor)
        ana = actions.create(actor, objects.get("contacts"), {"first_name": "Ana", "last_name": "Ruiz"})
        house = actions.create(
            actor,
            obj,
            {
                "name": "Calle Mayor 1",
                "custom": {"area": 90, "built": "1931-04-14", "city": "Madrid", "owners": [f"contacts/{ana.id}"]},
            },
        )
        flat = actions.create(actor, obj, {"name": "Rua Nova 2", "custom": {"area": 45, "city": "Lugo", "use": "flat"}})
        assert house.title == "Calle Mayor 1"
        assert [hit.ref for hit in search.find(actor, "mayor")] == [f"properties/{house.id}"]
        assert [hit.ref for hit in search.find(actor, "lugo")] == [f"properties/{flat.id}"]
        rows = access.visible(actor, obj)
        tree = {"field": "custom.area", "op": "gt", "value": 50}
        assert list(filters.narrow(actor, obj, rows, tree)) == [house]
        tree = {"field": "custom.owners", "op": "has", "value": f"contacts/{ana.id}"}
        assert list(filters.narrow(actor, obj, rows, tree)) == [house]
        order = paging.order_of(access.fields(actor, obj), obj, "custom.area")
        assert [row["id"] for row in paging.page(rows, order, ["title"], 10).rows] == [flat.id, house.id]
        actions.update(actor, obj, flat.id, {"custom.area": 120})
        assert [row["id"] for row in paging.page(rows, order, ["title"], 10).rows] == [house.id, flat.id]
        assert [entry.action for entry in history.of_record(actor, obj, flat.id)] == ["updated", "created"]
