"""Configuration moves from one workspace to another: compared first, whole or not at all."""

from __future__ import annotations

import json

import pytest

from trato.engine import actions, configuration, custom, duplicates, gatekeeping, layouts, objects, views
from trato.engine.models import CustomField, CustomObject
from trato.engine.values import Refused
from trato.engine.workspaces.models import Role

pytestmark = pytest.mark.django_db
PERMIT = {"plural": "permits", "label": "Permit", "label_plural": "Permits", "icon": "license"}


@pytest.fixture
def file(cast, as_):
    """Acme's configuration, as a file carries it."""
    with as_(cast.owner) as actor:
        custom.add_object(actor, PERMIT | {"labels": {"es": ["permiso", "permisos"]}})
        permits = objects.get("permits")
        custom.add(actor, permits, {"name": "fee", "label": "Fee", "kind": "number", "options": {"digits": 2}})
        custom.add(
            actor, permits, {"name": "holder", "label": "Holder", "kind": "link", "options": {"to": ["contacts"]}}
        )
        custom.add(
            actor,
            objects.get("contacts"),
            {"name": "permit", "label": "Permit", "kind": "links", "options": {"to": ["permits"]}},
        )
        permits = objects.get("permits")
        money = {"label": "Money", "labels": {"es": "Dinero"}, "fields": ["custom.fee"]}
        custom.set_layout(actor, permits, None, {"columns": ["title", "custom.fee"], "sections": [money]})
        clerk = Role.objects.create(name="Clerk", permissions={"objects": {"permits": {"see": "all", "change": "own"}}})
        custom.set_layout(actor, permits, clerk.id, {"head": ["custom.holder"]})
        return json.loads(json.dumps(configuration.export(actor)))


def test_another_workspace_becomes_the_same(cast, as_, file):
    with as_(cast.stranger) as actor:
        expected = {
            ("objects", "permits"),
            ("fields", "contacts", "permit"),
            ("fields", "permits", "fee"),
            ("fields", "permits", "holder"),
            ("layouts", "permits", ""),
            ("layouts", "permits", "Clerk"),
            ("roles", "Clerk"),
            ("roles", "Limited"),
            ("roles", "Team"),
        }
        tried = configuration.compare(actor, file)
        # Acme's other roles are those of every new workspace.
        roles_of_toys = {("roles", name) for name in ("Limited",)}
        assert {(one.section, *one.key) for one in tried} == expected | roles_of_toys
        assert all(one.added for one in tried)
        assert not CustomObject.objects.exists() and not CustomField.objects.exists()
        assert not objects.is_known("permits")
        done = configuration.apply(actor, file)
        assert [one.key for one in done] == [one.key for one in tried]
        permits = objects.get("permits")
        assert layouts.of(actor, permits).columns == ("title", "custom.fee")
        clerk = Role.objects.get(name="Clerk")
        assert layouts.of_role(actor, permits, clerk.id).head == ("custom.holder",)
        record = actions.create(actor, permits, {"name": "Terrace", "custom": {"fee": "12.50"}})
        assert record.custom == {"fee": 12.5}
        assert configuration.export(actor)["sections"] == file["sections"]
        assert configuration.compare(actor, file) == []


def test_what_differs_is_changed_and_what_only_is_here_stays(cast, as_, file):
    with as_(cast.owner) as actor:
        custom.add(actor, objects.get("permits"), {"name": "extra", "label": "Extra", "kind": "text"})
        fee = next(item for item in file["sections"]["fields"] if item["name"] == "fee")
        fee["label"], fee["archived"] = "Charge", True
        [change] = configuration.apply(actor, file)
        assert dict(change.fields) == {"label": ("Fee", "Charge"), "archived": (False, True)}
        assert "custom.fee" not in objects.get("permits").fields(actor.workspace)
        assert "custom.extra" in objects.get("permits").fields(actor.workspace)


def test_gates_rules_of_duplicates_and_shared_views_move_too(cast, as_):
    with as_(cast.owner) as actor:
        contacts = objects.get("contacts")
        custom.add(actor, contacts, {"name": "budget", "label": "Budget", "kind": "number"})
        gatekeeping.set_gate(actor, contacts, "lifecycle", "customer", needed=["custom.budget"], stale_days=30)
        first = duplicates.weighing.of(contacts).comparisons[0]
        duplicates.weighing.change(actor, contacts, {first.fields[0]: (7, -3)}, 14)
        tree = {"field": "custom.budget", "op": "gt", "value": 1000}
        views.create(actor, contacts, {"name": "Rich", "visibility": "everyone", "settings": {"filter": tree}})
        views.create(actor, contacts, {"name": "Mine", "settings": {}})
        file = json.loads(json.dumps(configuration.export(actor)))
    assert [item["name"] for item in file["sections"]["views"]] == ["Rich"]
    with as_(cast.stranger) as actor:
        configuration.apply(actor, file)
        contacts = objects.get("contacts")
        assert duplicates.weighing.of(contacts).threshold == 14
        assert duplicates.weighing.of(contacts).comparisons[0].same == 7
        [view] = views.shelf(actor, contacts).views
        assert (view.name, view.settings["filter"]) == ("Rich", tree)
        with pytest.raises(Refused):
            actions.create(actor, contacts, {"last_name": "Poor", "lifecycle": "customer"})
        assert configuration.compare(actor, file) == []


