"""Files in and out over HTTP: the import wizard, exports, uploads and who may fetch them."""

import io
import re

import pytest

from trato.engine import jobs
from trato.engine.models import ImportRun, Job

pytestmark = pytest.mark.django_db

PEOPLE = """First name,Last name,Email,Phone
Ana,García,ana@x.example,600 123 456
Ben,Brown,not an address,
Ana,García,ana@x.example,600 123 456
"""


def send(browser, text: str, name: str = "people.csv", plural: str = "contacts"):
    upload = io.BytesIO(text.encode())
    upload.name = name
    return browser.post("/w/acme/import", {"object": plural, "file": upload})


def run_jobs(as_, cast) -> None:
    """What a worker would do."""
    with as_(cast.owner):
        waiting = [(str(row.workspace_id), str(row.id)) for row in Job.objects.filter(state="waiting")]
    for workspace_id, job_id in waiting:
        jobs.run_job(workspace_id, job_id)


def form_of(html: str) -> dict[str, str]:
    """The columns as they were guessed."""
    return {
        name: chosen
        for name, options in re.findall(r'<select[^>]*name="(column-\d+)"[^>]*>(.*?)</select>', html, re.S)
        for chosen in re.findall(r'<option value="([^"]*)" selected', options)
    }


def test_a_file_is_looked_at_imported_and_taken_back(browser, as_, cast):
    answer = send(browser, PEOPLE)
    address = answer["Location"]
    html = browser.get(address).content.decode()
    guessed = form_of(html)
    assert guessed == {"column-0": "first_name", "column-1": "last_name", "column-2": "emails", "column-3": "phones"}
    assert "No records yet" in browser.get("/w/acme/contacts/").content.decode(), "nothing is written by looking"

    decided = guessed | {"match": "emails", "on_match": "update"}
    assert browser.post(address, decided)["Location"] == address
    run_jobs(as_, cast)
    html = browser.get(address).content.decode()
    with as_(cast.owner):
        run = ImportRun.objects.get()
        assert (run.state, run.created, run.unchanged + run.updated + run.skipped, run.failed) == ("done", 1, 1, 1)
    assert "Ben, Brown, not an address" in html
    problems = b"".join(browser.get(f"{address}/problems.csv").streaming_content).decode("utf-8-sig")
    assert problems.splitlines()[1].startswith("Ben,Brown,not an address")
    listed = browser.get("/w/acme/contacts/").content.decode()
    assert "Ana García" in listed and "Ben" not in listed

    assert "The import is undone" in browser.post(f"{address}/undo", follow=True).content.decode()
    assert "Ana García" not in browser.get("/w/acme/contacts/").content.decode().split("<trato-toasts")[0]


def test_a_cell_is_put_right_in_the_preview(browser):
    address = send(browser, PEOPLE)["Location"]
    html = browser.get(address).content.decode()
    fix = re.search(r'name="(fix-\d+-2)" value="not an address"', html)[1]
    html = browser.post(address, form_of(html) | {fix: "ben@x.example", "preview": "1"}).content.decode()
    assert "ben@x.example" in html and "fix-" not in html


def test_a_mapping_that_can_not_be_is_explained_and_nothing_starts(browser, as_, cast):
    address = send(browser, PEOPLE)["Location"]
    answer = browser.post(address, {"column-0": "last_name", "column-1": "last_name", "column-2": "", "column-3": ""})
    assert answer.status_code == 422
    assert "can&#39;t both go to one field" in answer.content.decode()
    with as_(cast.owner):
        assert ImportRun.objects.get().state == "draft"


@pytest.mark.parametrize("content", ["", "PK\3\4 no archive"])
def test_a_file_that_can_not_be_read_is_said_and_forgotten(browser, as_, cast, content):
    answer = send(browser, content)
    assert answer.status_code == 422 and "notice-danger" in answer.content.decode()
    with as_(cast.owner):
        assert not ImportRun.objects.exists()


def test_who_may_not_import_finds_no_import(signed_in, cast):
    reader = signed_in(cast.reader)
    assert reader.get("/w/acme/import").status_code == 403
    assert send(reader, PEOPLE).status_code == 403
    assert "/import" not in reader.get("/w/acme/contacts/").content.decode()


def test_another_persons_import_is_not_there(browser, signed_in, cast):
    address = send(browser, PEOPLE)["Location"]
    assert signed_in(cast.manager).get(address).status_code == 404


def test_an_export_holds_what_the_list_shows_on_all_its_pages(browser, make):
    for n in range(60):
        make("things", name=f"Thing {n:02}", count=n)
    tree = '{"field":"count","op":"gte","value":5}'
    answer = browser.get(
        "/w/acme/things/export", {"format": "csv", "filter": tree, "sort": "-count", "columns": "count"}
    )
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert "attachment" in answer["Content-Disposition"]
    assert len(lines) == 1 + 55
    assert "Thing 59" in lines[1] and ",59" in lines[1]


def test_formulas_do_not_run_in_an_exported_sheet(browser, make):
    make("crates", name="=cmd|' /C calc'!A0")
    text = b"".join(browser.get("/w/acme/crates/export?format=csv").streaming_content).decode("utf-8-sig")
    assert "'=cmd" in text


def test_everything_is_exported_in_the_background(browser, make, as_, cast):
    make("crates", name="Big box")
    assert browser.post("/w/acme/export", {"object": "crates", "format": "ndjson"}).status_code == 303
    run_jobs(as_, cast)
    html = browser.get("/w/acme/export").content.decode()
    address = re.search(r'href="(/w/acme/download/[0-9a-f-]{36})"', html)[1]
    assert b"Big box" in b"".join(browser.get(address).streaming_content)


def test_an_uploaded_file_is_sent_as_attachment_to_who_may_see_its_record(browser, signed_in, cast, make):
    page = io.BytesIO(b"<html><script>alert(1)</script></html>")
    page.name = "../../evil.html"
    contact = make("contacts", last_name="García")
    answer = browser.post("/w/acme/files/new", {"file": page, "subject": "A page", "about": f"contacts/{contact.id}"})
    assert answer.status_code == 303
    html = browser.get(answer["Location"]).content.decode()
    address = re.search(r'href="(/w/acme/download/[0-9a-f-]{36})"', html)[1]
    sent = browser.get(address)
    assert sent["Content-Disposition"].startswith('attachment; filename="evil.html"')
    assert sent["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in sent["Content-Security-Policy"]
    assert "html" not in sent["Content-Type"]
    assert signed_in(cast.limited).get(address).status_code == 404
    assert signed_in(cast.stranger).get(address).status_code == 404


def test_an_empty_upload_is_refused_at_its_field(browser):
    empty = io.BytesIO(b"")
    empty.name = "empty.txt"
    answer = browser.post("/w/acme/files/new", {"file": empty, "subject": "Nothing"})
    assert answer.status_code == 422
    assert "The file is empty" in answer.content.decode()
