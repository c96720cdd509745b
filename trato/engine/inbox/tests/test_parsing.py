"""What a mail says: examples of the standards, and mails that nobody well-meaning sends."""

from __future__ import annotations

import time
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trato.engine.inbox.parsing import CUT, LONGEST_TEXT, TOO_NESTED, read, stripped

# RFC 3464, appendix E: a simple DSN.
DSN = b"""Date: Thu, 7 Jul 1994 17:16:05 -0400
From: Mail Delivery Subsystem <MAILER-DAEMON@CS.UTK.EDU>
Message-Id: <199407072116.RAA14128@CS.UTK.EDU>
Subject: Returned mail: Cannot send message for 5 days
To: <owner-info-mime@cs.utk.edu>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
      boundary="RAA14128.773615765/CS.UTK.EDU"

--RAA14128.773615765/CS.UTK.EDU

The original message was received at Sat, 2 Jul 1994 17:10:28 -0400
from root@localhost

--RAA14128.773615765/CS.UTK.EDU
content-type: message/delivery-status

Reporting-MTA: dns; cs.utk.edu

Original-Recipient: rfc822;louisl@larry.slip.umd.edu
Final-Recipient: rfc822;louisl@larry.slip.umd.edu
Action: failed
Status: 4.0.0
Diagnostic-Code: smtp; 426 connection timed out
Last-Attempt-Date: Thu, 7 Jul 1994 17:15:49 -0400

--RAA14128.773615765/CS.UTK.EDU
content-type: message/rfc822

Message-ID: <original@cs.utk.edu>
Subject: a mail

text
--RAA14128.773615765/CS.UTK.EDU--
"""


def mail(head="", body="x"):
    return f"{head}\n\n{body}".encode()


def test_a_report_says_who_did_not_get_which_mail():
    found = read(DSN)
    assert (found.automatic, found.answers) == ("report", ["<original@cs.utk.edu>"])
    assert found.failures == [
        {"address": "louisl@larry.slip.umd.edu", "status": "4.0.0", "words": "426 connection timed out"}
    ]
    assert found.text.startswith("The original message was received")
    assert read(DSN.replace(b"Action: failed", b"Action: delayed")).failures == []
    headers_only = DSN.replace(b"message/rfc822", b"text/rfc822-headers")
    assert read(headers_only).answers == ["<original@cs.utk.edu>"]


def test_a_person_and_what_they_answer():
    head = (
        "From: =?utf-8?q?Jos=C3=A9_=22El_Rey=22?= <Jose.Rey@CASA.example>\nMessage-ID: <a@b>\n"
        "Subject: =?iso-8859-1?q?=A1Hola!?=\n =?utf-8?b?w7FhbmTDug==?=\n"
        "In-Reply-To: <3@x>\nReferences: <1@x> <2@x>\n\t<3@x>"
    )
    found = read(mail(head))
    assert (found.sender, found.sender_name) == ("Jose.Rey@casa.example", 'José "El Rey"')
    assert (found.subject, found.answers) == ("¡Hola!ñandú", ["<3@x>", "<2@x>", "<1@x>"])
    assert (found.automatic, found.message_id) == ("", "<a@b>")


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("Auto-Submitted: no", ""),
        ("Auto-Submitted: auto-replied", "reply"),
        ("Auto-Submitted: Auto-Generated; type=x", "reply"),
        ("X-Auto-Response-Suppress: All", "reply"),
        ("Precedence: auto_reply", "reply"),
        ("Return-Path: <>", "reply"),
        ("From: MAILER-DAEMON@x.example", "reply"),
        ("Precedence: bulk", "bulk"),
        ("Precedence: List", "bulk"),
        ("List-Id: <news.x.example>", "bulk"),
        ("List-Unsubscribe: <mailto:x@x.example>", "bulk"),
        ("Precedence: first-class", ""),
        ("X-Spam-Flag: YES", "bulk"),
        ("X-Spam-Status: Yes, score=9.1", "bulk"),
        ("X-Spam-Status: No, score=-1", ""),
    ],
)
def test_what_programs_write_by_themselves(head, kind):
    assert read(mail(head)).automatic == kind


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Content-Type: text/plain; charset=utf-8\n\nma\xc3\xb1ana", "mañana"),
        (b"Content-Type: text/plain; charset=iso-8859-15\n\n5 \xa4", "5 €"),
        (b"Content-Type: text/plain; charset=utf-8\n\n5 \x80", "5 €"),
        (b"Content-Type: text/plain; charset=no-such\n\nma\xc3\xb1ana", "mañana"),
        (b"Content-Type: text/plain; charset=\xff\xfe\n\nma\xc3\xb1ana", "mañana"),
        (b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!", ""),
        (b"Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\na=3Db=", "a=b"),
        (b"Content-Type: text/plain\nContent-Transfer-Encoding: nonsense\n\nplain", "plain"),
        (b"Content-Type: text/html\n\n<p>One<br>two &amp; three<script>x</script><p>four", "One\ntwo & three\nfour"),
        (b"Content-Type: nonsense\n\nplain", "plain"),
        (b"Content-Type: multipart/mixed\n\nno boundary", ""),
        (b"\n\nno head at all", "no head at all"),
        (b"Subject: x\n\nnul \x00 and bell \x07.", "nul  and bell ."),
    ],
)
def test_texts_of_any_charset_and_encoding(raw, text):
    assert read(raw).text == text


