"""One Chromium for the tests of this folder, and pages in it that fail their test for any complaint of the console."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.running import Person, Site

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 15_000  # milliseconds

Open = Callable[..., Page]

#: What a language such as Hebrew changes before anything else is read.
MIRROR = """new MutationObserver(() => {
    const root = document.documentElement;
    if (root && root.dir !== "rtl") root.dir = "rtl";
}).observe(document, {childList: true})"""


def chromium() -> str | None:
    """Where the Chromium is; None for Playwright's own."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The Chromium named by CHROMIUM, else the machine's, else Playwright's own."""
    with sync_playwright() as playwright:
        try:
            launched = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        except Error as error:
            pytest.fail(
                "These tests need a Chromium: install the package chromium of your system, name one in CHROMIUM, "
                f"or run `.venv/bin/playwright install chromium`. ({str(error).splitlines()[0]})"
            )
        yield launched
        launched.close()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What consoles complained of: errors, and whatever the content security policy refused. Checked at the end."""
    heard: list[str] = []
    yield heard
    assert heard == []


@pytest.fixture
def open_as(browser: Browser, site: Site, complaints: list[str]) -> Iterator[Open]:
    """``open_as(person, "/w/demo/", width=390, scheme="dark")``: a page in a profile of its own, signed in; on a phone
    with ``touch``, and read from right to left with ``mirrored``, in whatever language.
    """
    contexts = []

    def start(
        person: Person | None = None,
        path: str = "",
        *,
        width: int = 1440,
        height: int = 0,
        scheme: str = "light",
        touch: bool = False,
        mirrored: bool = False,
    ) -> Page:
        context = browser.new_context(
            base_url=site.base,
            viewport={"width": width, "height": height or (844 if width < 800 else 900)},
            has_touch=touch,
            is_mobile=touch,
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        contexts.append(context)
        if mirrored:
            context.add_init_script(MIRROR)
        if person:
            session = site.visitor(person).cookies["trato_session"]
            context.add_cookies([{"name": "trato_session", "value": session, "url": site.base}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        listen(page, complaints)
        if path:
            page.goto(path)
        return page

    yield start
    for context in contexts:
        context.close()


def listen(page: Page, complaints: list[str]) -> None:
    """Write down every error of the page's console."""

    def heard(message: object) -> None:
        if message.type == "error" and "status of 4" not in message.text:  # 404 and 422 are answers, not accidents
            complaints.append(f"{page.url}: {message.text}")

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
