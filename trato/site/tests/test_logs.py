"""Log lines: one JSON object each, with the request's id, without the values of anybody's record."""

import json
import logging
import sys

import pytest
from django.test import Client

from trato.site.logs import JsonFormatter, current_request


def line(message: str, *arguments: object, error: bool = False) -> dict[str, str]:
    """What the formatter makes of one record."""
    record = logging.LogRecord(
        "a.b", logging.WARNING, __file__, 1, message, arguments, sys.exc_info() if error else None
    )
    text = JsonFormatter().format(record)
    assert "\n" not in text
    return json.loads(text)


def test_a_line_says_when_where_and_in_which_request() -> None:
    token = current_request.set("abc-12345")
    try:
        seen = line("moved %s", "ñ")
    finally:
        current_request.reset(token)
    assert (seen["message"], seen["level"], seen["logger"], seen["request"]) == (
        "moved ñ",
        "warning",
        "a.b",
        "abc-12345",
    )
    assert seen["time"].endswith("+00:00")
    assert "request" not in line("outside")


def test_an_error_keeps_its_place_and_loses_the_row_that_postgresql_quotes() -> None:
    try:
        raise ValueError("duplicate key value\nDETAIL:  Key (email)=(ana@example.org) already exists.")
    except ValueError:
        seen = line("failed", error=True)
    assert seen["error"].startswith("ValueError: duplicate key value\n")
    assert "test_logs.py" in seen["error"]
    assert "ana@example.org" not in seen["error"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("0123456789abcdef", True), ("short", False), ("a" * 65, False), ("abcdefgh\nInjected: x", False), ("", False)],
)
def test_a_well_formed_request_id_is_kept_and_any_other_replaced(given: str, kept: bool) -> None:
    answer = Client().get("/healthz", headers={"X-Request-Id": given})
    assert (answer["X-Request-Id"] == given) is kept
    assert answer["X-Request-Id"].replace("-", "").isalnum()


def test_the_secret_of_a_link_is_in_no_line() -> None:
    assert line("Conflict: %s", "/join/0198c0de.s3cr3t-_x")["message"] == "Conflict: /join/…"
    path = "/accounts/password/reset/key/3f-cab-9d0f/"
    assert line("Not Found: %s", path)["message"] == "Not Found: /accounts/password/reset/key/…/"
    assert line("Not Found: %s", "/p/acme/s3cr3t-_x/sign")["message"] == "Not Found: /p/…/sign"
    assert line("Not Found: %s", "/w/acme/joint/x")["message"] == "Not Found: /w/acme/joint/x"
