"""Which database this process talks to, and as whom."""

from __future__ import annotations

import os
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from trato.engine.postgres.embedded import ADMIN, address
from trato.engine.postgres.roles import role_name

from .datafolder import DataFolder

NAME = "trato"


def outside() -> bool:
    """Whether DATABASE_URL names a server that is somebody else's to run."""
    return bool(os.environ.get("DATABASE_URL"))


def server(folder: DataFolder) -> dict[str, str]:
    """psycopg's connection parameters of the administrator, ``dbname`` included.

    Raises psycopg.ProgrammingError when DATABASE_URL is none.
    """
    if outside():
        given = conninfo_to_dict(os.environ["DATABASE_URL"])
        return {name: str(value) for name, value in given.items() if value is not None}
    return {
        **address(folder.postgres),
        "user": ADMIN,
        "password": folder.secrets["database"]["admin"],
        "dbname": NAME,
    }


def databases(folder: DataFolder) -> dict[str, dict[str, Any]]:
    """Django's DATABASES: ``default`` is the app role, ``owner`` is for migrations only."""
    parameters = server(folder)
    name = parameters.pop("dbname", NAME)
    user, password = parameters.pop("user", ""), parameters.pop("password", "")
    host, port = parameters.pop("host", ""), parameters.pop("port", "")
    one_role = outside() and folder.secrets.get("one_role", False)

    def connection(role: str) -> dict[str, Any]:
        return {
            "ENGINE": "trato.engine.postgres.backend",
            "NAME": name,
            "USER": user if one_role else role_name(name, role),
            "PASSWORD": password if one_role else folder.secrets["database"][role],
            "HOST": host,
            "PORT": port,
            "OPTIONS": {**parameters, "application_name": f"trato {role}"},
            "CONN_MAX_AGE": 300,
            "CONN_HEALTH_CHECKS": True,
            "TEST": {"NAME": name},  # tests prepare their database themselves: conftest.py
        }

    return {"default": connection("app"), "owner": connection("owner") | {"CONN_MAX_AGE": 0}}


def roles(folder: DataFolder) -> dict[str, str | None]:
    """The names of the three roles; None for those that could not be made, where one role is all there is."""
    one_role = outside() and folder.secrets.get("one_role", False)
    name = server(folder).get("dbname", NAME)
    return {role: None if one_role else role_name(name, role) for role in ("owner", "app", "maintenance")}
