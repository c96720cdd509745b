"""The measurements of one database: pages, the API, import, export, start and memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import django

django.setup()

from trato.engine import access, objects, paging  # noqa: E402 - after django.setup()
from trato.engine.postgres.scope import in_workspace  # noqa: E402
from trato.engine.workspaces.actors import actor_for_user  # noqa: E402
from trato.engine.workspaces.members import make_token  # noqa: E402
from trato.engine.workspaces.models import User, Workspace  # noqa: E402

from . import computing, custom, duplicates, filtering, mass, paper, pricing, recurring, selling, transfer  # noqa: E402
from .fillup import EMAIL, PASSWORD, prepare  # noqa: E402
from .floors import Bare, own, statements  # noqa: E402
from .load import Scale  # noqa: E402
from .stack import Client, Stack, timed  # noqa: E402

TIMES = 60
EMPTY_PAGE, EMPTY_CALL = "/w/bench/alive", "/api/v1/me"


def measure(data: Path, scale: Scale, only: str = "") -> list[dict[str, Any]]:
    """All figures as rows of name, value, unit, p95, floor, ratio and aim; ``only`` leaves out rows without that word."""
    prepare(data, scale)
    with Stack(data):
        pass  # the first start after filling may replay the log
    with Stack(data) as stack:
        rows = [
            _row("start to first page", stack.seconds, "s", aim="<= 5"),
            _row("memory at rest", stack.memory(), "MB", aim="<= 600"),
        ]
        bench = _Bench(stack, only)
        rows += bench.pages()
        rows += bench.api()
        rows += bench.search()
        rows += filtering.rows(bench)
        rows += computing.rows(bench)
        rows += custom.rows(bench)
        rows += mass.rows(bench)
        rows += pricing.rows(bench)
        rows += selling.rows(bench)
        rows += recurring.rows(bench)
        rows += paper.rows(bench)
        rows += duplicates.rows(bench)
        rows += transfer.rows(bench)
    return [row for row in rows if only in row["name"]]


def _row(name: str, value: float, unit: str, aim: str = "", **more: Any) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "aim": aim, **more}


class _Bench:
    """A signed-in browser, an API client and a bare connection on one workspace."""

    def __init__(self, stack: Stack, only: str) -> None:
        self.only = only
        self.user = User.objects.get(email=EMAIL)
        self.workspace = Workspace.objects.get(slug="bench")
        with in_workspace(self.workspace.id):
            self.actor = actor_for_user(self.user, self.workspace)
            _token, self.token = make_token(self.workspace, self.user, "bench", [])
        self.browser = Client(stack.port)
        self.browser.sign_in(EMAIL, PASSWORD)
        self.caller = Client(stack.port, self.token)
        self.bare = Bare(self.workspace.id)
        self.empty_sql = statements(EMPTY_PAGE, self.user)
        self.empty, _p95 = timed(lambda: self.browser.get(EMPTY_PAGE), TIMES)

    def page(self, name: str, path: str, aim: str = "<= 5x") -> dict[str, Any]:
        """One page against the page floor."""
        sqls = own(statements(path, self.user), self.empty_sql)
        floor = self.empty + self.bare.time(sqls, TIMES)
        median, p95 = timed(lambda: self.browser.get(path), TIMES)
        return _row(name, median, "ms", aim, p95=p95, floor=floor, ratio=median / floor, statements=len(sqls))

    def pages(self) -> list[dict[str, Any]]:
        """Lists at their first and at deep pages, by several orders and filters, and a record with 1,000 moments."""
        base = "/w/bench/contacts/"
        surname = quote(json.dumps({"field": "last_name", "op": "is", "value": "García"}))
        stage = quote(json.dumps({"field": "lifecycle", "op": "is", "value": "former"}))
        industry = quote(json.dumps({"field": "account.industry", "op": "is", "value": "Legal"}))
        counted = quote(json.dumps({"related": "calls.about", "count": True, "op": "gte", "value": 4}))
        wanted = {
            "list, first page": base,
            "list, deep page": base + "?cursor=" + self.deep("-id"),
            "list by name": base + "?sort=title",
            "list by name, deep page": base + "?sort=title&cursor=" + self.deep("title"),
            "list by account": base + "?sort=account",
            "list by last change": base + "?sort=-updated_at",
            "list, surname": base + "?filter=" + surname,
            "list, lifecycle": base + "?filter=" + stage,
            "list, industry of the account": base + "?filter=" + industry,
            "list, at least 4 calls": base + "?filter=" + counted,
            "list of accounts": "/w/bench/accounts/",
            "list of tasks": "/w/bench/tasks/",
            "board by lifecycle": base + "?as=board",
            "board of accounts": "/w/bench/accounts/?as=board",
            "calendar, a month of meetings": "/w/bench/meetings/?as=calendar&from=2025-03-01&to=2025-04-01",
            "record with 1,000 moments": f"{base}{self.first_contact()}",
        }
        return [self.page(name, path) for name, path in wanted.items() if self.only in name]

    def first_contact(self) -> Any:
        """The contact that a thousand notes are about."""
        with in_workspace(self.workspace.id):
            rows = access.visible(self.actor, objects.get("contacts"))
            return rows.order_by("id").values_list("id", flat=True)[0]

    def deep(self, order: str) -> str:
        """The cursor of a page in the middle of the list."""
        obj = objects.get("contacts")
        with in_workspace(self.workspace.id):
            rows = access.visible(self.actor, obj)
            middle = rows.count() // 2
            column = {"-id": "-id", "title": "title_key"}[order]
            row = rows.order_by(column, "id").values("id", "title_key")[middle]
        return paging.encode(0, row["title_key"] if order == "title" else None, row["id"])

    def search(self) -> list[dict[str, Any]]:
        """What a person types into the search, letter by letter."""
        if self.only not in "search as you type":
            return []
        typed = [
            "ma",
            "mar",
            "mari",
            "maria",
            "maria g",
            "maria garcia",
            "elena.5",
            "+3460000",
            "popescu",
            "xan",
            "follow",
            "mail12",
        ]
        found = [self.page(word, f"/w/bench/pick?q={quote(word)}") for word in typed]
        worst = max(row["p95"] for row in found)
        middle = sorted(found, key=lambda row: row["value"])[len(found) // 2]
        steepest = max(row["ratio"] for row in found)
        return [
            _row(
                "search as you type",
                middle["value"],
                "ms",
                "<= 5x",
                p95=worst,
                floor=middle["floor"],
                ratio=middle["ratio"],
            ),
            _row(
                "search as you type, slowest word",
                max(r["value"] for r in found),
                "ms",
                "p95<50",
                p95=worst,
                ratio=steepest,
            ),
        ]

    def api(self) -> list[dict[str, Any]]:
        """A list of a hundred and a create, against an empty token call, its SQL and orjson."""
        if self.only not in "REST list of 100, REST create":
            return []
        empty, _p95 = timed(lambda: self.caller.get(EMPTY_CALL), TIMES)
        path = "/api/v1/contacts?limit=100"
        sqls = own(statements(path, token=self.token), statements(EMPTY_CALL, token=self.token))
        floor = empty + self.bare.time(sqls, TIMES) + transfer.dumping(self.caller.get(path))
        median, p95 = timed(lambda: self.caller.get(path), TIMES)
        rows = [_row("REST list of 100", median, "ms", "<= 3x", p95=p95, floor=floor, ratio=median / floor)]

        def create() -> None:
            who = uuid4().hex  # a person nobody has yet, or the answer is that they are a duplicate
            body = {"first_name": who[:8], "last_name": who[8:], "emails": [{"address": f"{who}@new.example"}]}
            status, answer = self.caller.request(
                "POST", "/api/v1/contacts", json.dumps(body).encode(), **{"Content-Type": "application/json"}
            )
            if status != 201:
                raise RuntimeError(answer[:300])

        floor = empty + transfer.insert_floor(self)
        median, p95 = timed(create, TIMES)
        rows.append(_row("REST create", median, "ms", "<= 4x", p95=p95, floor=floor, ratio=median / floor))
        return rows
