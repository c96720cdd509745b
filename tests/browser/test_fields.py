"""An administrator writes a formula with its preview beside it, and a field that is only asked for of customers."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.running import Person, Site

from .conftest import Open
from .test_together import axe

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop(site: Site) -> tuple[str, Person]:
    """A workspace with a contact who has a price."""
    slug, olga = site.workspace("Field Shop", "olga@fields.example")
    headers, visitor = site.token(slug, olga), site.visitor()
    field = {"name": "price", "label": "Price", "kind": "number", "options": {"digits": 2}}
    assert visitor.post("/api/v1/custom-fields/contacts", json=field, headers=headers).status_code == 201
    ana = {"first_name": "Ana", "last_name": "Ruiz", "custom": {"price": 12.5}}
    assert visitor.post("/api/v1/contacts", json=ana, headers=headers).status_code == 201
    return slug, olga


def test_a_formula_is_tried_while_it_is_typed_and_stands_in_the_list(open_as: Open, shop: tuple[str, Person]) -> None:
    slug, olga = shop
    page = open_as(olga, f"/w/{slug}/settings/fields/contacts/new?kind=formula")
    page.get_by_label("Label").fill("Double")
    text = page.locator("textarea[name=option-expression]")
    text.fill("2 * ")
    check = page.locator(".formula-check")
    expect(check).to_contain_text("ends too early")
    assert axe(page) == []
    page.get_by_label("Put in a field or a function").select_option("custom.price")
    expect(text).to_have_value("2 * custom.price")
    expect(check).to_contain_text("Ana Ruiz")
    expect(check).to_contain_text("25.00")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert axe(page) == []
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/settings/fields/contacts")
    page.goto(f"/w/{slug}/contacts/?columns=title&columns=custom.double&sort=-custom.double")
    expect(page.locator("tbody")).to_contain_text("25.00")


def test_a_field_appears_and_is_needed_as_soon_as_its_condition_holds(
    open_as: Open, shop: tuple[str, Person], site: Site
) -> None:
    slug, olga = shop
    page = open_as(olga, f"/w/{slug}/settings/fields/contacts/new?kind=text")
    page.fill("[name=label]", "Contract")
    for name in ("visible_when", "required_when"):
        told = '{"field": "lifecycle", "op": "is", "value": "customer"}'
        page.locator(f"input[name={name}]").evaluate("(input, told) => { input.value = told; }", told)
    assert axe(page) == []
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/settings/fields/contacts")
    page.goto(f"/w/{slug}/contacts/new")
    contract = page.locator("[name='custom.contract']")
    expect(contract).to_be_hidden()
    page.locator("[name=last_name]").fill("Silva")
    page.locator("select[name=lifecycle]").select_option("customer")
    expect(contract).to_be_visible()
    expect(contract).to_have_attribute("aria-required", "true")
    assert axe(page) == []
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("This is needed here")
    contract.fill("C-7")
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("heading", name="Silva")).to_be_visible()
    expect(page.locator("main")).to_contain_text("C-7")
    page.goto(page.url + "/edit")
    expect(contract).to_be_visible()
    page.locator("select[name=lifecycle]").select_option("lead")
    expect(contract).to_be_hidden()


def test_choices_are_rows_with_a_colour_to_pick_by_keyboard(open_as: Open, shop: tuple[str, Person]) -> None:
    slug, olga = shop
    page = open_as(olga, f"/w/{slug}/settings/fields/contacts/new?kind=choice")
    page.locator("[name=label]").fill("Plan")
    page.get_by_role("button", name="Add a choice").click()
    page.keyboard.type("Gold")
    page.locator(".swatches summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("radio", name="Grey").focus()
    page.keyboard.press("ArrowUp")  # radios: the arrows choose
    page.keyboard.press("Enter")
    expect(page.locator(".swatches summary")).to_be_focused()
    page.get_by_role("button", name="Add a choice").click()
    page.keyboard.type("Silver")
    page.locator("trato-choices li").nth(1).get_by_role("button", name="Move up").click()
    text = page.locator("textarea[name=option-choices]")
    expect(text).to_have_value("Silver\nGold #cyan")
    assert axe(page) == []
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/settings/fields/contacts")
    page.goto(f"/w/{slug}/settings/fields/contacts/plan")
    expect(page.locator("trato-choices [data-label]").nth(1)).to_have_value("Gold")
