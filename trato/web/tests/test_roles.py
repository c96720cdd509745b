"""Roles and teams in settings: what the matrix shows is what is kept, and nobody else decides."""

import re

import pytest

from trato.engine.models import HistoryEntry
from trato.engine.workspaces.models import Invitation, Membership, Role, Team

pytestmark = pytest.mark.django_db
ROLES = "/w/acme/settings/roles"
TEAMS = "/w/acme/settings/teams"


def role_at(answer) -> str:
    assert answer.status_code == 303
    return answer["Location"].rpartition("/")[2]


def rules(as_, cast, role_id) -> dict:
    with as_(cast.owner):
        return Role.objects.get(id=role_id).permissions["objects"]


def levels(browser, address) -> dict[str, str]:
    """The page of fields as it would be sent again."""
    html = browser.get(address).content.decode()
    found = re.findall(r'<select[^>]* name="([a-z_.]+)".*?</select>', html, re.DOTALL)
    return dict.fromkeys(found, "write")


def test_a_role_made_in_the_matrix_is_what_its_holders_may(browser, signed_in, as_, cast, make):
    make("things", name="Lamp", secret="s3cret")
    role = role_at(browser.post(f"{ROLES}/new", {"name": "Looker", "things.own": "1", "things.see": "all"}))
    fields = f"{ROLES}/{role}/fields/things"
    assert browser.post(fields, levels(browser, fields) | {"secret": "hidden"}).status_code == 303
    with as_(cast.owner):
        member = Membership.objects.get(user=cast.member).id
    browser.post(f"/w/acme/settings/members/{member}/role", {"role": role})
    looker = signed_in(cast.member)
    html = looker.get("/w/acme/things/?columns=title&columns=secret").content.decode()
    assert "Lamp" in html and "s3cret" not in html
    assert looker.get("/w/acme/crates/").status_code == 404
    assert looker.get("/w/acme/things/new").status_code == 403


def test_all_objects_stay_one_line_and_an_override_is_only_what_was_ticked(browser, as_, cast):
    form = {
        "name": "Few",
        "*.see": "all",
        "*.change": "own",
        "*.create": "1",
        "things.see": "none",
        "crates.delete": "1",
    }
    role = role_at(browser.post(f"{ROLES}/new", form))
    kept = rules(as_, cast, role)
    assert kept.keys() == {"*"}, "what is sent for an object without its tick does not count"
    assert (kept["*"]["see"], kept["*"]["change"], kept["*"]["create"], kept["*"]["delete"]) == (
        "all",
        "own",
        True,
        False,
    )
    browser.post(f"{ROLES}/{role}", form | {"things.own": "1"})
    assert rules(as_, cast, role).keys() == {"*", "things"}
    html = browser.get(f"{ROLES}/{role}").content.decode()
    assert re.search(r'name="things.own" value="1"[^>]* checked', html)
    assert not re.search(r'name="crates.own" value="1"[^>]* checked', html)
    browser.post(f"{ROLES}/{role}", form)
    assert rules(as_, cast, role).keys() == {"*"}, "an override that is taken away is gone"


def test_field_rules_do_not_make_rules_of_their_own_and_outlive_the_matrix(browser, as_, cast):
    form = {"name": "Few", "*.see": "team", "*.change": "team"}
    role = role_at(browser.post(f"{ROLES}/new", form))
    address = f"{ROLES}/{role}/fields/things"
    browser.post(address, levels(browser, address) | {"secret": "hidden", "colour": "read"})
    wanted = {"fields": {"secret": "hidden", "colour": "read"}}
    assert rules(as_, cast, role)["things"] == wanted
    browser.post(f"{ROLES}/{role}", form | {"*.see": "all"})
    kept = rules(as_, cast, role)
    assert (kept["things"], kept["*"]["see"]) == (wanted, "all")
    assert "2 limited" in browser.get(f"{ROLES}/{role}").content.decode()
    browser.post(address, levels(browser, address))
    assert rules(as_, cast, role).keys() == {"*"}


def test_a_copy_allows_the_same_and_is_a_role_of_its_own(browser, as_, cast):
    role = role_at(browser.post(f"{ROLES}/new", {"name": "Few", "*.see": "own", "*.export": "1"}))
    first = role_at(browser.post(f"{ROLES}/{role}/clone"))
    second = role_at(browser.post(f"{ROLES}/{role}/clone"))
    assert rules(as_, cast, first) == rules(as_, cast, second) == rules(as_, cast, role)
    with as_(cast.owner):
        assert len(set(Role.objects.filter(id__in=[role, first, second]).values_list("name", flat=True))) == 3


