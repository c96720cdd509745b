"""Mailboxes read from a real server: each mail once, nothing marked there, and troubles said in plain words."""

from __future__ import annotations

import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from trato.engine import access, outbox
from trato.engine.decisions import NotAdministrator
from trato.engine.inbox import IncomingMail, Mailbox, jobs, listing, mailboxes, reading, receiving
from trato.engine.inbox.parsing import CUT
from trato.engine.postgres.scope import in_workspace
from trato.engine.values import Refused

pytestmark = pytest.mark.django_db
NUMBER = iter(range(10**6))


def mail(subject="Hello", message_id=None, **head):
    lines = {"From": "Ana <ana@casa.example>", "Subject": subject, **head}
    lines |= {"Message-ID": message_id or f"<{next(NUMBER)}.{time.time_ns()}@casa.example>"}
    return "".join(f"{name}: {value}\n" for name, value in lines.items()).encode() + b"\nHow much is it?\n"


GIVEN = {
    "address": "sales@acme.example",
    "user": "sales",
    "folder": "INBOX",
    "is_on": True,
    "takes_answers": True,
    "purposes": [],
}


@pytest.fixture
def box(dovecot, cast, as_):
    """``box(user="sales")``: a mailbox of Acme, or of ``whose`` workspace, on the real server."""

    def make(whose=None, **values):
        server = {"host": dovecot.host, "port": dovecot.port, "security": "none", "password": dovecot.password}
        with as_(whose or cast.owner) as actor:
            return mailboxes.save(actor, Mailbox(), GIVEN | server | values)

    return make


@pytest.fixture
def again():
    """The mailbox as it is now."""

    def find(mailbox):
        with in_workspace(mailbox.workspace_id):
            return Mailbox.objects.get(id=mailbox.id)

    return find


@pytest.fixture
def read(again):
    """Read a mailbox as the job does; how many mails there were."""
    return lambda mailbox: jobs.read_now(mailbox.workspace, again(mailbox))


@pytest.fixture
def taken(monkeypatch):
    """What a receiver of this test took: every mail, unless its subject says otherwise."""
    monkeypatch.setattr(receiving, "_receivers", [])
    found = []

    @receiving.receives(receiving.Turn.STRANGERS)
    def everything(actor, mailbox, mail):
        if mail.subject == "break":
            raise RuntimeError("broken")
        if mail.automatic or mail.subject == "leave":
            return None
        found.append(mail)
        return receiving.Became("Taken")

    return found


@pytest.fixture
def user():
    """A user of the server that no other test has."""
    return f"u{next(NUMBER)}{time.time_ns()}"


def kept(workspace):
    with in_workspace(workspace.id):
        return list(IncomingMail.objects.order_by("id"))


def test_what_comes_is_read_once_and_stays_unseen(cast, dovecot, user, box, read, again, taken):
    dovecot.deliver(user, mail("before"), timezone.now() - timedelta(minutes=5))
    mailbox = box(user=user)
    assert read(mailbox) == 1 and kept(cast.acme) == []
    dovecot.deliver(user, mail("first"))
    dovecot.deliver(user, mail("second"))
    assert (read(mailbox), read(mailbox)) == (2, 0)
    assert [one.subject for one in taken] == ["first", "second"]
    assert [(one.state, one.became, one.sender) for one in kept(cast.acme)] == [
        ("taken", "Taken", "ana@casa.example")
    ] * 2
    with dovecot.client(user) as client:
        client.select("INBOX", readonly=True)
        assert client.search(None, "UNSEEN")[1] == [b"1 2 3"]
    row = again(mailbox)
    assert (row.trouble, row.failures, row.read_at is not None) == ("", 0, True)


def test_a_mailbox_made_anew_gives_nothing_twice(cast, dovecot, user, box, read, taken):
    """Another UIDVALIDITY: every UID means another mail (RFC 3501, 2.3.1.1)."""
    mailbox, known = box(user=user, folder="Leads"), mail("known", "<known@casa.example>")
    dovecot.deliver(user, known, folder="Leads")
    assert read(mailbox) == 1
    with dovecot.client(user) as client:
        client.delete("Leads")
    time.sleep(1.1)  # Dovecot takes the second for its UIDVALIDITY
    for raw in (mail("new"), known):
        dovecot.deliver(user, raw, folder="Leads")
    assert read(mailbox) == 2
    assert [one.subject for one in taken] == ["known", "new"]


