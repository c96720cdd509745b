"""What the ``trato`` command changes about people and secrets; it acts for the operator."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.db import transaction

from trato.engine import inbox, sign_on
from trato.engine.postgres.scope import in_workspace
from trato.engine.printing import certificates
from trato.engine.sealing import reseal
from trato.engine.workspaces.members import every_workspace
from trato.engine.workspaces.models import User
from trato.modules.billing.actions import online

from .datafolder import DataFolder


def new_person(email: str, password: str, name: str = "") -> User:
    """Somebody who can sign in with this address and password, and is a member of nothing yet."""
    return User.objects.create_user(email, password, name=name)


def forget_factors(user_id: Any) -> int:
    """Take every second factor from a person who lost them; how many there were."""
    return Authenticator.objects.filter(user_id=user_id).delete()[0]


def change_keys(folder: DataFolder) -> int:
    """Seal every secret in the database by a new key and forget the old ones; how many were sealed anew.

    The new key stands before the old ones while this runs, so that every process reads all there is. It goes over the
    secrets until none is left: one may be written by a process that had just read the old keys.
    """
    fresh = Fernet.generate_key().decode()
    folder.keep(sealing=[fresh, *folder.sealing_keys()])
    changed = 0
    while some := _reseal():
        changed += some
    folder.keep(sealing=[fresh])
    return changed


def _reseal() -> int:
    """One pass over all secrets; how many were not sealed by the newest key."""
    changed = 0
    for found in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).order_by("id"):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(id=found.id).first()
            fresh = {name: reseal(row.data[name]) for name in ("secret", "seed") if name in row.data} if row else {}
            if row and any(row.data[name] != sealed for name, sealed in fresh.items()):
                row.data = {**row.data, **fresh}
                row.save(update_fields=["data"])
                changed += 1
    for workspace in every_workspace():
        with in_workspace(workspace.id):
            changed += sign_on.reseal_secret() + certificates.reseal_key()
            changed += online.reseal_keys() + inbox.reseal_passwords()
    return changed
