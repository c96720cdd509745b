"""The inside of workbooks: written by other programs, written by hand, written to harm."""

import datetime
import resource
import tracemalloc
import zipfile

import openpyxl
import pytest
import xlsxwriter

from trato.engine.imports.formats import Unreadable, open_rows, sniff, workbook
from trato.engine.imports.formats.workbook import date_text, is_date_format, number_text

TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATION = f'<Relationship Id="{{}}" Type="{TYPES}/{{}}" Target="{{}}"/>'
PARTS = {
    "_rels/.rels": f"<Relationships>{RELATION.format('r1', 'officeDocument', 'xl/workbook.xml')}</Relationships>",
    "xl/_rels/workbook.xml.rels": "<Relationships>"
    + RELATION.format("r1", "worksheet", "/xl/worksheets/one.xml")
    + RELATION.format("r2", "sharedStrings", "sharedStrings.xml")
    + "</Relationships>",
    "xl/workbook.xml": '<workbook xmlns:r="r"><sheets><sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/sharedStrings.xml": "<sst><si><t>name</t></si><si><r><t>Mu</t></r><r><t>ñoz</t></r></si>"
    "<si><t>田中</t><rPh><t>タナカ</t></rPh></si><si><t>a_x000D_b</t></si></sst>",
}


@pytest.fixture
def make(tmp_path):
    """A workbook of hand-written parts."""

    def write(sheet, **parts):
        path = tmp_path / "hand.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in {**PARTS, "xl/worksheets/one.xml": sheet, **parts}.items():
                archive.writestr(name, content)
        return path

    return write


def cells(path):
    return [row.cells for row in open_rows(path, sniff(path, has_header=True))]


def test_shared_strings_with_runs_readings_and_escapes(make):
    sheet = '<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    sheet += "".join(f'<row><c t="s"><v>{at}</v></c></row>' for at in (1, 2, 3)) + "</sheetData></worksheet>"
    assert cells(make(sheet)) == [["Muñoz"], ["田中"], ["a\rb"]]


def test_prefixed_names_and_all_types_of_cells(make):
    sheet = (
        '<worksheet><sheetData><row r="3"><c r="B3" t="inlineStr"><is><t>b</t></is></c></row>'
        '<row r="9"><c r="A9" t="b"><v>1</v></c><c r="B9" t="str"><f>1+1</f><v>two</v></c></row>'
        '<row r="10"><c r="A10" t="e"><v>#N/A</v></c><c r="B10" t="d"><v>2024-01-02T00:00:00</v></c></row>'
        "</sheetData></worksheet>"
    )
    sheet = (
        sheet.replace("</", "</x:")
        .replace("<", "<x:")
        .replace("<x:/x:", "</x:")
        .replace("worksheet>", 'worksheet xmlns:x="x">', 1)
    )
    path = make(sheet)
    found = sniff(path, has_header=True)
    assert found.header == ["Column 1", "b"]
    assert [tuple(row) for row in open_rows(path, found)] == [
        (9, ["true", "two"], None),
        (10, ["#N/A", "2024-01-02"], None),
    ]


def test_what_openpyxl_writes(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["name", "born", "seen", "at", "amount", "share", "formula"])
    sheet.append(
        [
            "Ana",
            datetime.date(1980, 5, 6),
            datetime.datetime(2024, 1, 2, 3, 4, 5),
            datetime.time(8, 30),
            1234.5,
            0.25,
            "=1+1",
        ]
    )
    sheet.append(
        ["Luis", datetime.date(1900, 2, 28), datetime.datetime(2024, 12, 31, 23, 59, 59), None, -7, 1e21, None]
    )
    sheet["E2"].number_format = "#,##0.00 [$€-407]"
    path = tmp_path / "openpyxl.xlsx"
    book.save(path)
    assert cells(path) == [
        ["Ana", "1980-05-06", "2024-01-02 03:04:05", "08:30:00", "1234.5", "0.25", ""],
        ["Luis", "1900-02-28", "2024-12-31 23:59:59", "", "-7", "1000000000000000000000", ""],
    ]


