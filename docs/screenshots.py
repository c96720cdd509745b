"""Makes the pictures of the README and the guides from the demo workspace: .venv/bin/python docs/screenshots.py

Needs the test requirements (playwright) and a Chromium: the machine's, or the one named by CHROMIUM.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "images"
READY = re.compile(r"ready (\S+) login (\S+) password (\S+)")
FLAGS = (
    "--no-sandbox --disable-gpu --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
#: name -> (address below the workspace, after it @ and the title of a record in the list, or "first";
#: width, height, scheme)
PICTURES = {
    "account": ("accounts/?sort=title @Finch & Daughters", 1440, 900, "light"),
    "my-day": ("", 1440, 900, "light"),
    "contacts": ("contacts/", 1440, 900, "light"),
    "contact-dark": ("contacts/ @first", 1440, 900, "dark"),
    "quote": ("quotes/?view=accepted @first", 1440, 900, "light"),
    "contact-phone": ("contacts/ @first", 390, 844, "light"),
}


def main() -> None:
    """Start the demo on a free port, take every picture, stop."""
    FOLDER.mkdir(exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory(prefix="trato-pictures-") as data:
        Path(data).chmod(0o711)
        command = [sys.executable, "-m", "trato.site", "up", "--data", f"{data}/data", "--port", "8790"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as stack:
            try:
                found = READY.match(stack.stdout.readline() if stack.stdout else "")
                if not found:
                    sys.exit("The demo did not start.")
                with sync_playwright() as playwright:
                    browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
                    for name, (place, width, height, scheme) in PICTURES.items():
                        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
                        _take(context.new_page(), found, place, FOLDER / f"{name}.png")
                        context.close()
                    browser.close()
            finally:
                stack.send_signal(signal.SIGTERM)


def _take(page: Page, login: re.Match[str], place: str, path: Path) -> None:
    base, email, password = login.groups()
    page.goto(f"{base}/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/w/demo/")
    address, _sign, title = place.partition(" @")
    page.goto(f"{base}/w/demo/{address}")
    if title:
        rows = page.locator("tbody tr a")
        (rows.first if title == "first" else rows.filter(has_text=title).first).click()
        page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)
    page.screenshot(path=path)


if __name__ == "__main__":
    main()
