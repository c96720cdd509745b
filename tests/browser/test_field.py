"""A day on the road, on a phone whose network goes and comes: nothing is lost, nothing is sent twice."""

from __future__ import annotations

import base64
import shutil
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.running import Site

from .conftest import FLAGS, Open, chromium, listen

pytestmark = pytest.mark.browser


@pytest.fixture
def api(site: Site) -> Any:
    """``api("post", "accounts", name="Bar Luna")``: a call with the key of the demo's owner."""
    caller, key = site.visitor(), site.token("demo", site.owner)

    def call(method: str, path: str, **values: Any) -> Any:
        given = {"json": values} if values else {}
        answer = caller.request(method.upper(), f"/api/v1/{path}", headers=key, **given)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    return call


@pytest.fixture
def way(api: Any) -> dict[str, Any]:
    """A visit in an hour to an account that buys beans at twelve euros."""
    name = f"Bar Luna {datetime.now(UTC):%H%M%S%f}"
    account = api("post", "accounts", name=name, phones=[{"number": "+34911234567"}])
    price = {"amount": "12.00", "currency": "GBP"}  # the demo's own
    product = api("post", "products", name=f"Beans of {name}", price=price)
    at = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    visit = api("post", "visits", purpose=f"Tasting at {name}", account=account["id"], planned_at=at)
    return {"account": account, "product": product, "visit": visit}


def ready(page: Page) -> None:
    """Wait until the device has what it needs."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    expect(page.locator("#state")).to_have_text("Connected")


def without(complaints: list[str]) -> None:
    """A console tells of requests that found no network; that is no accident here."""
    complaints[:] = [one for one in complaints if "ERR_INTERNET_DISCONNECTED" not in one and "ERR_FAILED" not in one]


def test_what_is_written_without_a_network_survives_and_is_sent_once(
    site: Site, open_as: Open, api: Any, way: dict[str, Any], complaints: list[str]
) -> None:
    page = open_as(site.owner, "/w/demo/offline", width=390, touch=True)
    context = page.context
    ready(page)
    expect(page.get_by_text(way["visit"]["title"])).to_be_visible()

    context.set_offline(True)
    page.close()
    page = context.new_page()
    page.goto("/w/demo/visits/plan")  # any page of the workspace is the one that is kept
    page.get_by_text(way["visit"]["title"]).click()
    page.get_by_label("Report").fill("They want beans\nand a grinder")
    page.locator("form", has=page.get_by_label("Report")).get_by_role("button", name="Save").click()
    expect(page.get_by_text("Kept on this device", exact=True)).to_be_visible()
    page.get_by_text("Order", exact=True).click()
    page.get_by_label("Product").fill(way["product"]["title"])
    page.get_by_label("Quantity").fill("5")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("60.00")).to_be_visible()
    page.locator("form", has=page.get_by_label("Product")).get_by_role("button", name="Save").click()
    expect(page.locator("#count")).to_have_text("2")

    page.close()  # killed
    page = context.new_page()
    page.goto("/w/demo/offline")
    expect(page.locator("#count")).to_have_text("2")
    page.get_by_text(way["visit"]["title"]).click()
    expect(page.get_by_label("Report")).to_have_value("They want beans\nand a grinder")

    # Meanwhile a colleague writes a report of the same visit.
    api("patch", f"visits/{way['visit']['id']}", report="<p>Called them instead</p>")
    listen(page, complaints)
    context.set_offline(False)
    expect(page.locator("#count")).to_have_text("1")
    orders = api("get", f"orders?account={way['account']['id']}&include=account")["data"]
    mine = [order for order in orders if order["account"]["id"] == way["account"]["id"]]
    assert [order["net"]["amount"] for order in mine] == ["60.00"]

    page.get_by_role("link", name="To be sent").click()
    expect(page.get_by_text("Called them instead")).to_be_visible()
    page.get_by_role("radio", name="Mine").check()
    page.locator("form", has=page.get_by_role("radio")).get_by_role("button", name="Save").click()
    expect(page.get_by_text("Everything is sent.")).to_be_visible()
    now = api("get", f"visits/{way['visit']['id']}")
    assert now["report"] == "<p>They want beans</p><p>and a grinder</p>"
    page.goto(f"/w/demo/accounts/{way['account']['id']}")
    expect(page.get_by_text(way["visit"]["title"]).first).to_be_visible()
    without(complaints)


def test_signing_out_leaves_nothing_on_the_device(
    site: Site, open_as: Open, way: dict[str, Any], complaints: list[str]
) -> None:
    page = open_as(None, "/accounts/login/")
    page.get_by_label("E-mail").fill(site.owner.email)
    page.get_by_label("Password").fill(site.owner.password)
    page.get_by_role("button", name="Sign in").first.click()
    page.wait_for_url("**/w/demo/")
    page.goto("/w/demo/offline")
    ready(page)
    expect(page.get_by_text(way["visit"]["title"])).to_be_visible()
    page.goto("/w/demo/")
    page.locator("summary.me").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    held = page.evaluate(
        "Promise.all([indexedDB.databases(), caches.keys(), navigator.serviceWorker.getRegistrations()])"
    )
    assert [len(each) for each in held] == [0, 0, 0]
    without(complaints)


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1440, "dark")])
def test_a_day_is_planned(site: Site, open_as: Open, way: dict[str, Any], width: int, scheme: str) -> None:
    page = open_as(site.owner, "/w/demo/visits/plan", width=width, scheme=scheme)
    expect(page.get_by_role("link", name=way["visit"]["title"])).to_be_visible()
    page.get_by_role("listitem").filter(has_text=way["visit"]["title"]).get_by_role("button", name="Check in").click()
    stop = page.get_by_role("listitem").filter(has_text=way["visit"]["title"])
    expect(stop.get_by_role("link", name="Check out")).to_be_visible()
    near = page.locator(".plan-near li")
    if near.count():
        name = near.first.get_by_role("link").inner_text()
        near.first.get_by_role("button", name="Add").click()
        expect(page.locator(".plan-stops").get_by_role("link", name=f"Visit: {name}")).to_be_visible()


# -- photos ----------------------------------------------------------------------------------------------------------

Start = Callable[[], Page]


@pytest.fixture
def phone(browser: Browser, site: Site, complaints: list[str]) -> Iterator[Start]:
    """``phone()``: a page on a phone of the demo's owner; asked again, the app is killed and started anew on it."""
    folder = Path(tempfile.mkdtemp(prefix="trato-phone-"))
    running: list[BrowserContext] = []

    def start() -> Page:
        if running:
            running.pop().close()
        context = browser.browser_type.launch_persistent_context(
            folder,
            executable_path=chromium(),
            args=list(FLAGS),
            base_url=site.base,
            viewport={"width": 390, "height": 844},
            has_touch=True,
            is_mobile=True,
        )
        running.append(context)
        session = site.visitor(site.owner).cookies["trato_session"]
        context.add_cookies([{"name": "trato_session", "value": session, "url": site.base}])
        page = context.new_page()
        page.set_default_timeout(15_000)
        listen(page, complaints)
        return page

    yield start
    for context in running:
        context.close()
    shutil.rmtree(folder, ignore_errors=True)