def test_formulas_move_and_defaults_that_are_records_stay_where_they_are(cast, as_):
    with as_(cast.owner) as actor:
        contacts = objects.get("contacts")
        ana = actions.create(actor, contacts, {"last_name": "Ruiz"})
        link = {"name": "agent", "label": "Agent", "kind": "link", "options": {"to": ["contacts"]}}
        custom.add(actor, contacts, link | {"default": f"contacts/{ana.id}"})
        custom.add(actor, contacts, {"name": "net", "label": "Net", "kind": "number"})
        formula = {"name": "gross", "label": "Gross", "kind": "formula", "options": {"expression": "custom.net * 2"}}
        custom.add(actor, contacts, formula)
        file = json.loads(json.dumps(configuration.export(actor)))
        next(item for item in file["sections"]["fields"] if item["name"] == "agent")["label"] = "Broker"
        configuration.apply(actor, file)
        agent = contacts.fields(actor.workspace)["custom.agent"]
        assert (agent.label, agent.default) == ("Broker", f"contacts/{ana.id}")
    with as_(cast.stranger) as actor:
        configuration.apply(actor, file)
        assert contacts.fields(actor.workspace)["custom.agent"].default is None
        assert contacts.fields(actor.workspace)["custom.gross"].formula
        assert configuration.compare(actor, file) == []


def test_what_needs_another_thing_may_stand_before_it(cast, as_, file):
    with as_(cast.owner) as actor:
        formula = {"name": "twice", "label": "Twice", "kind": "formula", "options": {"expression": "custom.fee * 2"}}
        custom.add(actor, objects.get("permits"), formula)
        file = json.loads(json.dumps(configuration.export(actor)))
    for items in file["sections"].values():
        items.reverse()
    with as_(cast.stranger) as actor:
        configuration.apply(actor, file)
        assert "custom.twice" in objects.get("permits").fields(actor.workspace)


WRONG = [
    (lambda f: f.update(format="x"), ""),
    (lambda f: f.update(version=99), "version"),
    (lambda f: f.update(sections=[]), "sections"),
    (lambda f: f["sections"].update(nothing=[]), "sections"),
    (lambda f: f["sections"].update(roles={}), "roles"),
    (lambda f: f["sections"]["roles"].append({"permissions": {}}), "roles["),
    (lambda f: f["sections"]["roles"].append({"name": "X", "permissions": {"objects": {"ghosts": {}}}}), "roles["),
    (
        lambda f: f["sections"]["roles"].append({"name": "X", "permissions": {"objects": {"*": {"see": "sometimes"}}}}),
        "roles[",
    ),
    (lambda f: f["sections"]["roles"].append({"name": "X", "is_king": True}), "roles["),
    (
        lambda f: f["sections"]["objects"].append({"plural": "settings", "label": "S", "label_plural": "S"}),
        "objects[1].plural",
    ),
    (lambda f: f["sections"]["objects"][0].update(icon="nothing"), "objects[0].icon"),
    (
        lambda f: f["sections"]["fields"].append({"object": "ghosts", "name": "x", "label": "X", "kind": "text"}),
        "fields[",
    ),
    (
        lambda f: f["sections"]["fields"].append({"object": "permits", "name": "x", "label": "X", "kind": "magic"}),
        "fields[",
    ),
    (lambda f: f["sections"].update(gates=[{"object": "ghosts", "field": "x", "value": "y"}]), "gates[0]"),
    (
        lambda f: f["sections"].update(
            gates=[{"object": "contacts", "field": "lifecycle", "value": "lead", "required": 5}]
        ),
        "gates[0].required",
    ),
    (lambda f: f["sections"].update(duplicates=[{"object": "contacts", "comparisons": [1], "threshold": 3}]), "dupl"),
    (lambda f: f["sections"].update(duplicates=[{"object": "contacts", "comparisons": [], "threshold": "x"}]), "dupl"),
    (lambda f: f["sections"].update(views=[{"object": "contacts", "name": "V", "kind": "hologram"}]), "views[0].kind"),
    (lambda f: f["sections"]["layouts"][0].update(columns=["custom.ghost"]), "layouts[0].columns"),
    (lambda f: f["sections"]["layouts"][0].update(role="Ghost"), "layouts[0].role"),
    (lambda f: f["sections"]["layouts"][0].update(colour="red"), "layouts[0].colour"),
]


@pytest.mark.parametrize(("spoil", "where"), WRONG)
def test_a_file_that_can_not_be_is_refused_whole(cast, as_, file, spoil, where):
    spoil(file)
    with as_(cast.stranger) as actor:
        for put in (configuration.compare, configuration.apply):
            with pytest.raises(Refused) as refused:
                put(actor, file)
            assert refused.value.problems[0].field.startswith(where)
        assert not CustomObject.objects.exists() and not CustomField.objects.exists()
        assert not Role.objects.filter(name__in=["Clerk", "X"]).exists()
        assert not objects.is_known("permits")


def test_the_kind_of_a_field_that_is_there_stays(cast, as_, file):
    with as_(cast.owner) as actor:
        next(item for item in file["sections"]["fields"] if item["name"] == "fee")["kind"] = "text"
        with pytest.raises(Refused):
            configuration.apply(actor, file)


def test_only_administrators_take_one_out_or_in(cast, as_, file):
    with as_(cast.manager) as actor:
        for act in (
            configuration.export,
            lambda a: configuration.compare(a, file),
            lambda a: configuration.apply(a, file),
        ):
            with pytest.raises(custom.NotAdministrator):
                act(actor)
