"""The fixed cast of all tests: the people of one workspace with their rights, and a stranger who administers another.

    def test_something(cast, as_):
        with as_(cast.member) as actor:      # inside Acme's transaction
            ...

`signed_in(cast.reader)` is a browser's session, `token_for(cast.owner)` the text of an API token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from trato.engine.workspaces.actors import Actor
    from trato.engine.workspaces.models import Team, User, Workspace

PASSWORD = "correct horse battery"

#: Sees and changes what is theirs; some fields are hidden from them and some they can only read.
OWN: dict[str, Any] = {"see": "own", "change": "own", "create": True, "delete": True, "import": True, "export": True}
LIMITED = {
    "objects": {
        "*": OWN,
        "contacts": OWN | {"fields": {"birthday": "hidden", "phones": "hidden", "job_title": "read"}},
        "accounts": OWN | {"fields": {"tax_number": "hidden", "phones": "hidden", "industry": "read"}},
        "things": OWN | {"fields": {"secret": "hidden", "colour": "read"}},
    }
}
#: Sees and changes what their team owns.
TEAM = {"objects": {"*": OWN | {"see": "team", "change": "team"}}}


@dataclass(frozen=True)
class Cast:
    """Acme's people, and the stranger of Globex.

    ``owner`` administers; ``manager`` may do everything with records; ``member`` and ``teammate`` are the team Sales,
    see all and change what the team owns; ``limited`` sees only their own, without some fields; ``reader`` sees all and
    changes nothing.
    """

    acme: Workspace
    globex: Workspace
    sales: Team
    owner: User
    manager: User
    member: User
    teammate: User
    limited: User
    reader: User
    stranger: User

    def home(self, user: User) -> Workspace:
        """The workspace a person belongs to."""
        return self.globex if user == self.stranger else self.acme


PEOPLE = {
    "owner": ("Olga Owner", "Administrator"),
    "manager": ("Max Manager", "Manager"),
    "member": ("Mia Member", "Member"),
    "teammate": ("Tom Teammate", "Member"),
    "limited": ("Lia Limited", "Limited"),
    "reader": ("Ria Reader", "Reader"),
}


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, in the running test's transaction."""
    return assemble()


def assemble() -> Cast:
    """Make the two workspaces and everybody in them."""
    from django.contrib.auth.hashers import make_password

    from trato.engine.postgres.scope import in_workspace
    from trato.engine.workspaces.members import create_workspace
    from trato.engine.workspaces.models import Membership, Role, Team, TeamMember, User

    password = make_password(PASSWORD)
    users = {who: User(email=f"{who}@acme.example", name=name, password=password) for who, (name, _) in PEOPLE.items()}
    users["stranger"] = User(email="stranger@globex.example", name="Stan Stranger", password=password)
    User.objects.bulk_create(users.values())
    acme = create_workspace("Acme", country="ES", currency="EUR", time_zone="Europe/Madrid")
    globex = create_workspace("Globex", country="US", currency="USD", time_zone="America/New_York")
    with in_workspace(acme.id):
        Role.objects.create(name="Limited", permissions=LIMITED)
        Role.objects.create(name="Team", permissions=TEAM)
        roles = {role.name: role for role in Role.objects.all()}
        Membership.objects.bulk_create(
            Membership(user=users[who], role=roles[role]) for who, (_, role) in PEOPLE.items()
        )
        sales = Team.objects.create(name="Sales")
        TeamMember.objects.bulk_create(TeamMember(team=sales, user=users[who]) for who in ("member", "teammate"))
    with in_workspace(globex.id):
        Membership.objects.create(user=users["stranger"], role=Role.objects.get(name="Administrator"))
    return Cast(acme, globex, sales, **users)


As = Callable[..., AbstractContextManager["Actor"]]


@pytest.fixture
def as_(cast: Cast) -> As:
    """``with as_(cast.member) as actor``: the person's actor, inside their workspace's transaction."""

    @contextmanager
    def acting(user: User, face: str = "web") -> Iterator[Actor]:
        from trato.engine.postgres.scope import in_workspace
        from trato.engine.workspaces.actors import actor_for_user

        home = cast.home(user)
        with in_workspace(home.id):
            actor = actor_for_user(user, home, face)
            assert actor is not None, f"{user} is no active member"
            yield actor

    return acting


@pytest.fixture
def owner(cast: Cast, as_: As) -> Iterator[Actor]:
    """The whole test runs in Acme, and this is its administrator acting."""
    with as_(cast.owner) as actor:
        yield actor


@pytest.fixture
def set_role(cast: Cast) -> Callable[..., None]:
    """``set_role(cast.member, {"objects": {...}})``: give a person of Acme a role of their own, or one by name."""

    def give(user: User, role: str | dict[str, Any]) -> None:
        from trato.engine.postgres.scope import in_workspace
        from trato.engine.workspaces.models import Membership, Role

        with in_workspace(cast.acme.id):
            if isinstance(role, dict):
                name = f"Role of {user.name}"
                role = Role.objects.update_or_create(name=name, defaults={"permissions": role})[0].name
            Membership.objects.filter(user=user).update(role=Role.objects.get(name=role))

    return give


@pytest.fixture
def token_for(cast: Cast) -> Callable[..., str]:
    """``token_for(cast.member, "contacts:see")``: the text of an API token, limited to the scopes if any are given."""

    def make(user: User, *scopes: str, **values: Any) -> str:
        from trato.engine.postgres.scope import in_workspace
        from trato.engine.workspaces.members import make_token

        home = cast.home(user)
        with in_workspace(home.id):
            return make_token(home, user, "test", list(scopes), **values)[1]

    return make


@pytest.fixture
def signed_in(cast: Cast) -> Callable[[Any], Client]:
    """``signed_in(cast.reader).get("/w/acme/")``: a browser's session of that person."""
    from django.test import Client

    def sign_in(user: User) -> Client:
        browser = Client()
        browser.force_login(user)
        return browser

    return sign_in
