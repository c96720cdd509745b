"""A lint of every statement the tests send: one that touches a workspace table without naming the workspace fails the
test.

Row-level security would answer it rightly all the same; but a distributed database would ask every node, and a plain
one could not use an index that starts with the workspace. Each relation of a statement has to be compared with a
value, or with the workspace of a relation that is; an INSERT has to name the column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pytest

COLUMN = "workspace_id"
CHECKED = {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "MERGE", "DECLARE", "EXPLAIN"}
QUERY = {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES"}
COMPOUND = {"UNION", "INTERSECT", "EXCEPT"}
ENDS_FROM = {
    "WHERE",
    "GROUP",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "FOR",
    "SET",
    "HAVING",
    "WINDOW",
    "RETURNING",
    "ON",
    "VALUES",
}
NO_ALIAS = (
    ENDS_FROM | COMPOUND | {"JOIN", "LEFT", "RIGHT", "INNER", "FULL", "CROSS", "NATURAL", "USING", "SELECT", "DEFAULT"}
)
TOKEN = re.compile(
    r"""(?P<skip>\s+|--[^\n]*|/\*.*?\*/)|(?P<text>'(?:[^']|'')*'|\$\$.*?\$\$)|"(?P<quoted>(?:[^"]|"")*)"|(?P<word>[A-Za-z_]\w*)"""
    r"""|(?P<sign>%\(\w+\)s|%s|[0-9.]+(?=\W|$)|<=|>=|<>|!=|::|.)""",
    re.DOTALL,
)


class WithoutWorkspace(AssertionError):
    """A statement on a workspace table that does not say which workspace."""


@dataclass(frozen=True)
class Token:
    text: str
    is_name: bool

    @property
    def word(self) -> str:
        return self.text.upper() if self.is_name else self.text


@dataclass
class Scope:
    """One query of a statement: its own tokens, without those of the queries inside it."""

    parent: Scope | None = None
    tokens: list[Token] = field(default_factory=list)

    def at(self, index: int) -> str:
        return self.tokens[index].word if 0 <= index < len(self.tokens) else ""

    def name(self, index: int) -> str:
        inside = 0 <= index < len(self.tokens) and self.tokens[index].is_name
        return self.tokens[index].text if inside else ""


def tokens_of(sql: str) -> Iterator[Token]:
    for found in TOKEN.finditer(sql):
        if found["quoted"] is not None:
            yield Token(found["quoted"], True)
        elif found["word"]:
            yield Token(found["word"], True)
        elif not found["skip"]:
            yield Token("'" if found["text"] else found["sign"], False)


def scopes_of(sql: str) -> list[Scope]:
    """The queries of a statement: brackets that hold no query of their own belong to the one around them."""
    tokens = list(tokens_of(sql))
    current = Scope()
    found, stack = [current], []
    for index, token in enumerate(tokens):
        if token.text == "(" and not token.is_name:
            stack.append(current)
            following = tokens[index + 1].word if index + 1 < len(tokens) else ""
            if following in QUERY:
                current = Scope(parent=current)
                found.append(current)
            else:
                current.tokens.append(token)
        elif token.text == ")" and not token.is_name and stack:
            inner, current = current, stack.pop()
            if inner is current:
                current.tokens.append(token)
        elif token.word in COMPOUND and token.is_name:
            current = Scope(parent=current.parent)
            found.append(current)
        else:
            current.tokens.append(token)
    return found


def relations(scope: Scope, tables: frozenset[str]) -> Iterator[tuple[str, str, int]]:
    """Table, alias and place of each workspace table a query names as a relation."""
    listing = False
    for index in range(len(scope.tokens)):
        word = scope.at(index)
        if word in ENDS_FROM:
            listing = False
        starts = word in {"FROM", "JOIN", "UPDATE", "INTO", "USING"}
        listing = listing or word in {"FROM", "USING"}
        if not starts and not (word == "," and listing):
            continue
        place = index + 2 if scope.at(index + 1) == "ONLY" else index + 1
        table = scope.name(place)
        if table not in tables or scope.at(place + 1) == ".":
            continue
        after = place + 2 if scope.at(place + 1) == "AS" else place + 1
        alias = scope.name(after)
        yield table, (alias if alias and alias.upper() not in NO_ALIAS else table), index


def comparisons(scope: Scope, only: str) -> Iterator[tuple[str, str]]:
    """Pairs of (alias, other alias or "") for each comparison of the workspace column; ``only`` is meant by a bare
    column.
    """
    for index in range(len(scope.tokens)):
        if scope.name(index) != COLUMN or scope.at(index + 1) not in {"=", "IN"}:
            continue
        left = scope.name(index - 2) if scope.at(index - 1) == "." else only
        other = index + 2
        while scope.at(other) == "(":
            other += 1
        linked = scope.at(other + 1) == "." and scope.name(other + 2) == COLUMN
        yield left, (scope.name(other) if linked else "")


def inserted(scope: Scope, index: int) -> bool:
    """Whether the column list of an INSERT names the workspace."""
    place = index
    while scope.at(place) not in {"(", ""}:
        place += 1
    listed = []
    while scope.at(place) not in {")", ""}:
        listed.append(scope.name(place))
        place += 1
    return COLUMN in listed


def fixed(scope: Scope, only: str) -> set[str]:
    """The aliases whose workspace is a value, or that of such an alias here or in a query around."""
    pairs = list(comparisons(scope, only))
    known = {left for left, right in pairs if not right}
    here = {alias for pair in pairs for alias in pair}
    outer = scope.parent
    while outer is not None:
        known |= here & {alias for pair in comparisons(outer, "") for alias in pair}
        outer = outer.parent
    grown = True
    while grown:
        more = {a for pair in pairs for a, b in (pair, pair[::-1]) if a and b in known}
        grown = not more <= known
        known |= more
    return known


@lru_cache(4096)
def problem(sql: str, tables: frozenset[str]) -> str:
    """What is wrong with a statement, or ""."""
    words = sql.split(None, 1)
    if not words or words[0].lstrip("(").upper() not in CHECKED:
        return ""
    for scope in scopes_of(sql):
        if scope.at(0) == "MERGE":
            return "MERGE can't be distributed; use ON CONFLICT"
        named = list(relations(scope, tables))
        only = named[0][1] if len(named) == 1 else ""
        known = fixed(scope, only)
        for table, alias, index in named:
            if scope.at(index) == "INTO":
                if not inserted(scope, index):
                    return f"INSERT INTO {table} does not name {COLUMN}"
            elif alias not in known:
                return f"{table}{f' as {alias}' if alias != table else ''} is not narrowed by {COLUMN}"
    return ""


@lru_cache(1)
def workspace_tables() -> frozenset[str]:
    from django.apps import apps

    from trato.engine.postgres.backend.shape import workspace_field

    return frozenset(model._meta.db_table for model in apps.get_models() if workspace_field(model) is not None)


def check(execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Django's execute wrapper."""
    text = sql if isinstance(sql, str) else sql.as_string(context["connection"].connection)
    if wrong := problem(text, workspace_tables()):
        raise WithoutWorkspace(f"{wrong}:\n{text}")
    return execute(sql, params, many, context)


@pytest.fixture(autouse=True)
def _every_statement_names_the_workspace(request: pytest.FixtureRequest) -> Iterator[None]:
    from django.db import connection

    if request.node.get_closest_marker("without_sql_lint"):
        yield
        return
    with connection.execute_wrapper(check):
        yield
