"""Making workspaces and joining them: the writes of identity, each complete in itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models.expressions import RawSQL
from django.utils.text import slugify
from django.utils.translation import gettext as _

from ..postgres.notices import RIGHTS, notify
from ..postgres.scope import in_workspace
from .models import Membership, Role, Team, TeamMember, Token, User, Workspace

#: The roles a new workspace begins with; administrators change them in settings.
DEFAULT_ROLES: dict[str, tuple[bool, dict]] = {
    "Administrator": (True, {}),
    "Manager": (
        False,
        {
            "objects": {
                "*": {"see": "all", "change": "all"}
                | dict.fromkeys(("create", "delete", "import", "export", "share"), True)
            }
        },
    ),
    "Member": (
        False,
        {
            "objects": {
                "*": {"see": "all", "change": "team", "create": True, "delete": False, "import": False, "export": False}
            }
        },
    ),
    "Reader": (False, {"objects": {"*": {"see": "all", "change": "none"}}}),
}

#: What modules put into every new workspace.
_starters: list[Callable[[Workspace], None]] = []


def starts_with(function: Callable[[Workspace], None]) -> Callable[[Workspace], None]:
    """Decorator: the function is called inside every new workspace, for what it begins with."""
    _starters.append(function)
    return function


class Taken(ValueError):
    """The address of a workspace, or a person's e-mail address, is in use."""


@transaction.atomic
def create_workspace(name: str, slug: str = "", **values: object) -> Workspace:
    """A new workspace with the default roles and what modules begin with; raises Taken when its address is in use."""
    slug = slugify(slug or name)[:50]
    if not slug:
        raise ValueError(_("A workspace needs an address of letters or digits."))
    try:
        with transaction.atomic():
            workspace = Workspace.objects.create(name=name, slug=slug, **values)
    except IntegrityError:
        raise Taken(_("There is a workspace “%(slug)s” already.") % {"slug": slug}) from None
    with in_workspace(workspace.id):
        Role.objects.bulk_create(
            Role(name=role, is_admin=is_admin, permissions=permissions)
            for role, (is_admin, permissions) in DEFAULT_ROLES.items()
        )
        for start in _starters:
            start(workspace)
    return workspace


def every_workspace() -> Iterator[Workspace]:
    """All workspaces, oldest first, for schedules that go through them one by one."""
    return Workspace.objects.order_by("id").iterator(1000)


def add_member(workspace: Workspace, user: User, role: str = "Member") -> Membership:
    """Make a person a member with the named role, or give the member that role; raises Role.DoesNotExist."""
    with in_workspace(workspace.id):
        chosen = Role.objects.get(name=role)
        membership, _created = Membership.objects.update_or_create(
            user=user, defaults={"role": chosen, "is_active": True}
        )
        notify(workspace.id, RIGHTS)
    return membership


def join_team(user: User, team: str) -> TeamMember:
    """Put a person into the team of this name, which is made where there is none (inside ``in_workspace``)."""
    group, _made = Team.objects.get_or_create(name=team)
    member, _new = TeamMember.objects.get_or_create(team=group, user=user)
    return member


def workspaces_of(user_id: UUID) -> list[Workspace]:
    """The workspaces a person is an active member of, by name; the one look-up across workspaces, through its own
    function.
    """
    theirs = RawSQL("SELECT workspace_id FROM trato_memberships(%s)", [user_id])
    return list(Workspace.objects.filter(id__in=theirs).order_by("name"))


def workspace_at(slug: str) -> Workspace | None:
    """The workspace of an address, if there is one."""
    return Workspace.objects.filter(slug=slug).first()


def make_token(
    workspace: Workspace, user: User, name: str, scopes: list[str], expires_at: datetime | None = None
) -> tuple[Token, str]:
    """A new API token and its text, which is shown this once (inside ``in_workspace``)."""
    text, digest, hint = Token.mint(workspace.id)
    token = Token.objects.create(user=user, name=name, digest=digest, hint=hint, scopes=scopes, expires_at=expires_at)
    return token, text


def change_profile(user: User, given: Mapping[str, Any]) -> None:
    """Set any of a person's name, language, time_zone and theme, which the caller has checked by their kinds."""
    own = ("name", "language", "time_zone", "theme")
    User.objects.filter(id=user.id).update(**{name: given[name] for name in own if name in given})


def person_at(email: str) -> User | None:
    """The person who signs in with this address, in any case."""
    return User.objects.filter(email=email.strip().lower()).first()


def change_address(user_id: Any, old: str, new: str) -> bool:
    """Let a person sign in with ``new`` instead of ``old``, whose owner the caller has proven; False, and nothing is
    changed, where they have another address by now, or somebody else has the new one.
    """
    try:
        with transaction.atomic():
            return bool(User.objects.filter(id=user_id, email=old).update(email=new.strip().lower()))
    except IntegrityError:
        return False


def people_of(user_ids: Iterable[UUID]) -> dict[UUID, User]:
    """People by id."""
    return User.objects.in_bulk(list(user_ids))


def name_of(user_id: Any) -> str:
    """What a person is called; "" for nobody."""
    return next((str(user) for user in User.objects.filter(id=user_id)), "")
