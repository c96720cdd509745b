"""Identity (global tables) and the people side of a workspace (workspace tables)."""

import hashlib
import secrets
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .base import WorkspaceForeignKey, WorkspaceModel
from .ids import uuid7

#: The roles a new workspace begins with, as people read them; kept and named in commands by their English words.
BUILT_IN_ROLES = {
    "Administrator": _("Administrator"),
    "Manager": _("Manager"),
    "Member": _("Member"),
    "Reader": _("Reader"),
}
THEMES = [("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))]


class UserManager(BaseUserManager["User"]):
    """Makes users; an e-mail address is kept in lower case and is the name one signs in with."""

    def create_user(self, email: str, password: str | None = None, **values: Any) -> "User":
        """A person with this address; without a password they can only come in through an invitation or a reset."""
        user = self.model(email=email.strip().lower(), **values)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str | None) -> "User":
        """The person with this address, in any case."""
        return self.get(email=(email or "").strip().lower())


class User(AbstractBaseUser):
    """A person who signs in; global, since one person may work in several workspaces."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("E-mail"), max_length=254, unique=True)
    name = models.CharField(_("Name"), max_length=150, blank=True)
    language = models.CharField(_("Language"), max_length=10, default="en", choices=settings.LANGUAGES)
    time_zone = models.CharField(_("Time zone"), max_length=64, default="UTC")
    theme = models.CharField(_("Theme"), max_length=5, default="auto", choices=THEMES)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email


class Workspace(models.Model):
    """A company's or a team's own Trato: nothing in it is ever seen from another."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(_("Address"), max_length=50, unique=True)
    name = models.CharField(_("Name"), max_length=100)
    language = models.CharField(_("Language"), max_length=10, default="en", choices=settings.LANGUAGES)
    country = models.CharField(
        _("Country"),
        max_length=2,
        blank=True,
        help_text=_("Phone numbers without a prefix are read as numbers of this country."),
    )
    time_zone = models.CharField(_("Time zone"), max_length=64, default="UTC")
    currency = models.CharField(_("Currency"), max_length=3, default="EUR")
    is_demo = models.BooleanField(default=False, editable=False)
    founder = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    fields_version = models.IntegerField(default=0, editable=False)
    # How people come in: from when on they need a second factor; whether only through the company's sign-in, and who
    # may come by password even then, for the day it is out of order.
    second_factor_from = models.DateField(null=True, editable=False)
    sign_on_only = models.BooleanField(default=False, editable=False)
    spare = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    #: How long what was deleted lies in the recycle bin; 0 for ever.
    bin_days = models.PositiveIntegerField(default=90, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.name


class Role(WorkspaceModel):
    """What its holders may do; ``permissions`` is read by ``actors.Rights`` and described there."""

    name = models.CharField(_("Name"), max_length=80)
    is_admin = models.BooleanField(_("Administrator"), default=False)
    permissions = models.JSONField(default=dict, blank=True)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="role_name")]

    def __str__(self) -> str:
        return str(BUILT_IN_ROLES.get(self.name, self.name))


class Team(WorkspaceModel):
    """People who see each other's records where a role says *team*, and those of the teams below theirs."""

    name = models.CharField(_("Name"), max_length=80)
    parent = WorkspaceForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="below", verbose_name=_("Above it")
    )

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="team_name")]

    def __str__(self) -> str:
        return self.name


class TeamMember(WorkspaceModel):
    """One person in one team."""

    team = WorkspaceForeignKey(Team, models.CASCADE, related_name="members")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "team", "user"], name="team_member")]


class Membership(WorkspaceModel):
    """One person in one workspace, with one role."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    role = WorkspaceForeignKey(Role, models.PROTECT, related_name="memberships")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(null=True, editable=False)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="membership_user")]


class Invitation(WorkspaceModel):
    """An address asked to join; the link mailed to it carries a secret of which only the hash is kept."""

    email = models.EmailField(max_length=254)
    role = WorkspaceForeignKey(Role, models.CASCADE, related_name="+")
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        indexes = [models.Index(fields=["workspace", "digest"], name="invitation_digest")]


class SignOn(WorkspaceModel):
    """The company's own sign-in, that vouches for who comes to this workspace; there is at most one.

    ``settings``: of OpenID Connect ``client_id`` and ``secret`` (sealed); of SAML ``sso_url`` and ``certificate``.
    """

    OIDC, SAML = "oidc", "saml"

    kind = models.CharField(max_length=4)
    label = models.CharField(max_length=60)
    issuer = models.CharField(max_length=500)
    settings = models.JSONField(default=dict)
    domains = models.JSONField(default=list)
    vouched = models.BooleanField(default=False)
    is_open = models.BooleanField(default=False)
    role = WorkspaceForeignKey(Role, models.PROTECT, null=True, related_name="+")

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace"], name="sign_on_once")]


class Identity(WorkspaceModel):
    """Who somebody is to a company's sign-in: the subject that it, the issuer, never gives to another person."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=500)

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "issuer", "subject"], name="identity_subject"),
            models.UniqueConstraint(fields=["workspace", "issuer", "user"], name="identity_user"),
        ]


def digest_of(secret: str) -> str:
    """SHA-256 in hex of a high-entropy secret (no salt needed: it can't be guessed)."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Token(WorkspaceModel):
    """A key to the API: acts as its user, within its scopes; only its hash is kept.

    The text a caller holds is ``trato_<workspace id in hex>_<secret>``: the workspace is in it, so that the look-up
    itself is already inside that workspace.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(_("Name"), max_length=80)
    digest = models.CharField(max_length=64)
    hint = models.CharField(max_length=8)
    scopes = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "digest"], name="token_digest")]

    @staticmethod
    def mint(workspace_id: Any) -> tuple[str, str, str]:
        """A new key as (text to hand out once, digest to keep, hint to recognise it by)."""
        text = f"trato_{workspace_id.hex}_{secrets.token_urlsafe(32)}"
        return text, digest_of(text), text[-4:]
