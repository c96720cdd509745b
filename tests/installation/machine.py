"""An installation of its own for tests that start, use, kill and stop Trato as an operator would."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

import psutil

PATIENCE = 180  # seconds


class Machine:
    """One data folder and one port; ``up`` starts everything, the rest looks at it and breaks it."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.data = folder / "data"
        self.port = free_ports()
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **environment}
        self.process: subprocess.Popen[str] | None = None
        self.line = ""

    def command(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs one ``trato`` command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "trato.site", *arguments, "--data", str(self.data)],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env=self.environment | environment,
            timeout=PATIENCE,
        )

    def up(self, *options: str) -> str:
        """Starts everything and returns the line that says it is ready."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "trato.site", "up", "--data", str(self.data), "--port", str(self.port), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env=self.environment,
        )
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            assert selector.select(PATIENCE), "trato up said nothing"
        line = self.process.stdout.readline().strip()
        assert line, self.process.stderr.read()
        self.line = line
        return line

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def login(self) -> tuple[str, str]:
        """Address and password of who the first start made."""
        words = self.line.split()
        return words[3], words[5]

    def down(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Stops everything and returns the exit status and what was said since: stdout and stderr."""
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=PATIENCE)
        status, self.process = self.process.returncode, None
        return status, out, err

    def descendants(self) -> list[psutil.Process]:
        """Every process below ``trato up``."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, name: str) -> psutil.Process:
        """The direct child of that name: web, live, worker or postgres."""
        for one in psutil.Process(self.process.pid).children():
            words = one.cmdline()
            if name in words[1:] or (name == "postgres" and words and words[0].endswith("/postgres")):
                return one
        raise LookupError(name)

    def get(self, path: str, port: int | None = None) -> int:
        """The status of a page, or 0 when nobody answers."""
        connection = HTTPConnection("127.0.0.1", port or self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()


def free_ports() -> int:
    """A port that is free together with the next one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


def until(question: Callable[[], bool], patience: float = PATIENCE) -> bool:
    """Asks until the answer is yes, or patience is at its end."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            if question():
                return True
        except (LookupError, psutil.Error):
            pass
        time.sleep(0.05)
    return False


def alive(process: psutil.Process) -> bool:
    """Whether it still runs; a zombie doesn't."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
