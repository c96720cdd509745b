"""Layouts: for everybody and for roles, over what objects declare; nothing is lost that no section names."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from trato.engine import access, administration, custom, layouts, objects
from trato.engine.custom import NotAdministrator
from trato.engine.layouts import Layout
from trato.engine.models import HistoryEntry
from trato.engine.values import Refused
from trato.engine.workspaces.models import Role

pytestmark = pytest.mark.django_db
REACH = {"label": "Ways", "labels": {"es": "Vías"}, "fields": ["phones", "emails"]}


@pytest.fixture
def things(owner):
    return objects.get("things")


@pytest.fixture
def clerk(owner):
    return Role.objects.create(name="Clerk", permissions={"objects": {"*": {"see": "all", "change": "all"}}})


def shown(actor, obj, role_id=None):
    """The sections of a role's page, by label, as names."""
    look = layouts.of_role(actor, obj, role_id)
    return {str(label): [f.name for f in some] for label, some in layouts.placed(look, access.fields(actor, obj), obj)}


def test_without_a_layout_an_object_looks_as_it_declares(owner, things):
    look = layouts.of(owner, things)
    assert (look.sections, look.head, look.columns) == (things.sections, things.head, things.columns)
    whole = custom.whole_layout(owner, things)
    assert [one["label"] for one in whole["sections"]][:2] == ["Thing", "Reach"]
    custom.set_layout(owner, things, None, whole)
    assert not Layout.objects.exists()  # what says nothing is not kept


def test_a_role_has_its_own_else_everybodys_part_by_part(owner, things, clerk):
    custom.set_layout(owner, things, None, {"sections": [REACH], "columns": ["title", "price"]})
    custom.set_layout(owner, things, clerk.id, {"head": ["crate"]})
    for role_id, head in ((None, things.head), (clerk.id, ("crate",))):
        look = layouts.of_role(owner, things, role_id)
        assert (look.columns, look.head) == (("title", "price"), head)
        assert look.sections[0][1] == ("phones", "emails")
    custom.set_layout(owner, things, clerk.id, {"columns": ["title"]})
    custom.set_layout(owner, things, None, {"columns": None})
    assert layouts.of_role(owner, things, clerk.id).columns == ("title",)
    assert layouts.of_role(owner, things).columns == things.columns


def test_a_section_is_called_otherwise_in_another_language(owner, things):
    custom.set_layout(owner, things, None, {"sections": [REACH | {"label": " Ways   in "}]})
    for language, said in (("en", "Ways in"), ("es", "Vías"), ("es-mx", "Vías"), ("ro", "Ways in")):
        with translation.override(language):
            assert next(iter(shown(owner, things))) == said


def test_what_no_section_names_comes_last_and_hidden_fields_nowhere(owner, things):
    everything = {name for names in shown(owner, things).values() for name in names}
    custom.set_layout(owner, things, None, {"sections": [REACH], "hidden": ["colour", "count"]})
    page = shown(owner, things)
    assert list(page) == ["Ways", "More about it"]
    assert page["Ways"] == ["phones", "emails"]
    assert {*page["Ways"], *page["More about it"]} == everything - {"colour", "count"}
    custom.add(owner, things, {"name": "later", "label": "Later", "kind": "text"})
    assert shown(owner, things)["More about it"][-1] == "custom.later"
    assert "colour" in access.fields(owner, things)  # it is no right


def test_a_field_that_is_gone_vanishes_and_comes_back_in_its_place(owner, things):
    custom.add(owner, things, {"name": "vip", "label": "Vip", "kind": "text"})
    section = REACH | {"fields": ["custom.vip", "phones"]}
    custom.set_layout(owner, things, None, {"sections": [section], "columns": ["title", "custom.vip"]})
    custom.archive(owner, things, "vip", archived=True)
    assert shown(owner, things)["Ways"] == ["phones"]
    assert custom.whole_layout(owner, things)["columns"] == ["title"]
    assert custom.layouts_said(owner)[0]["columns"] == ["title", "custom.vip"]
    custom.archive(owner, things, "vip", archived=False)
    assert shown(owner, things)["Ways"] == ["custom.vip", "phones"]