def test_what_is_killed_in_the_middle_is_read_again_and_dealt_with_once(
    cast, dovecot, user, box, read, taken, monkeypatch
):
    mailbox = box(user=user)
    for subject in ("first", "second", "third"):
        dovecot.deliver(user, mail(subject))
    whole, calls = jobs._one, []

    def killed(workspace, found, open_box, uid):
        calls.append(uid)
        if len(calls) == 2:
            raise KeyboardInterrupt
        whole(workspace, found, open_box, uid)

    monkeypatch.setattr(jobs, "_one", killed)
    with pytest.raises(KeyboardInterrupt):
        read(mailbox)
    assert [one.subject for one in taken] == ["first"]
    assert read(mailbox) == 2
    assert [one.subject for one in taken] == ["first", "second", "third"]


def test_what_is_killed_while_it_is_dealt_with_is_dealt_with_again(cast, dovecot, user, box, read, again, taken):
    mailbox, asked = box(user=user), []
    dovecot.deliver(user, mail("first"))

    @receiving.receives(receiving.Turn.ANSWERS)
    def killed(actor, found, one):
        asked.append(one.subject)
        if len(asked) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read(mailbox)
    assert (kept(cast.acme), again(mailbox).last_uid, taken) == ([], 0, [])
    assert read(mailbox) == 1
    assert [one.subject for one in taken] == asked[1:] == ["first"]


def test_a_mailbox_that_is_set_up_anew_is_not_moved_by_a_reading_of_before(cast, as_, user, box, again, dovecot):
    before = box(user=user)
    given = {name: getattr(before, name) for name in mailboxes.SAID} | {"password": "", "folder": "Leads"}
    with as_(cast.owner) as actor:
        mailboxes.save(actor, mailboxes.get(actor, before.id), given)
    receiving.pass_by(cast.acme, before, 7, 99)
    assert (again(before).validity, again(before).last_uid) == (0, 0)
    receiving.pass_by(cast.acme, again(before), 7, 99)
    assert again(before).last_uid == 99


def test_what_breaks_a_receiver_is_kept_and_holds_nothing_up(cast, as_, dovecot, user, box, read, taken, signed_in):
    mailbox = box(user=user)
    for subject in ("break", "leave", "fine"):
        dovecot.deliver(user, mail(subject))
    assert read(mailbox) == 3
    assert [(one.subject, one.state) for one in kept(cast.acme)] == [
        ("break", "failed"),
        ("leave", "left"),
        ("fine", "taken"),
    ]
    broken = kept(cast.acme)[0]
    with as_(cast.owner) as actor:
        assert listing.retry(actor, broken.id).state == "failed"
    with in_workspace(cast.acme.id):
        IncomingMail.objects.filter(id=broken.id).update(subject="mended")
    with as_(cast.owner) as actor:
        listing.retry(actor, broken.id)
    assert kept(cast.acme)[0].state == "taken"
    with as_(cast.owner) as actor, pytest.raises(access.Absent):
        listing.retry(actor, broken.id)
    with as_(cast.manager) as actor, pytest.raises(NotAdministrator):
        listing.listed(actor)
    with as_(cast.stranger) as actor:
        assert listing.listed(actor) == ([], False)


def test_one_that_came_to_two_mailboxes_is_dealt_with_once(cast, as_, dovecot, user, box, read, taken):
    raw, other = mail("both"), f"{user}b"
    boxes = [box(user=user), box(user=other, address="info@acme.example")]
    for who in (user, other):
        dovecot.deliver(who, raw)
    assert [read(one) for one in boxes] == [1, 1]
    assert len(taken) == 1 and [one.state for one in kept(cast.acme)] == ["taken", "left"]
    second = kept(cast.acme)[1]
    with as_(cast.owner) as actor:
        assert listing.retry(actor, second.id).state == "left"
    assert len(taken) == 1