def test_a_role_that_is_deleted_leaves_another_to_its_holders(browser, as_, cast):
    role = role_at(browser.post(f"{ROLES}/new", {"name": "Old", "*.see": "all"}))
    with as_(cast.owner):
        member, former = (Membership.objects.get(user=user) for user in (cast.member, cast.teammate))
        reader = str(Role.objects.get(name="Reader").id)
        Membership.objects.filter(id__in=[member.id, former.id]).update(role_id=role)
        Membership.objects.filter(id=former.id).update(is_active=False)
    browser.post("/w/acme/settings/members/invite", {"email": "new@acme.example", "role": role})
    refused = browser.post(f"{ROLES}/{role}/delete", {"heir": ""})
    assert refused.status_code == 422 and "choose the one they get instead" in refused.content.decode()
    assert browser.post(f"{ROLES}/{role}/delete", {"heir": role}).status_code == 422
    assert browser.post(f"{ROLES}/{role}/delete", {"heir": reader}).status_code == 303
    with as_(cast.owner):
        assert not Role.objects.filter(id=role).exists()
        assert {str(one.role_id) for one in Membership.objects.filter(id__in=[member.id, former.id])} == {reader}
        assert str(Invitation.objects.get().role_id) == reader
        assert HistoryEntry.objects.filter(object="members", record_id=member.id).exists()


def test_the_last_role_of_administrators_stays(browser, as_, cast):
    with as_(cast.owner):
        roles = {role.name: str(role.id) for role in Role.objects.all()}
    answer = browser.post(f"{ROLES}/{roles['Administrator']}/delete", {"heir": roles["Reader"]})
    assert answer.status_code == 422 and "at least one administrator" in answer.content.decode()
    second = role_at(browser.post(f"{ROLES}/{roles['Administrator']}/clone"))
    assert browser.post(f"{ROLES}/{roles['Administrator']}/delete", {"heir": second}).status_code == 303
    assert browser.get(ROLES).status_code == 200


@pytest.mark.parametrize("below", ["", "/clone", "/delete", "/fields/things"])
def test_only_administrators_touch_a_role(signed_in, as_, cast, below):
    with as_(cast.owner):
        role = Role.objects.get(name="Reader")
    assert (
        signed_in(cast.manager).post(f"{ROLES}/{role.id}{below}", {"name": "Mine", "*.see": "all"}).status_code == 403
    )
    with as_(cast.owner):
        assert Role.objects.get(id=role.id).permissions == role.permissions


def make_team(browser, name, *people, parent=""):
    form = {"name": name, "members": [str(person.id) for person in people], "parent": parent}
    assert browser.post(f"{TEAMS}/new", form).status_code == 303
    html = browser.get(TEAMS).content.decode()
    return re.search(rf'href="{TEAMS}/([0-9a-f-]{{36}})">{name}', html)[1]


def test_teams_hold_who_was_chosen(browser, as_, cast):
    team = make_team(browser, "Support", cast.member, cast.reader)
    assert "Mia Member, Ria Reader" in browser.get(TEAMS).content.decode()
    assert browser.post(f"{TEAMS}/new", {"name": "Support"}).status_code == 422
    browser.post(f"{TEAMS}/{team}", {"name": "Support", "members": [str(cast.reader.id)]})
    with as_(cast.reader) as actor:
        assert actor.teammate_ids == {cast.reader.id}


def test_who_stands_above_sees_what_those_below_own_and_not_the_other_way(
    browser, signed_in, as_, cast, make, set_role
):
    top = make_team(browser, "Direction", cast.manager)
    middle = make_team(browser, "Spain", parent=top)
    make_team(browser, "Madrid", cast.limited, parent=middle)
    role = {"objects": {"*": {"see": "team", "change": "team"}}}
    for person in (cast.manager, cast.limited, cast.reader):
        set_role(person, role)
    make("things", name="Lamp", owner=str(cast.limited.id))
    make("things", name="Desk", owner=str(cast.manager.id))

    def seen(person):
        html = signed_in(person).get("/w/acme/things/").content.decode()
        return {name for name in ("Lamp", "Desk") if f">{name}<" in html}

    assert seen(cast.manager) == {"Lamp", "Desk"}, "two steps below"
    assert seen(cast.limited) == {"Lamp"}
    assert seen(cast.reader) == set()
    assert browser.post(f"{TEAMS}/{middle}/delete").status_code == 303
    assert seen(cast.manager) == {"Lamp", "Desk"}, "Madrid now stands below Direction itself"


def test_teams_make_no_circle(browser, as_, cast):
    top = make_team(browser, "A")
    middle = make_team(browser, "B", parent=top)
    low = make_team(browser, "C", parent=middle)
    for parent in (top, middle, low):
        answer = browser.post(f"{TEAMS}/{top}", {"name": "A", "parent": parent})
        assert answer.status_code == 422
    assert browser.post(f"{TEAMS}/{low}", {"name": "C", "parent": "nonsense"}).status_code == 422
    with as_(cast.owner):
        assert Team.objects.get(id=top).parent_id is None
    assert browser.post(f"{TEAMS}/{low}", {"name": "C", "parent": top}).status_code == 303


def test_even_a_circle_in_the_database_ends(as_, cast):
    with as_(cast.owner):
        other = Team.objects.create(name="Other", parent=cast.sales)
        Team.objects.filter(id=cast.sales.id).update(parent=other)
    with as_(cast.member) as actor:
        assert actor.team_ids == {cast.sales.id}
        assert actor.teammate_ids == {cast.member.id, cast.teammate.id}
