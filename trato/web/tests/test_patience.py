"""A question that would keep the database busy for minutes is ended, in words, and nothing is changed."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection
from django.test import Client

from trato.engine.postgres import scope

pytestmark = [pytest.mark.django_db, pytest.mark.without_sql_lint]


@pytest.fixture
def endless(monkeypatch):
    """Every list of things takes ten seconds; a request that reads has one."""
    monkeypatch.setattr(scope, "READING", 1)

    def run(execute, sql, params, many, context):
        slow = "FROM toys_thing" in sql or 'FROM "toys_thing"' in sql
        return execute("SELECT pg_sleep(10)", None, many, context) if slow else execute(sql, params, many, context)

    with connection.execute_wrapper(run):
        yield


def test_a_page_says_that_it_took_too_long(browser, endless):
    answer = browser.get("/w/acme/things/")
    assert answer.status_code == 503
    assert "That took too long" in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"


def test_a_call_says_that_it_took_too_long(cast, token_for, endless):
    headers = {"Authorization": f"Bearer {token_for(cast.owner)}"}
    answer = Client(raise_request_exception=False).get("/api/v1/things", headers=headers)
    assert answer.status_code == 503
    assert "too long" in answer.json()["detail"]


def test_the_limit_costs_no_further_statement(cast, django_assert_num_queries):
    with django_assert_num_queries(3), scope.in_workspace(cast.acme.id, 7):  # a savepoint's two, since this is a test
        pass
    with pytest.raises(OperationalError) as caught, scope.in_workspace(cast.acme.id, 1):
        connection.cursor().execute("SELECT pg_sleep(10)")
    assert scope.is_impatience(caught.value)


def test_jobs_and_files_have_no_limit(cast):
    with scope.in_workspace(cast.acme.id), connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


def test_other_troubles_of_the_database_are_not_taken_for_it():
    assert not scope.is_impatience(OperationalError("the connection is lost"))
    assert scope.patience_with("HEAD") == scope.READING < scope.patience_with("POST")
