"""Columns find their fields by name and by content, in three languages and in the dialects of the usual programs."""

import pytest

from trato.engine.imports.assembly import assembler
from trato.engine.imports.mapping import MappingField, fold, guess

CONTACT = [
    MappingField(*words.split(":"))
    for words in [
        "emails:E-mails:emails",
        "phones:Phones:phones",
        "addresses:Addresses:addresses",
        "handles:Social:handles",
        "tags:Tags:tags",
        "source:Source:text",
        "first_name:First name:text",
        "middle_name:Middle name:text",
        "last_name:Last name:text",
        "salutation:Salutation:text",
        "suffix:Suffix:text",
        "account:Account:link",
        "job_title:Job title:text",
        "department:Department:text",
        "lifecycle:Lifecycle:choice",
        "birthday:Birthday:date",
        "language:Language:language",
        "description:Description:longtext",
        "owner:Owner:user",
        "custom.shoe_size:Shoe size:number",
    ]
]
ACCOUNT = [
    MappingField(*words.split(":"))
    for words in [
        "name:Name:text",
        "kind:Type:choice",
        "parent:Part of:link",
        "industry:Industry:text",
        "size:Employees:choice",
        "website:Website:url",
        "tax_number:Tax number:text",
        "emails:E-mails:emails",
        "phones:Phones:phones",
        "addresses:Addresses:addresses",
        "owner:Owner:user",
    ]
]
FEBRL = [
    "rec_id",
    "given_name",
    "surname",
    "street_number",
    "address_1",
    "address_2",
    "suburb",
    "postcode",
    "state",
    "date_of_birth",
    "soc_sec_id",
]
FEBRL_TARGETS = [
    None,
    "first_name",
    "last_name",
    "addresses.number",
    "addresses.line1",
    "addresses.line2",
    "addresses.city",
    "addresses.postcode",
    "addresses.region",
    "birthday",
    None,
]


def mapped(header, *rows, fields=CONTACT, **more):
    header = header.split(",")
    return dict(zip(header, guess(header, [row.split(",") for row in rows], fields, **more), strict=True))


def test_febrl():
    assert guess(FEBRL, [], CONTACT) == FEBRL_TARGETS


def test_google():
    assert mapped(
        "First Name,Last Name,Phonetic First Name,Name Prefix,File As,Organization Name,Organization Title,Birthday,"
        "Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Type,Phone 1 - Value,"
        "Address 1 - Street,Address 1 - City,"
        "Address 1 - Postal Code,Address 1 - Extended Address,Address 2 - City,Website 1 - Value"
    ) == {
        "First Name": "first_name",
        "Last Name": "last_name",
        "Phonetic First Name": None,
        "Name Prefix": "salutation",
        "File As": None,
        "Organization Name": "account",
        "Organization Title": "job_title",
        "Birthday": "birthday",
        "Notes": "description",
        "Photo": None,
        "Labels": "tags",
        "E-mail 1 - Label": None,
        "E-mail 1 - Value": "emails",
        "E-mail 2 - Value": "emails",
        "Phone 1 - Type": None,
        "Phone 1 - Value": "phones",
        "Address 1 - Street": "addresses.line1",
        "Address 1 - City": "addresses.city",
        "Address 1 - Postal Code": "addresses.postcode",
        "Address 1 - Extended Address": "addresses.line2",
        "Address 2 - City": "addresses.city",
        "Website 1 - Value": "handles",
    }


def test_outlook():
    assert mapped(
        "Title,First Name,Last Name,Company,Job Title,Business Street,Business Street 2,Business City,"
        "Business Country/Region,Home City,Business Fax,Business Phone,Mobile Phone,E-mail Address,E-mail Display Name,"
        "E-mail 2 Address,Manager's Name,Web Page",
        "Dr.,Ana",
        "Mr,Luis",
    ) == {
        "Title": "salutation",
        "First Name": "first_name",
        "Last Name": "last_name",
        "Company": "account",
        "Job Title": "job_title",
        "Business Street": "addresses.line1",
        "Business Street 2": "addresses.line2",
        "Business City": "addresses.city",
        "Business Country/Region": "addresses.country",
        "Home City": "addresses.city",
        "Business Fax": "phones",
        "Business Phone": "phones",
        "Mobile Phone": "phones",
        "E-mail Address": "emails",
        "E-mail Display Name": None,
        "E-mail 2 Address": "emails",
        "Manager's Name": None,
        "Web Page": "handles",
    }


def test_spanish():
    header = "Nombre,Apellidos,Empresa,Correo electrónico,Móvil,Dirección,Código postal,Población,Provincia,País,"
    header += "Fecha de nacimiento,Cargo"
    assert list(mapped(header).values()) == [
        "first_name",
        "last_name",
        "account",
        "emails",
        "phones",
        "addresses.line1",
        "addresses.postcode",
        "addresses.city",
        "addresses.region",
        "addresses.country",
        "birthday",
        "job_title",
    ]


def test_romanian():
    header = "Nume,Prenume,Firmă,Adresa de e-mail,Telefon mobil,Stradă,Oraș,Județ,Cod poștal,Țară,Data nașterii,Funcție"
    assert list(mapped(header).values()) == [
        "last_name",
        "first_name",
        "account",
        "emails",
        "phones",
        "addresses.line1",
        "addresses.city",
        "addresses.region",
        "addresses.postcode",
        "addresses.country",
        "birthday",
        "job_title",
    ]


