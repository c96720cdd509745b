"""How people come to an account: by invitation or by an administrator, never by signing themselves up; and how the
mails of an account leave.
"""

import logging
from smtplib import SMTPException
from threading import Thread
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.sites.shortcuts import get_current_site
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from trato.web.pages import entrance

logger = logging.getLogger("trato.mail")
accounts = logging.getLogger("trato.accounts")


class AccountAdapter(DefaultAccountAdapter):
    """django-allauth's adapter with the public sign-up closed, and mails sent beside the answer."""

    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("The e-mail address or the password is wrong."),
        "enter_current_password": _("This is not your password."),
        "incorrect_password": _("This is not your password."),
        "invalid_password_reset": _("This link no longer works."),
        "too_many_login_attempts": _("That was too often. Wait some minutes, then try again."),
        "rate_limited": _("That was too often. Wait some minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return "/"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail while the request is answered already: neither how long the mail server takes nor that it
        refuses tells who asks for a new password whether there is such an account.
        """
        about = {"request": self.request, "email": email, "current_site": get_current_site(self.request)}
        with translation.override(getattr(context.get("user"), "language", None) or translation.get_language()):
            message = self.render_mail(template_prefix, email, about | context)
        Thread(target=_send, args=(message,), name="account mail").start()

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell a person of a change to their account, in their language."""
        super().send_notification_mail(template_prefix, user, (context or {}) | {"user": user}, email)

    def login(self, request: HttpRequest, user: Any) -> None:
        """Sign somebody in, and say so in the log."""
        super().login(request, user)
        entrance.bind(request)
        accounts.info("signed in: %s", user.pk)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Say in the log that somebody could not sign in; with which address is not said."""
        super().authentication_failed(request, **credentials)
        accounts.warning("sign-in failed")

    def set_password(self, user: Any, password: str) -> None:
        """Give somebody a new password, and say so in the log."""
        super().set_password(user, password)
        accounts.info("password changed: %s", user.pk)


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except (OSError, SMTPException) as error:
        logger.warning("mail refused: %s", type(error).__name__)  # its words would name the address
