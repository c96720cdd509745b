"""Cells of a file become values by the kind of their field and the language of whoever imports."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
import xlsxwriter

from trato.engine.imports.formats import SourceRow, open_rows, sniff
from trato.engine.imports.rows import Reading
from trato.engine.kinds import Reader, make

SPANISH = Reader(language="es", country="ES", currency="EUR")


def reading(kind, reader=SPANISH):
    field = SimpleNamespace(name="score", label="Score", kind=kind)
    return Reading({"score": field}, ["Score"], {"Score": "score"}, reader)


@pytest.mark.parametrize(("number", "value"), [(2.999, "2.999"), (261.96, "261.96"), (1234, "1234"), (-0.5, "-0.5")])
def test_numbers_of_a_workbook_mean_the_same_in_every_language(tmp_path, number, value):
    place = tmp_path / "scores.xlsx"
    with xlsxwriter.Workbook(place) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Score"])
        sheet.write_row(1, 0, [number])
    (row,) = open_rows(place, sniff(place))
    assert reading(make("number", {"digits": 3})).row(row).values == {"score": Decimal(value)}
    money = reading(make("money", {})).row(row).values["score"]
    assert (money.amount, money.currency) == (Decimal(value), "EUR")
    text = reading(make("text", {})).row(row).values["score"]
    assert (text, type(text)) == (value, str)


def test_texts_are_read_in_the_language_of_whoever_imports():
    number = reading(make("number", {"digits": 3}))
    assert number.row(SourceRow(2, ["1.234,5"])).values == {"score": Decimal("1234.5")}
    assert number.row(SourceRow(2, ["261.96"])).problems[0].code == "number"