@pytest.mark.parametrize(
    ("header", "targets"),
    [
        ("Nombre,Correo", ["name", "emails"]),
        ("Nume,Telefon", ["name", "phones"]),
        ("Name,Firstname", ["last_name", "first_name"]),
        ("Full name,Surname,Forename", ["name", "last_name", "first_name"]),
        ("Customer Name,State,Region", ["name", "addresses.region", None]),
    ],
)
def test_names_mean_what_their_neighbours_leave_open(header, targets):
    assert list(mapped(header).values()) == targets


def test_the_name_of_a_company_is_the_name_of_an_account():
    header = "Razón social,CIF,Sector,Employees,Street,Website,Owner,Type"
    assert list(mapped(header, fields=ACCOUNT).values()) == [
        "name",
        "tax_number",
        "industry",
        "size",
        "addresses.line1",
        "website",
        "owner",
        "kind",
    ]
    assert mapped("Name,Company", fields=ACCOUNT) == {"Name": "name", "Company": None}


def test_misspelt_names_and_fields_of_ones_own():
    assert mapped("frist name,sur name,shoesize,Shoe Size,LinkedIn URL") == {
        "frist name": "first_name",
        "sur name": "last_name",
        "shoesize": None,
        "Shoe Size": "custom.shoe_size",
        "LinkedIn URL": "handles",
    }


def test_content_tells_where_names_do_not():
    rows = (
        "Ana,ana@x.com,+34 600 111 222,1980-05-06,12",
        "Luis,luis@x.com,600 333 444,1979-01-02,13",
        "Eva,,952 000 111,,14",
    )
    assert list(mapped("Column 1,Column 2,Column 3,Column 4,Column 5", *rows).values()) == [
        None,
        "emails",
        "phones",
        "birthday",
        None,
    ]
    assert mapped("Contact,Owner", "ana@x.com,me@x.com") == {"Contact": "emails", "Owner": "owner"}


def test_no_two_columns_go_to_a_single_field():
    targets = list(
        mapped("First name,Given name,Forename,Company,Organization,City,Town,Home city,E-mail,Email 2").values()
    )
    single = [target for target in targets if target and target != "emails"]
    assert single == ["first_name", "account", "addresses.city", "addresses.city"]
    assert targets.count("emails") == 2


def test_what_a_person_chose_before_counts_most():
    assert mapped("Ref,E-mail,City", remembered={"ref": "source", "E-Mail": None, "City": "gone.field"}) == {
        "Ref": "source",
        "E-mail": None,
        "City": "addresses.city",
    }


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("E-mail 1 - Value", "email 1 value"),
        ("firstName", "first name"),
        ("País/Región", "pais region"),
        ("ȚARĂ", "tara"),
    ],
)
def test_fold(name, folded):
    assert fold(name) == folded


def test_rows_become_values():
    assemble = assembler(FEBRL, FEBRL_TARGETS, CONTACT)
    row = [
        "rec-1",
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
    assert assemble(row) == {
        "first_name": "mitchell",
        "last_name": "green",
        "birthday": "19560409",
        "addresses": [
            {"line1": "7 wallaby place", "line2": "delmar", "city": "cleveland", "postcode": "2119", "region": "sa"}
        ],
    }
    assert assemble([""] * 11) == {}


def test_names_of_columns_become_labels():
    header = [
        "Work e-mail",
        "Email 2",
        "Mobile Phone",
        "Business Fax",
        "Home City",
        "Business City",
        "Calle",
        "Número",
        "Twitter",
        "Labels",
    ]
    row = ["a@x.com", "b@x.com; c@x.com", "600", "952", "León", "Madrid", "Larga", "3", "ana", "VIP ::: * myContacts"]
    assert assembler(header, guess(header, [], CONTACT), CONTACT)(row) == {
        "emails": ["a@x.com (work)", "b@x.com; c@x.com"],
        "phones": ["600 (mobile)", "952 (work fax)"],
        "handles": ["twitter: ana"],
        "tags": ["VIP"],
        "addresses": [{"city": "León", "label": "home"}, {"city": "Madrid", "label": "work"}, {"line1": "Larga 3"}],
    }


def test_records_of_vcard_keep_their_items():
    header = ["first_name", "emails", "addresses", "organization", "note", "website", "prefix", "uid", "city"]
    targets = guess(header, [], CONTACT)
    assert targets == [
        "first_name",
        "emails",
        "addresses",
        "account",
        "description",
        "handles",
        "salutation",
        None,
        "addresses.city",
    ]
    mail = {"address": "ana@x.com", "label": "work", "primary": True}
    record = {
        "first_name": "Ana",
        "emails": [mail],
        "organization": "Acme",
        "website": "https://x.example",
        "city": "León",
    }
    assert assembler(header, targets, CONTACT)(record) == {
        "first_name": "Ana",
        "emails": [mail],
        "account": "Acme",
        "handles": ["https://x.example"],
        "addresses": [{"city": "León"}],
    }
