"""Comments, following, reminders, notifications and conflicts in the browser without scripts, and by htmx."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core import signing
from django.utils import timezone

from trato.engine import actions, objects
from trato.engine.together import centre, comments, follows, gathering, letters, wishes
from trato.engine.together.models import Comment, Gathering, Notification, Reminder
from trato.web import later

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def thing(make):
    return make("things", name="Lamp", colour="red", note="old")


def at(thing, rest=""):
    return f"/w/acme/things/{thing.id}{rest}"


def rows(as_, cast, model):
    with as_(cast.owner):
        return list(model.objects.order_by("id"))


def test_a_comment_is_written_answered_changed_and_deleted(browser, thing, as_, cast):
    answer = browser.post(at(thing, "/comments"), {"text": "<p>Nice <b>one</b></p>"}, headers=HTMX)
    assert answer.status_code == 200 and "<b>one</b>" in answer.text and 'id="comments"' in answer.text
    [first] = rows(as_, cast, Comment)
    assert browser.post(at(thing, "/comments"), {"text": "Yes", "parent": first.id}).status_code == 303
    page = browser.get(at(thing)).text
    assert page.index("<b>one</b>") < page.index("<p>Yes</p>")
    assert f'id="comment-{first.id}"' in page
    browser.post(at(thing, f"/comments/{first.id}"), {"text": "Better"}, headers=HTMX)
    assert "Nice" in browser.get(at(thing, f"/comments/{first.id}/versions")).text
    browser.post(at(thing, f"/comments/{first.id}/delete"))
    page = browser.get(at(thing)).text
    assert "Better" not in page and "<p>Yes</p>" in page and "This comment was deleted." in page


def test_hostile_comments_do_nothing(browser, thing, as_, cast):
    for text in ("", "<script>alert(1)</script>", "x" * 30_000, "\0"):
        assert browser.post(at(thing, "/comments"), {"text": text}, headers=HTMX).status_code == 422, text
    for parent in ("nonsense", str(uuid4())):
        assert browser.post(at(thing, "/comments"), {"text": "a", "parent": parent}).status_code == 404
    assert browser.get(at(thing, "/comments?entry=x")).status_code == 404
    assert rows(as_, cast, Comment) == []


def test_what_was_typed_stays_when_it_is_refused(browser, thing):
    answer = browser.post(at(thing, "/comments"), {"text": "word " * 5_000}, headers=HTMX)
    assert answer.status_code == 422 and "word word" in answer.text and "Write at most" in answer.text


def test_others_only_read_and_react(signed_in, cast, thing, browser, as_):
    browser.post(at(thing, "/comments"), {"text": "Mine"})
    [comment] = rows(as_, cast, Comment)
    member, limited = signed_in(cast.member), signed_in(cast.limited)
    assert member.post(at(thing, f"/comments/{comment.id}"), {"text": "Yours"}).status_code == 403
    assert member.post(at(thing, f"/comments/{comment.id}/delete")).status_code == 403
    answer = member.post(at(thing, f"/comments/{comment.id}/react"), {"emoji": "🎉"}, headers=HTMX)
    assert re.search(r'aria-pressed="true"[^>]*>🎉 <span class="number">1<', answer.text)
    for rest in ("/comments", f"/comments/{comment.id}", f"/comments/{comment.id}/versions", "/people"):
        assert limited.get(at(thing, rest)).status_code == 404
    assert signed_in(cast.stranger).get(at(thing, "/comments")).status_code == 404


def test_only_people_who_may_see_the_record_are_offered(browser, thing):
    names = {one["name"] for one in browser.get(at(thing, "/people")).json()}
    assert names == {"Olga Owner", "Max Manager", "Mia Member", "Tom Teammate", "Ria Reader"}  # not Lia, not Stan
    assert [one["name"] for one in browser.get(at(thing, "/people?q=mia")).json()] == ["Mia Member"]


def test_who_is_mentioned_and_cannot_see_it_is_named(browser, thing, cast):
    text = f'<p><a href="#users/{cast.limited.id}">@Lia</a></p>'
    answer = browser.post(at(thing, "/comments"), {"text": text}, headers=HTMX)
    assert "Lia Limited may not see this record" in answer.headers["HX-Trigger"]


def test_following_and_being_reminded(browser, thing, as_, cast):
    browser.post(at(thing, "/follow"), {"on": "1"})
    assert "Unfollow" in browser.get(at(thing)).text
    later = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    assert browser.post(at(thing, "/remind"), {"at": later, "note": "Call"}).status_code == 303
    assert browser.post(at(thing, "/remind"), {"at": "2001-01-01T10:00"}).status_code == 422
    assert "My reminders" in browser.get(at(thing)).text
    [reminder] = rows(as_, cast, Reminder)
    browser.post(at(thing, f"/remind/{reminder.id}/delete"))
    assert rows(as_, cast, Reminder) == []


@pytest.fixture
def told(as_, cast, thing):
    """The member was given a record by the owner."""
    with as_(cast.owner) as actor:
        Gathering.objects.create(began_at=timezone.now() - timedelta(hours=1), through=timezone.now())
        actions.update(actor, objects.get("things"), thing.id, {"owner": cast.member.id})
        gathering.gather(cast.acme)
        return Notification.objects.get(user=cast.member)


def test_the_bell_counts_and_a_click_leads_to_the_place(signed_in, cast, thing, told):
    member = signed_in(cast.member)
    assert "1 unread notification" in member.get("/w/acme/").text
    assert "Olga Owner gave it to you" in member.get("/w/acme/notifications").text
    answer = member.get(f"/w/acme/notifications/{told.id}")
    assert answer.headers["Location"] == at(thing)
    assert "unread notification" not in member.get("/w/acme/notifications/bell").text


def test_marking_and_putting_off(signed_in, cast, told):
    member, address = signed_in(cast.member), f"/w/acme/notifications/{told.id}"
    member.post(f"{address}/mark", {"read": "1"})
    member.post(f"{address}/mark", {"read": "0"})
    assert "1 unread" in member.get("/w/acme/notifications/bell").text
    member.post(f"{address}/snooze", {"until": "tomorrow"}, headers=HTMX)
    assert "Nothing here" in member.get("/w/acme/notifications").text
    assert "Olga" in member.get("/w/acme/notifications?state=snoozed").text
    member.post(f"{address}/mark", {"read": "0"})
    member.post("/w/acme/notifications/read")
    assert "Olga" not in member.get("/w/acme/notifications?state=unread").text
    assert signed_in(cast.owner).get(address).status_code == 404
    assert signed_in(cast.owner).post(f"{address}/mark").status_code == 404


def test_settings_are_kept_or_refused_whole(browser, as_, cast):
    address = "/w/acme/settings/notifications"
    assert browser.get(address).status_code == 200
    form = {"app-mention": "on", "mail-mention": "weekly", "digest_hour": "7", "digest_weekday": "4"}
    assert browser.post(address, form | {"quiet_from": "22:00", "quiet_until": "07:00"}).status_code == 303
    with as_(cast.owner) as actor:
        said = wishes.of(actor).as_json()
    assert said["channels"]["mention"] == {"app": True, "mail": "weekly"}
    assert said["channels"]["comment"] == {"app": False, "mail": "none"}
    assert (said["digest_hour"], said["quiet_from"], said["follow_own"]) == (7, "22:00", False)
    assert browser.post(address, form | {"digest_hour": "99"}).status_code == 422


def test_the_link_of_a_mail_ends_the_mails_without_signing_in(client, cast, as_):
    token = signing.dumps([str(cast.acme.id), str(cast.member.id)], salt=letters.SALT)
    assert "Stop the e-mails" in client.get(f"/unsubscribe/{token}").text
    assert client.post(f"/unsubscribe/{token}", {"List-Unsubscribe": "One-Click"}).status_code == 200
    with as_(cast.member) as actor:
        assert {said["mail"] for said in wishes.of(actor).as_json()["channels"].values()} == {"none"}
    assert client.get(f"/unsubscribe/{token[:-2]}xx").status_code == 404
    assert client.post(f"/unsubscribe/{signing.dumps(['x', 'y'], salt=letters.SALT)}").status_code == 404


def version(page):
    return re.search(r'name="version" value="(\d+)"', page.text)[1]


def save(browser, thing, version, **values):
    return browser.post(at(thing, "/edit"), {"version": version, "only": ",".join(values), **values})


def test_fields_that_only_one_changed_are_put_together_silently(browser, signed_in, thing, cast, as_):
    began = version(browser.get(at(thing, "/edit")))
    save(signed_in(cast.manager), thing, began, colour="blue")
    assert save(browser, thing, began, colour="red", note="new", name="Lamp").status_code == 303
    with as_(cast.owner):
        thing.refresh_from_db()
    assert (thing.colour, thing.note) == ("blue", "new")


def test_the_second_is_asked_field_by_field(browser, signed_in, thing, cast, as_):
    began = version(browser.get(at(thing, "/edit")))
    save(signed_in(cast.manager), thing, began, colour="blue", note="theirs")
    answer = save(browser, thing, began, colour="green", note="mine", name="Lamp 2")
    assert answer.status_code == 409
    dialog = answer.text[answer.text.index("<trato-conflict>") : answer.text.index("</trato-conflict>")]
    assert set(re.findall(r'name="keep-(\w+)"', dialog)) == {"colour", "note"}
    for word in ("blue", "green", "theirs", "mine", "Max Manager"):
        assert word in dialog
    assert "Lamp 2" in answer.text  # nothing typed is lost
    answer = save(
        browser,
        thing,
        version(answer),
        colour="green",
        note="mine",
        name="Lamp 2",
        **{"keep-colour": "theirs", "keep-note": "mine"},
    )
    assert answer.status_code == 303
    with as_(cast.owner):
        thing.refresh_from_db()
    assert (thing.colour, thing.note, thing.name) == ("blue", "mine", "Lamp 2")


def test_both_writing_the_same_is_no_conflict(browser, signed_in, thing, cast):
    began = version(browser.get(at(thing, "/edit")))
    save(signed_in(cast.manager), thing, began, colour="blue")
    assert save(browser, thing, began, colour="blue").status_code == 303


@pytest.mark.parametrize(("keep", "left"), [("mine", "green"), ("theirs", "blue")])
def test_in_place_too(browser, signed_in, thing, cast, as_, keep, left):
    address = at(thing, "/field/colour")
    began = version(browser.get(address, headers=HTMX))
    signed_in(cast.manager).post(address, {"version": began, "colour": "blue"}, headers=HTMX)
    answer = browser.post(address, {"version": began, "colour": "green"}, headers=HTMX)
    assert answer.status_code == 409 and 'value="green"' in answer.text and "blue" in answer.text
    given = {"version": version(answer), "colour": "green", "keep-colour": keep}
    assert browser.post(address, given, headers=HTMX).status_code == 200
    with as_(cast.owner):
        thing.refresh_from_db()
    assert thing.colour == left


def test_pages_that_cannot_listen_ask(browser, signed_in, thing, cast, make):
    member, limited = signed_in(cast.member), signed_in(cast.limited)
    place = member.get("/w/acme/live/since?after=nonsense").json()
    assert place["changes"] == []
    save(browser, thing, "1", colour="blue")
    trip = make("trips", name="Came", about=[f"things/{thing.id}"])
    found = {one["ref"]: one for one in member.get(f"/w/acme/live/since?after={place['next']}").json()["changes"]}
    assert found[f"things/{thing.id}"]["by"] == "Olga Owner"
    assert found[f"trips/{trip.id}"]["about"] == [f"things/{thing.id}"]
    assert limited.get(f"/w/acme/live/since?after={place['next']}").json()["changes"] == []


def test_a_colleague_hears_of_what_they_follow(as_, cast, thing):
    with as_(cast.reader) as reader:
        follows.set_follow(reader, objects.get("things"), thing.id, True)
        assert centre.unread(reader) == 0


def test_search_finds_comments_below_the_records_and_alone(browser, as_, cast, make):
    lamp = make("things", name="Broken lamp")
    other = make("things", name="Chair")
    with as_(cast.owner) as owner:
        said, _blind = comments.create(owner, objects.get("things"), other.id, "Stood by the broken one")
    place = f'href="/w/acme/things/{other.id}#comment-{said.id}"'
    page = browser.get("/w/acme/search", {"q": "broken"}).content.decode()
    assert page.index(f"/w/acme/things/{lamp.id}") < page.index("In comments") < page.index(place)
    alone = browser.get("/w/acme/search", {"q": "broken", "object": "comments"}).content.decode()
    assert place in alone and f"/w/acme/things/{lamp.id}" not in alone
    assert "Olga Owner: Stood by" in alone
    assert "Nothing found" in browser.get("/w/acme/search", {"q": "zebra"}).content.decode()


def test_one_is_reminded_at_a_moment_with_a_name(browser, thing, monkeypatch, as_, cast):
    """On a Wednesday: in an hour, at three, tomorrow at nine, and on the Monday after."""
    for hour, offered in ((10, ["hour", "afternoon", "tomorrow", "week"]), (14, ["hour", "tomorrow", "week"])):
        now = datetime(2030, 5, 15, hour, 30, tzinfo=UTC)
        monkeypatch.setattr(later, "clock", lambda _actor, now=now: now)
        page = browser.get(f"/w/acme/things/{thing.id}/remind").content.decode()
        assert re.findall(r'name="preset" value="(\w+)"', page) == offered
        said = {"hour": (15, hour + 1, 30), "afternoon": (15, 15, 0), "tomorrow": (16, 9, 0), "week": (20, 9, 0)}
        assert [later.moment_of(name, now) for name in offered] == [
            datetime(2030, 5, *said[name], tzinfo=UTC) for name in offered
        ]
    monkeypatch.undo()
    assert browser.post(f"/w/acme/things/{thing.id}/remind", {"preset": "week", "note": "Ring"}).status_code == 303
    with as_(cast.owner):
        made = Reminder.objects.get()
    assert made.note == "Ring" and made.at.weekday() == 0 and made.at > timezone.now()
    assert browser.post(f"/w/acme/things/{thing.id}/remind", {"preset": "never"}).status_code == 422
