"""Providers of sign-ins that tests start as processes of their own, on loopback."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import requests


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@contextmanager
def running(module: str, *arguments: str, ready: str) -> Iterator[str]:
    """A Python module as a process; its address, once the path ``ready`` answers."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-W", "ignore", "-m", module, "--port", str(port), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until and process.poll() is None:
            with suppress(requests.ConnectionError):
                if requests.get(base + ready, timeout=5).ok:
                    yield base
                    return
            time.sleep(0.1)
        raise AssertionError(f"{module} does not answer")
    finally:
        process.terminate()
        process.wait(10)
