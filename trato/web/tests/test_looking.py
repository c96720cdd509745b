"""Looking with another's rights: one sees what they see, and nothing can be written meanwhile."""

import pytest
from django.db import InternalError

from trato.engine.models import HistoryEntry, Seen
from trato.engine.postgres.scope import forbid_writes
from trato.engine.together.models import Notification
from trato.engine.views import SavedView
from trato.engine.workspaces.ids import uuid7
from trato.engine.workspaces.models import Membership, Role

pytestmark = pytest.mark.django_db
LOOKING = "/w/acme/looking"
BAR = 'class="looking"'


@pytest.fixture
def ids(as_, cast):
    with as_(cast.owner):
        members = {one.user_id: str(one.id) for one in Membership.objects.all()}
        roles = {one.name: str(one.id) for one in Role.objects.all()}
    return members, roles


def test_an_administrator_sees_what_a_person_sees_until_one_press_ends_it(browser, cast, make, ids):
    hers = make("things", name="Hers", owner=str(cast.limited.id), secret="s3cret")
    make("things", name="Other")
    assert browser.post(LOOKING, {"what": "members", "id": ids[0][cast.limited.id]}).status_code == 303
    html = browser.get("/w/acme/things/").content.decode()
    assert BAR in html and "Lia Limited" in html
    assert ">Hers<" in html and ">Other<" not in html
    assert "s3cret" not in browser.get(f"/w/acme/things/{hers.id}").content.decode()
    assert browser.get("/w/acme/settings/members").status_code == 403
    browser.post(f"{LOOKING}/end")
    html = browser.get("/w/acme/things/").content.decode()
    assert BAR not in html and ">Other<" in html


def test_as_a_role_one_stays_oneself(browser, cast, make, ids, signed_in):
    make("things", name="Mine", owner=str(cast.owner.id))
    make("things", name="Theirs", owner=str(cast.manager.id))
    browser.post(LOOKING, {"what": "roles", "id": ids[1]["Limited"]})
    html = browser.get("/w/acme/things/").content.decode()
    assert ">Mine<" in html and ">Theirs<" not in html and "Limited" in html


WRITES = [
    ("things/new", {"name": "New"}),
    ("things/{thing}/edit", {"name": "Changed"}),
    ("things/{thing}/delete", {}),
    ("settings/profile", {"name": "X", "language": "es", "time_zone": "UTC", "theme": "dark"}),
    ("settings/theme", {"theme": "dark"}),
    ("settings/tokens/new", {"name": "Key", "days": "30"}),
    ("settings/roles/new", {"name": "Mine", "*.see": "all"}),
    ("looking", {"what": "roles", "id": "{admin}"}),
]


@pytest.mark.parametrize(("path", "form"), WRITES)
def test_whatever_would_write_is_refused_and_nothing_changes(browser, as_, cast, make, ids, path, form):
    thing = make("things", name="Lamp")
    with as_(cast.owner):
        before = HistoryEntry.objects.count()
    browser.post(LOOKING, {"what": "members", "id": ids[0][cast.manager.id]})
    sent = {name: value.format(admin=ids[1]["Administrator"]) for name, value in form.items()}
    answer = browser.post(f"/w/acme/{path.format(thing=thing.id)}", sent)
    assert answer.status_code == 403 and "Max Manager" in answer.content.decode()
    with as_(cast.owner):
        assert HistoryEntry.objects.count() == before + 1, "only that the administrator looks"
        thing.refresh_from_db()
        assert (thing.name, thing.deleted_at) == ("Lamp", None)


def test_pages_are_read_without_a_trace_of_the_person(browser, as_, cast, make, ids):
    thing = make("things", name="Lamp")
    browser.post(LOOKING, {"what": "members", "id": ids[0][cast.manager.id]})
    for page in ("", f"things/{thing.id}", "notifications", "settings/profile", "search?q=lamp", "things/new"):
        assert browser.get(f"/w/acme/{page}").status_code == 200, page
    with as_(cast.owner):
        assert not Seen.objects.filter(user_id=cast.manager.id).exists()


