"""What people add to the pages: My day, the box of relationships, activities written down and done, files."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from trato.engine import access, actions, objects
from trato.modules.people.models import RelationshipType

from .kit import Make, ref

if TYPE_CHECKING:
    from django.test import Client

    from tests.cast import As, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(cast: Cast, signed_in: Callable[[Any], Client]) -> Client:
    """The administrator's browser."""
    return signed_in(cast.owner)


@pytest.fixture
def make(cast: Cast, as_: As) -> Make:
    """A record of Acme, made by its administrator in a transaction of its own, as requests are."""

    def create(plural: str, **values: Any) -> Any:
        with as_(cast.owner) as actor:
            return actions.create(actor, objects.get(plural), values)

    return create


@pytest.fixture
def tie(make: Make, cast: Cast, as_: As) -> Make:
    def relate(source: Any, words: str, target: Any, **values: Any) -> Any:
        with as_(cast.owner):
            kind = RelationshipType.objects.get(name=words)
        return make("relationships", source=ref(source), kind=kind.id, target=ref(target), **values)

    return relate


def page(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def part(html: str, start: str, end: str = "</section>") -> str:
    """What stands in one box of a page."""
    return html[html.index(start) :].partition(end)[0]


# My day


def test_my_day_shows_what_is_to_be_done_and_where_to_be(browser: Client, make: Make) -> None:
    ana = make("contacts", first_name="Ana", last_name="García")
    now = timezone.now()
    make("tasks", subject="Late thing", due_at=(now - timedelta(days=3)).isoformat(), about=[ref(ana)])
    make("tasks", subject="Reminded thing", remind_at=(now - timedelta(hours=1)).isoformat())
    make("tasks", subject="Far thing", due_at=(now + timedelta(days=90)).isoformat())
    noon = datetime.combine(now.date(), datetime.min.time(), UTC) + timedelta(hours=12)
    make("meetings", subject="Tasting", happened_at=noon.isoformat(), place="Roastery", about=[ref(ana)])
    html = page(browser, "/w/acme/")
    tasks = part(html, 'id="my-tasks"')
    assert tasks.index("Late thing") < tasks.index("Reminded thing")
    assert "Far thing" not in tasks and f"/w/acme/contacts/{ana.id}" in tasks
    meetings = part(html, 'aria-labelledby="my-meetings-title"')
    assert "Tasting" in meetings and "Roastery" in meetings and "12:00" in meetings


def test_a_task_is_done_from_my_day_and_taken_back(browser: Client, make: Make) -> None:
    task = make("tasks", subject="Send samples", due_at=timezone.now().isoformat())
    assert f"/w/acme/tasks/{task.id}/complete" in page(browser, "/w/acme/")
    html = browser.post(f"/w/acme/tasks/{task.id}/complete", follow=True).content.decode()
    undo = re.search(r'action="(/w/acme/undo/[0-9a-f-]{36})"', html)[1]
    assert "Send samples" not in part(page(browser, "/w/acme/"), 'id="my-tasks"')
    assert "Open again" in page(browser, f"/w/acme/tasks/{task.id}")
    browser.post(undo)
    assert "Send samples" in part(page(browser, "/w/acme/"), 'id="my-tasks"')


def test_what_others_changed_in_mine_is_told(browser: Client, signed_in: Any, cast: Cast, make: Make) -> None:
    ana = make("contacts", first_name="Ana", last_name="García")
    signed_in(cast.manager).post(
        f"/w/acme/contacts/{ana.id}/edit", {"job_title": "Buyer", "only": "job_title", "version": "1"}
    )
    html = page(browser, "/w/acme/")
    changed = part(html, "Changed in what I own")
    assert "Ana García" in changed and "Max Manager" in changed


def test_an_empty_workspace_begins_with_first_steps(browser: Client, signed_in: Any, cast: Cast, make: Make) -> None:
    html = page(browser, "/w/acme/")
    steps = part(html, 'id="first-title"')
    assert "Bring your address book" in steps and "Invite your colleagues" in steps and "Write down a call" not in steps
    assert steps.count('class="done"') == 1  # the cast has colleagues
    member = signed_in(cast.member)
    assert "Invite your colleagues" not in page(member, "/w/acme/")
    make("contacts", first_name="Ana")
    assert part(page(browser, "/w/acme/"), 'id="first-title"').count('class="done"') == 3


def test_what_a_person_does_decides_their_first_steps_until_they_let_them_go(
    browser: Client, signed_in: Any, cast: Cast
) -> None:
    member = signed_in(cast.member)
    assert "Write down a call" in page(member, "/w/acme/")
    assert member.post("/w/acme/welcome", {"persona": "marketer"}).status_code == 303
    html = page(member, "/w/acme/")
    assert "Write down a call" not in html and "Keep a view" in html
    assert "Bring your address book" not in page(signed_in(cast.reader), "/w/acme/"), "a reader may import nothing"
    assert "Choose what you do" in member.post("/w/acme/welcome", {"persona": "king"}, follow=True).content.decode()
    assert member.post("/w/acme/welcome/hide").status_code == 303
    assert 'id="first-title"' not in page(member, "/w/acme/")
    assert 'id="first-title"' in page(browser, "/w/acme/"), "others keep theirs"
    member.post("/w/acme/welcome/hide", {"hidden": "0"})
    assert 'id="first-title"' in page(member, "/w/acme/")


def test_my_day_shows_nothing_of_anothers(signed_in: Any, cast: Cast, make: Make) -> None:
    make("tasks", subject="Private thing", due_at=timezone.now().isoformat())
    for user in (cast.limited, cast.reader):
        assert "Private thing" not in page(signed_in(user), "/w/acme/")


# Relationships


def test_relationships_are_drawn_and_listed_from_both_sides(browser: Client, make: Make, tie: Make) -> None:
    ana = make("contacts", first_name="Ana", last_name="García")
    acme = make("accounts", name="Acme & Sons")
    works = tie(ana, "works at", acme, since="2024-03-01", note="Since the merger")
    box = part(page(browser, f"/w/acme/contacts/{ana.id}"), 'aria-labelledby="relationships-title"')
    assert (
        '<svg class="ties"' not in box and "works at" in box and "Acme &amp; Sons" in box and "Since the merger" in box
    )
    assert f"/w/acme/relationships/{works.id}" in box
    box = part(page(browser, f"/w/acme/accounts/{acme.id}"), 'aria-labelledby="relationships-title"')
    assert "employs" in box and "Ana García" in box
    tie(make("contacts", first_name="Eva"), "decides for", acme)
    tie(make("contacts", first_name="Former"), "works at", acme, until="2020-01-01")
    box = part(page(browser, f"/w/acme/accounts/{acme.id}"), 'aria-labelledby="relationships-title"')
    drawn = part(box, '<svg class="ties"', "</svg>")
    assert "Ana García" in drawn and "Eva" in drawn and "Former" not in drawn and "Former" in box
    assert "<h1>Ana García works at Acme &amp; Sons</h1>" in page(browser, f"/w/acme/relationships/{works.id}")


def test_a_relationship_is_made_from_a_record_and_leads_back_to_it(browser: Client, make: Make, tie: Make) -> None:
    ana, acme = make("contacts", first_name="Ana"), make("accounts", name="Acme")
    box = part(page(browser, f"/w/acme/contacts/{ana.id}"), 'aria-labelledby="relationships-title"')
    add = re.search(r'href="([^"]*relationships/new[^"]*)"', box)[1].replace("&amp;", "&")
    form = page(browser, add)
    assert f'value="contacts/{ana.id}"' in form
    back = re.search(r'name="back" value="([^"]*)"', form)[1]
    values = {"source": ref(ana), "kind-text": "works at", "kind": "", "target": ref(acme), "back": back}
    answer = browser.post("/w/acme/relationships/new", values)
    assert answer.status_code == 303 and answer["Location"] == f"/w/acme/contacts/{ana.id}"
    wrong = browser.post("/w/acme/relationships/new", values | {"target": ref(ana)})
    assert wrong.status_code == 422 and "related to itself" in wrong.content.decode()


def test_a_relationship_with_somebody_hidden_is_not_shown(signed_in: Any, cast: Cast, make: Make, tie: Make) -> None:
    mine = make("contacts", first_name="Mine", owner=cast.limited.id)
    secret = make("accounts", name="Secret Ltd")
    works = tie(mine, "works at", secret, owner=cast.limited.id)
    browser = signed_in(cast.limited)
    assert "Secret" not in page(browser, f"/w/acme/contacts/{mine.id}")
    assert "Secret" not in page(browser, f"/w/acme/relationships/{works.id}")
    assert "Secret" not in page(browser, "/w/acme/relationships/")


def test_what_is_to_be_done_about_somebody_stands_on_their_page(
    browser: Client, signed_in: Any, cast: Cast, make: Make
) -> None:
    ana = make("contacts", first_name="Ana")
    address = f"/w/acme/contacts/{ana.id}"
    assert 'id="to-do-title"' not in page(browser, address)
    now = timezone.now()
    make("tasks", subject="Later", due_at=(now + timedelta(days=9)).isoformat(), about=[ref(ana)])
    make("tasks", subject="First", due_at=(now - timedelta(days=9)).isoformat(), about=[ref(ana)])
    make("tasks", subject="Finished", done_at=now.isoformat(), about=[ref(ana)])
    make("tasks", subject="Elsewhere")
    box = part(page(browser, address), 'id="to-do-title"')
    assert box.index("First") < box.index("Later") and "danger" in box and "Olga Owner" in box
    assert "Finished" not in box and "Elsewhere" not in box


def test_relationship_types_are_found_in_settings(browser: Client, signed_in: Any, cast: Cast) -> None:
    assert '/w/acme/relationship-types/"' in page(browser, "/w/acme/settings/workspace")
    assert "employs" in page(browser, "/w/acme/relationship-types/")
    assert "relationship-types" not in page(signed_in(cast.member), "/w/acme/settings/profile")


def test_an_account_names_its_parts_and_refuses_a_circle(browser: Client, make: Make) -> None:
    group = make("accounts", name="Group")
    branch = make("accounts", name="Branch", parent=group.id)
    html = page(browser, f"/w/acme/accounts/{group.id}")
    assert ">Parts" in html and "Branch" in html
    wrong = browser.post(
        f"/w/acme/accounts/{group.id}/edit", {"parent": f"accounts/{branch.id}", "only": "parent", "version": "1"}
    )
    assert wrong.status_code == 422 and "part of the account you are changing" in wrong.content.decode()


def test_a_rolled_up_entry_says_whose_it_is(browser: Client, make: Make, tie: Make) -> None:
    home = make("accounts", name="García household", kind="household")
    ana = make("contacts", first_name="Ana", last_name="García")
    tie(ana, "member of", home)
    make("notes", subject="Moved house", body="<p>In May.</p>", about=[ref(ana)])
    timeline = part(page(browser, f"/w/acme/accounts/{home.id}"), 'id="timeline"')
    assert "Moved house" in timeline and "Ana García" in timeline


# Activities


def test_a_note_is_written_down_on_a_record_without_script(browser: Client, make: Make) -> None:
    ana = make("contacts", first_name="Ana")
    address = f"/w/acme/contacts/{ana.id}"
    body = '<p>Wants <b>decaf</b></p><script>alert(1)</script><img src="x" onerror="alert(2)">'
    answer = browser.post("/w/acme/notes/new", {"body": body, "about": ref(ana), "back": address, "only": "body,about"})
    assert answer.status_code == 303 and answer["Location"] == address
    timeline = part(page(browser, address), 'id="timeline"')
    assert "decaf" in timeline and "alert" not in timeline and "onerror" not in timeline


def test_a_task_s_next_step_stands_in_its_head(browser: Client, signed_in: Any, cast: Cast, make: Make) -> None:
    task = make("tasks", subject="Send samples")
    head = part(page(browser, f"/w/acme/tasks/{task.id}"), 'id="record-head"', "trato-menu")
    assert "Mark as done" in head and "Open again" not in head
    assert "Mark as done" not in page(signed_in(cast.reader), f"/w/acme/tasks/{task.id}")


def sent(name: str, content: bytes) -> io.BytesIO:
    upload = io.BytesIO(content)
    upload.name = name
    return upload


def test_a_file_of_a_record_is_only_for_who_may_see_it(browser: Client, signed_in: Any, cast: Cast, make: Make) -> None:
    ana = make("contacts", first_name="Ana")
    form = {"file": sent("offer.txt", b"Ten bags"), "about": ref(ana), "only": "file,about"}
    assert browser.post("/w/acme/files/new", form).status_code == 303
    assert "offer.txt" in part(page(browser, f"/w/acme/contacts/{ana.id}"), 'id="timeline"')
    html = page(browser, "/w/acme/files/")
    address = re.search(r'href="(/w/acme/download/[0-9a-f-]{36})"', html)[1]
    assert b"".join(browser.get(address).streaming_content) == b"Ten bags"
    assert signed_in(cast.reader).get(address).status_code == 200
    for stranger in (cast.limited, cast.stranger):
        assert signed_in(stranger).get(address).status_code == 404


def test_a_file_comes_through_the_api(client: Client, cast: Cast, token_for: Callable[..., str], make: Make) -> None:
    ana = make("contacts", first_name="Ana")
    may = {"headers": {"Authorization": f"Bearer {token_for(cast.owner)}"}}
    described = client.post("/api/v1/uploads", {"file": sent("offer.txt", b"Ten bags")}, **may)
    assert described.status_code == 201
    values = {"file": described.json(), "subject": "Offer", "about": [ref(ana)]}
    made = client.post("/api/v1/files", values, content_type="application/json", **may)
    assert made.status_code == 201, made.content
    file_id = made.json()["file"]["id"]
    assert b"".join(client.get(f"/api/v1/uploads/{file_id}", **may).streaming_content) == b"Ten bags"
    other = {"headers": {"Authorization": f"Bearer {token_for(cast.limited)}"}}
    assert client.get(f"/api/v1/uploads/{file_id}", **other).status_code == 404
    stolen = client.post(
        "/api/v1/files", {"file": {"id": file_id}, "subject": "Mine now"}, content_type="application/json", **other
    )
    assert stolen.status_code == 422


def test_a_relationship_of_the_api_says_the_rule_it_breaks(
    client: Client, cast: Cast, token_for: Callable[..., str], make: Make, as_: As
) -> None:
    ana = make("contacts", first_name="Ana")
    with as_(cast.owner) as actor:
        kind = access.visible(actor, objects.get("relationship-types")).first()
    may = {"headers": {"Authorization": f"Bearer {token_for(cast.owner)}"}, "content_type": "application/json"}
    values = {"source": ref(ana), "kind": str(kind.id), "target": ref(ana)}
    answer = client.post("/api/v1/relationships", values, **may)
    assert answer.status_code == 422 and "target" in answer.content.decode()
