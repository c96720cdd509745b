"""The whole stack, started as anyone would start it, and talked to over HTTP."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
READY = re.compile(r"ready http://127\.0\.0\.1:(\d+)")


def free_port() -> int:
    """A port whose next one is free too (live takes it)."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                two.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return int(port)


class Stack:
    """``trato up`` on a data folder; ``seconds`` is how long it took until the first page was answered."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()
        self.seconds = 0.0

    def __enter__(self) -> Stack:
        log = (self.data.parent / f"{self.data.name}-up.log").open("ab")
        began = time.perf_counter()
        command = [
            sys.executable,
            "-m",
            "trato.site",
            "up",
            "--empty",
            "--data",
            str(self.data),
            "--port",
            str(self.port),
        ]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline() if self.process.stdout else ""
        found = READY.match(line)
        if not found:
            raise RuntimeError(f"The stack did not start; see {log.name}")
        Client(self.port).get("/accounts/login/")
        self.seconds = time.perf_counter() - began
        return self

    def __exit__(self, *_: Any) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def memory(self) -> float:
        """Megabytes of the whole stack (proportional set size: shared pages counted once)."""
        return sum(_pss(pid) for pid in _tree(self.process.pid)) / 1024


def _tree(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        found.append(current := waiting.pop())
        waiting += children.get(current, [])
    return found


def _pss(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)


class Client:
    """One kept-alive connection with its cookies, or with a bearer token."""

    def __init__(self, port: int, token: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.cookies: dict[str, str] = {}
        self.token = token

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """One exchange as (status, body)."""
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.connection.close()  # idle for too long: the server closed it
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        content = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _sign, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, content

    def get(self, path: str) -> bytes:
        """A page; raises RuntimeError unless it is answered with 200."""
        status, content = self.request("GET", path)
        if status != 200:
            raise RuntimeError(f"{path}: {status} {content[:300]!r}")
        return content

    def sign_in(self, email: str, password: str) -> None:
        """As a person does, on the form."""
        page = self.get("/accounts/login/").decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        form = {"login": email, "password": password, "csrfmiddlewaretoken": token[1] if token else ""}
        status, content = self.request(
            "POST",
            "/accounts/login/",
            urlencode(form).encode(),
            **{"Content-Type": "application/x-www-form-urlencoded"},
        )
        if status not in (302, 303):
            raise RuntimeError(f"Sign-in failed: {status} {content[:300]!r}")


def timed(call: Any, times: int, warm: int = 5, patience: float = 8.0) -> tuple[float, float]:
    """The median and the 95th percentile of a call in milliseconds; a slow call is made fewer times, at least five."""
    began = time.perf_counter()
    for _ in range(warm):
        if time.perf_counter() - began < patience:
            call()
    taken: list[float] = []
    began = time.perf_counter()
    while len(taken) < 5 or (len(taken) < times and time.perf_counter() - began < patience):
        start = time.perf_counter()
        call()
        taken.append((time.perf_counter() - start) * 1000)
    taken.sort()
    return statistics.median(taken), taken[max(0, int(len(taken) * 0.95) - 1)]


def environment(data: Path) -> None:
    """Make this process see the same database as the stack."""
    os.environ["TRATO_DATA"] = str(data)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trato.site.settings")