def test_what_is_private_to_the_person_stays_so(browser, as_, cast, make, ids, signed_in):
    thing = make("things", name="Lamp")
    hers = signed_in(cast.manager)
    hers.post("/w/acme/things/views", {"name": "Hers alone", "visibility": "private"})
    hers.post(f"/w/acme/things/{thing.id}/remind", {"at": "2030-05-05T10:00", "note": "Ask for more money"})
    with as_(cast.manager):
        Notification.objects.create(user=cast.manager, kind="job", key="k", source=uuid7())
        [view] = SavedView.objects.all()
    pages = (
        "things/",
        f"things/?view={view.id}",
        f"things/{thing.id}",
        "notifications",
        "palette?list=/w/acme/things/",
    )
    words = ("Hers alone", "Ask for more money", '<li class="notice-row')

    def read(client):
        return " ".join(client.get(f"/w/acme/{page}").content.decode() for page in pages)

    assert all(word in read(hers) for word in words), "there is something to be seen"
    browser.post(LOOKING, {"what": "members", "id": ids[0][cast.manager.id]})
    assert not [word for word in words if word in read(browser)]


def test_the_database_refuses_too(as_, cast):
    with pytest.raises(InternalError, match="read-only"), as_(cast.owner):
        forbid_writes()
        Role.objects.create(name="Sneaked in")


def test_it_is_written_down_with_the_administrators_name(browser, as_, cast, ids):
    browser.post(LOOKING, {"what": "members", "id": ids[0][cast.limited.id]})
    browser.post(f"{LOOKING}/end")
    with as_(cast.owner):
        entries = HistoryEntry.objects.filter(object="members", record_id=ids[0][cast.limited.id]).order_by("id")
        assert [(one.action, one.actor_name) for one in entries] == [
            ("looked as", "Olga Owner"),
            ("looked no longer as", "Olga Owner"),
        ]


def test_only_administrators_look_and_only_at_their_own(signed_in, browser, cast, ids):
    form = {"what": "members", "id": ids[0][cast.owner.id]}
    assert signed_in(cast.manager).post(LOOKING, form).status_code == 403
    assert signed_in(cast.stranger).post("/w/globex/looking", form).status_code == 404, "a member of another workspace"
    for wrong in ({"what": "workspaces", "id": form["id"]}, {"what": "members", "id": "x"}, {}):
        assert browser.post(LOOKING, wrong).status_code == 404
    assert BAR not in browser.get("/w/acme/").content.decode()


def test_it_ends_with_the_rights_and_with_the_session(browser, as_, cast, ids):
    browser.post(LOOKING, {"what": "members", "id": ids[0][cast.manager.id]})
    with as_(cast.owner):
        Membership.objects.filter(user=cast.owner).update(role=ids[1]["Reader"])
    html = browser.get("/w/acme/").content.decode()
    assert BAR not in html
    with as_(cast.owner):
        Membership.objects.filter(user=cast.owner).update(role=ids[1]["Administrator"])
    assert BAR not in browser.get("/w/acme/").content.decode(), "it does not come back"
    browser.post(LOOKING, {"what": "members", "id": ids[0][cast.manager.id]})
    browser.post("/accounts/logout/")
    browser.force_login(cast.owner)
    assert BAR not in browser.get("/w/acme/").content.decode()


def test_pages_of_errors_offer_to_stop_looking_too(browser, cast, ids):
    for address, status in (("settings/members", 403), ("nowhere/at-all", 404)):
        assert BAR not in browser.get(f"/w/acme/{address}").content.decode()
        browser.post(LOOKING, {"what": "members", "id": ids[0][cast.limited.id]})
        answer = browser.get(f"/w/acme/{address}")
        page = answer.content.decode()
        assert answer.status_code == status
        assert BAR in page and f'action="{LOOKING}/end"' in page and "csrfmiddlewaretoken" in page
        refused = browser.post("/w/acme/things/new", {"name": "No"})
        assert refused.status_code == 403 and BAR in refused.content.decode()
        browser.post(f"{LOOKING}/end")
