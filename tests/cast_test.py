"""The cast is what the other tests take it for."""

from trato.engine.workspaces.members import workspaces_of
from trato.engine.workspaces.models import Membership, Token, digest_of


def test_everybody_has_the_rights_of_their_part(cast, as_):
    with as_(cast.owner) as actor:
        assert actor.rights.admin
        assert Membership.objects.count() == 6
    with as_(cast.member) as actor:
        assert actor.rights.scope("contacts", "see") == "all"
        assert actor.rights.scope("contacts", "change") == "team"
        assert actor.teammate_ids == {cast.member.id, cast.teammate.id}
    with as_(cast.limited) as actor:
        assert actor.rights.scope("contacts", "see") == "own"
        assert actor.rights.field("contacts", "birthday") == "hidden"
        assert actor.rights.field("contacts", "job_title") == "read"
    with as_(cast.reader) as actor:
        assert (actor.rights.scope("x", "see"), actor.rights.scope("x", "change")) == ("all", "none")
        assert not actor.rights.may("x", "create")
    with as_(cast.stranger) as actor:
        assert actor.workspace == cast.globex
        assert Membership.objects.count() == 1


def test_people_are_found_in_their_workspaces_only(cast):
    assert workspaces_of(cast.owner.id) == [cast.acme]
    assert workspaces_of(cast.stranger.id) == [cast.globex]


def test_a_token_is_kept_by_its_digest(cast, as_, token_for):
    text = token_for(cast.member, "contacts:see")
    with as_(cast.owner):
        token = Token.objects.get(digest=digest_of(text))
    assert (token.user, token.scopes, token.hint) == (cast.member, ["contacts:see"], text[-4:])


def test_roles_can_be_changed_for_a_test(cast, as_, set_role):
    set_role(cast.member, {"objects": {"*": {"see": "own"}}})
    with as_(cast.member) as actor:
        assert actor.rights.scope("contacts", "see") == "own"
