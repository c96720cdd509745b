"""Calendars over HTTP: what happens, moving it, and what a move is refused for."""

import json

import pytest

pytestmark = pytest.mark.django_db
CALENDAR = "/w/acme/things/?as=calendar&on=used_at"


def entries(browser, address=CALENDAR, start="2026-03-01", end="2026-04-01"):
    return browser.get(f"{address}&from={start}&to={end}").json()["entries"]


@pytest.fixture
def stored(cast, as_):
    """``stored(record, "used_at")``: what the database holds, in UTC."""

    def read(record, *names):
        with as_(cast.owner):
            row = type(record).objects.values(*names).get(id=record.id)
        return [row[name].isoformat() for name in names]

    return read


@pytest.fixture
def madrid(cast):
    cast.owner.time_zone = "Europe/Madrid"
    cast.owner.save()


def test_the_page_lists_what_comes_for_who_has_no_script(browser, make):
    from django.utils import timezone

    make("things", name="Red lamp", used_at=(timezone.now()).isoformat())
    html = browser.get(CALENDAR).content.decode()
    assert "Red lamp" in html and 'data-first="1"' in html


def test_a_move_is_on_the_persons_own_clock_and_is_undone(browser, make, madrid, stored):
    thing = make("things", name="Red lamp", used_at="2026-03-10T09:00:00Z")
    (entry,) = entries(browser)
    assert entry["start"] == "2026-03-10T10:00:00" and entry["editable"]
    said = {"on": "used_at", "start": "2026-03-30T10:00:00", "version": "1"}
    answer = browser.post(f"/w/acme/things/{thing.id}/reschedule", said)
    assert answer.json() == {"version": 2}
    assert stored(thing, "used_at") == ["2026-03-30T08:00:00+00:00"]  # summer time began on the 29th
    browser.post(json.loads(answer["HX-Trigger"])["toast"]["undo"])
    assert entries(browser)[0]["start"] == "2026-03-10T10:00:00"


def test_a_meeting_is_moved_and_lengthened_with_its_end(browser, make, madrid, stored):
    meeting = make("meetings", subject="Visit", happened_at="2026-03-10T09:00:00Z", ends_at="2026-03-10T10:00:00Z")
    address = f"/w/acme/meetings/{meeting.id}/reschedule"
    said = {"on": "happened_at", "start": "2026-03-11T12:00:00", "end": "2026-03-11T14:30:00", "version": "1"}
    assert browser.post(address, said).status_code == 200
    assert stored(meeting, "happened_at", "ends_at") == ["2026-03-11T11:00:00+00:00", "2026-03-11T13:30:00+00:00"]
    backwards = browser.post(address, said | {"end": "2026-03-11T10:00:00", "version": "2"})
    assert backwards.status_code == 400 and "end before it begins" in backwards.content.decode()


def test_a_move_over_somebody_elses_is_refused(browser, make):
    thing = make("things", name="Red lamp", used_at="2026-03-10T09:00:00Z")
    address = f"/w/acme/things/{thing.id}/reschedule"
    browser.post(address, {"on": "used_at", "start": "2026-03-12T09:00:00", "version": "1"})
    answer = browser.post(address, {"on": "used_at", "start": "2026-03-13T09:00:00", "version": "1"})
    assert answer.status_code == 409 and "moved this meanwhile" in answer.content.decode()


def test_who_may_not_change_it_moves_nothing(signed_in, cast, make, browser):
    thing = make("things", name="Red lamp", used_at="2026-03-10T09:00:00Z")
    said = {"on": "used_at", "start": "2026-03-12T09:00:00", "version": "1"}
    for person, status in ((cast.reader, 403), (cast.limited, 404), (cast.stranger, 404)):
        assert signed_in(person).post(f"/w/acme/things/{thing.id}/reschedule", said).status_code == status
    assert entries(signed_in(cast.reader))[0]["editable"] is False
    assert entries(signed_in(cast.limited)) == []
    assert entries(browser)[0]["start"].startswith("2026-03-10")


def test_the_week_begins_as_in_the_country(signed_in, cast):
    html = signed_in(cast.stranger).get("/w/globex/things/?as=calendar").content.decode()
    assert 'data-first="0"' in html


@pytest.mark.parametrize(
    "said",
    ["from=x&to=y", "from=2026-01-01", "from=0001-01-01&to=0001-02-01", "from=9999-12-01&to=9999-12-31", "on=note"],
)
def test_damaged_addresses_are_400_and_never_500(browser, make, said):
    make("things", name="Red lamp", used_at="2026-03-10T09:00:00Z")
    assert browser.get(f"/w/acme/things/?as=calendar&{said}").status_code in (200, 400)


@pytest.mark.parametrize(
    "said", [{}, {"start": "soon"}, {"start": "0001-01-01T00:00:00"}, {"start": "9999-12-31T23:59:59"}, {"on": "note"}]
)
def test_a_move_to_no_time_changes_nothing(browser, make, said):
    thing = make("things", name="Red lamp", used_at="2026-03-10T09:00:00Z")
    whole = {"on": "used_at", "version": "1"} | said
    answer = browser.post(f"/w/acme/things/{thing.id}/reschedule", whole)
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        assert entries(browser)[0]["start"].startswith("2026-03-10")


def test_a_calendar_says_what_it_shows_where_no_date_is_for_planning(browser, signed_in, cast):
    accounts = browser.get("/w/acme/accounts/", {"as": "calendar"}).content.decode()
    assert "These records have no date to plan by, so the calendar shows “Created”" in accounts
    assert "A date field can be added" in accounts
    assert (
        "A date field can be added" not in signed_in(cast.member).get("/w/acme/accounts/?as=calendar").content.decode()
    )
    assert "on the very day of its “Birthday”" in browser.get("/w/acme/contacts/?as=calendar").content.decode()
    for planned in ("tasks", "calls"):
        page = browser.get(f"/w/acme/{planned}/?as=calendar").content.decode()
        assert "no date to plan by" not in page and "very day of its" not in page
