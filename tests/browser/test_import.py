"""The import wizard with files of the world: 5,000 persons, 9,994 orders of 793 customers, cards of phones and Outlook.

What has to become of the rows is counted here, from the files alone.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import vobject
from playwright.sync_api import Page, expect

from tests.running import Person, Site
from trato.engine.imports.tests.test_real_input import OUTLOOK, SUPERSTORE, febrl, is_day, phone_card

from .conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONG = 90_000  # milliseconds an import may take on a busy machine
Counts = dict[str, int]


@pytest.fixture(scope="module")
def shop(site: Site) -> tuple[str, Person]:
    """A workspace whose contacts carry the numbers of the files, each once."""
    slug, olga = site.workspace("Wizard", "olga@wizard.example")
    headers = site.token(slug, olga)
    for name, label in (("rec_id", "rec_id"), ("customer", "Customer ID")):
        field = {"name": name, "label": label, "kind": "text", "unique": True}
        made = site.visitor().post("/api/v1/custom-fields/contacts", json=field, headers=headers)
        assert made.status_code == 201, made.text
    return slug, olga


@pytest.fixture
def page(open_as: Open, shop: tuple[str, Person]) -> Iterator[Page]:
    page = open_as(shop[1], f"/w/{shop[0]}/import")
    yield page
    assert in_list(page) == 0, "every test takes back what it brought in"


def workspace(page: Page) -> str:
    """The address that all of the workspace's begin with."""
    return "/".join(page.url.split("/")[:5])


def choose(page: Page, path: Path) -> None:
    """The first step: a file of contacts."""
    page.goto(f"{workspace(page)}/import")
    page.get_by_label("Contacts", exact=True).check()
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_selector("#mapping")


def start(page: Page) -> Counts:
    """The last steps: runs it, and reads what became of the rows, without those of which there are none."""
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("link", name="Import another file").wait_for(timeout=LONG)
    names, numbers = (page.locator(f".tiles {tag}").all_inner_texts() for tag in ("dt", "dd"))
    return {name: int(n.replace(",", "")) for name, n in zip(names, numbers, strict=True) if n != "0"}


def mapped(page: Page) -> dict[str, str]:
    """Where the columns go that are taken over, as guessed."""
    script = "all => all.filter(s => s.value).map(s => [s.closest('tr').querySelector('th').firstChild.data, s.value])"
    return dict(page.eval_on_selector_all("select[id^=column-]", script))


def only(page: Page, **chosen: str) -> None:
    """Leaves out every column but these, given by the beginning of their names."""
    for row in page.locator("table.mapping tbody tr").all():
        name = row.locator("th").evaluate("th => th.firstChild.data").strip()
        row.locator("select").select_option(chosen.get(name.replace(" ", "_"), ""))


def undo(page: Page) -> None:
    """Takes the whole import back."""
    page.get_by_role("button", name="Undo the import").click()
    page.locator("dialog button[value=yes]").click()
    expect(page.locator("#run [role=status]")).to_contain_text("Undone", timeout=LONG)


def in_list(page: Page) -> int:
    """How many contacts the list says there are."""
    page.goto(f"{workspace(page)}/contacts/")
    count = page.locator("#list-count")
    if not count.count():
        expect(page.locator(".empty-title")).to_have_text("No records yet")
        return 0
    if count.locator("a").count():
        count.locator("a").click()
        expect(count.locator("a")).to_have_count(0)
    return int(count.inner_text().split()[0].replace(",", ""))


