"""What is on screen leaves as a file: these rows, these columns, this order, in each format."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from urllib.parse import quote

import openpyxl
import pytest
import vobject
from playwright.sync_api import Page, expect

from tests.running import Site

from .conftest import Open

pytestmark = pytest.mark.browser

OTHERS = quote(json.dumps({"field": "lifecycle", "op": "is_not", "value": "customer"}))
LIST = f"/w/demo/contacts/?filter={OTHERS}&sort=title&columns=title&columns=job_title&columns=lifecycle"


@pytest.fixture
def page(open_as: Open, site: Site) -> Page:
    """All but the customers of the demo, by name, with two columns besides."""
    return open_as(site.owner, LIST)


def saved(page: Page, name: str) -> Path:
    """The file of that format, by the menu of the list."""
    page.locator(".top summary", has_text="Import and export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=name, exact=True).click()
    return Path(download.value.path())


def on_screen(page: Page) -> list[tuple[str, str]]:
    """Name and job title of every row, over all pages."""
    rows: list[tuple[str, str]] = []
    while True:
        for row in page.locator("#list tbody tr").all():
            rows.append(
                (row.locator(".row-title > span:last-child").inner_text(), row.locator("td").nth(1).inner_text())
            )
        following = page.locator("a[rel=next]")
        if not following.count():
            return rows
        with page.expect_response("**/contacts/?**cursor=**"):
            following.click()
        expect(page.locator(".row-title > span:last-child").first).not_to_have_text(rows[-50][0])


def test_each_format_holds_the_rows_and_columns_on_screen(page: Page) -> None:
    shown = on_screen(page)
    assert len(shown) > 50, "more than a page"
    page.goto(LIST)
    table = list(csv.reader(saved(page, "CSV").read_text(encoding="utf-8-sig").splitlines()))
    assert table[0] == ["Id", "Name", "Job title", "Lifecycle"]
    assert [(name, job) for _id, name, job, _lifecycle in table[1:]] == shown
    assert "customer" not in {lifecycle for *_other, lifecycle in table[1:]}
    book = openpyxl.load_workbook(io.BytesIO(saved(page, "Excel").read_bytes()), read_only=True)
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[0] == tuple(table[0])
    assert [(name, job or "") for _id, name, job, _lifecycle in rows[1:]] == shown
    lines = [json.loads(line) for line in saved(page, "NDJSON").read_text(encoding="utf-8").splitlines()]
    assert [line["id"] for line in lines] == [row[0] for row in table[1:]]
    cards = list(vobject.readComponents(saved(page, "vCard").read_text(encoding="utf-8")))
    assert [card.fn.value for card in cards] == [name for name, _job in shown]
