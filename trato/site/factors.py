"""The second factor of an account: how its secrets are kept, what its messages say, and what operators do about it."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.db import transaction
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine.sealing import reseal, seal, unseal

from .datafolder import DataFolder

PURPOSE = "second factor"


class FactorAdapter(DefaultMFAAdapter):
    """django-allauth's adapter, with sealed secrets and our words."""

    error_messages: ClassVar[dict[str, Any]] = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is wrong, or was used already. Wait for the next one."),
        "cannot_generate_recovery_codes": _("Set up an app or a passkey first; recovery codes stand in for it."),
        "cannot_delete_authenticator": _("This can't be removed."),
    }

    def encrypt(self, text: str) -> str:
        """What stands in the database in place of a secret."""
        return seal(PURPOSE, text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again."""
        return unseal(PURPOSE, encrypted_text)

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        """What a passkey is called until the person says otherwise."""
        many = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _now("Passkey %(n)s") % {"n": many + 1} if many else _now("Passkey")


def forget(user_id: Any) -> int:
    """Take every second factor from a person who lost them; how many there were."""
    return Authenticator.objects.filter(user_id=user_id).delete()[0]


def rotate(folder: DataFolder) -> int:
    """Seal every secret by a new key and forget the old ones; how many were sealed anew.

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
    return changed
