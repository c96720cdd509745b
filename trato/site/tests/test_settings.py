"""Settings follow the environment: how Trato is reached decides what is secure, and secrets stay where they are."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ASK = (
    "import json, sys; from trato.site import settings as s;"
    "print(json.dumps({n: getattr(s, n) for n in sys.argv[1:]}, default=str))"
)


def settings_with(tmp_path: Path, *names: str, **environment: str) -> dict[str, Any]:
    """Some settings as a process of its own sees them in this environment."""
    clean = {"PATH": os.environ["PATH"], "TRATO_DATA": str(tmp_path / "data"), **environment}
    done = subprocess.run(
        [sys.executable, "-c", ASK, *names], env=clean, capture_output=True, text=True, check=True, cwd=tmp_path
    )
    return json.loads(done.stdout)


def test_over_https_cookies_are_bound_to_the_host_and_never_sent_in_the_clear(tmp_path: Path) -> None:
    names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")
    more = ("SECURE_HSTS_SECONDS", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "TRATO_LIVE_URL", "SECURE_PROXY_SSL_HEADER")
    seen = settings_with(
        tmp_path, *names, *more, TRATO_URL="https://crm.example/", TRATO_LIVE_URL="https://live.crm.example"
    )
    assert seen == {
        "SESSION_COOKIE_NAME": "__Host-trato_session",
        "CSRF_COOKIE_NAME": "__Host-trato_csrf",
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "ALLOWED_HOSTS": ["crm.example", "127.0.0.1", "localhost", "[::1]"],
        "CSRF_TRUSTED_ORIGINS": ["https://crm.example"],
        "TRATO_LIVE_URL": "https://live.crm.example",
        "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"],
    }


def test_without_anything_said_it_is_this_machine(tmp_path: Path) -> None:
    seen = settings_with(tmp_path, "TRATO_URL", "TRATO_LIVE_URL", "SESSION_COOKIE_SECURE", "SECURE_PROXY_SSL_HEADER")
    assert seen == {
        "TRATO_URL": "http://127.0.0.1:8000",
        "TRATO_LIVE_URL": "http://127.0.0.1:8001",
        "SESSION_COOKIE_SECURE": False,
        "SECURE_PROXY_SSL_HEADER": None,
    }


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("smtp://me%40x.org:p%3Aw@mail.x.org", ("mail.x.org", 587, "me@x.org", "p:w", True, False)),
        ("smtps://me:pw@mail.x.org:4650", ("mail.x.org", 4650, "me", "pw", False, True)),
        ("smtp://127.0.0.1:25", ("127.0.0.1", 25, "", "", False, False)),
    ],
)
def test_mail_goes_where_email_url_says(tmp_path: Path, url: str, wanted: tuple[object, ...]) -> None:
    names = (
        *("EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD"),
        *("EMAIL_USE_TLS", "EMAIL_USE_SSL"),
    )
    assert tuple(settings_with(tmp_path, *names, EMAIL_URL=url).values()) == wanted


def test_reading_settings_writes_nothing(tmp_path: Path) -> None:
    settings_with(tmp_path, "SECRET_KEY")
    assert list(tmp_path.iterdir()) == []


def test_an_outside_server_is_used_as_the_app_role_and_never_as_its_administrator(tmp_path: Path) -> None:
    secrets = tmp_path / "shared.json"
    passwords = {"admin": "a", "owner": "o", "app": "p", "maintenance": "m"}
    secrets.write_text(json.dumps({"django": "x" * 50, "database": passwords}))
    url = "postgresql://boss:secret@db.example:5433/crm?sslmode=verify-full"
    seen = settings_with(tmp_path, "DATABASES", "SECRET_KEY", DATABASE_URL=url, TRATO_SECRETS=str(secrets))
    default, owner = seen["DATABASES"]["default"], seen["DATABASES"]["owner"]
    assert (default["USER"], default["PASSWORD"], owner["USER"]) == ("crm_app", "p", "crm_owner")
    assert (default["HOST"], default["PORT"], default["NAME"]) == ("db.example", "5433", "crm")
    assert default["OPTIONS"]["sslmode"] == "verify-full"
    assert seen["SECRET_KEY"] == "x" * 50
    assert "secret" not in json.dumps(seen)
