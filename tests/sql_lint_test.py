"""The lint of SQL sees what it is there for."""

import pytest
from django.db import connection

from tests.sql_lint import WithoutWorkspace, problem
from trato.engine.models import Key, Record
from trato.engine.workspaces.models import Membership

TABLES = frozenset({"contact", "account", "note"})

GOOD = [
    "SELECT 1",
    "SELECT * FROM users WHERE id = 1",
    'SELECT "contact"."id" FROM "contact" WHERE "contact"."workspace_id" = %s',
    "SELECT c.id FROM contact c WHERE c.workspace_id = %s AND c.x = 'FROM note'",
    "SELECT c.id FROM contact AS c JOIN account a ON (c.account_id = a.id AND (a.workspace_id = (c.workspace_id)))"
    " WHERE (c.workspace_id = %s)",
    "SELECT EXTRACT(YEAR FROM contact.birthday) FROM contact WHERE contact.workspace_id IN (%s)",
    "SELECT 1 FROM contact WHERE workspace_id = %s AND EXISTS(SELECT 1 FROM note U0 WHERE U0.workspace_id = %s)",
    "SELECT 1 FROM contact c WHERE c.workspace_id = 1"
    " AND EXISTS(SELECT 1 FROM note n WHERE n.workspace_id = c.workspace_id)",
    "WITH x AS (SELECT * FROM note WHERE workspace_id = %s) SELECT * FROM x, contact c WHERE c.workspace_id = %s",
    "(SELECT 1 FROM note n WHERE n.workspace_id = 1) UNION (SELECT 2 FROM note n WHERE n.workspace_id = 1)",
    "SELECT 1 FROM note n WHERE n.workspace_id = 1 UNION ALL SELECT 2 FROM note n WHERE n.workspace_id = 1",
    "UPDATE contact SET x = 1 WHERE contact.workspace_id = %s",
    "DELETE FROM contact WHERE workspace_id = %s AND id = %s",
    "DELETE FROM contact c USING gone g WHERE c.id = g.id AND c.workspace_id = %s",
    "INSERT INTO contact (workspace_id, id) VALUES (%s, %s) ON CONFLICT (workspace_id, id) DO UPDATE SET x = 1",
    "INSERT INTO contact (workspace_id, id) SELECT n.workspace_id, n.id FROM note n WHERE n.workspace_id = %s",
    "SELECT id FROM contact_search(%s)",
    "TRUNCATE contact",
    "SELECT * FROM contact WHERE workspace_id = %s FOR UPDATE OF contact",
]
BAD = [
    "SELECT * FROM contact",
    "select count(*) from contact where id = 1",
    'SELECT * FROM "contact" WHERE "contact"."id" = 1',
    "SELECT c.id FROM contact c JOIN account a ON (c.account_id = a.id) WHERE c.workspace_id = %s",
    "SELECT c.id FROM contact c JOIN account a ON a.workspace_id = c.workspace_id",
    "SELECT c.id FROM contact c, account a WHERE c.workspace_id = %s",
    "SELECT 1 FROM users WHERE id IN (SELECT n.id FROM note n)",
    "SELECT 1 FROM contact WHERE workspace_id = %s AND id IN (SELECT n.id FROM note n WHERE n.x = 'workspace_id = 1')",
    "SELECT workspace_id FROM contact",
    "SELECT 1 FROM note n WHERE n.workspace_id = 1 UNION ALL SELECT 2 FROM note n",
    "WITH x AS (SELECT * FROM note) SELECT * FROM x",
    "UPDATE contact SET x = 1",
    "UPDATE contact SET x = 1 WHERE id = 1 -- workspace_id = 1",
    "DELETE FROM contact WHERE id = 1",
    "INSERT INTO contact (id) VALUES (1)",
    "INSERT INTO contact (workspace_id, id) SELECT n.workspace_id, n.id FROM note n",
    "MERGE INTO contact USING x ON true WHEN MATCHED THEN DELETE",
    "EXPLAIN SELECT * FROM contact",
]


@pytest.mark.parametrize("sql", GOOD)
def test_statements_that_name_the_workspace_pass(sql):
    assert problem(sql, TABLES) == ""


@pytest.mark.parametrize("sql", BAD)
def test_statements_that_do_not_are_caught(sql):
    assert problem(sql, TABLES)


def test_a_planted_violation_fails_its_test(owner):
    assert Record._meta.abstract
    with pytest.raises(WithoutWorkspace, match="engine_key"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM engine_key")
    with pytest.raises(WithoutWorkspace, match="workspaces_membership"):
        list(raw(Membership))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {Key._meta.db_table} WHERE workspace_id = %s", [owner.workspace.id])


def raw(model):
    """A queryset that goes round the manager."""
    from django.db.models import QuerySet

    return QuerySet(model)
