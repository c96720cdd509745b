"""Workbooks and JSON lines, good and hostile."""

import datetime
import zipfile

import pytest
import xlsxwriter

from trato.engine.imports.formats import Unreadable, open_rows, sniff


@pytest.fixture
def book(tmp_path):
    """Makes a workbook of sheets: name -> rows; the first row of cells is at `top`."""

    def make(sheets, top=0):
        path = tmp_path / "book.xlsx"
        with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd", "remove_timezone": True}) as workbook:
            for name, rows in sheets.items():
                sheet = workbook.add_worksheet(name)
                for number, row in enumerate(rows, top):
                    for column, value in enumerate(row):
                        write = sheet.write_string if isinstance(value, str) else sheet.write
                        write(number, column, value)
        return path

    return make


def rows_of(path, **hints):
    return [tuple(row) for row in open_rows(path, sniff(path, **hints))]


def test_cells_become_the_texts_a_person_sees(book):
    path = book(
        {
            "People": [
                ["name", "postcode", "phone", "born", "seen", "amount", "vip"],
                [
                    "Ana",
                    "00123",
                    34600123456,
                    datetime.date(1980, 5, 6),
                    datetime.datetime(2024, 1, 2, 3, 4, 5),
                    12.5,
                    True,
                ],
                ["=1+1", 123, 1e15, None, None, 0.1, False],
            ]
        }
    )
    assert rows_of(path) == [
        (2, ["Ana", "00123", "34600123456", "1980-05-06", "2024-01-02 03:04:05", "12.5", "true"], None),
        (3, ["=1+1", "123", "1000000000000000", "", "", "0.1", "false"], None),
    ]


def test_lines_are_rows_of_the_sheet(book):
    path = book({"S": [["name", "city"], ["Ana", "León"], [], ["Luis", ""]]}, top=2)
    rows = open_rows(path, sniff(path))
    assert [(row.line, row.cells) for row in rows] == [(4, ["Ana", "León"]), (6, ["Luis", ""])]
    assert rows.tally.empty == 1


def test_the_first_sheet_with_content_or_the_named_one(book):
    path = book({"Empty": [], "People": [["name"], ["Ana"]], "Firms": [["firm"], ["Acme"]]})
    assert (sniff(path).sheet, sniff(path).notes) == ("People", ["Only the sheet People is imported."])
    assert sniff(path, sheet="Firms").header == ["firm"]
    assert rows_of(path, sheet="Firms") == [(2, ["Acme"], None)]
    with pytest.raises(Unreadable, match="no sheet called Nope"):
        sniff(path, sheet="Nope")


def test_an_empty_workbook_is_refused(book):
    with pytest.raises(Unreadable, match="no cell with anything"):
        sniff(book({"A": [], "B": []}))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_workbook_cut_off_is_refused(book, share):
    path = book({"A": [["name", "note"], *[[f"Ana {number}", "x" * 20] for number in range(500)]]})
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(Unreadable) as refused:
        sniff(path)
    assert refused.value.code == "broken"


def test_a_workbook_with_damage_inside_is_refused(book):
    path = book({"A": [["name"], ["Ana"]]})
    data = bytearray(path.read_bytes())
    at = data.index(b"xl/worksheets/sheet1.xml") + 30
    data[at : at + 20] = b"\xff" * 20
    path.write_bytes(data)
    with pytest.raises(Unreadable) as refused:
        rows_of(path)
    assert refused.value.code == "broken"


def archive(path, entries, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in entries:
            file.writestr(name, content)
    return path


def test_zip_bombs_are_refused_before_unpacking(tmp_path):
    bomb = archive(tmp_path / "a.xlsx", [("xl/workbook.xml", b"<a/>"), ("xl/worksheets/sheet1.xml", b"0" * 40_000_000)])
    many = archive(tmp_path / "b.xlsx", [("xl/workbook.xml", b""), *((f"x/{number}", b"") for number in range(10_001))])
    for path in (bomb, many):
        with pytest.raises(Unreadable) as refused:
            sniff(path)
        assert refused.value.code == "bomb"


def test_an_archive_without_a_workbook_is_refused(tmp_path):
    with pytest.raises(Unreadable, match="ZIP archive without an XLSX workbook"):
        sniff(archive(tmp_path / "a.xlsx", [("people.csv", b"a,b\n")]))


def test_two_hundred_columns_and_no_header(book):
    path = book({"A": [[f"{row}.{column}" for column in range(200)] for row in range(1, 4)]})
    found = sniff(path)
    assert (len(found.header), found.has_header, len(rows_of(path))) == (200, False, 3)


def test_json_lines(tmp_path):
    path = tmp_path / "people.ndjson"
    path.write_bytes(
        b'\xef\xbb\xbf{"name": "Ana", "emails": [{"address": "ana@x.com"}]}\r\n'
        b'{"name": "Luis", "age": 3}\n'
        b"\n"
        b'{"name": "cut\n'
        b"[1, 2]\n"
        b'{"name": "\xff"}\n'
        b'{"name": "Eva", "vip": true, "none": null}'
    )
    found = sniff(path)
    assert (found.format, found.header) == ("ndjson", ["name", "emails", "age", "vip", "none"])
    assert found.sample[0] == ["Ana", '[{"address":"ana@x.com"}]', "", "", ""]
    rows = open_rows(path, found)
    read = list(rows)
    assert [(row.line, row.cells.get("name"), bool(row.problem)) for row in read] == [
        (1, "Ana", False),
        (2, "Luis", False),
        (4, None, True),
        (5, None, True),
        (6, None, True),
        (7, "Eva", False),
    ]
    assert read[3].problem == "The line is JSON, but not an object: { … }."
    assert rows.tally.empty == 1


def test_json_lines_in_utf_16(tmp_path):
    path = tmp_path / "people.jsonl"
    path.write_bytes('{"name": "Íñigo"}\n{"name": "Ana"}\n'.encode("utf-16"))
    assert [row.cells for row in open_rows(path, sniff(path))] == [{"name": "Íñigo"}, {"name": "Ana"}]


def test_a_json_line_longer_than_allowed_is_its_own_problem(tmp_path):
    path = tmp_path / "people.ndjson"
    path.write_bytes(b'{"name": "Ana"}\n{"name": "' + b"x" * (1 << 25) + b'"}\n{"name": "Eva"}\n')
    assert [(row.line, row.problem) for row in open_rows(path, sniff(path))] == [
        (1, None),
        (2, "The line is longer than 16 MB."),
        (3, None),
    ]


def test_json_nested_without_end_is_its_own_problem(tmp_path):
    path = tmp_path / "people.ndjson"
    path.write_bytes(b'{"name": "Ana"}\n{"a":' + b"[" * 100_000 + b"\n")
    assert [bool(row.problem) for row in open_rows(path, sniff(path))] == [False, True]
