"""``trato web`` and ``trato live``: the processes that answer browsers, each also on a machine of its own."""

from __future__ import annotations

import argparse
import os

import psycopg
from granian import Granian
from granian.constants import Interfaces, TaskImpl
from granian.log import LogLevels

from trato.engine.postgres.roles import unsafe_role

from ..database import databases
from ..datafolder import DataFolder, folder_from_environment
from ..problem import Problem

LOGGING = {
    "formatters": {name: {"()": "trato.site.logs.JsonFormatter"} for name in ("generic", "access")},
    "handlers": {
        name: {"formatter": "generic", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"}
        for name in ("console", "access")
    },
}


def web(arguments: argparse.Namespace) -> None:
    """Pages and the API under WSGI, on threads: measured, that is nine times what ASGI gives them."""
    os.environ["TRATO_PORT"] = str(arguments.port)
    become("web")
    cores = os.cpu_count() or 1
    _serve(
        "trato.site.wsgi:application",
        arguments,
        interface=Interfaces.WSGI,
        workers=int(os.environ.get("TRATO_WEB_WORKERS") or min(cores, 8)),
        blocking_threads=int(os.environ.get("TRATO_WEB_THREADS") or 4),
        blocking_threads_idle_timeout=600,  # a thread keeps its connection to the database
        websockets=False,
        workers_kill_timeout=15,
    )


def live(arguments: argparse.Namespace) -> None:
    """Live updates under ASGI: many open connections, little to do on each."""
    os.environ.setdefault("TRATO_PORT", str(arguments.port - 1))
    become("live")
    _serve(
        "trato.site.asgi:application",
        arguments,
        interface=Interfaces.ASGINL,
        workers=1,
        task_impl=TaskImpl.asyncio,
        workers_kill_timeout=1,  # streams never end by themselves; pages open them again
    )


def become(process: str) -> None:
    """Names this process in its log lines, and makes sure that it may serve at all."""
    os.environ["TRATO_PROCESS"] = process
    app = databases(DataFolder(folder_from_environment()))["default"]
    parameters = {"user": app["USER"], "password": app["PASSWORD"], "host": app["HOST"], "port": app["PORT"]}
    given = {name: value for name, value in parameters.items() if value}
    with psycopg.connect(dbname=app["NAME"], **given, **app["OPTIONS"]) as connection:
        refused = unsafe_role(connection)
    if refused:
        raise Problem(refused)


def _serve(target: str, arguments: argparse.Namespace, **options: object) -> None:
    server = Granian(
        target,
        address=arguments.host,
        port=arguments.port,
        log_dictconfig=LOGGING,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        **options,  # type: ignore[arg-type]
    )
    server.serve()
