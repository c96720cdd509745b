"""``trato db prepare``: roles and rights, then the tables; safe to run at any time."""

from __future__ import annotations

import argparse
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from trato.engine.postgres.embedded import ADMIN
from trato.engine.postgres.roles import Report
from trato.engine.postgres.roles import prepare as prepare_roles

from ..database import NAME, outside, server
from ..datafolder import DataFolder, folder_from_environment
from ..problem import Problem
from .terminal import say

ONE_AT_A_TIME = 0x7472_6174_6F  # the key of the advisory lock under which tables are changed


def prepare(arguments: argparse.Namespace) -> None:
    """Everything the database needs, with a line for each thing done and each thing the server did not allow."""
    report = make_roles()
    for line in report.done:
        say(f"done       {line}")
    for line in report.could_not:
        say(f"could not  {line}")
    count = migrate()
    say(f"done       Tables: {f'{count} changes made' if count else 'nothing to change'}")


def make_roles() -> Report:
    """Makes database, roles and rights; raises Problem when the server does not let us make the roles."""
    folder = DataFolder(folder_from_environment())
    parameters = server(folder)
    name = parameters.get("dbname", NAME)
    if not outside() or not answers(parameters):
        parameters["dbname"] = ADMIN  # the database that every server has
    report = prepare_roles(parameters, name, folder.secrets["database"])
    if not report.roles:
        raise Problem("\n".join(report.could_not))
    return report


def answers(parameters: dict[str, Any]) -> bool:
    """Whether there is such a database and it lets us in."""
    try:
        psycopg.connect(**parameters).close()
    except psycopg.OperationalError:
        return False
    return True


def migrate() -> int:
    """Brings the tables up to date as the owner and returns how many migrations that took.

    Several machines may start at the same time: one does it, the others wait and find nothing to do.
    """
    connection = connections["owner"]
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            call_command("migrate", database="owner", interactive=False, verbosity=0)
            call_command("createcachetable", database="owner", verbosity=0)
        return len(plan)
    finally:
        connection.close()
