"""A real Chromium, and a running Trato for it: the machine's browser if it has one, else Playwright's own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from tests.installation.machine import Machine

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="package")  # while it is open an event loop runs, which other tests must not meet
def browser() -> Iterator[Browser]:
    """Chromium without a window; without any the test fails and says how to get one."""
    path = os.environ.get("TRATO_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(
                executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
            )
        except Error as error:
            pytest.fail(
                "No Chromium could be started. Install one (Debian: apt-get install chromium), name it "
                "(TRATO_CHROMIUM=/path/to/chromium), or get Playwright's: .venv/bin/python -m playwright install "
                f"chromium\n{error.message}"
            )
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def site() -> Iterator[Machine]:
    """An installation of its own, running, with an empty workspace."""
    folder = Path(tempfile.mkdtemp(prefix="trato-site-"))
    folder.chmod(0o711)  # the database's own user passes through
    machine = Machine(folder)
    machine.up("--empty")
    yield machine
    machine.down()
    shutil.rmtree(folder)
