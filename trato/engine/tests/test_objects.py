"""What an object needs: ten lines for all surfaces, one more line for one more field."""

import inspect

import pytest
from django.db import connections, models

from tests.toys.models import Crate
from tests.toys.objects import Crates
from trato.engine import access, actions, filters, history, objects, paging, search


def test_an_object_is_declared_in_less_than_ten_lines():
    assert len(inspect.getsource(Crates).splitlines()) + len(inspect.getsource(Crate).splitlines()) <= 10


@pytest.fixture
def shelf(django_db_setup, django_db_blocker):
    """Adds a field to crates as a developer would: one line in the model, and its migration."""
    field = models.CharField("Shelf", max_length=20, blank=True, default="")
    with django_db_blocker.unblock():
        field.contribute_to_class(Crate, "shelf")
        with connections["owner"].schema_editor() as editor:
            editor.add_field(Crate, field)
        objects.get("crates").__init__()
        yield
        with connections["owner"].schema_editor() as editor:
            editor.remove_field(Crate, field)
        connections["owner"].close()
        Crate._meta.local_fields.remove(field)
        Crate._meta._expire_cache()
        del Crate.shelf
        objects.get("crates").__init__()


def test_a_field_added_in_one_line_is_on_every_surface(shelf, owner):
    crates = objects.get("crates")
    assert str(access.fields(owner, crates)["shelf"].label) == "Shelf"
    for name in ("B2", "A1", ""):
        actions.create(owner, crates, {"name": f"On {name}", "shelf": name})
    found = filters.narrow(
        owner, crates, access.visible(owner, crates), {"field": "shelf", "op": "starts", "value": "a"}
    )
    record = found.get()
    order = paging.order_of(access.fields(owner, crates), crates, "-shelf")
    page = paging.page(access.visible(owner, crates), order, ["title"], 10)
    assert [row["title"] for row in page.rows] == ["On B2", "On A1", "On"]
    actions.update(owner, crates, record.id, {"shelf": "C3"})
    assert history.of_record(owner, crates, record.id).first().changes == {"shelf": ["A1", "C3"]}
    kind = access.fields(owner, crates)["shelf"].kind
    assert kind.schema()["anyOf"][0] == {"type": "string", "maxLength": 20}
    assert search.find(owner, "on a1")[0].id == record.id


def test_names_that_are_no_objects_and_addresses_that_are_none():
    for wrong in ("", "thing", "Things", "users", "__class__"):
        with pytest.raises(objects.UnknownObject):
            objects.get(wrong)
    assert objects.split_ref("things/x") == ("things", "x")
    for wrong in ("", "things", "things/", "/x"):
        with pytest.raises(ValueError, match="address"):
            objects.split_ref(wrong)


def test_fields_of_one_workspace_are_not_those_of_another(cast, as_):
    from trato.engine import custom

    crates = objects.get("crates")
    with as_(cast.owner) as actor:
        custom.add(actor, crates, {"name": "code", "label": "Code", "kind": "text"})
        assert "custom.code" in access.fields(actor, crates)
    with as_(cast.stranger) as actor:
        assert "custom.code" not in access.fields(actor, crates)
        with pytest.raises(actions.Refused):
            actions.create(actor, crates, {"name": "x", "custom": {"code": "y"}})


def test_another_process_sees_a_new_field_at_its_next_request(cast, as_):
    """The version of the fields is part of the workspace, which every request reads anew."""
    from trato.engine import custom
    from trato.engine.workspaces.models import Workspace

    crates = objects.get("crates")
    with as_(cast.owner) as actor:
        other = Workspace.objects.get(id=cast.acme.id)
        assert "custom.code" not in crates.fields(other)
        custom.add(actor, crates, {"name": "code", "label": "Code", "kind": "text"})
        assert "custom.code" in crates.fields(Workspace.objects.get(id=cast.acme.id))
