"""vCards in the ways phones, mail programs and servers write them."""

import time

import pytest
import vobject

from trato.engine.imports.formats import Unreadable, first_rows, open_rows, sniff, vcard

from .cards import ANDROID, GOOGLE, IPHONE, NEXTCLOUD, OUTLOOK

IPHONE_READ = {
    "last_name": "García López",
    "first_name": "Ana",
    "middle_name": "María",
    "prefix": "Dra.",
    "nickname": "Anita",
    "organization": "Clínica Sur; S.L.",
    "department": "Pediatría",
    "job_title": "Pediatra",
    "emails": [
        {"address": "ana.casa@example.com", "label": "home", "primary": False},
        {"address": "Ana@Example.com", "label": "work", "primary": True},
    ],
    "phones": [
        {"number": "+34 600 12 34 56", "label": "mobile", "primary": False},
        {"number": "+34 91 123 45 67", "label": "consulta", "primary": False},
        {"number": "+34 952 00 00 01", "label": "main", "primary": True},
    ],
    "addresses": [
        {
            "line1": "Calle Larga, 3",
            "line2": "2º izq.",
            "city": "Málaga",
            "postcode": "29001",
            "region": "Málaga",
            "country": "España",
            "label": "home",
            "primary": True,
        }
    ],
    "website": "https://ana.example.com",
    "birthday": "1980-05-06",
    "anniversary": "2005-09-10",
    "related": [{"type": "spouse", "value": "Luis Pérez"}],
    "handles": [
        {"network": "twitter", "handle": "anita", "url": "http://twitter.com/anita", "label": "", "primary": True},
        {"network": "skype", "handle": "ana.skype", "url": "", "label": "home", "primary": False},
    ],
    "note": "Prefiere llamadas\npor la tarde, siempre.",
    "tags": ["Clientes", "VIP"],
}


@pytest.fixture
def make(tmp_path):
    def write(content, encoding="utf-8", newline="\r\n"):
        path = tmp_path / "contacts.vcf"
        if isinstance(content, str):
            content = content.replace("\r\n", "\n").replace("\n", newline).encode(encoding)
        path.write_bytes(content)
        return path

    return write


def read(path):
    rows = open_rows(path, sniff(path))
    return list(rows), rows.tally


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_an_iphone_card(make, newline):
    path = make(IPHONE, newline=newline)
    (row,), tally = read(path)
    assert (row.line, row.cells, row.problem) == (1, IPHONE_READ, None)
    assert tally.words() == ["PHOTO is not imported (1 times)."]


def test_an_android_card(make):
    (row,), tally = read(make(ANDROID))
    assert row.cells == {
        "last_name": "Muñoz",
        "first_name": "Íñigo".replace("Í", "I"),
        "phones": [
            {"number": "600-111-222", "label": "mobile", "primary": True},
            {"number": "952-333-444", "label": "work fax", "primary": False},
        ],
        "emails": [{"address": "inigo@example.com", "label": "home", "primary": True}],
        "addresses": [
            {
                "line1": "Calle Peña 12",
                "line2": "",
                "city": "León",
                "postcode": "24001",
                "region": "",
                "country": "Spain",
                "label": "home",
                "primary": True,
            }
        ],
    }
    assert dict(tally.left_out) == {"PHOTO": 1, "X-ANDROID-CUSTOM": 1}


def test_a_google_card(make):
    (row,), tally = read(make(GOOGLE))
    assert [(mail["address"], mail["label"], mail["primary"]) for mail in row.cells["emails"]] == [
        ("lucia@empresa.example", "work", True),
        ("lucia@club.example", "club de tenis", False),
    ]
    assert row.cells["note"] == "Una nota muy larga que Google pliega en la columna setenta y cinco y que sigue aquí."
    assert (row.cells["organization"], row.cells["job_title"], row.cells["website"]) == (
        "Empresa",
        "Directora",
        "https://empresa.example",
    )
    assert [handle["url"] for handle in row.cells["handles"]] == ["https://blog.example/lucia"]
    assert row.cells["tags"] == ["myContacts", "starred"]
    assert "birthday" not in row.cells
    assert tally.words() == ["BDAY without a full date is not imported (1 times)."]


