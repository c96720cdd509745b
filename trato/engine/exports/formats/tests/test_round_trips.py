"""What is exported comes back the same, and never runs in a spreadsheet."""

import csv
import io
import json
import tempfile
import tracemalloc
import zipfile
from pathlib import Path

import openpyxl
import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from trato.engine.exports.formats import FORMATS, stream, writer
from trato.engine.exports.formats import xlsx as xlsx_format
from trato.engine.exports.formats.vcard import fold
from trato.engine.formulas import defuse, restore
from trato.engine.imports.formats import open_rows, sniff

HEADER = ["First name", "Note", "City"]
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
TRICKY = st.text(alphabet="=+-@|'\"\t\r\n ,;0a(＝＋﹣\ufeff\u200b\xa0ñ\\", max_size=8)
ROWS = st.lists(st.tuples(TEXT | TRICKY, TEXT | TRICKY, TEXT | TRICKY).map(list), max_size=12)


def there_and_back(name, rows, header=HEADER, **hints):
    """The rows after an export and an import."""
    with tempfile.NamedTemporaryFile(suffix=f".{FORMATS[name].suffix}") as file:
        file.write(b"".join(stream(name, header, [rows[:5], rows[5:]])))
        file.flush()
        return [row.cells for row in open_rows(file.name, sniff(file.name, **hints)) if not row.problem]


@given(TEXT | TRICKY)
def test_every_text_is_restored(text):
    assert restore(defuse(text)) == text


@given(TEXT | TRICKY)
def test_no_text_runs_after_its_blanks(text):
    visible = defuse(text).lstrip(" \t\r\n\v\f\xa0\ufeff\u200b")
    assert visible[:1] not in set("=@|＝＋－＠｜")
    assert visible[:1] not in ("+", "-") or visible[1:2] in "(0123456789"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+SUM(A1)",
        "-A1",
        "@SUM(1)",
        "|calc",
        " =1",
        "\t=1",
        "\ufeff=1",
        "\u200b\xa0=1",
        "＝1",
        "\tx",
        "\r",
        "\nx",
        "'=1",
        "+34 A1",
    ],
)
def test_what_a_spreadsheet_would_run_is_defused(text):
    assert defuse(text) == f"'{text}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ana",
        "-5",
        "-5.25",
        "-12%",
        "+34600123456",
        "+34 600 123 456",
        "+1 (202) 555-0100",
        "'tis",
        "a=b",
        "7-2",
        "'-5",
        "x\ty",
    ],
)
def test_names_numbers_and_telephones_stay_as_they_are(text):
    assert defuse(text) == text


@settings(max_examples=80, deadline=None)
@given(ROWS.map(lambda rows: [row for row in rows if any(cell.strip(" ,") for cell in row)]))
@pytest.mark.parametrize("name", ["csv", "tsv"])
def test_csv_comes_back_the_same(name, rows):
    assert there_and_back(name, rows) == rows


@settings(max_examples=80, deadline=None)
@given(ROWS.map(lambda rows: [row for row in rows if any(row)]))
def test_xlsx_comes_back_the_same(rows):
    assert there_and_back("xlsx", rows) == rows


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.dictionaries(TEXT, JSON, max_size=4), min_size=1, max_size=8))
def test_ndjson_comes_back_the_same(records):
    assert there_and_back("ndjson", records) == records


WORD = st.text(st.characters(categories=["L", "N", "P", "S", "M"]), min_size=1, max_size=30).map(str.strip).filter(bool)
PHRASE = st.lists(WORD, min_size=1, max_size=9).map(" ".join)
LABEL = st.sampled_from(["", "home", "work", "mobile", "work fax"]) | WORD.map(str.lower)


def items(**keys):
    """A list of items of which the first is the primary one and none is there twice."""

    def primary(found):
        return [{**item, "primary": at == 0} for at, item in enumerate(found)]

    first = next(iter(keys))
    return st.lists(
        st.fixed_dictionaries({**keys, "label": LABEL}),
        min_size=1,
        max_size=3,
        unique_by=lambda item: item[first].casefold(),
    ).map(primary)


CONTACT = st.fixed_dictionaries(
    {"last_name": PHRASE, "first_name": PHRASE},
    optional={
        "middle_name": PHRASE,
        "prefix": PHRASE,
        "suffix": PHRASE,
        "nickname": PHRASE,
        "organization": PHRASE,
        "job_title": PHRASE,
        "note": st.lists(PHRASE, min_size=1, max_size=4).map("\n".join),
        "birthday": st.dates().map(lambda day: day.isoformat()),
        "tags": st.lists(WORD, min_size=1, max_size=3, unique=True),
        "emails": items(address=st.emails()),
        "phones": items(number=st.from_regex(r"\+[1-9][0-9]{6,12}", fullmatch=True)),
        "addresses": items(line1=PHRASE, line2=PHRASE, city=PHRASE, postcode=WORD, region=WORD, country=WORD),
    },
)


@settings(max_examples=80, deadline=None)
@given(st.lists(CONTACT, min_size=1, max_size=5))
def test_vcards_come_back_the_same(contacts):
    assert there_and_back("vcard", contacts) == contacts


