"""When mails leave, by calculations made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from trato.engine.together import gathering
from trato.engine.together.rules import Channels, after_quiet, mentioned, newly_mentioned, next_digest

MADRID, NEW_YORK, KOLKATA, AUCKLAND = map(
    ZoneInfo, ("Europe/Madrid", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")
)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "zone", "hour", "weekday", "at"),
    [
        # Madrid is at UTC+1 in winter: eight o'clock there is seven o'clock UTC.
        ("2026-01-15T06:59:00", MADRID, 8, None, "2026-01-15T07:00:00"),
        ("2026-01-15T07:00:00", MADRID, 8, None, "2026-01-16T07:00:00"),  # at that very moment: tomorrow's
        # Clocks go forward on 29 March 2026: eight o'clock is six o'clock UTC from then on.
        ("2026-03-28T12:00:00", MADRID, 8, None, "2026-03-29T06:00:00"),
        # Half past two does not exist that night in Madrid, so two o'clock is three o'clock summer time.
        ("2026-03-28T23:00:00", MADRID, 2, None, "2026-03-29T01:00:00"),
        # And back on 25 October 2026.
        ("2026-10-24T12:00:00", MADRID, 8, None, "2026-10-25T07:00:00"),
        # India is at UTC+5:30.
        ("2026-06-01T02:00:00", KOLKATA, 8, None, "2026-06-01T02:30:00"),
        # New York is at UTC-4 in summer; 1 June 2026 is a Monday, and still Sunday there at three o'clock UTC.
        ("2026-06-01T03:00:00", NEW_YORK, 8, 0, "2026-06-01T12:00:00"),
        ("2026-06-01T12:30:00", NEW_YORK, 8, 0, "2026-06-08T12:00:00"),
        # Auckland is at UTC+12 in June: it is Friday there from Thursday noon UTC on (5 June 2026 is a Friday).
        ("2026-06-04T13:00:00", AUCKLAND, 8, 4, "2026-06-04T20:00:00"),
    ],
)
def test_digests_leave_by_the_persons_own_clock(now, zone, hour, weekday, at):
    assert next_digest(utc(now), zone, hour, weekday) == utc(at)


@pytest.mark.parametrize(
    ("now", "start", "end", "at"),
    [
        ("2026-01-15T20:59:00", time(22), time(7), "2026-01-15T20:59:00"),  # 21:59 in Madrid
        ("2026-01-15T21:00:00", time(22), time(7), "2026-01-16T06:00:00"),  # 22:00: until seven
        ("2026-01-16T01:00:00", time(22), time(7), "2026-01-16T06:00:00"),  # 02:00: the same seven
        ("2026-01-16T06:00:00", time(22), time(7), "2026-01-16T06:00:00"),  # it is over
        ("2026-01-16T12:30:00", time(13), time(15), "2026-01-16T14:00:00"),  # a siesta
        ("2026-01-16T12:30:00", time(13), time(13), "2026-01-16T12:30:00"),  # no hours at all
        ("2026-01-16T12:30:00", None, time(15), "2026-01-16T12:30:00"),
    ],
)
def test_quiet_hours(now, start, end, at):
    assert after_quiet(utc(now), MADRID, start, end) == utc(at)


def test_each_kind_goes_its_own_way():
    channels = Channels({"mention": {"mail": "weekly"}, "comment": {"app": False}}, 9, 2, time(0), time(23))
    now = utc("2026-01-15T12:00:00")  # a Thursday
    assert channels.mail_at("mention", now, MADRID) == utc("2026-01-21T08:00:00")  # Wednesday at nine
    assert channels.mail_at("assigned", now, MADRID) == utc("2026-01-15T22:00:00")  # at once, but it is quiet
    assert channels.mail_at("changed", now, MADRID) is None
    assert (channels.in_app("comment"), channels.in_app("mention")) == (False, True)


ANA, BEN = "0190a000-0000-7000-8000-000000000001", "0190a000-0000-7000-8000-000000000002"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f'<a href="#users/{ANA}">@Ana</a> <a href="#users/{BEN}">@Ben</a> <a href="#users/{ANA}">@A</a>', [ANA, BEN]),
        ('<a href="#users/not-an-id">@x</a>', []),
        (f"#users/{ANA}", []),  # only written about
        (f'<a href="https://evil.example/#users/{ANA}">@x</a>', []),
        (None, []),
        (7, []),
        ("", []),
    ],
)
def test_whom_a_text_mentions(text, found):
    assert [str(one) for one in mentioned(text)] == found


def test_only_who_was_not_mentioned_before_is_new():
    old, new = f'<a href="#users/{ANA}">', f'<a href="#users/{BEN}"><a href="#users/{ANA}">'
    assert newly_mentioned(old, new) == [UUID(BEN)]


def test_a_text_with_thousands_of_mentions_calls_few():
    text = "".join(f'<a href="#users/0190a000-0000-7000-8000-{n:012d}">' for n in range(5_000))
    assert len(mentioned(text)) == 50


def test_the_smallest_id_of_a_moment():
    # RFC 9562, appendix A.6: 22 February 2022 19:22:22 UTC is 0x017F22E279B0 milliseconds.
    assert str(gathering.floor(utc("2022-02-22T19:22:22"))) == "017f22e2-79b0-7000-8000-000000000000"