def test_an_outlook_card_in_its_own_code_page(make):
    (row,), tally = read(make(OUTLOOK, "cp1252"))
    assert row.cells == {
        "last_name": "Groß",
        "first_name": "Jürgen",
        "organization": "Müller & Söhne GmbH",
        "department": "Einkauf",
        "job_title": "Einkäufer",
        "phones": [
            {"number": "+49 (89) 123456-0", "label": "work", "primary": True},
            {"number": "+49 170 1234567", "label": "mobile", "primary": False},
            {"number": "+49 (89) 123456-99", "label": "work fax", "primary": False},
        ],
        "addresses": [
            {
                "line1": "Königstraße 5",
                "line2": "",
                "city": "München",
                "postcode": "80331",
                "region": "Bayern",
                "country": "Deutschland",
                "label": "work",
                "primary": True,
            }
        ],
        "website": "http://www.mueller.example",
        "emails": [{"address": "juergen.gross@mueller.example", "label": "", "primary": True}],
        "note": "Erste Zeile\nZweite Zeile: Köln",
    }
    assert dict(tally.left_out) == {"X-MS-CARDPICTURE": 1}


def test_a_nextcloud_card(make):
    (row,), tally = read(make(NEXTCLOUD))
    assert row.cells["emails"] == [
        {"address": "stefan@firma.example", "label": "work", "primary": False},
        {"address": "stefan@acasa.example", "label": "home", "primary": True},
    ]
    assert row.cells["phones"] == [{"number": "+40-21-555-0101", "extension": "12", "label": "work", "primary": True}]
    assert row.cells["addresses"][0]["region"] == "BV"
    assert row.cells["handles"] == [
        {
            "network": "mastodon",
            "handle": "@stefan",
            "url": "https://mastodon.example/@stefan",
            "label": "",
            "primary": True,
        },
        {"network": "xmpp", "handle": "stefan@jabber.example", "url": "", "label": "home", "primary": False},
    ]
    plain = {key: value for key, value in row.cells.items() if isinstance(value, str)}
    assert plain == {
        "uid": "0a1b2c3d-0000-4000-8000-000000000001",
        "last_name": "Mureșan",
        "first_name": "Ștefan",
        "birthday": "1980-05-06",
        "anniversary": "2010-06-01",
        "language": "ro",
        "time_zone": "Europe/Bucharest",
        "role": "Decident",
        "gender": "M",
    }
    assert row.cells["related"] == [{"type": "spouse", "value": "Ioana"}]
    assert dict(tally.left_out) == {"PHOTO": 1, "GEO": 1}


def test_cards_that_vobject_writes(make):
    texts = []
    for number in range(50):
        card = vobject.vCard()
        card.add("n").value = vobject.vcard.Name(family=f"Núñez {number}; y Cía", given="José, Luis")
        card.add("fn").value = "x"
        card.add("email").value = f"jose{number}@example.com"
        card.email.type_param = "INTERNET"
        card.add("adr").value = vobject.vcard.Address(street="Calle Ñ, 1", city="León", code="24001", country="España")
        card.add("note").value = "línea 1\nlínea 2; con \\ y " + "muy larga " * 20
        texts.append(card.serialize())
    rows, _tally = read(make("".join(texts)))
    assert [row.cells["last_name"] for row in rows] == [f"Núñez {number}; y Cía" for number in range(50)]
    assert rows[0].cells["first_name"] == "José, Luis"
    assert rows[0].cells["addresses"][0]["line1"] == "Calle Ñ, 1"
    assert rows[0].cells["note"] == ("línea 1\nlínea 2; con \\ y " + "muy larga " * 20).strip()