def test_handles_relations_and_extensions_come_back():
    contact = {
        "first_name": "Ana",
        "last_name": "García",
        "phones": [{"number": "+34600123456", "extension": "12", "label": "work", "primary": True}],
        "handles": [
            {
                "network": "linkedin",
                "handle": "ana,g",
                "url": "https://www.linkedin.com/in/ana",
                "label": "",
                "primary": True,
            },
            {"network": "mastodon", "handle": '@ana@"x"', "url": "", "label": "work", "primary": False},
        ],
        "related": [{"type": "spouse", "value": "Luis; Pérez"}],
        "website": "https://example.com/a,b",
        "uid": "urn:uuid:1",
        "kind": "org",
    }
    assert there_and_back("vcard", [contact]) == [contact]


@settings(deadline=None)
@given(CONTACT)
def test_another_reader_understands_our_vcards(contact):
    text = b"".join(stream("vcard", (), [[contact]])).decode()
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    card = vobject.readOne(text)
    assert (card.n.value.family, card.version.value) == (contact["last_name"], "4.0")
    assert [mail.value for mail in card.contents.get("email", [])] == [
        mail["address"] for mail in contact.get("emails", [])
    ]
    assert getattr(card, "note", None) is None or card.note.value == contact["note"]


def test_folding_counts_octets_and_cuts_no_character():
    assert fold("NOTE:" + "x" * 70) == b"NOTE:" + b"x" * 70 + b"\r\n"
    assert fold("NOTE:" + "x" * 69 + "ñ") == b"NOTE:" + b"x" * 69 + b"\r\n " + "ñ".encode() + b"\r\n"
    assert fold("y" * 75 + "x" * 74 + "z") == b"y" * 75 + b"\r\n " + b"x" * 74 + b"\r\n z\r\n"


def test_csv_is_what_other_programs_expect():
    content = b"".join(stream("csv", HEADER, [[["Ana", 'say "hi", twice', "León"]], [["Luis", "two\nlines", "=1+1"]]]))
    assert content.startswith(b"\xef\xbb\xbfFirst name,Note,City\r\n")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))) == [
        HEADER,
        ["Ana", 'say "hi", twice', "León"],
        ["Luis", "two\nlines", "'=1+1"],
    ]


def test_xlsx_holds_texts_not_formulas():
    file = io.BytesIO()
    out = writer("xlsx", file, HEADER)
    out.write_many([["=1+1", "+34600123456", "00123"], ["https://example.com", "", "1e5"]])
    out.close()
    sheet = openpyxl.load_workbook(file).active
    assert [[(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        [("=1+1", "s"), ("+34600123456", "s"), ("00123", "s")],
        [("https://example.com", "s"), (None, "n"), ("1e5", "s")],
    ]


def test_what_is_too_long_for_excel_is_cut_and_counted():
    file = io.BytesIO()
    out = writer("xlsx", file, ["a"])
    out.write(["x" * 40_000])
    out.close()
    assert out.cut == 1
    value = openpyxl.load_workbook(file).active["A2"].value
    assert (len(value), value[-1]) == (32_767, "…")


def test_more_rows_than_a_sheet_takes_go_to_the_next(monkeypatch):
    monkeypatch.setattr(xlsx_format, "MOST_ROWS", 4)
    file = io.BytesIO()
    out = writer("xlsx", file, ["n"])
    out.write_many([[str(number)] for number in range(7)])
    out.close()
    book = openpyxl.load_workbook(file)
    assert [[cell.value for cell in sheet["A"]] for sheet in book] == [
        ["n", "0", "1", "2"],
        ["n", "3", "4", "5"],
        ["n", "6"],
    ]


def test_an_export_that_is_given_up_leaves_nothing_behind(tmp_path, monkeypatch, recwarn):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def rows():
        yield [["a"]]
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        list(stream("xlsx", ["n"], rows()))
    assert list(tmp_path.iterdir()) == []
    assert not [one for one in recwarn if one.category is ResourceWarning]


@pytest.mark.parametrize("name", ["csv", "xlsx", "ndjson", "vcard"])
def test_an_export_without_rows_is_a_whole_file(name):
    content = b"".join(stream(name, HEADER, []))
    if name == "xlsx":
        assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    else:
        assert content == (b"\xef\xbb\xbfFirst name,Note,City\r\n" if name == "csv" else b"")


def test_csv_streams_in_flat_memory():
    batch = [["María", "x" * 50, "León"]] * 1000
    tracemalloc.start()
    size = sum(map(len, stream("csv", HEADER, (batch for _ in range(100)))))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == len("\ufeffFirst name,Note,City\r\n".encode()) + 100_000 * len(f"María,{'x' * 50},León\r\n".encode())
    assert peak < 3_000_000


def test_ndjson_lines_are_json():
    lines = b"".join(stream("ndjson", (), [[{"name": "León", "emails": []}], [{"n": 1}]])).splitlines()
    assert [json.loads(line) for line in lines] == [{"name": "León", "emails": []}, {"n": 1}]


def test_writers_take_any_file(tmp_path):
    with Path(tmp_path, "x.csv").open("wb") as file:
        out = writer("csv", file, ["a"])
        out.write(["1"])
        out.close()
    assert Path(tmp_path, "x.csv").read_bytes() == b"\xef\xbb\xbfa\r\n1\r\n"
