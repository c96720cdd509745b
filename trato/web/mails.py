"""Mails that Trato itself sends."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _

from trato.engine.values import Problem, Refused
from trato.engine.workspaces.models import Invitation

logger = logging.getLogger("trato.mail")


def invitation(request: HttpRequest, made: Invitation, secret: str) -> None:
    """Send the link of an invitation, in the workspace's language; raises Refused where the mail does not leave."""
    workspace = request.actor.workspace
    who, link = str(request.user), f"{settings.TRATO_URL}/join/{secret}"
    with translation.override(workspace.language):
        subject = _("%(who)s invites you to %(workspace)s") % {"who": who, "workspace": workspace.name}
        lines = [
            _("%(who)s invites you to work together in %(workspace)s, on Trato.")
            % {"who": who, "workspace": workspace.name},
            _("Open this address to join; it holds for seven days and works once:"),
            link,
            _("If you did not expect this mail, do nothing: nobody joins without the link."),
        ]
    message = EmailMessage(" ".join(subject.split()), "\n\n".join(lines) + "\n", to=[made.email])
    try:
        message.send()
    except (OSError, SMTPException) as error:
        logger.warning("mail refused: %s", type(error).__name__)  # its words would name the address
        words = _("The mail could not be sent, so nobody was invited. Check the mail settings, or try again later.")
        raise Refused([Problem("email", "mail", words)]) from error