def picture(width: int, height: int) -> dict[str, Any]:
    """A file of a camera: a red PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + b"\xc0\x20\x20" * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return {"name": "camera.png", "mimeType": "image/png", "buffer": content}


def turned(page: Page, width: int, height: int) -> dict[str, Any]:
    """A JPEG of a camera held upright: its Exif says to turn it by a quarter (6), and has a word of where it was."""
    script = """([w, h]) => {
        const c = Object.assign(document.createElement("canvas"), {width: w, height: h});
        c.getContext("2d").fillRect(0, 0, w, h);
        return c.toDataURL("image/jpeg").split(",")[1];
    }"""
    plain = base64.b64decode(page.evaluate(script, [width, height]))
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    tiff = b"MM\0*" + struct.pack(">IH", 8, 1) + entry + b"\0\0\0\0" + b"GPS 40.416775 -3.703790"
    exif = b"Exif\0\0" + tiff
    content = plain[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + plain[2:]
    return {"name": "camera.jpg", "mimeType": "image/jpeg", "buffer": content}


def size_of(jpeg: bytes) -> tuple[int, int]:
    """Width and height by the frame header (ITU-T T.81, B.2.2)."""
    place = 2
    while jpeg[place + 1] not in (0xC0, 0xC1, 0xC2):
        place += 2 + int.from_bytes(jpeg[place + 2 : place + 4])
    height, width = struct.unpack(">HH", jpeg[place + 5 : place + 9])
    return width, height


def files_of(api: Any, visit: dict[str, Any]) -> list[dict[str, Any]]:
    """The files about a visit, the oldest first."""
    found = api("get", "files?sort=created_at&limit=200")["data"]
    return [one for one in found if any(about["id"] == visit["id"] for about in one["about"])]


def bytes_of(site: Site, file: dict[str, Any]) -> bytes:
    return site.visitor(site.owner).get(f"/w/demo/download/{file['file']['id']}").content


def thumbnails(page: Page) -> Any:
    return page.locator(".offline-photos canvas")


def test_photos_taken_without_a_network_survive_and_are_sent_once(
    site: Site, phone: Start, api: Any, way: dict[str, Any], complaints: list[str]
) -> None:
    page = phone()
    page.goto("/w/demo/offline")
    ready(page)
    page.context.set_offline(True)
    page.get_by_text(way["visit"]["title"]).click()
    page.get_by_label("Report").fill("Half a sentence")
    page.get_by_label("Photo", exact=True).set_input_files(
        [picture(2000, 1000), turned(page, 1200, 800), picture(30, 20)]
    )
    expect(thumbnails(page)).to_have_count(3)
    expect(page.get_by_label("Report")).to_have_value("Half a sentence")
    expect(page.locator("#count")).to_have_text("3")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Remove").last.click()
    expect(thumbnails(page)).to_have_count(2)

    page = phone()  # killed, and opened again where there is no network
    page.context.set_offline(True)
    page.goto(f"/w/demo/offline#visit/{way['visit']['id']}")
    expect(thumbnails(page)).to_have_count(2)
    assert files_of(api, way["visit"]) == []

    # The way back is bad: the first photo arrives, but the answer is lost, and then the network.
    lost: list[int] = []

    def break_off(route: Any) -> None:
        if not lost:
            lost.append(route.fetch().status)
        with suppress(Exception):
            route.abort()

    page.context.route("**/offline/send", break_off)
    page.context.set_offline(False)
    expect(page.locator("#state")).to_have_text("Connected")
    assert lost == [201]
    assert len(files_of(api, way["visit"])) == 1
    expect(page.locator("#count")).to_have_text("2")

    page = phone()
    page.goto("/w/demo/offline#waiting")
    expect(page.get_by_text("Everything is sent.")).to_be_visible()
    files = files_of(api, way["visit"])
    assert [file["title"] for file in files] == [f"Photo: {way['visit']['title']}"] * 2
    contents = [bytes_of(site, file) for file in files]
    assert [size_of(content) for content in contents] == [(1600, 800), (800, 1200)]
    assert not any(b"Exif" in content or b"GPS" in content for content in contents)
    page.goto(f"/w/demo/visits/{way['visit']['id']}")
    expect(page.get_by_role("link", name=f"Photo: {way['visit']['title']}").first).to_be_visible()
    without(complaints)


def test_a_photo_that_is_refused_stays_with_the_reason(
    site: Site, open_as: Open, api: Any, way: dict[str, Any], complaints: list[str]
) -> None:
    page = open_as(site.owner, "/w/demo/offline", width=390, touch=True)
    ready(page)
    page.get_by_text(way["visit"]["title"]).click()
    page.get_by_label("Photo", exact=True).set_input_files(
        {"name": "photo.png", "mimeType": "image/png", "buffer": b"no picture"}
    )
    expect(page.get_by_text("This device can't read one of them as a photo")).to_be_visible()
    expect(page.locator("#count")).to_have_text("")

    answer = {"status": 422, "json": {"message": "A file may have at most 10 MB. Nothing was kept."}}
    page.context.route("**/offline/send", lambda route: route.fulfill(**answer))
    page.get_by_label("Photo", exact=True).set_input_files(picture(40, 40))
    page.get_by_role("link", name="To be sent").click()
    expect(page.get_by_text("It could not be sent: A file may have at most 10 MB.")).to_be_visible()
    expect(page.get_by_role("img", name=f"Photo: {way['visit']['title']}")).to_be_visible()
    page.reload()
    ready(page)
    expect(page.locator("#count")).to_have_text("1")

    # Signing out asks first; whoever says no keeps it.
    page.goto("/w/demo/")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.locator("summary.me").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_timeout(300)
    assert len(asked) == 1

    page.context.unroute("**/offline/send")
    page.goto("/w/demo/offline#waiting")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Everything is sent.")).to_be_visible()
    assert len(files_of(api, way["visit"])) == 1
    without(complaints)


def test_a_full_device_says_so_and_loses_nothing_else(
    site: Site, phone: Start, way: dict[str, Any], complaints: list[str]
) -> None:
    page = phone()
    page.goto("/w/demo/offline")
    ready(page)
    page.context.set_offline(True)
    page.get_by_text(way["visit"]["title"]).click()
    page.get_by_label("Photo", exact=True).set_input_files(picture(60, 40))
    expect(thumbnails(page)).to_have_count(1)

    page = phone()  # Chromium remembers for a while how much room there is
    page.context.set_offline(True)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": site.base, "quotaSize": 1})
    page.goto(f"/w/demo/offline#visit/{way['visit']['id']}")
    take = page.get_by_label("Photo", exact=True)
    page.get_by_label("Report").fill("Half a sentence")
    take.set_input_files([picture(1600, 1600), picture(1500, 1500)])
    expect(page.get_by_text("This device has no room left. 0 of 2 photos were kept")).to_be_visible()
    expect(thumbnails(page)).to_have_count(1)
    expect(page.get_by_label("Report")).to_have_value("Half a sentence")
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": site.base})
    page.locator("form", has=page.get_by_label("Report")).get_by_role("button", name="Save").click()
    expect(page.locator("#count")).to_have_text("2")
    page.reload()
    expect(page.locator("#count")).to_have_text("2")
    without(complaints)
