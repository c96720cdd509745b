"""An import from its draft to its undo: what a person decides, what becomes of each row, what is told."""

import pytest

from trato.engine import access, actions, custom, objects
from trato.engine.imports import preview, runs, work
from trato.engine.models import HistoryEntry, ImportProblem, ImportRun, StoredFile
from trato.engine.values import Refused

from .running import PEOPLE, by_email, carry_out, contacts, counts, draft, go_on, imported


def test_a_file_becomes_contacts_with_history_keys_and_source(owner):
    run = imported(owner, PEOPLE, lawful_basis="consent", source="Fair in Bilbao")
    assert (run.state, run.rows, run.total, counts(run)) == ("done", 2, 2, {"created": 2})
    ana = by_email(owner, "ana@x.com")
    assert (ana.title, ana.job_title, ana.owner_id, ana.lifecycle) == ("Ana García", "Engineer", owner.user_id, "lead")
    entry = HistoryEntry.objects.get(record_id=ana.id)
    assert (entry.face, entry.actor_kind, entry.batch_id) == ("import", "import", run.batch_id)
    assert entry.source == "file:people.csv; source: Fair in Bilbao; basis: consent"
    assert entry.changes["emails"] == [[], [{"address": "ana@x.com", "primary": True}]]


def test_the_mapping_and_the_match_field_are_proposed(owner):
    run = draft(owner, PEOPLE)
    assert run.mapping == {
        "First name": "first_name",
        "Last name": "last_name",
        "E-mail": "emails",
        "Job title": "job_title",
    }
    assert (run.options["match"], run.options["on_match"], run.total) == (["emails"], "update", 2)


def test_the_mapping_a_person_chose_is_remembered_for_the_same_header(owner):
    chosen = {"First name": "first_name", "Last name": "last_name", "E-mail": "", "Job title": "department"}
    carry_out(owner, draft(owner, PEOPLE), mapping=chosen, match=[])
    assert draft(owner, "First name,Last name,E-mail,Job title\nZoe,Z,z@x.com,Boss\n").mapping == chosen
    assert draft(owner, "First name,Last name,E-mail\nZoe,Z,z@x.com\n").mapping["E-mail"] == "emails"


def test_the_same_file_twice_changes_nothing_the_second_time(owner):
    assert counts(imported(owner, PEOPLE, match=["email"])) == {"created": 2}
    again = imported(owner, PEOPLE, match=["email"])
    assert counts(again) == {"unchanged": 2}
    assert not HistoryEntry.objects.filter(batch_id=again.batch_id).exists()


@pytest.mark.parametrize(
    ("on_match", "expected", "job_title", "department"),
    [
        ("update", {"updated": 1}, "Director", "Sales"),
        ("fill", {"updated": 1}, "Engineer", "Sales"),
        ("skip", {"skipped": 1}, "Engineer", ""),
    ],
)
def test_what_a_match_does_is_the_persons_choice(owner, on_match, expected, job_title, department):
    imported(owner, PEOPLE)
    other = "E-mail,Last name,Job title,Department\nANA@x.com,,Director,Sales\n"
    assert counts(imported(owner, other, match=["email"], on_match=on_match)) == expected
    ana = by_email(owner, "ana@x.com")
    assert (ana.job_title, ana.department, ana.last_name) == (
        job_title,
        department,
        "García",
    )  # empty cells say nothing


def test_every_row_is_accounted_for_with_line_and_reason(owner):
    text = "First name,E-mail,Birthday\nAna,ana@x.com,1990-02-30\nLuis,nope,\n,,\n"
    text += '"two\nlines",a@x.com,1990-01-31\n;,"b@x.com\n'
    run = imported(owner, text)
    assert run.rows == run.created + run.updated + run.unchanged + run.skipped + run.failed
    problems = {problem.line: problem for problem in ImportProblem.objects.filter(run=run)}
    assert problems[2].message.startswith("Birthday: ")
    assert problems[3].message == "E-mails: Write an e-mail address, like ana@example.com."
    assert problems[3].row == ["Luis", "nope", ""]
    assert counts(run) == {"created": 1, "failed": len(problems)}
    assert by_email(owner, "a@x.com").first_name == "two lines"


def test_the_file_of_failed_rows_can_be_put_right_and_imported(owner):
    run = imported(owner, "First name,E-mail\nAna,ana@x.com\n=1+1,nope\n")
    file = b"".join(runs.problems_file(run)).decode("utf-8-sig")
    assert file.splitlines() == [
        "First name,E-mail,Line,Reason",
        '\'=1+1,nope,3,"E-mails: Write an e-mail address, like ana@example.com."',
    ]
    again = imported(owner, file.replace("nope", "luis@x.com"), name="failed.csv")
    assert counts(again) == {"created": 1}
    assert by_email(owner, "luis@x.com").first_name == "=1+1"


