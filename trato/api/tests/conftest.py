"""Calling the API as the cast does: with a token over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.cast import as_, cast, set_role, token_for  # noqa: F401  fixtures


class Caller:
    """One token's view of the API: ``call.post("contacts", {...})`` answers Django's response."""

    def __init__(self, token: str) -> None:
        self.token, self.client = token, Client(raise_request_exception=False)

    def send(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **query: Any
    ) -> HttpResponse:
        """Any call below /api/v1/; ``query`` are parameters, a body that is no bytes is sent as JSON."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {self.token}"} | (headers or {})
        kind = sent.pop("Content-Type", "application/json")
        return self.client.generic(method, f"/api/v1/{path}", data, kind, headers=sent, query_params=query or None)

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.send("GET", path, **query)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.send("POST", path, body, {name.replace("_", "-"): value for name, value in headers.items()})

    def patch(self, path: str, body: Any, **headers: str) -> HttpResponse:
        return self.send("PATCH", path, body, {name.replace("_", "-"): value for name, value in headers.items()})

    def delete(self, path: str, **headers: str) -> HttpResponse:
        return self.send("DELETE", path, None, {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.fixture
def call(token_for) -> Callable[..., Caller]:  # noqa: F811
    """``call(cast.member, "contacts:see")``: the API with a new token of that person."""
    return lambda user, *scopes: Caller(token_for(user, *scopes))


@pytest.fixture
def owner(call, cast) -> Caller:  # noqa: F811
    """The API as Acme's administrator."""
    return call(cast.owner)
