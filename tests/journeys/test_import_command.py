"""``trato import`` with the files of the world: its summary, its exit status, the file of refused rows, and again."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from tests.running import Site
from trato.engine.imports.tests.test_real_input import OUTLOOK, SUPERSTORE, febrl, is_day, phone_card

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop(site: Site) -> tuple[str, dict[str, str]]:
    """A workspace whose contacts carry the files' numbers, and the headers of a program in it."""
    slug, olga = site.workspace("Command Shop", "olga@command.example")
    headers = site.token(slug, olga)
    for name, label in (("rec_id", "rec_id"), ("customer", "Customer ID")):
        field = {"name": name, "label": label, "kind": "text", "unique": True}
        made = site.visitor().post("/api/v1/custom-fields/contacts", json=field, headers=headers)
        assert made.status_code == 201, made.text
    return slug, headers


def summary(site: Site, slug: str, file: Path, *options: str) -> dict[str, int]:
    """What the command put out, without the results there were none of."""
    said = site.run("import", "contacts", str(file), "--workspace", slug, *options)
    counts = dict(pair.split("=") for pair in said.split())
    assert list(counts) == ["created", "updated", "unchanged", "skipped", "failed"]
    return {name: int(n) for name, n in counts.items() if n != "0"}


def in_workspace(site: Site, headers: dict[str, str]) -> int:
    answer = site.visitor().get("/api/v1/contacts", params={"count": "exact", "limit": 1}, headers=headers)
    count: int = answer.json()["count"]
    return count


def test_febrls_5000_persons(site: Site, shop: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    slug, headers = shop
    file = Path(shutil.copy(febrl(), tmp_path / "persons.csv"))
    rows = list(csv.DictReader(file.read_text().splitlines(), skipinitialspace=True))
    bad = [
        row
        for row in rows
        if not (row["given_name"] or row["surname"]) or (row["date_of_birth"] and not is_day(row["date_of_birth"]))
    ]
    good, before = len(rows) - len(bad), in_workspace(site, headers)
    assert (len(rows), good) == (5000, 4959)
    summary(site, slug, file, "--dry-run", "--match", "rec_id")
    assert in_workspace(site, headers) == before
    assert summary(site, slug, file, "--match", "rec_id") == {"created": good, "failed": len(bad)}
    assert in_workspace(site, headers) == before + good
    refused = list(csv.DictReader((tmp_path / "persons.failed.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert {row["rec_id"] for row in refused} == {row["rec_id"] for row in bad}
    assert summary(site, slug, file, "--match", "rec_id") == {"unchanged": good, "failed": len(bad)}
    assert summary(site, slug, file, "--match", "rec_id", "--on-match", "skip") == {"skipped": good, "failed": len(bad)}
    assert in_workspace(site, headers) == before + good


def test_superstores_customers_behind_their_orders(
    site: Site, shop: tuple[str, dict[str, str]], tmp_path: Path
) -> None:
    slug, headers = shop
    orders = list(csv.DictReader(SUPERSTORE.read_text(encoding="utf-8-sig").splitlines()))
    file, before = tmp_path / "orders.csv", in_workspace(site, headers)
    with file.open("w", newline="", encoding="utf-8") as out:  # just what is said of the customers themselves
        writer = csv.writer(out)
        writer.writerow(["Customer ID", "Customer Name"])
        writer.writerows((order["Customer ID"], order["Customer Name"]) for order in orders)
    customers = {order["Customer ID"] for order in orders}
    expected = {"created": len(customers), "unchanged": len(orders) - len(customers)}
    assert summary(site, slug, file, "--match", "customer") == expected == {"created": 793, "unchanged": 9201}
    assert in_workspace(site, headers) == before + 793


def test_cards_twice(site: Site, shop: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    cards = tmp_path / "phone.vcf"
    cards.write_text(phone_card() + OUTLOOK, encoding="utf-8")
    assert summary(site, shop[0], cards, "--match", "emails") == {"created": 2}
    assert summary(site, shop[0], cards, "--match", "emails") == {"unchanged": 2}
    answer = site.visitor().get("/api/v1/search", params={"q": "luis@globex.example"}, headers=shop[1])
    assert [hit["title"] for hit in answer.json()["data"]] == ["Luis Pérez"]


@pytest.mark.parametrize(
    ("name", "content", "options", "status", "said"),
    [
        ("people.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 40, (), 2, "Nothing was imported."),
        ("people.csv", b"Name\nAna\n", ("--match", "shoe_size"), 2, "shoe_size"),
        ("empty.csv", b"", (), 2, "Nothing was imported."),
        ("missing.csv", None, (), 1, "There is no file"),
    ],
)
def test_a_file_that_can_not_be_used_is_said_and_nothing_changes(
    site: Site,
    shop: tuple[str, dict[str, str]],
    tmp_path: Path,
    name: str,
    content: bytes | None,
    options: tuple[str, ...],
    status: int,
    said: str,
) -> None:
    before = in_workspace(site, shop[1])
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = site.machine.command("import", "contacts", str(tmp_path / name), "--workspace", shop[0], *options)
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert in_workspace(site, shop[1]) == before


def test_what_is_exported_comes_in_again_unchanged(
    site: Site, shop: tuple[str, dict[str, str]], tmp_path: Path
) -> None:
    """The way from one workspace to another, and back: nothing is lost on it."""
    other, _owner = site.workspace("Command Other", "eva@command.example")
    for name in ("people.vcf", "people.ndjson"):
        file = tmp_path / name
        source, _person = site.workspace(f"Command {name}", f"{name}@command.example")
        cards = tmp_path / "phone.vcf"
        cards.write_text(phone_card() + OUTLOOK, encoding="utf-8")
        assert summary(site, source, cards) == {"created": 2}
        site.run("export", "contacts", str(file), "--workspace", source)
        assert summary(site, source, file, "--match", "emails") == {"unchanged": 2}
    assert summary(site, other, tmp_path / "people.vcf", "--match", "emails") == {"created": 2}