def test_a_broken_card_fails_alone(make):
    good = "BEGIN:VCARD\nVERSION:3.0\nN:García;{};;;\nEND:VCARD\n"
    content = good.format("Ana") + "BEGIN:VCARD\nVERSION:3.0\nthis is no line\nEND:VCARD\n\n" + good.format("Luis")
    content += (
        "stray\nlines\n" + "BEGIN:VCARD\nN:Cut;Off\n" + good.format("Eva") + "BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n"
    )
    content += "BEGIN:VCARD\nVERSION:3.0\nN:Half;A c"
    rows, _tally = read(make(content))
    assert [(row.line, row.cells.get("first_name"), row.problem) for row in rows] == [
        (1, "Ana", None),
        (5, None, "“this is no line” is no line of a card."),
        (10, "Luis", None),
        (14, None, "This is outside of any card: BEGIN:VCARD is missing."),
        (16, None, "The card is cut off: END:VCARD is missing."),
        (18, "Eva", None),
        (22, None, "There is nothing in this card."),
        (25, None, "The card is cut off: END:VCARD is missing."),
    ]


def test_wrong_bytes_fail_their_card_only(make):
    card = "BEGIN:VCARD\nVERSION:3.0\nN:Muñoz;{};;;\nEND:VCARD\n"
    content = card.format("José").encode() + card.format("Íñigo").encode("cp1252") + card.format("Peñita").encode() * 3
    rows, _tally = read(make(content))
    assert [bool(row.problem) for row in rows] == [False, True, False, False, False]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_whole_files_in_other_encodings(make, encoding):
    (row,), _tally = read(make(IPHONE.replace("2º", "2"), encoding))
    assert row.cells["last_name"] == "García López"


def test_groups_and_companies(make):
    content = "BEGIN:VCARD\nVERSION:4.0\nKIND:group\nFN:Friends\nMEMBER:urn:uuid:1\nEND:VCARD\n"
    content += "BEGIN:VCARD\nVERSION:3.0\nN:;;;;\nFN:Acme\nORG:Acme;\nX-ABShowAs:COMPANY\nEND:VCARD\n"
    rows, _tally = read(make(content))
    assert rows[0].problem == "This card is a group of contacts, not a contact."
    assert rows[1].cells == {"name": "Acme", "organization": "Acme", "kind": "org"}


def test_the_first_cards_tell_the_columns(make):
    found = sniff(make(IPHONE + GOOGLE))
    assert (found.format, found.rows_estimate) == ("vcard", 2)
    assert found.header[:4] == ["first_name", "middle_name", "last_name", "prefix"]
    assert found.sample[0][found.header.index("emails")] == "ana.casa@example.com, Ana@Example.com"


def test_a_folded_line_is_no_end_of_a_card(make):
    (row,), _tally = read(make("BEGIN:VCARD\nN:García;Ana\nNOTE:write\n END:VCARD\n  at the end\nEND:VCARD\n"))
    assert row.cells["note"] == "writeEND:VCARD at the end"


def test_keys_of_later_cards_are_columns_too(make, monkeypatch):
    plain = "BEGIN:VCARD\nN:García;Ana\nEND:VCARD\n"
    path = make(plain * 30 + plain.replace("END", "NOTE:late\nEND"))
    assert (sniff(path).header, sniff(path).rows_estimate) == (["first_name", "last_name", "note"], 31)
    monkeypatch.setattr(vcard, "SCANNED", 10)
    assert (sniff(path).header, sniff(path).rows_estimate) == (list(vcard.KEYS), 31)


def test_a_file_without_a_readable_card_is_refused(make):
    with pytest.raises(Unreadable, match=r"No card can be read: The card is cut off"):
        sniff(make("BEGIN:VCARD\nVERSION:3.0\nFN:A"))