def test_workspaces_know_nothing_of_each_other(cast, as_, dovecot, user, box, read, taken):
    dovecot.deliver(user, raw := mail("both"))
    ours, theirs = box(user=user), box(cast.stranger, user=user)
    dovecot.deliver(user, raw)
    assert (read(ours), read(theirs)) == (2, 2)
    assert len(kept(cast.acme)) == len(kept(cast.globex)) == 1
    with as_(cast.stranger) as actor, pytest.raises(access.Absent):
        mailboxes.get(actor, ours.id)
    (mine,) = kept(cast.acme)
    with as_(cast.stranger) as actor, pytest.raises(access.Absent):
        listing.retry(actor, mine.id)


def test_a_mail_answers_those_of_its_own_workspace(cast, as_):
    told = {"to": [("Ana", "ana@casa.example")], "subject": "x", "text": "x"}
    with as_(cast.owner) as actor:
        first, second = (outbox.put(actor, key=key, **told) for key in "ab")
        named = [f"<{one.id}@trato.example>" for one in (second, first)]
        answer = IncomingMail(answers=["<a@b>", f"<{cast.acme.id}@trato.example>", *named, "<nonsense>"])
        assert [one.id for one in listing.answered(answer)] == [second.id, first.id]
    with as_(cast.stranger):
        assert listing.answered(answer) == []


