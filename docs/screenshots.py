"""Makes the pictures of the README and the guides from the demo: .venv/bin/python docs/screenshots.py [NAME ...]

Needs the test requirements (playwright) and a Chromium: the machine's, or the one named by CHROMIUM.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typst
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests.installation.machine import free_ports  # noqa: E402 - a script is found by its own folder only

FOLDER = ROOT / "docs" / "images"
READY = re.compile(r"ready (\S+) login (\S+) password (\S+)")
FLAGS = (
    "--no-sandbox --disable-gpu --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
#: Milliseconds until the demo, which goes on in the background, has told its last story: that of the visits.
TOLD = 300_000
#: A page of a PDF as a picture.
PAPER = '#set page(width: 794pt, height: auto, margin: 0pt)\n#image("paper.pdf", width: 794pt)'


@dataclass(frozen=True)
class Picture:
    """A page below the workspace: ``clicks`` lead from it to what is shown, each the words of a link, or "first" for
    the first record of a list.
    """

    place: str
    clicks: tuple[str, ...] = ()
    width: int = 1440
    scheme: str = "light"


PICTURES = {
    "account": Picture("accounts/?sort=title", ("Finch & Daughters",)),
    "my-day": Picture(""),
    "contacts": Picture("contacts/"),
    "contact-dark": Picture("contacts/", ("first",), scheme="dark"),
    "contact-phone": Picture("contacts/", ("first",), width=390),
    "deals": Picture("deals/?as=board"),
    "quote": Picture("quotes/?view=accepted", ("first",)),
    "invoice": Picture("invoices/?view=overdue", ("first",)),
    "forecast": Picture("forecast"),
    "offers": Picture("offers"),
    "calls": Picture("call-lists/", ("first", "Begin to call")),
    "visits": Picture("visits/plan"),
    "visits-phone": Picture("visits/plan", width=390),
}
#: What the customer of a quote sees, and the quote on paper.
FOR_CUSTOMERS = ("quote-paper", "quote-customer", "quote-customer-phone")


def main(names: list[str]) -> None:
    """Start the demo on a free port, take the pictures of these names, or all, and stop."""
    FOLDER.mkdir(exist_ok=True)
    wanted = names or [*PICTURES, *FOR_CUSTOMERS]
    with _demo() as (login, data), _browser() as browser:
        page = _signed_in(browser, login)
        page.goto(f"{_base(login)}/visits/")
        while not page.locator("tbody tr").count():
            page.wait_for_timeout(2000)
            page.reload(timeout=TOLD)
        for name in wanted:
            if name in PICTURES:
                _take(_page_like(browser, page, PICTURES[name]), login, PICTURES[name], FOLDER / f"{name}.png")
        if set(wanted) & set(FOR_CUSTOMERS):
            _take_for_customers(browser, page, login, data)


@contextmanager
def _demo() -> Iterator[tuple[re.Match[str], Path]]:
    """A Trato with the demo: how one signs in, and its data folder."""
    with tempfile.TemporaryDirectory(prefix="trato-pictures-") as folder:
        Path(folder).chmod(0o711)
        data = Path(folder) / "data"
        command = [sys.executable, "-m", "trato.site", "up", "--data", str(data), "--port", str(free_ports())]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as stack:
            try:
                found = READY.match(stack.stdout.readline() if stack.stdout else "")
                if not found:
                    sys.exit("The demo did not start.")
                yield found, data
            finally:
                stack.send_signal(signal.SIGTERM)


@contextmanager
def _browser() -> Iterator[Browser]:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        yield browser
        browser.close()


def _base(login: re.Match[str]) -> str:
    return f"{login[1]}/w/demo"


def _signed_in(browser: Browser, login: re.Match[str]) -> Page:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{login[1]}/accounts/login/")
    page.fill("[name=login]", login[2])
    page.fill("[name=password]", login[3])
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/w/demo/")
    return page


def _page_like(browser: Browser, page: Page, picture: Picture) -> Page:
    """A page of that size and scheme, for the same person."""
    return browser.new_page(
        viewport={"width": picture.width, "height": 844 if picture.width < 800 else 900},
        color_scheme=picture.scheme,  # type: ignore[arg-type]
        storage_state=page.context.storage_state(),
    )


def _take(page: Page, login: re.Match[str], picture: Picture, path: Path) -> None:
    page.goto(f"{_base(login)}/{picture.place}")
    for words in picture.clicks:
        links = page.locator("main tbody tr a") if words == "first" else page.locator("main a").filter(has_text=words)
        links.first.click()
        page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)
    page.screenshot(path=path)
    page.context.close()


def _take_for_customers(browser: Browser, page: Page, login: re.Match[str], data: Path) -> None:
    """Send a quote that waits for its answer once more, and open the page whose address its mail names."""
    page.goto(f"{_base(login)}/quotes/?view=open")
    page.locator("main tbody tr a").first.click()
    page.wait_for_load_state("networkidle")
    paper = page.request.get(f"{page.url}/pdf").body()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "paper.pdf").write_bytes(paper)
        Path(folder, "paper.typ").write_text(PAPER)
        typst.compile(f"{folder}/paper.typ", output=str(FOLDER / "quote-paper.png"), format="png", ppi=72)
    page.goto(f"{page.url}/send")
    page.fill("[name=email]", "robin@hale.example")
    page.get_by_role("button", name="Send", exact=True).click()
    found = None
    while not found:
        page.wait_for_timeout(500)
        mails = "".join(mail.read_text() for mail in (data / "mail").glob("*"))
        found = re.search(r"/p/demo/[\w-]{43}", mails.replace("=\n", "").replace("=3D", "="))
    for name, width in (("quote-customer", 1440), ("quote-customer-phone", 390)):
        customer = browser.new_page(viewport={"width": width, "height": 844 if width < 800 else 900})
        customer.goto(f"{login[1]}{found[0]}")
        customer.wait_for_timeout(600)
        customer.screenshot(path=FOLDER / f"{name}.png")
        customer.context.close()


if __name__ == "__main__":
    main(sys.argv[1:])