def test_the_other_calendar_of_old_macs(tmp_path):
    path = tmp_path / "mac.xlsx"
    with xlsxwriter.Workbook(path, {"date_1904": True, "default_date_format": "d mmmm yyyy"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["born"])
        sheet.write_datetime(1, 0, datetime.datetime(1980, 5, 6))
    assert cells(path) == [["1980-05-06"]]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1", "1900-01-01"),
        ("59", "1900-02-28"),
        ("61", "1900-03-01"),
        ("45293.5", "2024-01-02 12:00:00"),
        ("0.25", "06:00:00"),
        ("1e9", "1000000000"),
    ],
)
def test_day_numbers(number, text):
    """As the table of ECMA-376 18.17.4.1 and Excel itself have them."""
    assert date_text(number, epoch_1904=False) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("7", "7"),
        ("0.30000000000000004", "0.3"),
        ("34600123456", "34600123456"),
        ("1E+15", "1000000000000000"),
        ("1.0", "1"),
        ("-2.50", "-2.5"),
        ("NaN", ""),
    ],
)
def test_numbers(number, text):
    assert number_text(number) == text


@pytest.mark.parametrize(
    ("code", "is_date"),
    [
        ("yyyy-mm-dd", True),
        ("[$-409]d mmm yy;@", True),
        ("[h]:mm:ss", True),
        ("General", False),
        ('#,##0.00 "days"', False),
        ("0.00_ ;[Red]-0.00\\ ", False),
        ("0%", False),
        ("\\d0", False),
    ],
)
def test_date_formats(code, is_date):
    assert is_date_format(code) is is_date


def test_two_cells_far_apart_cost_nothing(make):
    sheet = '<worksheet><row r="1"><c r="A1"><v>1</v></c></row>'
    sheet += '<row r="1048576"><c r="ALL1048576"><v>2</v></c></row></worksheet>'
    path = make(sheet)
    tracemalloc.start()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(list(open_rows(path, sniff(path, has_header=False)))) == 2
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


ROW = '<row><c t="inlineStr"><is><t>x</t></is></c></row>'


@pytest.mark.parametrize(
    "sheet",
    [
        '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;">]><worksheet><row><c><v>&b;</v></c></row></worksheet>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><worksheet/>',
        '<worksheet><row><c r="ZZZZ1"><v>1</v></c></row></worksheet>',
        '<worksheet><row><c t="s"><v>99</v></c></row></worksheet>',
        '<worksheet><row><c t="s"><v>-1</v></c></row></worksheet>',
        '<worksheet><row r="x"/></worksheet>',
        "<worksheet><row><c><v>one</v></c></row></worksheet>",
        "no xml at all",
        "",
    ],
)
def test_hostile_and_damaged_sheets_are_refused(make, sheet):
    with pytest.raises(Unreadable) as refused:
        sniff(make(sheet))
    assert refused.value.code == "broken"


def test_damage_further_down_ends_the_rows_with_a_problem(make):
    path = make("<worksheet>" + ROW * 50_000 + "<broken")
    rows = list(open_rows(path, sniff(path)))
    assert (rows[0].line, rows[0].problem) == (2, None)
    assert rows[-1].problem == "The workbook is damaged from here on."
    assert sum(bool(row.problem) for row in rows) == 1


@pytest.mark.parametrize("cell", ["<c t='str'><v>{}</v></c>", "<c t='{}'/>"])
def test_a_cell_and_a_tag_beyond_all_bounds_are_refused(make, monkeypatch, cell):
    monkeypatch.setattr(workbook, "LONGEST_ROW", 1 << 18)
    monkeypatch.setattr(workbook, "LONGEST_TOKEN", 1 << 18)
    assert sniff(make(f"<worksheet><row>{cell.format('x' * (1 << 17))}</row>{ROW}</worksheet>"))
    with pytest.raises(Unreadable) as refused:
        sniff(make(f"<worksheet><row>{cell.format('x' * (1 << 20))}</row>{ROW}</worksheet>"))
    assert refused.value.code == "broken"


def test_a_long_sheet_stays_out_of_memory(make):
    path = make("<worksheet>" + ROW * 60_000 + "</worksheet>")
    found = sniff(path)
    assert 57_000 < found.rows_estimate < 63_000
    tracemalloc.start()
    assert sum(len(batch) for batch in open_rows(path, found).batches) == 59_999
    assert tracemalloc.get_traced_memory()[1] < 4_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    "part",
    [
        '<?xml version="1.0" encoding="UTF-8s"?><workbook/>',  # an encoding that is none
        '<workbook><sheets><sheet name="One" sheetId="1"/></sheets></workbook>',  # a sheet that points nowhere
    ],
)
def test_a_damaged_book_is_refused(make, part):
    with pytest.raises(Unreadable):
        cells(make("<worksheet/>", **{"xl/workbook.xml": part}))
