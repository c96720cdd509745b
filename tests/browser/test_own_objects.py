"""An administrator makes an object, brings its records in from a file, and finds one on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.running import Person, Site

from .conftest import Open

pytestmark = pytest.mark.browser
ROWS = (
    "Name,Area,Built,City,Owners\nCalle Mayor 1,90,2001-02-03,Madrid,Ana Ruiz\nRua Nova 2,45,1931-04-14,Lugo,Ana Ruiz\n"
)


@pytest.fixture(scope="module")
def estate(site: Site) -> tuple[str, Person]:
    """A workspace of its own, with one contact."""
    slug, olga = site.workspace("Estate", "olga@estate.example")
    headers = site.token(slug, olga)
    made = site.visitor().post("/api/v1/contacts", json={"first_name": "Ana", "last_name": "Ruiz"}, headers=headers)
    assert made.status_code == 201, made.text
    return slug, olga


def add_field(page: Page, kind: str, label: str, links: str = "") -> None:
    page.get_by_role("link", name="New field").click()
    page.locator("main").get_by_role("link", name=kind, exact=True).click()
    page.fill("[name=label]", label)
    if links:
        page.get_by_label(links, exact=True).check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text(label)


def test_properties_are_made_filled_and_found_on_a_phone(
    open_as: Open, estate: tuple[str, Person], tmp_path: Path
) -> None:
    slug, olga = estate
    page = open_as(olga, f"/w/{slug}/settings/objects")
    page.get_by_role("link", name="New object").click()
    page.fill("[name=label]", "Property")
    page.fill("[name=label_plural]", "Properties")
    page.get_by_label("House", exact=True).check(force=True)
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url("**/settings/fields/properties")
    for kind, label in (("Number", "Area"), ("Date", "Built"), ("Text", "City"), ("Yes or no", "Let")):
        add_field(page, kind, label)
    add_field(page, "Links", "Owners", "Contacts")

    file = tmp_path / "properties.csv"
    file.write_text(ROWS)
    page.goto(f"/w/{slug}/import")
    page.get_by_label("Properties", exact=True).check()
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_selector("#mapping")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("link", name="Import another file").wait_for(timeout=60_000)

    page.goto(f"/w/{slug}/search?q=rua+nova")
    page.locator("main").get_by_role("link", name="Rua Nova 2").click()
    expect(page.locator("main")).to_contain_text("Lugo")
    expect(page.locator("main")).to_contain_text("Ana Ruiz")

    phone = open_as(olga, f"/w/{slug}/properties/", width=390)
    phone.get_by_role("link", name="Calle Mayor 1").click()
    expect(phone.locator("main h1")).to_have_text("Calle Mayor 1")
    expect(phone.locator("main")).to_contain_text("Madrid")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