WRONG = [
    ({"sections": [{"label": "A", "fields": ["ghost"]}]}, "sections", "ghost"),
    ({"sections": [{"label": " ", "fields": []}]}, "sections", "name"),
    ({"sections": [{"label": "x" * 101, "fields": []}]}, "sections", "100"),
    ({"sections": [{"label": "a\0b", "fields": []}]}, "sections", ""),
    ({"sections": [{"label": "A", "fields": ["name"]}, {"label": "B", "fields": ["name"]}]}, "sections", "two places"),
    ({"sections": [{"label": "A", "fields": ["name"]}], "hidden": ["name"]}, "hidden", "two places"),
    ({"sections": [{"label": "A", "labels": {"xx": "A"}}]}, "sections", "language"),
    ({"sections": [{"label": "A", "labels": {"es": 5}}]}, "sections", ""),
    ({"sections": [{"label": "A", "colour": "red"}]}, "sections", ""),
    ({"sections": [{"label": "A"}] * 31}, "sections", "30"),
    ({"sections": "no"}, "sections", ""),
    ({"sections": [{"label": "A", "fields": [["name"]]}]}, "sections", ""),
    ({"hidden": ["ghost"]}, "hidden", "ghost"),
    ({"head": ["ghost"]}, "head", "ghost"),
    ({"head": {"name": 1}}, "head", ""),
    ({"columns": ["title", "custom.ghost"]}, "columns", "custom.ghost"),
    ({"columns": 7}, "columns", ""),
    ({"icons": []}, "icons", ""),
]


@pytest.mark.parametrize(("wrong", "part", "words"), WRONG)
def test_what_can_not_be_is_refused_with_words(owner, things, wrong, part, words):
    with pytest.raises(Refused) as refused:
        custom.set_layout(owner, things, None, wrong)
    [problem] = refused.value.problems
    assert problem.field == part
    assert words in str(problem.message)
    assert not Layout.objects.exists()


def test_only_administrators_and_only_roles_of_the_workspace(cast, as_):
    with as_(cast.stranger):
        foreign = Role.objects.first().id
    with as_(cast.member) as actor, pytest.raises(NotAdministrator):
        custom.set_layout(actor, objects.get("things"), None, {"columns": ["title"]})
    with as_(cast.owner) as actor:
        for absent in (foreign, "no id"):
            with pytest.raises(access.Absent):
                custom.set_layout(actor, objects.get("things"), absent, {"columns": ["title"]})
        assert not Layout.objects.exists()
        custom.set_layout(actor, objects.get("things"), None, {"columns": ["title"]})
    with as_(cast.stranger) as actor:
        assert layouts.of(actor, objects.get("things")).columns == objects.get("things").columns
        assert custom.layouts_said(actor) == []


def test_the_layout_of_a_deleted_role_goes_and_a_copied_role_has_a_copy(owner, things, clerk):
    custom.set_layout(owner, things, clerk.id, {"columns": ["title", "price"]})
    copy = administration.clone_role(owner, clerk.id)
    assert layouts.of_role(owner, things, copy.id).columns == ("title", "price")
    administration.delete_role(owner, clerk.id)
    assert [row.role_id for row in Layout.objects.all()] == [copy.id]


def test_there_is_one_layout_for_everybody(owner):
    Layout.objects.create(object="things")
    with pytest.raises(IntegrityError), transaction.atomic():
        Layout.objects.create(object="things")


def test_it_is_written_down_and_read_once(owner, things, django_assert_num_queries):
    custom.set_layout(owner, things, None, {"columns": ["title"]})
    [line] = HistoryEntry.objects.filter(object="layouts")
    assert line.changes["columns"] == [None, ["title"]]
    layouts.of(owner, things)
    with django_assert_num_queries(0):
        layouts.of(owner, things)
        layouts.of(owner, objects.get("crates"))
