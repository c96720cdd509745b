"""What is explained is what is so: every answer is compared with the door that everything is read through."""

import itertools

import pytest

from trato.engine import access, actions, explaining, objects
from trato.engine.models import Share
from trato.engine.workspaces.actors import actor_for_user
from trato.engine.workspaces.models import Membership, Role, Team, TeamMember, Token

SCOPES = ("none", "own", "team", "all")


@pytest.fixture
def house(owner, cast):
    """Direction (Max) above Sales (Mia, Tom), and a record of each, one of nobody, and one that is shared."""
    top = Team.objects.create(name="Direction")
    Team.objects.filter(id=cast.sales.id).update(parent=top)
    TeamMember.objects.create(team=top, user=cast.manager)
    things = objects.get("things")
    made = {
        who: actions.create(owner, things, {"name": who, "owner": str(getattr(cast, who).id)})
        for who in ("manager", "member", "reader")
    }
    made["nobody"] = actions.create(owner, things, {"name": "nobody", "owner": None})
    made["shared"] = actions.create(owner, things, {"name": "shared", "owner": None})
    Share.objects.create(object="things", record_id=made["shared"].id, team=cast.sales, can_change=False)
    Share.objects.create(object="things", record_id=made["shared"].id, user=cast.reader, can_change=True)
    made["gone"] = actions.create(owner, things, {"name": "gone", "owner": str(cast.member.id)})
    made["gone"] = actions.delete(owner, things, made["gone"].id)
    return things, made


def give(cast, user, permissions):
    role, _made = Role.objects.update_or_create(name="Tried", defaults={"permissions": permissions})
    Membership.objects.filter(user=user).update(role=role)
    return actor_for_user(user, cast.acme)


def test_every_answer_is_what_the_door_does(house, cast):
    """Brute force: every scope of seeing by every one of changing, by person, by record."""
    things, made = house
    for see, change in itertools.product(SCOPES, SCOPES):
        delete = see in ("own", "all")
        permissions = {"objects": {"*": {"see": see, "change": change, "delete": delete}}}
        for user in (cast.manager, cast.member, cast.reader):
            who = give(cast, user, permissions)
            for name, record in made.items():
                said = {a.verb: a.allowed for a in explaining.explain(who, things, record)}
                deleted = name == "gone"
                door = {
                    verb: access.visible(who, things, verb, deleted=deleted).filter(id=record.id).exists()
                    and (delete or not deleted)
                    for verb in ("see", "change")
                }
                assert said == door | {"delete": delete and door["change"]}, (see, change, delete, user, name)


def reasons(who, things, record, verb):
    return " ".join(next(a for a in explaining.explain(who, things, record) if a.verb == verb).reasons)


def test_the_reasons_name_role_owner_team_and_share(house, cast):
    things, made = house
    who = give(cast, cast.manager, {"objects": {"*": {"see": "team", "change": "own"}}})
    above = reasons(who, things, made["member"], "see")
    assert "The role “Tried”, in its rules for all objects," in above
    assert "belongs to Mia Member" in above and "Sales ← Direction" in above
    assert "Ria Reader, who is in none of their teams" in reasons(who, things, made["reader"], "see")
    assert "belongs to nobody" in reasons(who, things, made["nobody"], "see")
    assert "The record is theirs." in reasons(who, things, made["manager"], "change")
    who = give(cast, cast.teammate, {"objects": {"things": {"see": "none", "change": "all"}}})
    assert "in its own rules for Things," in reasons(who, things, made["shared"], "see")
    assert "It was shared with Sales." in reasons(who, things, made["shared"], "see")
    assert "Sales to see, not to change" in reasons(who, things, made["shared"], "change")
    assert "Nothing is changed that is not seen." in reasons(who, things, made["nobody"], "change")
    assert "recycle bin" in reasons(who, things, made["gone"], "see")


def test_a_keys_scopes_come_first(house, cast):
    from trato.engine.workspaces.actors import actor_for_token

    things, made = house
    token = Token(user=cast.owner, name="Export", scopes=["crates:see"])
    who = actor_for_token(token, cast.acme)
    answers = explaining.explain(who, things, made["nobody"])
    assert [a.allowed for a in answers] == [False, False, False]
    assert all("limited to: crates:see" in a.reasons[0] for a in answers)


def test_fields_are_explained_as_they_are_given(house, cast):
    things, _made = house
    who = give(
        cast,
        cast.member,
        {"objects": {"*": {"see": "all"}, "things": {"fields": {"secret": "hidden", "colour": "read"}}}},
    )
    said = {field.name: field.level for field in explaining.explain_fields(who, things)}
    seen, writable = access.fields(who, things), access.writable(who, things)
    assert said == {
        name: "write" if name in writable else "read" if name in seen else "hidden" for name in things.fields(cast.acme)
    }
    assert (said["secret"], said["colour"]) == ("hidden", "read")