def test_an_endless_card_and_a_hostile_line_cost_little(make):
    good = "BEGIN:VCARD\nN:García;Ana\nEND:VCARD\n"
    content = (
        good
        + "BEGIN:VCARD\n"
        + "NOTE:"
        + "x" * 3_000_000
        + "\nEND:VCARD\n"
        + "BEGIN:VCARD\nTEL;A="
        + ",a" * 5000
        + "\nEND:VCARD\n"
    )
    rows, _tally = read(make(content))
    assert [row.problem for row in rows][:2] == [None, "The card is larger than 1 MB."]
    assert rows[2].problem.endswith("is no line of a card.")


def seconds_of(path, text):
    path.write_text(text)
    start = time.process_time()
    told = sniff(path, "a.vcf")
    rows = list(open_rows(path, told))
    return time.process_time() - start, rows


@pytest.mark.parametrize(
    "body",
    [
        "NOTE:a\r\n" + " \\n;,b\\;c\\,d\r\n" * 70_000,  # folded every few characters
        "N:a\r\n" + " \\n;,b\\;c\\,d\r\n" * 70_000,
        "ADR:a\r\n" + " \\;\\;\\;\\;\\;\\;\r\n" * 65_000,
        "NOTE;ENCODING=QUOTED-PRINTABLE:a=\r\n" + "b=\r\n" * 250_000,
        'TEL;X="' + "a;" * 450_000 + '":1\r\n',
        "TEL;" + "X=" * 300_000 + "\r\n",
    ],
)
def test_a_card_of_one_megabyte_folded_in_any_way_is_read_in_a_moment(tmp_path, body):
    card = f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana\r\n{body}END:VCARD\r\nBEGIN:VCARD\r\nFN:Luis\r\nEND:VCARD\r\n"
    taken, rows = seconds_of(tmp_path / "a.vcf", card)
    assert rows[-1].cells["name"] == "Luis"
    assert taken < 2  # quadratic time took from 7 seconds to minutes


@pytest.mark.parametrize("line", ["TEL:{n}", "EMAIL:a{n}@x.com", "CATEGORIES:c{n}", "NOTE:{n}"])
def test_a_card_of_very_many_lines_is_refused_and_the_next_one_read(tmp_path, line):
    lines = "".join(line.format(n=n) + "\r\n" for n in range(50_000))
    card = f"BEGIN:VCARD\r\nFN:Ana\r\n{lines}END:VCARD\r\nBEGIN:VCARD\r\nFN:Luis\r\nEND:VCARD\r\n"
    taken, rows = seconds_of(tmp_path / "a.vcf", card)
    assert [(row.cells.get("name"), row.problem) for row in rows] == [
        (None, "The card has more than 2,000 lines."),
        ("Luis", None),
    ]
    assert taken < 2


def test_only_the_beginning_of_a_long_file_is_looked_at(tmp_path):
    path = tmp_path / "long.vcf"
    photo = "PHOTO;ENCODING=b:AAAA\r\n" + (" " + "A" * 75 + "\r\n") * 4_000  # 300 KB
    with path.open("w") as file:
        for n in range(200):
            file.write(f"BEGIN:VCARD\r\nFN:N{n}\r\n{photo}END:VCARD\r\n")
    start = time.process_time()
    told = sniff(path, "long.vcf")
    first = first_rows(path, told, 20)
    assert time.process_time() - start < 1
    assert 100 <= told.rows_estimate <= 300
    assert [row.cells["name"] for row in first] == [f"N{n}" for n in range(len(first))]
    assert len(first) == 13  # 4 MB hold 13 whole cards of 312 KB; the cut-off one is left out
    assert not any(row.problem for row in first)


def test_what_is_cut_off_by_looking_only_so_far_is_no_row_of_a_table(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("Name,Note\n" + "".join(f"N{n},{'x' * 900_000}\n" for n in range(8)))
    rows = first_rows(path, sniff(path, "long.csv"), 20)
    assert [(row.cells[0], len(row.cells[1]), row.problem) for row in rows] == [
        (f"N{n}", 900_000, None) for n in range(4)
    ]
    assert [row.cells[0] for row in first_rows(path, sniff(path, "long.csv"), 2)] == ["N0", "N1"]
