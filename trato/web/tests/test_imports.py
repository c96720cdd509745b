"""The import wizard's questions about how a file is written."""

import io
import re

import pytest

from trato.web.tests.test_files import run_jobs


@pytest.fixture(autouse=True)
def files_of_this_test(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def sent(browser, text):
    """The address of the draft that comes of a file."""
    file = io.BytesIO(text.encode())
    file.name = "people.csv"
    answer = browser.post("/w/acme/import", {"object": "contacts", "file": file})
    assert answer.status_code == 303, answer.content
    return answer.headers["Location"]


def plain(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_dates_and_telephones_are_read_as_said_and_shown_at_once(browser, cast):
    address = sent(browser, "First name,Birthday,Phone\nIoana,01/02/1990,0722 123 456\n")
    page = browser.get(address)
    assert "As the cells tell (31/12/2026)" in plain(page)
    assert "Feb 1, 1990" in plain(page)
    columns = {"column-0": "first_name", "column-1": "birthday", "column-2": "phones"}
    told = {"numbers": "found", "dates": "mdy", "country": "RO", "preview": "1"}
    page = browser.post(address, columns | told)
    assert page.status_code == 200
    assert "Jan 2, 1990" in plain(page)
    assert re.search(r'<option value="mdy" selected', page.content.decode())
    assert browser.post(address, columns | told | {"numbers": "1_000"}).status_code == 422
    kept = browser.get(address).content.decode()
    assert re.search(r'<option value="RO" selected', kept)


def test_a_refused_row_names_the_field_as_its_label_does(browser, as_, cast):
    address = sent(browser, "Last name,E-mail\nPop,not-an-address\n")
    columns = {"column-0": "last_name", "column-1": "emails", "numbers": "found", "dates": "found", "country": "RO"}
    assert browser.post(address, columns).status_code == 303
    run_jobs(as_, cast)
    assert "<td>E-mails</td>" in browser.get(address).content.decode()
