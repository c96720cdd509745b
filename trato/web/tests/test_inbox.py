"""The settings of mailboxes: set up, tried on a real server, and never telling a password."""

from __future__ import annotations

import pytest

from trato.engine.inbox import IncomingMail, Mailbox, receiving
from trato.engine.inbox.jobs import read_now
from trato.engine.models import HistoryEntry
from trato.engine.postgres.scope import in_workspace

pytestmark = pytest.mark.django_db
PLACE = "/w/acme/settings/mailboxes"


@pytest.fixture
def given(dovecot):
    return {
        "address": "sales@acme.example",
        "host": dovecot.host,
        "security": "none",
        "port": str(dovecot.port),
        "user": "web",
        "password": dovecot.password,
        "folder": "INBOX",
        "is_on": "true",
        "takes_answers": "true",
    }


def only(cast):
    with in_workspace(cast.acme.id):
        return Mailbox.objects.get()


@pytest.mark.parametrize("place", ["mailboxes", "mailboxes/new", "incoming"])
def test_administrators_only(cast, signed_in, place):
    assert signed_in(cast.owner).get(f"/w/acme/settings/{place}").status_code == 200
    for who in (cast.manager, cast.reader):
        assert signed_in(who).get(f"/w/acme/settings/{place}").status_code == 403
    assert signed_in(cast.stranger).get(f"/w/acme/settings/{place}").status_code == 404


def test_a_mailbox_is_set_up_tried_and_taken_away(cast, browser, signed_in, given, dovecot):
    assert browser.post(f"{PLACE}/new", given).status_code == 303
    found = only(cast)
    page = browser.get(f"{PLACE}/{found.id}").content.decode()
    for shown in (page, browser.get(PLACE).content.decode()):
        assert "sales@acme.example" in shown and "sesame" not in shown and found.password not in shown
    with in_workspace(cast.acme.id):
        assert "sesame" not in str(list(HistoryEntry.objects.filter(object="mailboxes").values()))
    answer = browser.post(f"{PLACE}/{found.id}/try", follow=True).content.decode()
    assert "It works: the folder holds" in answer
    kept = given | {"password": "", "folder": "Nowhere"}
    assert browser.post(f"{PLACE}/{found.id}", kept).status_code == 303
    answer = browser.post(f"{PLACE}/{found.id}/try", follow=True).content.decode()
    assert "There is no such folder" in answer
    assert browser.post(f"{PLACE}/{found.id}", kept | {"user": "other"}).status_code == 422
    for who in (cast.manager, cast.stranger):
        assert signed_in(who).post(f"{PLACE}/{found.id}/remove").status_code in (403, 404)
    only(cast)
    assert browser.post(f"{PLACE}/{found.id}/remove").status_code == 303
    assert browser.get(f"{PLACE}/{found.id}").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": ""},
        {"host": "a\r\nb"},
        {"port": "0"},
        {"port": "70000"},
        {"port": "x"},
        {"security": "x"},
        {"address": "nobody"},
        {"user": "a\x00b"},
        {"password": ""},
        {"password": "a\r\nA1 LOGOUT"},
        {"host": "mail.example.com"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_kept(cast, browser, given, wrong):
    assert browser.post(f"{PLACE}/new", given | wrong).status_code == 422
    with in_workspace(cast.acme.id):
        assert not Mailbox.objects.exists()


def test_mails_that_came_are_shown_as_text_and_dealt_with_anew(cast, browser, given, dovecot, monkeypatch):
    browser.post(f"{PLACE}/new", given)
    dovecot.deliver("web", b"From: <script>@x.example\nSubject: <b>Hi</b>\nContent-Type: text/html\n\n<p>&lt;img&gt;")
    monkeypatch.setattr(receiving, "_receivers", [])
    read_now(cast.acme, only(cast))
    address = "/w/acme/settings/incoming"
    page = browser.get(address).content.decode()
    assert "&lt;b&gt;Hi&lt;/b&gt;" in page and "&lt;img&gt;" in page and "Nothing here was meant by it." in page
    assert "Hi" not in browser.get(f"{address}?state=taken").content.decode().partition('id="mails"')[2]
    with in_workspace(cast.acme.id):
        mail = IncomingMail.objects.get()
    receiving.receives(receiving.Turn.STRANGERS)(lambda *_asked: receiving.Became("Taken"))
    assert browser.post(f"{address}/{mail.id}/retry").status_code == 303
    assert "Taken" in browser.get(address).content.decode()
    assert browser.post(f"{address}/{mail.id}/retry").status_code == 303  # and says that it is in another state
