"""The login that the first start made, as far as it still lets somebody in."""

from __future__ import annotations

import psycopg
from django.contrib.auth.hashers import PBKDF2PasswordHasher, ScryptPasswordHasher

from .database import server
from .datafolder import DataFolder

#: In place of what only its owner knows by now: one word, so that the line keeps its shape.
CHANGED = "(as-you-set-it)"
HASHERS = (
    ScryptPasswordHasher(),
    PBKDF2PasswordHasher(),
)  # those of settings.PASSWORD_HASHERS; Django is not set up here


def first_login(folder: DataFolder) -> tuple[str, str] | None:
    """Address and password, either of them CHANGED where somebody changed it; None where the first start made none."""
    kept = folder.secrets.get("login")
    if not kept:
        return None
    try:
        with psycopg.connect(**server(folder), connect_timeout=5) as connection:
            row = connection.execute(
                "SELECT password FROM workspaces_user WHERE email = %s AND is_active", [kept["email"]]
            ).fetchone()
    except psycopg.Error:
        return None
    if row is None:
        return CHANGED, CHANGED
    return kept["email"], kept["password"] if _fits(kept["password"], row[0]) else CHANGED


def _fits(password: str, encoded: str) -> bool:
    kind = encoded.partition("$")[0]
    return any(hasher.verify(password, encoded) for hasher in HASHERS if hasher.algorithm == kind)