def test_ten_megabytes_are_read_as_far_as_need_be(cast, dovecot, user, box, read, taken):
    mailbox = box(user=user)
    head = mail("large", **{"Content-Type": "multipart/mixed; boundary=b"})
    attached = b"--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
    attached += (b"QUFB" * 19 + b"\n") * (10 * 2**20 // 77)
    dovecot.deliver(user, head + b"--b\n\nThe text.\n" + attached + b"--b--\n")
    assert read(mailbox) == 1
    (one,) = taken
    assert (one.text, one.notice) == ("The text.", CUT)


def test_tls_is_checked_before_a_password_is_sent(cast, dovecot, user, box, read, again, taken, monkeypatch):
    dovecot.deliver(user, mail())
    secured = {"port": dovecot.tls_port, "security": "tls"}
    started = {"port": dovecot.port, "security": "starttls", "address": "b@acme.example"}
    first, second = box(user=user, **secured), box(user=user, **started)
    dovecot.deliver(user, mail())
    assert (read(first), read(second)) == (2, 2)
    monkeypatch.delenv("SSL_CERT_FILE")
    for one in (first, second):
        read(one)
        assert again(one).trouble == "certificate"


@pytest.mark.parametrize(
    ("values", "trouble"),
    [
        ({"password": "wrong"}, "login"),
        ({"password": "ñandú"}, "login"),
        ({"folder": "No such"}, "folder"),
        ({"folder": "Año/Nuevo"}, "folder"),
        ({"port": 1}, "refused"),
        ({"security": "tls"}, "tls"),
        ({"security": "starttls", "port": "tls"}, "silent"),
    ],
)
def test_trouble_is_said_and_tried_again_later(cast, dovecot, user, box, read, again, values, trouble, monkeypatch):
    monkeypatch.setattr(reading.outbound, "SECONDS", 1)
    mailbox = box(user=user, **values | ({"port": dovecot.tls_port} if values.get("port") == "tls" else {}))
    assert read(mailbox) == 0
    row = again(mailbox)
    assert (row.trouble, row.failures) == (trouble, 1)
    assert timedelta(0) < row.next_at - timezone.now() <= timedelta(minutes=1)
    read(mailbox)
    assert again(mailbox).next_at - timezone.now() > timedelta(minutes=4)


@pytest.mark.parametrize("address", ["10.0.0.7", "169.254.169.254", "::1", "2130706433", "127.1"])
def test_the_operators_own_network_is_not_reached(cast, as_, settings, box, read, again, address):
    settings.TRATO_INTERNAL_HOSTS = set()
    mailbox = box(host=address, port=993, security="tls")
    read(mailbox)
    assert again(mailbox).trouble == "inside"
    for more in ({"port": 8080, "security": "tls"}, {"port": 143, "security": "none"}):
        with pytest.raises(Refused):
            box(host="mail.example.com", **more)


@pytest.mark.parametrize(
    "said",
    [
        b"* OK\r\n" + b"x" * 100,
        b"* OK\r\n* CAPABILITY IMAP4rev1\r\n" + b"* 1 FETCH (BODY[] {99999999}\r\n",
        b"hello\r\n",
        b"\x00" * 1000 + b"\r\n",
    ],
)
def test_a_server_that_speaks_nonsense_or_a_byte_at_a_time_holds_nothing_up(
    cast, settings, box, read, again, monkeypatch, said
):
    monkeypatch.setattr(reading, "SECONDS", 1)
    settings.TRATO_INTERNAL_HOSTS = {"127.0.0.1"}
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip():
            connection, _address = server.accept()
            with connection:
                try:
                    connection.sendall(said)
                    for _n in range(60):
                        connection.sendall(b"x")
                        time.sleep(0.1)
                except OSError:
                    pass

        talking = threading.Thread(target=drip)
        talking.start()
        mailbox = box(port=server.getsockname()[1])
        began = time.monotonic()
        read(mailbox)
        assert time.monotonic() - began < 4
        talking.join()
    assert again(mailbox).trouble in ("broken", "silent", "login")


def test_the_password_is_sealed_for_its_mailbox_alone(cast, as_, dovecot, user, box, read, again):
    first, second = box(user=user), box(user=f"{user}b", address="b@acme.example")
    with in_workspace(cast.acme.id):
        assert dovecot.password not in first.password
        Mailbox.objects.filter(id=second.id).update(password=first.password)
    read(second)
    assert again(second).trouble == "seal"
    with in_workspace(cast.acme.id):
        assert mailboxes.reseal_passwords() == 0
    given = {name: getattr(first, name) for name in mailboxes.SAID} | {"password": ""}
    with as_(cast.owner) as actor:
        mailboxes.save(actor, first, given | {"takes_answers": False})
    for more in ({"host": "evil.example"}, {"user": "other"}):
        with as_(cast.owner) as actor, pytest.raises(Refused):
            mailboxes.save(actor, mailboxes.get(actor, first.id), given | more)
    for more in ({"user": "a\r\nA1 DELETE INBOX"}, {"folder": "a\nb"}, {"password": "a\r\nb"}):
        with as_(cast.owner) as actor, pytest.raises(Refused):
            mailboxes.save(actor, mailboxes.get(actor, first.id), given | {"password": "x"} | more)
    with as_(cast.manager) as actor, pytest.raises(NotAdministrator):
        mailboxes.save(actor, Mailbox(), given)


def test_every_minute_those_are_read_whose_turn_it_is(cast, dovecot, user, box, again, monkeypatch):
    due, later, off = box(user=user), box(user=user, address="l@acme.example"), box(user=user, address="o@acme.example")
    with in_workspace(cast.acme.id):
        Mailbox.objects.filter(id=later.id).update(next_at=timezone.now() + timedelta(minutes=5))
        Mailbox.objects.filter(id=off.id).update(is_on=False)
    asked = []
    monkeypatch.setattr(jobs, "add", lambda workspace, mailbox: asked.append(mailbox))
    jobs.every_minute(0)
    assert asked == [due.id]
    monkeypatch.undo()
    jobs.add(cast.acme.id, due.id)
    jobs.add(cast.acme.id, due.id)  # waits already, and nothing breaks
    jobs.read(str(cast.acme.id), str(due.id))
    jobs.read(str(cast.acme.id), str(off.id))
    assert again(off).read_at is None


def test_a_time_to_come_is_not_believed():
    told = reading.ARRIVED.search(b'INTERNALDATE "01-Jan-2999 00:00:00 +0000"')
    assert reading._moment(told) <= timezone.now()
    told = reading.ARRIVED.search(b'INTERNALDATE "17-Jul-1996 02:44:25 -0700"')  # the example of RFC 3501
    assert reading._moment(told) == datetime(1996, 7, 17, 9, 44, 25, tzinfo=UTC)
    assert reading._moment(reading.ARRIVED.search(b'INTERNALDATE "nonsense"')) <= timezone.now()
