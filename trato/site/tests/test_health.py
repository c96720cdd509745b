"""What a load balancer asks, and what every answer forbids the browser."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.test import Client


@pytest.fixture
def no_database() -> Iterator[None]:
    with patch.object(connection, "cursor", side_effect=OperationalError("gone")):
        yield


def test_healthz_needs_nothing_else(no_database: None) -> None:
    assert Client().get("/healthz").status_code == 200


@pytest.mark.django_db
def test_readyz_needs_the_database() -> None:
    assert Client().get("/readyz").status_code == 200


@pytest.mark.django_db
def test_readyz_without_the_database_is_503(no_database: None) -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"The database does not answer.\n")


@pytest.mark.django_db
def test_pages_allow_no_inline_script_no_other_host_and_no_frame() -> None:
    headers = Client().get("/accounts/login/").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert policy["connect-src"] == "'self' http://127.0.0.1:8001"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
def test_nobody_signs_themselves_up() -> None:
    form = {"email": "new@example.org", "password1": "correct horse battery"}
    answer = Client().post("/accounts/signup/", form)
    assert b"new@example.org" not in answer.content
    assert answer.status_code in (200, 403, 404)
    assert not Client().login(email="new@example.org", password="correct horse battery")
