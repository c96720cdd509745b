"""How a file writes numbers and dates: as its cells tell, else as its reader does; or as a person says."""

from dataclasses import replace
from decimal import Decimal

import pytest

from trato.engine import custom, objects
from trato.engine.imports import preview, runs, work
from trato.engine.models import ImportRun
from trato.engine.values import Refused
from trato.modules.people.models import Contact

from .running import carry_out, draft


@pytest.fixture(autouse=True)
def files_of_this_test(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def spaniard(owner):
    contacts = objects.get("contacts")
    custom.add(owner, contacts, {"name": "visits", "label": "Visits", "kind": "number"})
    custom.add(owner, contacts, {"name": "score", "label": "Score", "kind": "number", "options": {"digits": 3}})
    return replace(owner, language="es")


def made(run):
    """first name -> (visits, score, birthday) of the contacts there are."""
    people = Contact.objects.values_list("first_name", "custom", "birthday")
    return {
        name: (held.get("visits"), held.get("score"), birthday and str(birthday)) for name, held, birthday in people
    }


@pytest.mark.parametrize(
    ("cells", "way", "value"),
    [
        (["2.999"], "1.234,56", 2999),  # the reader's own: Spanish
        (["2.999", "1.5"], "1,234.56", Decimal("2.999")),  # 1.5 is no Spanish number
        (["2.999", "12,5"], "1.234,56", 2999),
        (["2.999", "1,234.5"], "1,234.56", Decimal("2.999")),
        (["2 999", "0,25"], "1.234,56", 2999),
        (["2'999.5", "1.000.000"], "1.234,56", None),  # as many for the one as for the other: the reader's
        (["2'999", "0.25"], "1,234.56", 2999),
        (["2,999", "12,34,567.5"], "12,34,567.89", 2999),
    ],
)
def test_cells_tell_how_numbers_are_written(spaniard, cells, way, value):
    text = "First name;Score\n" + "".join(f"N{n};{cell}\n" for n, cell in enumerate(cells))
    run = draft(spaniard, text)
    assert run.options["found"]["numbers"] == way
    carry_out(spaniard, run)
    if value is not None:
        assert Decimal(str(made(run)["N0"][1])) == value


def test_the_field_itself_says_what_can_be(spaniard):
    american = replace(spaniard, language="en")
    run = draft(american, "First name,Visits\nAna,2.999\n")  # nobody visits 2.999 times: it is two thousand and some
    assert run.options["found"]["numbers"] == "1.234,56"
    carry_out(american, run)
    assert made(run)["Ana"][0] == 2999


@pytest.mark.parametrize(
    ("cells", "order", "day"),
    [
        (["01/02/1990"], "dmy", "1990-02-01"),  # the reader's own: Spanish
        (["01/02/1990", "01/13/1990"], "mdy", "1990-01-02"),
        (["01/02/1990", "13/01/1990"], "dmy", "1990-02-01"),
        (["90/02/01", "85/12/31"], "ymd", "1990-02-01"),
        (["1990-02-01", "3 de marzo de 1990"], "dmy", "1990-02-01"),
    ],
)
def test_cells_tell_the_order_of_dates(spaniard, cells, order, day):
    run = draft(spaniard, "First name,Birthday\n" + "".join(f"N{n},{cell}\n" for n, cell in enumerate(cells)))
    assert run.options["found"]["dates"] == order
    carry_out(spaniard, run)
    assert made(run)["N0"][2] == day
    assert work.written(ImportRun.objects.get(id=run.id))["dates"] == order


def test_the_cell_that_tells_may_stand_far_below_the_sample(spaniard):
    text = "First name,Birthday\n" + "Ana,01/02/1990\n" * 1_500 + "Luis,12/31/1990\n"
    assert draft(spaniard, text).options["found"]["dates"] == "mdy"


def test_what_a_person_says_counts_and_is_seen_in_the_preview(spaniard):
    run = draft(spaniard, "First name,Score,Birthday\nAna,2.999,01/02/1990\n")
    cells = preview.preview(spaniard, run).rows[0].cells
    assert [cell.read for cell in cells] == ["", "2.999,000", "1 feb 1990"]
    runs.choose(spaniard, run, numbers="1,234.56", dates="mdy")
    cells = preview.preview(spaniard, run).rows[0].cells
    assert [cell.read for cell in cells] == ["", "2,999", "2 ene 1990"]
    runs.choose(spaniard, run)
    assert work.written(run) == {"numbers": "1,234.56", "dates": "mdy"}
    carry_out(spaniard, run)
    assert made(run)["Ana"] == (None, 2.999, "1990-01-02")


def test_another_mapping_is_looked_at_anew(spaniard):
    run = draft(spaniard, "First name,Something\nAna,2.999\nLuis,0.25\n")
    assert run.options["found"]["numbers"] == "1.234,56"
    runs.choose(spaniard, run, mapping={"First name": "first_name", "Something": "custom.score"})
    assert run.options["found"]["numbers"] == "1,234.56"


def test_ways_there_are_not_are_refused(spaniard):
    run = draft(spaniard, "First name,Score\nAna,1\n")
    with pytest.raises(Refused) as refused:
        runs.choose(spaniard, run, numbers="1_000", dates="ydm", country="XX")
    assert [problem.field for problem in refused.value.problems] == ["country", "numbers", "dates"]
    assert ImportRun.objects.get(id=run.id).options == run.options


def test_the_country_is_that_of_telephones_without_prefix(spaniard):
    run = draft(spaniard, "First name,Phone\nIoana,0722 123 456\n")
    carry_out(spaniard, run, country="RO")
    assert [phone["number"] for phone in Contact.objects.get().phones] == ["+40722123456"]
