"""Which database this process talks to, and as whom."""

from __future__ import annotations

import os
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from trato.engine.postgres.embedded import ADMIN, address
from trato.engine.postgres.roles import ROLES, role_name

from .datafolder import DataFolder
from .problem import Problem

NAME = "trato"


def outside() -> bool:
    """Whether DATABASE_URL names a server that is somebody else's to run."""
    return bool(os.environ.get("DATABASE_URL"))


def server(folder: DataFolder) -> dict[str, Any]:
    """psycopg's connection parameters of the administrator, ``dbname`` included.

    Raises Problem when DATABASE_URL is none.
    """
    if outside():
        try:
            given = conninfo_to_dict(os.environ["DATABASE_URL"])
        except psycopg.ProgrammingError as error:
            raise Problem(
                "DATABASE_URL can't be read. It looks like postgresql://user:password@host:5432/name"
            ) from error
        return {name: str(value) for name, value in given.items() if value is not None}
    return {
        **address(folder.postgres),
        "user": ADMIN,
        "password": folder.secrets["database"]["admin"],
        "dbname": NAME,
    }


def databases(folder: DataFolder) -> dict[str, dict[str, Any]]:
    """Django's DATABASES: ``default`` is the app role, ``owner`` is for migrations only."""
    parameters = {name: value for name, value in server(folder).items() if name not in ("user", "password")}
    name = parameters.pop("dbname", NAME)
    host, port = parameters.pop("host", ""), parameters.pop("port", "")

    def connection(role: str) -> dict[str, Any]:
        return {
            "ENGINE": "trato.engine.postgres.backend",
            "NAME": name,
            "USER": role_name(name, role),
            "PASSWORD": folder.secrets["database"][role],
            "HOST": host,
            "PORT": port,
            "OPTIONS": {**parameters, "application_name": f"trato {role}"},
            "CONN_MAX_AGE": 300,
            "CONN_HEALTH_CHECKS": True,
            "TEST": {"NAME": name},  # tests prepare their database themselves: conftest.py
        }

    return {"default": connection("app"), "owner": connection("owner") | {"CONN_MAX_AGE": 0}}


def roles(folder: DataFolder) -> dict[str, str]:
    """The names of the three roles, by owner, app and maintenance."""
    name = server(folder).get("dbname", NAME)
    return {role: role_name(name, role) for role in ROLES}
