"""django-allauth's forms in our words."""

from __future__ import annotations

from typing import Any

from allauth.account import forms
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django.contrib.auth import password_validation as validators
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

LABELS = {
    "login": _("E-mail"),
    "email": _("E-mail"),
    "password": _("Password"),
    "remember": _("Stay signed in on this device"),
    "oldpassword": _("The password you have"),
    "password1": _("New password"),
    "password2": _("New password again"),
    "code": _("Code"),
    "name": _("Name"),
    "passwordless": _("Sign in with it alone, without a password"),
}
HINT = _("At least ten characters; a few words are better than one. Nothing that is in your name or address.")


class Worded:
    """A form whose labels, help and messages are ours."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            field.label = LABELS.get(name, "")
            field.error_messages["required"] = _("Fill in this field.")
            if name in ("login", "email"):
                field.error_messages["invalid"] = _("Write an e-mail address, like ana@example.com.")
            if name == "password1":
                field.help_text = HINT

    def add_error(self, field: Any, error: Any) -> None:
        """A second password that differs is said in our words too."""
        if field == "password2" and not isinstance(error, ValidationError):
            error = _("The two passwords are not the same.")
        super().add_error(field, error)  # type: ignore[misc]


class Login(Worded, forms.LoginForm):
    """Signing in."""


class ResetPassword(Worded, forms.ResetPasswordForm):
    """Asking for a link to choose a new password."""


class ResetPasswordKey(Worded, forms.ResetPasswordKeyForm):
    """Choosing it."""


class ChangePassword(Worded, forms.ChangePasswordForm):
    """Changing it with the one that is known."""


class SetPassword(Worded, forms.SetPasswordForm):
    """The first one of somebody who came without."""


class Reauthenticate(Worded, forms.ReauthenticateForm):
    """Showing that it is still the same person."""


class Code(Worded, AuthenticateForm):
    """The second factor, while signing in."""


class CodeAgain(Worded, ReauthenticateForm):
    """Showing by a code that it is still the same person."""


class FirstCode(Worded, ActivateTOTPForm):
    """The first code of an authenticator app shows that it has the key."""


class NewPasskey(Worded, AddWebAuthnForm):
    """A passkey, or a security key."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["passwordless"].help_text = _("The device then asks for a fingerprint, your face or a PIN.")
        self.fields["passwordless"].initial = True


class NamePasskey(Worded, EditWebAuthnForm):
    """What a passkey is called."""


class Length(validators.MinimumLengthValidator):
    """Long enough."""

    def get_error_message(self) -> str:
        text = ngettext("It needs at least %(n)s character.", "It needs at least %(n)s characters.", self.min_length)
        return text % {"n": self.min_length}


class Likeness(validators.UserAttributeSimilarityValidator):
    """Not what everybody knows of the person."""

    def get_error_message(self) -> str:
        return str(_("It is too much like your name or address."))


class Common(validators.CommonPasswordValidator):
    """Not one that is tried first."""

    def get_error_message(self) -> str:
        return str(_("It is one of the passwords that are tried first; choose another."))


class Digits(validators.NumericPasswordValidator):
    """Not only digits."""

    def get_error_message(self) -> str:
        return str(_("It consists of digits only; add letters."))