def test_duplicates_inside_the_file_become_one_record(owner):
    text = "First name,E-mail,Phone\nAna,ana@x.com,\nAna,ANA@x.com,+34600123456\nAna,ana@x.com,\n"
    assert counts(imported(owner, text, match=["email"])) == {"created": 1, "updated": 1, "unchanged": 1}
    assert [item["number"] for item in by_email(owner, "ana@x.com").phones] == ["+34600123456"]


def test_companies_are_found_by_name_or_made(owner):
    acme = actions.create(owner, objects.get("accounts"), {"name": "Ácme, S.L."})
    text = 'First name,E-mail,Company\nAna,a@x.com,"ACME, s.l."\nLuis,b@x.com,Globex\n'
    run = imported(owner, text)
    assert counts(run) == {"created": 1, "failed": 1}
    assert by_email(owner, "a@x.com").account_id == acme.id
    assert run.problems.get().message == "Account: Nothing is called “Globex”."
    run = imported(owner, text, match=["email"], create_links=True)
    assert counts(run) == {"created": 1, "unchanged": 1}
    assert by_email(owner, "b@x.com").account.title == "Globex"


def test_companies_are_found_by_what_they_are_reached_by_too(owner):
    acme = actions.create(owner, objects.get("accounts"), {"name": "Acme", "emails": ["info@acme.example"]})
    run = imported(owner, "First name,E-mail,Company\nAna,a@x.com,INFO@acme.example\nLuis,b@x.com,no@acme.example\n")
    assert counts(run) == {"created": 1, "failed": 1}
    assert by_email(owner, "a@x.com").account_id == acme.id


def test_full_names_parts_of_addresses_and_several_columns_of_one_field(owner):
    text = (
        "Name,Email,Work e-mail,Street,City,Postcode,Country\n"
        '"Pérez Gómez, Luis",luis@home.example,luis@work.example,Calle Mayor 5,Madrid,28013,Spain\n'
    )
    run = draft(owner, text)
    assert run.mapping["Name"] == "name"
    assert counts(carry_out(owner, run, match=[])) == {"created": 1}
    luis = by_email(owner, "luis@home.example")
    assert (luis.first_name, luis.last_name) == ("Luis", "Pérez Gómez")
    assert [item["address"] for item in luis.emails] == ["luis@home.example", "luis@work.example"]
    [address] = luis.addresses
    assert (address["line1"], address["city"], address["country"]) == ("Calle Mayor 5", "Madrid", "ES")


def test_custom_fields_are_imported_and_unique_ones_match(owner):
    custom.add(owner, contacts(), {"name": "number", "label": "Number", "kind": "text", "unique": True})
    run = imported(owner, "First name,Number\nAna,A-1\nLuis,A-2\nEva,a-1\n")
    assert counts(run) == {"created": 2, "failed": 1}
    assert run.problems.get().message == "Number: Another record has this value already; it must be unique."
    run = imported(owner, "Number,Job title\nA-2,Boss\n", match=["number"])
    assert counts(run) == {"updated": 1}


def test_the_preview_marks_cells_and_a_fixed_cell_is_taken(owner):
    run = draft(owner, "First name,E-mail\nAna,nope\nLuis,luis@x.com\n")
    seen = preview.preview(owner, run)
    assert (seen.total, dict(seen.counts)) == (2, {"failed": 1, "created": 1})
    assert [cell.problem for cell in seen.rows[0].cells] == ["", "Write an e-mail address, like ana@example.com."]
    assert (seen.rows[0].line, seen.rows[0].result, seen.rows[1].result) == (2, "failed", "created")
    assert not access.visible(owner, contacts()).exists()  # only tried

    runs.fix(owner, run, 2, 1, "ana@x.com")
    assert dict(preview.preview(owner, run).counts) == {"created": 2}
    assert counts(carry_out(owner, run)) == {"created": 2}
    assert by_email(owner, "ana@x.com").first_name == "Ana"
    with pytest.raises(Refused):
        runs.fix(owner, ImportRun.objects.get(id=run.id), 2, 1, "too@late.com")


def test_a_dry_run_counts_everything_and_keeps_nothing(owner):
    run = draft(owner, PEOPLE + "Eva,,nope,\n")
    found, problems = preview.rehearse(owner, run)
    assert dict(found) == {"created": 2, "failed": 1}
    assert problems == [(4, "E-mails: Write an e-mail address, like ana@example.com.")]
    assert not access.visible(owner, contacts()).exists()
    assert not HistoryEntry.objects.filter(object="contacts").exists()


