"""The database's three roles and their rights: ``trato db prepare``.

*owner* makes and changes tables. *app* is what every page, request and job uses; it neither owns a table nor bypasses
row-level security. *maintenance* sees all workspaces through policies of its own and owns the few functions that must.
Everything here may be run again at any time, and is: a server that allows less gets as far as it can, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

ROLES = ("owner", "app", "maintenance")

# Operators that may be evaluated before a row-level security policy, so that an index can serve them. Each only
# compares its arguments; marking them waives that an error message of theirs could tell about a hidden row.
LEAKPROOF = (
    "ts_match_vq(tsvector, tsquery)",
    "texticlike(text, text)",
    "textlike(text, text)",
    "lower(text)",
    "jsonb_contains(jsonb, jsonb)",
    "jsonb_object_field_text(jsonb, text)",
    "arraycontains(anyarray, anyarray)",
    "arrayoverlap(anyarray, anyarray)",
)


@dataclass
class Report:
    """What was done and what the server did not allow, a line each; ``roles`` says whether the three roles exist."""

    done: list[str] = field(default_factory=list)
    could_not: list[str] = field(default_factory=list)
    roles: bool = True


def role_name(database: str, role: str) -> str:
    """The name of one of the ROLES for this database."""
    return f"{database}_{role}"


def prepare(
    server: Mapping[str, Any], database: str, passwords: Mapping[str, str], *, base: str | None = None
) -> Report:
    """Makes the database, the three roles and their rights, as far as the server lets this administrator.

    ``server`` are psycopg's connection parameters of an administrator, to any database of the server; ``passwords``
    has one for each of ROLES; ``base`` is the name that the roles are called after, when it isn't the database's own.
    Raises psycopg.OperationalError when the server can't be reached, and psycopg.Error when even the database isn't
    there and can't be made.
    """
    report = Report()
    names = {role: role_name(base or database, role) for role in ROLES}
    address: dict[str, Any] = {**server}
    with psycopg.connect(**address, autocommit=True) as connection:
        _make_roles(connection, names, passwords, report)
        _make_database(connection, database, report)
    with psycopg.connect(**address | {"dbname": database}, autocommit=True) as connection:
        if report.roles:
            _grant(connection, database, names, report)
        _mark_leakproof(connection, report)
    return report


def unsafe_role(connection: psycopg.Connection[tuple[bool, bool]]) -> str:
    """Why no request may be served over this connection, or '': row-level security doesn't bind every role."""
    row = connection.execute(
        "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user",
    ).fetchone()
    if not row or not any(row):
        return ""
    why = "is a superuser" if row[0] else "may bypass row-level security"
    return (
        f"The database user {connection.info.user!r} {why}, so that nothing would keep the workspaces apart. "
        "Nothing is served. Give DATABASE_URL a user that may create roles, then run: trato db prepare"
    )


def _make_roles(
    connection: psycopg.Connection, names: Mapping[str, str], passwords: Mapping[str, str], report: Report
) -> None:
    with _attempt(report, "Roles " + ", ".join(names.values())) as attempt:
        there = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        for role, name in names.items():
            verb = "ALTER" if name in there else "CREATE"
            connection.execute(
                sql.SQL(verb + " ROLE {} LOGIN NOCREATEDB NOCREATEROLE NOINHERIT PASSWORD {}").format(
                    sql.Identifier(name), sql.Literal(passwords[role])
                )
            )
        # Migrations give functions to maintenance, for which their owner has to be one of its members. It inherits
        # nothing (NOINHERIT), so that the policies for maintenance never apply to a plain statement of the owner.
        connection.execute(
            sql.SQL("GRANT {} TO {}").format(sql.Identifier(names["maintenance"]), sql.Identifier(names["owner"]))
        )
        # An administrator who is no superuser can set defaults only for roles that it is a member of.
        if not _superuser(connection):
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(names["owner"])))
    if attempt.failed:
        report.roles = False
        report.could_not.append(
            "Trato serves nothing without these roles: they keep the workspaces apart. Let a user with CREATEROLE run "
            "this command once, by DATABASE_URL; the passwords it sets are the ones in the secrets file."
        )


def _make_database(connection: psycopg.Connection, database: str, report: Report) -> None:
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
        return
    connection.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(database))
    )
    report.done.append(f"Database {database}")


def _grant(connection: psycopg.Connection, database: str, names: Mapping[str, str], report: Report) -> None:
    parts = {role: sql.Identifier(name) for role, name in names.items()} | {"database": sql.Identifier(database)}
    statements = (
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {database} TO {owner}",
        "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app}, {maintenance}",
        "GRANT USAGE, CREATE ON SCHEMA public TO {owner}, {maintenance}",  # a function's owner must be able to make it
        "GRANT USAGE ON SCHEMA public TO {app}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app}, {maintenance}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app}, {maintenance}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public"
        " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}, {maintenance}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public"
        " GRANT USAGE, SELECT ON SEQUENCES TO {app}, {maintenance}",
    )
    with _attempt(report, "Rights of the roles on database, schema, tables and sequences"):
        for statement in statements:
            connection.execute(sql.SQL(statement).format(**parts))
    # Who may not grant something is only warned by PostgreSQL: so what matters is looked at.
    for role, kind, thing, right in (
        ("owner", "schema", "public", "CREATE"),
        ("maintenance", "schema", "public", "CREATE"),
        ("app", "schema", "public", "USAGE"),
        ("app", "database", database, "TEMPORARY"),
    ):
        question = sql.SQL("SELECT {}(%s, %s, %s)").format(sql.Identifier(f"has_{kind}_privilege"))
        row = connection.execute(question, [names[role], thing, right]).fetchone()
        if not row or not row[0]:
            report.could_not.append(
                f"{names[role]} lacks {right} on {kind} {thing}, which only its owner can give: "
                f'GRANT {right} ON {kind.upper()} "{thing}" TO "{names[role]}"'
            )


def _mark_leakproof(connection: psycopg.Connection, report: Report) -> None:
    """Only a superuser may; whoever isn't one gets slower filters on text, and the same answers."""
    if not _superuser(connection):
        report.could_not.append(
            "Mark the text and JSON comparisons as leakproof (that takes a superuser): filters with 'contains' can't "
            "use an index and read all rows of a workspace. Search is not affected."
        )
        return
    with _attempt(report, "Text and JSON comparisons marked leakproof, so that indexes serve them"):
        for function in LEAKPROOF:
            connection.execute(sql.SQL(f"ALTER FUNCTION pg_catalog.{function} LEAKPROOF"))


def _superuser(connection: psycopg.Connection) -> bool:
    row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    return bool(row and row[0])


@dataclass
class _Attempt:
    failed: bool = False


@contextmanager
def _attempt(report: Report, what: str) -> Iterator[_Attempt]:
    """Notes ``what`` as done, or as what the server did not allow and in which words."""
    attempt = _Attempt()
    try:
        yield attempt
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported) as error:
        attempt.failed = True
        report.could_not.append(f"{what}: {error.diag.message_primary}")
    else:
        report.done.append(what)
