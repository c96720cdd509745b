"""``trato up``: the whole of Trato on one machine, from the database to the line that says it is ready."""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPException

from ..database import outside
from ..datafolder import DataFolder, folder_from_environment
from ..local import embedded, hold
from ..login import first_login
from ..problem import Problem
from ..stamp import code_stamp
from ..supervisor import Child, Supervisor
from .terminal import put, say

LOCALHOST = "127.0.0.1"


def up(arguments: argparse.Namespace) -> None:
    """Runs until SIGINT or SIGTERM; prints one line on stdout when everything answers."""
    port: int = arguments.port
    os.environ["TRATO_PORT"] = str(port)
    folder = DataFolder(folder_from_environment())
    with ExitStack() as stack:
        stack.enter_context(hold(folder))
        for number, part in ((port, "web"), (port + 1, "live")):
            _check_free(number, part)
        database = None if outside() else embedded(folder, say)
        supervisor = Supervisor(_children(folder, port), database, say)
        stack.enter_context(supervisor.signals())
        if database is not None:
            database.start()
            stack.callback(database.stop)
        _prepare(folder, arguments.empty)
        stack.callback(supervisor.stop)
        supervisor.run(lambda: _answers("web", port) and _answers("live", port + 1), lambda: _announce(port))
        say("Stopping ...")


def _children(folder: DataFolder, port: int) -> list[Child]:
    return [
        Child("web", ["--port", str(port)], folder.logs / "web.log"),
        Child("live", ["--port", str(port + 1)], folder.logs / "live.log"),
        Child("worker", [], folder.logs / "worker.log"),
    ]


def _prepare(folder: DataFolder, empty: bool) -> None:
    """Brings the database up to date, unless this very code has done so before to this very cluster."""
    stamp = folder.postgres / "prepared"
    code = code_stamp()
    if not outside() and stamp.exists() and stamp.read_text() == code:
        return
    command = [sys.executable, "-m", "trato.site", "first", *(["--empty"] if empty else [])]
    if subprocess.run(command, check=False, stdin=subprocess.DEVNULL, start_new_session=True).returncode:
        raise Problem("The database could not be prepared; what was there is unchanged.")
    if not outside():
        stamp.write_text(code)


def _check_free(port: int, part: str) -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOCALHOST, port))
        except OSError as error:
            raise Problem(
                f"Port {port}, which {part} needs, can't be had ({error.strerror}). "
                "Start with another --port N; N and N+1 have to be free."
            ) from error


def _answers(part: str, port: int) -> bool:
    """Whether it serves; raises Problem when it answers with an error, which waiting doesn't mend."""
    connection = HTTPConnection(LOCALHOST, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    if status >= 500:
        raise Problem(f"{part} answers with an error (status {status}). See the end of {part}.log in the data folder.")
    return status == 200


def _announce(port: int) -> None:
    """The one line of stdout. The login is the one the first start made, as far as it still lets somebody in."""
    login = first_login(DataFolder(folder_from_environment()))
    line = f"ready http://{LOCALHOST}:{port}"
    put(f"{line} login {login[0]} password {login[1]}" if login else line)