@pytest.mark.parametrize(
    ("decisions", "code"),
    [
        ({"mapping": {"First name": "nope"}}, "unknown"),
        ({"mapping": {"First name": "updated_at"}}, "unknown"),
        ({"mapping": {"First name": "last_name", "Last name": "last_name"}}, "twice"),
        ({"mapping": {}}, "empty"),
        ({"match": ["phones"]}, "unmapped"),
        ({"on_match": "overwrite"}, "choice"),
        ({"country": "XX"}, "country"),
    ],
)
def test_impossible_decisions_are_refused_and_the_draft_stays(owner, decisions, code):
    run = draft(owner, PEOPLE)
    with pytest.raises(Refused) as refused:
        runs.launch(owner, run, **decisions)
    assert code in {problem.code for problem in refused.value.problems}
    assert ImportRun.objects.get(id=run.id).state == "draft"


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, b"MZ" + b"\0" * 300, b"PK\x03\x04broken"])
def test_a_file_that_is_no_table_is_refused_and_not_kept(owner, content, tmp_path):
    with pytest.raises(Refused):
        draft(owner, content, name="x.csv")
    assert not StoredFile.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_without_the_right_to_import_nothing_is_even_looked_at(cast, as_):
    with as_(cast.member) as member, pytest.raises(access.Forbidden):
        draft(member, PEOPLE)


def test_a_hidden_field_is_no_target(cast, as_):
    with as_(cast.limited) as limited:
        run = draft(limited, "First name,Phone,Job title\nAna,+34600123456,Boss\n")
        assert run.mapping == {"First name": "first_name", "Phone": "", "Job title": ""}
        assert "phones" not in dict(runs.choices(limited, contacts()))
        with pytest.raises(Refused):
            runs.launch(limited, run, mapping={"First name": "first_name", "Phone": "phones"})


def test_an_import_is_seen_by_its_maker_and_administrators_only(owner, cast, as_):
    run = draft(owner, PEOPLE)
    with as_(cast.manager) as manager:
        with pytest.raises(access.Absent):
            runs.get(manager, run.id)
        theirs = draft(manager, PEOPLE)
    assert runs.get(owner, theirs.id) == theirs


def test_undo_brings_everything_back(owner):
    imported(owner, PEOPLE)
    before = list(contacts().model.objects.order_by("id").values("title", "emails", "job_title", "phones", "search"))
    text = "First name,E-mail,Job title,Phone,Company\nAna,ana@x.com,Boss,+34600123456,New Co\nEva,eva@x.com,,,\n"
    run = imported(owner, text, match=["email"], create_links=True)
    assert counts(run) == {"created": 1, "updated": 1}
    assert runs.take_back(owner, run)
    rows = contacts().model.objects.filter(deleted_at=None).order_by("id")
    assert list(rows.values("title", "emails", "job_title", "phones", "search")) == before
    assert not access.visible(owner, objects.get("accounts")).exists()
    assert ImportRun.objects.get(id=run.id).state == "undone"
    with pytest.raises(Refused):
        runs.take_back(owner, ImportRun.objects.get(id=run.id))


def test_what_was_changed_since_keeps_an_import_from_being_undone(owner):
    run = imported(owner, PEOPLE)
    actions.update(owner, contacts(), by_email(owner, "ana@x.com").id, {"job_title": "Boss"})
    with pytest.raises(Refused):
        runs.take_back(owner, run)
    assert access.visible(owner, contacts()).count() == 2


def test_an_interrupted_import_goes_on_at_the_next_row(owner, monkeypatch):
    """The process dies after the first chunk; the next one does the rest, and every row is done once."""
    monkeypatch.setattr(work, "CHUNK", 3)
    run = draft(owner, "First name,E-mail\n" + "".join(f"N{n},n{n}@x.com\n" for n in range(8)))
    runs.launch(owner, run)

    def die(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go_on(owner, run, die)
    run.refresh_from_db()
    assert (run.state, run.rows, run.created) == ("running", 3, 3)
    done = go_on(owner, run)
    assert (done.state, done.rows, counts(done)) == ("done", 8, {"created": 8})
    assert "Resumed after an interruption at row 4." in done.message
    assert access.visible(owner, contacts()).count() == 8


def test_two_processes_never_do_one_import_twice(owner, monkeypatch):
    monkeypatch.setattr(work, "CHUNK", 3)
    run = draft(owner, "First name,E-mail\n" + "".join(f"N{n},n{n}@x.com\n" for n in range(6)))
    runs.launch(owner, run)

    def overtaken(done, total):
        ImportRun.objects.filter(id=run.id).update(rows=6)

    with pytest.raises(work.Superseded):
        go_on(owner, run, overtaken)
    done = go_on(owner, run)
    assert done.state == "done"
    with pytest.raises(work.Superseded):
        go_on(owner, run)
