"""The tables as PostgreSQL has them: keyed, linked, indexed and secured by workspace (docs/adr/0002)."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from trato.engine.postgres.backend.shape import workspace_field

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MODELS = [model for model in apps.get_models() if workspace_field(model) is not None]
TABLES = {model._meta.db_table for model in MODELS}
GLOBAL = {"workspaces_user", "workspaces_workspace"}


def rows(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


@pytest.fixture(params=sorted(TABLES))
def table(request):
    return request.param


def test_every_workspace_table_is_looked_at():
    assert {"engine_key", "people_contact", "toys_thing", "workspaces_membership"} <= TABLES


def test_the_workspace_is_the_first_column_and_never_null(table):
    sql = "SELECT attname, attnotnull, attgenerated FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 1"
    assert rows(sql, table) == [("workspace_id", True, "")]


def test_the_primary_key_is_workspace_and_id(table):
    sql = """SELECT array_agg(a.attname::text ORDER BY k.n)
             FROM pg_constraint c, unnest(c.conkey) WITH ORDINALITY k (num, n)
             JOIN pg_attribute a ON a.attnum = k.num AND a.attrelid = %s::regclass
             WHERE c.conrelid = %s::regclass AND c.contype = 'p'"""
    assert rows(sql, table, table) == [(["workspace_id", "id"],)]


def test_links_between_workspace_tables_name_the_workspace_and_hold_at_once(table):
    sql = """SELECT c.conname, c.confrelid::regclass::text, c.condeferrable, c.confdeltype::text,
             c.conkey[1] = 1, c.confkey[1] = 1, cardinality(c.conkey)
             FROM pg_constraint c WHERE c.conrelid = %s::regclass AND c.contype = 'f'"""
    linked = set()
    for name, target, deferrable, on_delete, first, first_there, width in rows(sql, table):
        linked.add(target)
        assert on_delete == "a", name
        if target in TABLES:
            assert (deferrable, first, first_there, width) == (False, True, True, 2), name
        else:
            assert target in GLOBAL, name
    model = next(model for model in MODELS if model._meta.db_table == table)
    assert linked == {f.remote_field.model._meta.db_table for f in model._meta.local_fields if f.remote_field}


def test_no_global_table_points_at_a_workspace_table():
    sql = "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
    assert [pair for pair in rows(sql) if pair[1] in TABLES and pair[0] not in TABLES] == []


def test_every_index_starts_with_the_workspace_but_the_words_of_search(table):
    sql = """SELECT i.indexrelid::regclass::text, i.indisunique, am.amname, i.indkey[0] FROM pg_index i
             JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am am ON am.oid = c.relam
             WHERE i.indrelid = %s::regclass"""
    for name, unique, method, first in rows(sql, table):
        if method == "gin":
            assert not unique and name.endswith("_search"), name
        else:
            assert first == 1, name


def test_row_level_security_is_on_for_everybody(table):
    sql = "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass"
    assert rows(sql, table) == [(True, True)]
    policies = (
        "SELECT policyname, roles::text[], cmd, qual, with_check FROM pg_policies WHERE tablename = %s ORDER BY 1 DESC"
    )
    (name, roles, command, using, check), *others = rows(policies, table)
    assert (name, roles, command) == ("workspace", ["public"], "ALL")
    assert "workspace_id = (NULLIF(current_setting('trato.workspace'::text, true), ''::text))::uuid" in using
    assert check == using
    assert [(name, roles) for name, roles, *_ in others] == [("maintenance", [settings.TRATO_ROLES["maintenance"]])]


def test_nothing_is_done_by_triggers_or_sequences(table):
    assert rows("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", table) == []
    owned = """SELECT s.relname FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
               WHERE d.classid = 'pg_class'::regclass AND d.refobjid = %s::regclass"""
    assert rows(owned, table) == []


def test_the_app_role_owns_nothing_and_goes_round_nothing():
    app = settings.TRATO_ROLES["app"]
    assert rows("SELECT current_user::text") == [(app,)]
    sql = "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolinherit FROM pg_roles WHERE rolname = %s"
    assert rows(sql, app) == [(False,) * 5]
    owned = """SELECT relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
               WHERE r.rolname = %s AND relpersistence = 'p'"""
    assert rows(owned, app) == []
    member = "SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = %s"
    assert rows(member, app) == []
    maintenance = "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %s"
    assert rows(maintenance, settings.TRATO_ROLES["maintenance"]) == [(False, False)]


def test_functions_that_see_more_are_few_and_only_the_apps():
    sql = """SELECT p.proname, r.rolname, p.proconfig, has_function_privilege('public', p.oid, 'execute')
             FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
             WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace"""
    found = rows(sql)
    for name, owner, config, public in found:
        # An index is made by the owner of its table.
        wanted = "owner" if name == "trato_index_slot" else "maintenance"
        assert owner == settings.TRATO_ROLES[wanted], name
        assert config == ["search_path=pg_catalog, public, pg_temp"], name
        assert not public, name
    names = {name for name, *_ in found}
    searched = {f"{m._meta.db_table}_search" for m in MODELS if any(f.name == "search" for f in m._meta.local_fields)}
    assert searched <= names
    assert {name for name in names - searched if not name.startswith("trato_")} == set()
