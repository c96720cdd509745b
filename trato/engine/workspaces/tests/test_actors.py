"""What a role and a token allow: nothing that is not said, and never more than both say."""

from datetime import timedelta

import pytest
from django.utils import timezone

from trato.engine.workspaces import tokens
from trato.engine.workspaces.actors import Rights, actor_for_user, system_actor
from trato.engine.workspaces.members import Taken, add_member, create_workspace, workspaces_of
from trato.engine.workspaces.models import Membership, Role, Token, User


def rules(**objects):
    return Rights(permissions={"objects": objects})


def test_what_is_said_nowhere_is_not_allowed():
    for rights in (Rights(), Rights(permissions={"objects": {}}), rules(other={"see": "all", "create": True})):
        assert rights.scope("contacts", "see") == rights.scope("contacts", "change") == "none"
        assert not any(rights.may("contacts", verb) for verb in ("create", "delete", "import", "export"))


def test_a_named_object_is_ruled_by_its_own_rules_only():
    rights = rules(contacts={"see": "own"}, **{"*": {"see": "all", "create": True}})
    assert (rights.scope("contacts", "see"), rights.may("contacts", "create")) == ("own", False)
    assert (rights.scope("deals", "see"), rights.may("deals", "create")) == ("all", True)


@pytest.mark.parametrize(
    ("see", "change", "wanted"),
    [
        ("all", "own", "own"),
        ("own", "all", "own"),
        ("none", "all", "none"),
        ("team", "all", "team"),
        ("all", "x", "none"),
    ],
)
def test_what_is_not_seen_is_not_changed(see, change, wanted):
    assert rules(contacts={"see": see, "change": change}).scope("contacts", "change") == wanted


def test_fields_are_written_unless_something_else_is_said():
    rights = rules(contacts={"fields": {"a": "read", "b": "hidden", "c": "nonsense"}})
    assert [rights.field("contacts", name) for name in "abcd"] == ["read", "hidden", "hidden", "write"]
    assert Rights(admin=True).field("contacts", "b") == "write"


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        (None, {"see", "change", "create", "export"}),
        (("*",), {"see", "change", "create", "export"}),
        (("contacts:*",), {"see", "change", "create", "export"}),
        (("*:see",), {"see"}),
        (("contacts:create", "contacts:see"), {"see", "create"}),
        (("accounts:*", "contact:see", "contacts", ""), set()),
        ((), set()),
    ],
)
def test_a_tokens_scopes_narrow_even_an_administrator(scopes, allowed):
    rights = Rights(admin=True, scopes=scopes)
    found = {verb for verb in ("see", "change") if rights.scope("contacts", verb) == "all"}
    found |= {verb for verb in ("create", "export") if rights.may("contacts", verb)}
    assert found == allowed


def test_people_who_left_act_no_more(cast, as_):
    with as_(cast.owner):
        Membership.objects.filter(user=cast.member).update(is_active=False)
        assert actor_for_user(cast.member, cast.acme) is None
        assert actor_for_user(cast.stranger, cast.acme) is None
        User.objects.filter(id=cast.teammate.id).update(is_active=False)
        assert actor_for_user(User.objects.get(id=cast.teammate.id), cast.acme) is None
    assert workspaces_of(cast.member.id) == []


def test_trato_itself_may_do_everything_and_is_nobody(cast):
    actor = system_actor(cast.acme)
    assert (actor.kind, actor.user_id, actor.rights.admin, actor.via("cli").face) == ("system", None, True, "cli")


def test_a_key_opens_until_it_expires_is_revoked_or_its_person_leaves(cast, as_, token_for):
    text = token_for(cast.member, "contacts:see")
    key = tokens.read(text)
    with as_(cast.member):
        token, actor = tokens.find(key)
        assert (actor.kind, actor.user_id, actor.rights.scopes) == ("token", cast.member.id, ("contacts:see",))
        for values in ({"expires_at": timezone.now() - timedelta(seconds=1)}, {"revoked_at": timezone.now()}):
            Token.objects.filter(id=token.id).update(**values)
            with pytest.raises(tokens.BadToken):
                tokens.find(key)
            Token.objects.filter(id=token.id).update(expires_at=None, revoked_at=None)
        assert tokens.find(key)
        Membership.objects.filter(user=cast.member).update(is_active=False)
        with pytest.raises(tokens.BadToken):
            tokens.find(key)


@pytest.mark.parametrize(
    "text", ["", "trato_", "trato_x_y", "Bearer x", "trato_" + "0" * 32 + "_" + "x" * 500, "trato_\0"]
)
def test_what_is_no_key_is_refused_before_any_look_up(text):
    with pytest.raises(tokens.BadToken):
        tokens.read(text)


def test_a_key_of_one_workspace_opens_no_other(cast, as_, token_for):
    text = token_for(cast.owner)
    moved = text.replace(cast.acme.id.hex, cast.globex.id.hex)
    with as_(cast.stranger), pytest.raises(tokens.BadToken):
        tokens.find(tokens.read(moved))


def test_addresses_of_workspaces_are_unique_and_made_of_their_names(db):
    assert create_workspace("Größe & Söhne").slug == "groe-sohne"
    assert create_workspace("X", "my-slug").slug == "my-slug"
    with pytest.raises(Taken):
        create_workspace("Another", "my-slug")
    with pytest.raises(ValueError, match="address"):
        create_workspace("名前")


def test_a_member_has_one_role_at_a_time(cast, as_):
    add_member(cast.acme, cast.reader, "Manager")
    with as_(cast.reader) as actor:
        assert actor.rights.scope("contacts", "change") == "all"
        assert Membership.objects.filter(user=cast.reader).count() == 1
    with pytest.raises(Role.DoesNotExist):
        add_member(cast.acme, cast.reader, "Emperor")
