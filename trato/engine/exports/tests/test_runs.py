"""Exports hold exactly what the actor may see, in the order of the list, and come back in as they went out."""

import csv
import io
import json
import zipfile
from datetime import UTC, date, datetime

import pytest
import vobject
from django.utils import timezone

from trato.engine import access, actions, custom, files, filters, jobs, objects, paging
from trato.engine.exports import runs
from trato.engine.imports.tests.running import counts, imported
from trato.engine.models import ExportRun, HistoryEntry, Job
from trato.engine.values import Refused


@pytest.fixture(autouse=True)
def files_of_this_test(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def contacts():
    return objects.get("contacts")


def exported(actor, format="csv", *, plural="contacts", **choices):
    return b"".join(runs.stream(runs.plan(actor, objects.get(plural), format, **choices)))


def table(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.fixture
def people(owner):
    """Two contacts of one account: one with everything, one with nearly nothing."""
    acme = actions.create(owner, objects.get("accounts"), {"name": "Acme; S.L."})
    ana = actions.create(
        owner,
        contacts(),
        {
            "first_name": "Ana",
            "last_name": "=SUM(A1)",
            "emails": [{"address": "ana@x.com", "label": "work"}, "b@x.com"],
            "phones": ["+34600123456"],
            "addresses": [{"line1": "Calle Mayor, 5", "city": "Madrid", "postcode": "28013", "country": "ES"}],
            "tags": ["vip", "new"],
            "account": acme.id,
            "birthday": "1990-01-31",
            "description": 'Two "quoted"\nlines',
            "lifecycle": "customer",
        },
    )
    luis = actions.create(owner, contacts(), {"first_name": "Luis", "last_name": "Álvarez"})
    return acme, ana, luis


def test_a_table_of_chosen_fields_in_the_order_of_the_list(owner, people):
    rows = table(exported(owner, fields=["first_name", "account", "emails", "birthday"], order="first_name"))
    assert rows == [
        ["First name", "Account", "E-mails", "Birthday"],
        ["Ana", "Acme; S.L.", "ana@x.com (work); b@x.com", "1990-01-31"],
        ["Luis", "", "", ""],
    ]
    assert [row[0] for row in table(exported(owner, fields=["first_name"], order="-first_name"))[1:]] == ["Luis", "Ana"]
    only = {"field": "lifecycle", "op": "is", "value": "customer"}
    assert [row[0] for row in table(exported(owner, fields=["first_name"], filter=only))[1:]] == ["Ana"]


def test_no_cell_runs_in_a_spreadsheet(owner, people):
    assert b"\r\nAna,'=SUM(A1)\r\n" in exported(owner, fields=["first_name", "last_name"])


@pytest.mark.parametrize("format", ["csv", "tsv", "xlsx", "ndjson"])
def test_what_went_out_comes_back_in_and_changes_nothing(owner, people, format):
    data = exported(owner, format)
    before = HistoryEntry.objects.count()
    run = imported(owner, data, name=f"contacts.{format}", mapping=None, match=["emails"])
    assert counts(run) == {"created": 1, "unchanged": 1}  # Luis has no address to be known by
    assert HistoryEntry.objects.count() == before + 1

    run = imported(owner, exported(owner, format), name=f"contacts.{format}", mapping=by_id(data, format), match=["id"])
    assert counts(run) == {"unchanged": 3}


def by_id(data, format):
    """The mapping of a file of ours by its ids alone, with one more column to compare."""
    names = {"ndjson": ("id", "last_name")}.get(format, ("Id", "Last name"))
    return dict(zip(names, ("id", "last_name"), strict=True))


def test_ndjson_is_what_the_api_gives(owner, people):
    acme, ana, _luis = people
    lines = [json.loads(line) for line in exported(owner, "ndjson", order="first_name").splitlines()]
    assert (lines[0]["id"], lines[0]["account"]) == (str(ana.id), {"id": str(acme.id), "title": "Acme; S.L."})
    assert lines[0]["emails"][0] == {"address": "ana@x.com", "primary": True, "label": "work"}


def test_cards(owner, people):
    card = next(iter(vobject.readComponents(exported(owner, "vcard", order="first_name").decode())))
    assert (card.n.value.given, card.org.value, card.bday.value) == ("Ana", ["Acme; S.L."], "19900131")
    assert {each.value for each in card.email_list} == {"ana@x.com", "b@x.com"}
    assert card.adr.value.city == "Madrid"
    with pytest.raises(Refused):
        runs.plan(owner, objects.get("tasks"), "vcard")


def test_a_workbook_opens(owner, people):
    book = zipfile.ZipFile(io.BytesIO(exported(owner, "xlsx")))
    assert "xl/worksheets/sheet1.xml" in book.namelist()


def test_custom_fields_moments_and_money(owner):
    custom.add(owner, objects.get("things"), {"name": "size", "label": "Size", "kind": "number"})
    moment = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
    values = {"name": "A", "price": {"amount": "12.50", "currency": "EUR"}, "used_at": moment, "custom": {"size": 3}}
    actions.create(owner, objects.get("things"), values | {"made_on": date(2026, 1, 31), "broken": True})
    fields = ["name", "price", "used_at", "made_on", "broken", "custom.size"]
    header, row = table(exported(owner, plural="things", fields=fields))
    assert header[-1] == "Size"
    assert row == ["A", "12.50 EUR", "2026-01-31 12:30:00+00:00", "2026-01-31", "true", "3"]  # as who reads writes them


NASTY = [
    "=1+1",
    "-5",
    "+34 600",
    "@x",
    "＝1",
    "'=x",
    "'",
    "\t tab",
    "Á",
    "Ñu",
    "日本",
    '"q"',
    "a,b;c",
    "a\nb",
    " x ",
    "|",
    "\u00a0=",
    "%s",
    "\\N",
]


@pytest.mark.parametrize("format", ["csv", "tsv"])
def test_what_the_database_writes_is_what_python_would(owner, monkeypatch, format):
    """Every kind of value and every nasty text, once written by COPY and once by the kinds themselves."""
    crate = actions.create(owner, objects.get("crates"), {"name": "=Crate"})
    custom.add(owner, objects.get("things"), {"name": "word", "label": "Word", "kind": "text"})
    custom.add(owner, objects.get("things"), {"name": "size", "label": "Size", "kind": "number"})
    for number, text in enumerate(NASTY):
        given = {"name": f"x{number}", "note": text, "secret": text, "custom": {"word": text, "size": -number}}
        given |= {"count": -number, "weight": "1.5", "price": {"amount": "-12.5", "currency": "EUR"}, "crate": crate.id}
        given |= {"tags": ["a", "-b"], "emails": [{"address": "=1@x.com"}], "phones": ["+34600123456"], "broken": True}
        given |= {"used_at": "2026-07-01T10:00:00.5+00:00", "made_on": "2026-01-31", "story": f"<p>{number}</p>"}
        given |= {"addresses": [{"line1": text.strip() or "x", "city": 'Ma"d', "country": "ES"}, {"line1": "Only"}]}
        actions.create(owner, objects.get("things"), given)
    single = {
        "name": "y",
        "emails": ["a@x.com"],
        "addresses": [{"line1": "Only, one"}],
        "phones": ["+34600123456;ext=5"],
    }
    actions.create(owner, objects.get("things"), single)
    actions.create(owner, objects.get("things"), {"name": "nothing"})

    hold = {"partner", "related"}  # links of several objects are written by Python anyway
    fields = ["id", *(name for name in access.fields(owner, objects.get("things")) if name not in hold)]
    assert runs.Table.can_hold(runs.plan(owner, objects.get("things"), format, fields=fields).fields)
    by_database = exported(owner, format, plural="things", fields=fields)
    monkeypatch.setattr(runs.Table, "can_hold", lambda fields: False)
    assert by_database == exported(owner, format, plural="things", fields=fields)
    assert len(by_database.splitlines()) > len(NASTY)


def test_links_to_what_the_actor_may_not_see_are_left_out(owner, people, set_role, cast, as_):
    acme, _ana, _luis = people
    role = {"objects": {"contacts": {"see": "all", "export": True}, "accounts": {"see": "own"}}}
    set_role(cast.reader, role)
    with as_(cast.reader) as reader:
        for format in ("csv", "ndjson", "vcard"):
            data = exported(reader, format)
            assert b"Acme" not in data
            assert str(acme.id).encode() not in data
            assert b"ana@x.com" in data


def test_hidden_fields_are_not_exported_nor_known(owner, people, cast, as_):
    with as_(cast.limited) as limited:
        actions.create(limited, contacts(), {"first_name": "Mine", "last_name": "X"})
        header, *rows = table(exported(limited))
        assert not {"Birthday", "Phones"} & set(header)
        assert [row[header.index("First name")] for row in rows] == ["Mine"]  # sees only their own
        for fields in (["birthday"], ["nope"]):
            with pytest.raises(Refused):
                runs.plan(limited, contacts(), "csv", fields=fields)


def test_without_the_right_to_export_there_is_no_file(cast, as_):
    with as_(cast.member) as member, pytest.raises(access.Forbidden):
        runs.plan(member, contacts(), "csv")


def test_what_can_not_be_is_refused_before_the_first_byte(owner):
    for choices, problem in (
        ({"format": "pdf"}, Refused),
        ({"format": "csv", "order": "nope"}, paging.BadPage),
        ({"format": "csv", "filter": {"field": "nope", "op": "is", "value": 1}}, filters.BadFilter),
    ):
        with pytest.raises(problem):
            runs.plan(owner, contacts(), **choices)


def test_a_file_made_in_the_background_is_its_makers(owner, people, cast, as_):
    run = runs.start(owner, contacts(), "csv", fields=["first_name"], order="first_name")
    job = Job.objects.get(id=run.job_id)
    jobs.run_job(str(owner.workspace.id), str(job.id))
    run = ExportRun.objects.select_related("file").get(id=run.id)
    assert (run.state, run.rows, run.file.name) == ("done", 2, "contacts.csv")
    with files.open_file(run.file_id)[1] as content:
        assert table(content.read()) == [["First name"], ["Ana"], ["Luis"]]
    with as_(cast.manager) as manager, pytest.raises(access.Absent):
        runs.get(manager, run.id)


def test_an_old_file_is_forgotten(owner, people, django_capture_on_commit_callbacks, tmp_path):
    run = runs.start(owner, contacts(), "csv")
    jobs.run_job(str(owner.workspace.id), str(run.job_id))
    ExportRun.objects.update(ended_at=timezone.now() - 2 * runs.KEPT)
    with django_capture_on_commit_callbacks(execute=True):
        runs.start(owner, contacts(), "csv")
    run = runs.get(owner, run.id)
    assert (run.state, run.file, run.rows) == ("expired", None, 2)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
