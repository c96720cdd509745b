"""The second factor of an account: how its secrets are kept, and what its messages say."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine.sealing import seal, unseal

from .queries import factors_of

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
        many = factors_of(user.pk, type)
        return _now("Passkey %(n)s") % {"n": many + 1} if many else _now("Passkey")
