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
from trato.engine.workspaces.models import Invitation, User, Workspace

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
    words = _("The mail could not be sent, so nobody was invited. Check the mail settings, or try again later.")
    _send(made.email, subject, lines, words)


def invited_by_coming(workspace: Workspace, made: Invitation, secret: str) -> None:
    """Send the link of an invitation to somebody who came through the company's sign-in and has an account; raises
    Refused.
    """
    named = {"workspace": workspace.name}
    with translation.override(workspace.language):
        lines = [
            _("Somebody came to %(workspace)s, on Trato, through your company's sign-in, with this address.") % named,
            _("Open this address to join; it holds for seven days and works once:"),
            f"{settings.TRATO_URL}/join/{secret}",
            _("If you did not expect this mail, do nothing: nobody joins without the link."),
        ]
        _send(made.email, _("Join %(workspace)s") % named, lines, _("The mail could not be sent. Try again later."))


def new_address(user: User, email: str, link: str) -> None:
    """Ask whoever reads ``email`` to prove it with the link, in the person's language; raises Refused."""
    with translation.override(user.language):
        lines = [
            _("%(who)s wants to sign in to Trato with this address.") % {"who": user},
            _("Open this address within a day, in a browser where you are signed in, to confirm it:"),
            link,
            _("If this was not you, do nothing: without the link nothing changes."),
        ]
        _send(email, _("Confirm your new address"), lines, _address_failed())


def address_taken(owner: User) -> None:
    """Tell a person that somebody wanted to use their address; raises Refused."""
    with translation.override(owner.language):
        lines = [
            _("Somebody wanted to sign in to Trato with this address, which is yours already."),
            _("Nothing has changed, and you need not do anything. If it was you: sign in with this address."),
        ]
        _send(owner.email, _("Your address is in use"), lines, _address_failed())


def address_changed(user: User, old: str, new: str) -> None:
    """Tell the address a person had which one they sign in with now; one that refuses mail changes nothing."""
    with translation.override(user.language):
        lines = [
            _("%(who)s signs in to Trato with %(email)s from now on, and no longer with this address.")
            % {"who": user, "email": new},
            _("If this was not you, tell whoever runs your Trato at once: somebody knows your password."),
        ]
        try:
            _send(old, _("Your address was changed"), lines, "")
        except Refused:
            return


def _address_failed() -> str:
    return _("The mail could not be sent, so nothing was changed. Check the address, or try again later.")


def _send(to: str, subject: str, lines: list[str], failed: str) -> None:
    """Send paragraphs of text; raises Refused with the words ``failed`` where the mail does not leave."""
    message = EmailMessage(" ".join(subject.split()), "\n\n".join(lines) + "\n", to=[to])
    try:
        message.send()
    except (OSError, SMTPException) as error:
        logger.warning("mail refused: %s", type(error).__name__)  # its words would name the address
        raise Refused([Problem("email", "mail", failed)]) from error