def test_text_before_html_and_no_attachment():
    raw = (
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=b\n\n"
        b"--b\nContent-Type: text/html\n\n<b>rich</b>\n--b\nContent-Type: text/plain\n\nplain\n--b--\n"
    )
    attached = b"Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nnot this\n"
    assert read(raw + b"--a--").text == "plain"
    assert read(b"Content-Type: multipart/mixed; boundary=a\n\n--a\n" + attached + b"--a--").text == ""
    assert read(raw, is_cut=True).notice == CUT


def test_nobody_writes_another_line_of_a_head():
    head = "Subject: =?utf-8?q?Hi=0D=0ABcc:_all=40x.example?=\nFrom: =?utf-8?q?Ana=0A=00=E2=80=A8x?= <ana@x.example>"
    found = read(mail(head))
    assert (found.subject, found.sender_name) == ("Hi Bcc: all@x.example", "Ana x")


@pytest.mark.parametrize(
    "sender",
    ["", "nobody", "<>", "a@b@c", "Ana <ana@x.example\x00>", "@", "ana@x.example\r\n <b@x>", "(" * 5000, '"' * 5000],
)
def test_without_a_sender_there_is_none(sender):
    found = read(b"From: " + sender.encode() + b"\nSubject: x\n\nhello")
    assert found.sender in ("", "ana@x.example")


def test_without_a_message_id_it_is_known_by_its_bytes():
    raw = mail("Subject: x")
    assert read(raw).message_id == f"sha256:{sha256(raw).hexdigest()}" == read(raw).message_id
    assert read(mail("Subject: y")).message_id != read(raw).message_id
    assert read(mail(f"Message-ID: <{'a' * 400}@x>")).message_id.startswith("sha256:")


def _nested(depth, fill):
    parts = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(depth))
    return f"Subject: nested\n{parts}\n".encode() + fill


@pytest.mark.parametrize(
    "raw",
    [
        _nested(1000, b"x"),
        _nested(14, b"\n" * 2**20),
        _nested(14, b"--\n" * 2**18),
        _nested(1, b"--b0\n\n" * 2**18),
        b"Content-Type: message/rfc822\n\n" * 1000,
        b"Content-Type:\n message/\n rfc822\n\n" * 1000,
        b"Content-Type: message/delivery-status\n\n" + b"Action: failed\n\n" * 2**16,
        *(
            b"Content-Type: text/html\n\n" + piece * (2**20 // len(piece))
            for piece in (
                b"<div>",
                b"<!--",
                b"<a ",
                b'<a b="',
                b"<![CDATA[",
                b"&#",
                b"</",
                b"<script>",
                b"<script></",
                b"<",
            )
        ),
        b"From: " + b"(" * 2**20,
        b"From: " + b"a," * 2**19,
        b"Subject: " + b"=?utf-8?q?" * 2**16,
        b"References: " + b"<a@b> " * 2**17,
        b"Content-Type: multipart/mixed; boundary=" + b"a" * 2**18,
        b"\xff\x00\xfe" * 2**18,
    ],
    ids=lambda raw: repr(raw[:30]),
)
def test_a_hostile_mail_costs_little(raw):
    began = time.process_time()
    found = read(raw[: 2**20])
    assert time.process_time() - began < 4
    assert len(found.text) <= LONGEST_TEXT and len(found.failures) <= 200


def test_what_is_nested_too_deep_keeps_its_head():
    found = read(_nested(100, b"x"))
    assert (found.subject, found.text, found.notice) == ("nested", "", TOO_NESTED)


@given(
    st.binary(max_size=2000),
    st.sampled_from(
        [b"", b"Content-Type: ", b"From: ", b"Subject: =?", b"Content-Type: multipart/report; boundary=a\n\n--a\n"]
    ),
)
def test_any_bytes_are_read(raw, head):
    found = read(head + raw)
    for text in (found.sender, found.sender_name, found.subject, found.text, found.message_id, *found.answers):
        assert "\x00" not in text
        text.encode()  # what the database does
    assert "\n" not in found.subject + found.sender_name + found.sender + found.message_id


def test_html_as_text():
    assert stripped("<style>p{}</style><p>One</p>\n\n<p>Two   <i>three</i></p><!-- no --><ul><li>a<li>b</ul>") == (
        "One\n\nTwo three\n\na\nb"
    )
