"""How people come to an account: by invitation or by an administrator, never by signing themselves up; and how the
mails of an account leave.
"""

import logging
from smtplib import SMTPException
from threading import Thread
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.sites.shortcuts import get_current_site
from django.core.mail import EmailMessage
from django.http import HttpRequest

logger = logging.getLogger("trato.mail")


class AccountAdapter(DefaultAccountAdapter):
    """django-allauth's adapter with the public sign-up closed, and mails sent beside the answer."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail while the request is answered already: neither how long the mail server takes nor that it
        refuses tells who asks for a new password whether there is such an account.
        """
        about = {"request": self.request, "email": email, "current_site": get_current_site(self.request)}
        message = self.render_mail(template_prefix, email, about | context)
        Thread(target=_send, args=(message,), name="account mail").start()


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except (OSError, SMTPException) as error:
        logger.warning("mail refused: %s", type(error).__name__)  # its words would name the address