def test_febrls_5000_persons_once_again_and_back(page: Page) -> None:
    rows = list(csv.DictReader(febrl().open(), skipinitialspace=True))
    good = [
        row
        for row in rows
        if (row["given_name"] or row["surname"]) and (is_day(row["date_of_birth"]) or not row["date_of_birth"])
    ]
    bad = len(rows) - len(good)
    assert (len(rows), bad) == (5000, 41)

    choose(page, febrl())
    expect(page.locator("#file")).to_contain_text(re.compile(r"about (4,9|5,0)\d\d rows"))
    expect(page.locator("#file")).to_contain_text("separated by: comma")
    guessed = mapped(page)
    assert {name: guessed[name] for name in ("rec_id", "given_name", "surname", "date_of_birth", "suburb")} == {
        "rec_id": "custom.rec_id",
        "given_name": "first_name",
        "surname": "last_name",
        "date_of_birth": "birthday",
        "suburb": "addresses.city",
    }
    page.get_by_label("rec_id", exact=True).check()
    assert start(page) == {"Created": len(good), "Failed": bad}
    expect(page.locator("#run tbody tr")).to_have_count(bad)
    with page.expect_download() as download:
        page.get_by_role("link", name="Rows with problems").click()
    refused = list(csv.DictReader(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert {row["rec_id"] for row in refused} == {row["rec_id"] for row in rows} - {row["rec_id"] for row in good}
    first = page.url
    assert in_list(page) == len(good)
    page.locator(".list-find input").fill("mitchell green")
    found = sum((row["given_name"], row["surname"]) == ("mitchell", "green") for row in good)
    expect(page.locator("tbody tr")).to_have_count(found)

    choose(page, febrl())
    page.get_by_label("rec_id", exact=True).check()
    assert start(page) == {"Unchanged": len(good), "Failed": bad}
    assert in_list(page) == len(good)

    page.goto(first)
    undo(page)


def test_superstores_9994_orders_are_793_customers(page: Page) -> None:
    orders = list(csv.DictReader(SUPERSTORE.open(encoding="utf-8-sig")))
    customers = {order["Customer ID"]: order["Customer Name"] for order in orders}
    assert (len(orders), len(customers)) == (9994, 793)
    choose(page, SUPERSTORE)
    only(page, Customer_Name="name", Customer_ID="custom.customer")
    expect(page.locator("#mapping-preview thead th")).to_have_count(4)
    page.get_by_label("Customer ID", exact=True).check()
    assert start(page) == {"Created": len(customers), "Unchanged": len(orders) - len(customers)}
    done = page.url
    assert in_list(page) == len(customers)
    page.locator(".list-find input").fill("claire gute")
    expect(page.locator("tbody .row-title > span:last-child")).to_have_text([customers["CG-12520"]])
    page.goto(done)
    undo(page)


def android_card() -> str:
    """As Android's contacts write it: the number without a space, nothing else said."""
    card = vobject.vCard()
    card.add("fn").value = "Zoë Żak"
    card.add("n").value = vobject.vcard.Name(family="Żak", given="Zoë")
    card.add("email").value = "zoe@x.example"
    card.add("tel").value = "600987654"
    return card.serialize()


def test_cards_of_phones_and_outlook(page: Page, tmp_path: Path) -> None:
    cards = tmp_path / "contacts.vcf"
    cards.write_text(phone_card() + OUTLOOK + android_card(), encoding="utf-8")
    choose(page, cards)
    page.get_by_label("E-mails", exact=True).check()
    page.get_by_label("Create linked records that don't exist yet").check()
    assert start(page) == {"Created": 3}
    done = page.url
    page.goto(f"{workspace(page)}/contacts/?sort=title")
    titles = page.locator("tbody .row-title > span:last-child")
    assert sorted(titles.all_inner_texts()) == ["Ana Núñez", "Luis Pérez", "Zoë Żak"]
    for shown in ("luis@globex.example", "Globex Corporation", "Acme, S.L.", "600 98 76 54"):
        expect(page.locator("tbody")).to_contain_text(shown)
    cards.write_text(cards.read_text(encoding="utf-8").replace("Buyer", "Head buyer"), encoding="utf-8")
    choose(page, cards)
    page.get_by_label("E-mails", exact=True).check()
    assert start(page) == {"Updated": 1, "Unchanged": 2}
    second = page.url
    undo(page)
    assert second == page.url
    assert in_list(page) == 3
    page.goto(done)
    undo(page)


def test_a_picture_is_refused_in_words(page: Page, tmp_path: Path) -> None:
    picture = tmp_path / "people.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 40)
    page.set_input_files("input[type=file]", picture)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".notice-danger")).to_be_visible()
    expect(page.locator("ol.wizard [aria-current=step]")).to_contain_text("File")


def test_a_wrong_cell_is_put_right_in_the_preview(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("First name,Last name,E-mail\nAna,Núñez,ana@x.example\nLuis,Pérez,luis at x\n", encoding="utf-8")
    choose(page, file)
    wrong = page.locator("#mapping-preview .cell-wrong input")
    expect(wrong).to_have_value("luis at x")
    wrong.fill("luis@x.example")
    wrong.press("Tab")
    expect(page.locator("#mapping-preview .cell-wrong")).to_have_count(0)
    assert start(page) == {"Created": 2}
    undo(page)
