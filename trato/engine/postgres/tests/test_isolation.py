"""Row-level security alone keeps workspaces apart: without the ORM's filter, and without a workspace, nothing leaks."""

import uuid

import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.models import QuerySet

from tests.cast import assemble
from trato.engine import actions, objects
from trato.engine.models import Key, Share
from trato.engine.postgres.backend.shape import workspace_field
from trato.engine.postgres.scope import NoWorkspace, bind, current_workspace_id, in_workspace
from trato.engine.workspaces.actors import actor_for_user
from trato.engine.workspaces.ids import uuid7
from trato.engine.workspaces.members import workspaces_of
from trato.engine.workspaces.models import Membership, Role, Team

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database, pytest.mark.without_sql_lint]
MODELS = [model for model in apps.get_models() if workspace_field(model) is not None]


@pytest.fixture
def cast():
    """The cast, committed."""
    return assemble()


def unfiltered(model):
    """A queryset without the manager's filter: what a forgotten filter would be."""
    return QuerySet(model)


def scalar(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()[0]


def test_without_a_workspace_there_are_no_rows(cast):
    for model in MODELS:
        with pytest.raises(NoWorkspace):
            model.objects.count()
        assert unfiltered(model).count() == 0
    assert scalar("SELECT count(*) FROM workspaces_membership") == 0


def test_a_forgotten_filter_shows_the_own_workspace_only(cast):
    with in_workspace(cast.acme.id):
        assert unfiltered(Membership).count() == 6
        assert {row.workspace_id for row in unfiltered(Role)} == {cast.acme.id}
    with in_workspace(cast.globex.id):
        assert unfiltered(Membership).count() == 1
        assert unfiltered(Membership).filter(workspace_id=cast.acme.id).count() == 0


def test_rows_of_another_workspace_are_not_written_either(cast):
    with in_workspace(cast.acme.id):
        sales = cast.sales
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            unfiltered(Team).bulk_create([Team(workspace_id=cast.globex.id, id=uuid7(), name="Planted")])
    with in_workspace(cast.globex.id):
        assert scalar("WITH x AS (UPDATE workspaces_team SET name = 'x' RETURNING 1) SELECT count(*) FROM x") == 0
        assert scalar("WITH x AS (DELETE FROM workspaces_team RETURNING 1) SELECT count(*) FROM x") == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            scalar(
                "INSERT INTO workspaces_team (workspace_id, id, name) VALUES (%s, %s, 'x') RETURNING 1",
                cast.acme.id,
                uuid7(),
            )
    with in_workspace(cast.acme.id):
        assert Team.objects.get(id=sales.id).name == "Sales"
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            scalar("UPDATE workspaces_team SET workspace_id = %s RETURNING 1", cast.globex.id)


def test_without_a_workspace_nothing_is_inserted(cast):
    with pytest.raises(ProgrammingError, match="row-level security"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO workspaces_team (workspace_id, id, name) VALUES (%s, %s, 'x')", [cast.acme.id, uuid7()]
        )


def test_a_link_into_another_workspace_is_refused_by_the_database(cast):
    with in_workspace(cast.acme.id):
        acme_team = Team.objects.get().id
    with in_workspace(cast.globex.id), pytest.raises(IntegrityError, match="foreign key"):
        Share.objects.create(object="contacts", record_id=uuid7(), team_id=acme_team)


def test_the_workspace_ends_with_its_transaction(cast):
    with in_workspace(cast.acme.id):
        assert current_workspace_id() == cast.acme.id
        assert scalar("SELECT current_setting('trato.workspace')") == str(cast.acme.id)
    assert scalar("SELECT coalesce(current_setting('trato.workspace', true), '')") == ""
    assert unfiltered(Membership).count() == 0
    with pytest.raises(ZeroDivisionError), in_workspace(cast.acme.id):
        raise ZeroDivisionError
    with pytest.raises(NoWorkspace):
        current_workspace_id()
    assert scalar("SELECT coalesce(current_setting('trato.workspace', true), '')") == ""


def test_a_transaction_belongs_to_one_workspace(cast):
    with in_workspace(cast.acme.id):
        with in_workspace(str(cast.acme.id)):
            assert Membership.objects.count() == 6
        with pytest.raises(NoWorkspace), in_workspace(cast.globex.id):
            pass
        assert Membership.objects.count() == 6


def test_a_workspace_is_a_uuid_or_nothing(cast):
    for wrong in ("", "acme", "'; DROP TABLE workspaces_team; --", None):
        with pytest.raises(ValueError), in_workspace(wrong):
            pass
        with pytest.raises(ValueError), transaction.atomic():
            bind(wrong)


def test_a_nonsense_setting_is_an_error_and_an_empty_one_shows_nothing(cast):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL trato.workspace = ''")
        assert unfiltered(Membership).count() == 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL trato.workspace = '{uuid.uuid4()}'")
        assert unfiltered(Membership).count() == 0


def test_search_functions_answer_for_the_own_workspace_only(cast):
    things = objects.get("things")
    with in_workspace(cast.acme.id):
        actor = actor_for_user(cast.owner, cast.acme)
        record_id = actions.create(actor, things, {"name": "Lantern"}).id
    sql = "SELECT count(*) FROM toys_thing_search('lantern'::tsquery, 'lantern'::tsquery, 'lantern', NULL, '{}', 20)"
    assert scalar(sql) == 0
    with in_workspace(cast.globex.id):
        assert scalar(sql) == 0
    with in_workspace(cast.acme.id):
        assert scalar(sql) == 1
        assert Key.objects.filter(record_id=record_id).count() == 0


def test_memberships_are_looked_up_across_workspaces_by_person_only(cast):
    assert workspaces_of(cast.owner.id) == [cast.acme]
    assert workspaces_of(cast.stranger.id) == [cast.globex]
    assert workspaces_of(uuid.uuid4()) == []


def test_deleting_by_instance_or_in_bulk_names_the_workspace(cast):
    with in_workspace(cast.acme.id):
        shares = [Share.objects.create(object="things", record_id=uuid7(), user=cast.owner) for _ in range(3)]
        shares[0].delete()
        Share.objects.filter(id=shares[1].id).delete()
        assert Share.objects.count() == 1
        unfiltered(Share).filter(id=shares[2].id)._raw_delete("default")
        assert Share.objects.count() == 0


def test_counts_group_by_every_column(cast):
    from django.db.models import Count

    with in_workspace(cast.acme.id):
        counted = Role.objects.annotate(n=Count("memberships")).order_by("-n", "name")
        assert [(role.name, role.n) for role in counted][:2] == [("Member", 2), ("Administrator", 1)]
