"""Writing a mail into the outbox."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ..objects import Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from . import jobs
from .models import Mail

MOST = 20  # receivers of one mail
HEAVIEST = 20 * 2**20  # bytes of attachments; what mail servers commonly take is little more
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


def put(
    actor: Actor,
    *,
    key: str,
    to: Iterable[tuple[str, str]],
    subject: str,
    text: str,
    html: str = "",
    reply_to: str | Iterable[str] = (),
    attachments: Iterable[Mapping[str, Any]] = (),
    unsubscribe: str = "",
    about: tuple[Object, Any] | None = None,
) -> Mail:
    """Put a mail into the outbox in the running transaction (inside ``in_workspace``): it leaves once that is kept.

    ``to`` are (name, address); ``attachments`` values of file fields; ``about`` the object and id of the record it
    tells of; ``unsubscribe`` an address that takes a POST without cookies (RFC 8058). A key that was used already gives
    the mail it was used for, and none is sent. Raises Refused.
    """
    receivers = [(one_line(name, 200), address.strip()) for name, address in to]
    replies = [reply_to] if isinstance(reply_to, str) else list(reply_to)
    replies = [address for address in replies if address]
    _check(receivers, replies)
    attached = [dict(one) for one in attachments]
    if sum(one.get("size", 0) for one in attached) > HEAVIEST:
        words = _("The files of a mail may have at most %(n)s MB together.") % {"n": HEAVIEST // 2**20}
        raise Refused([Problem("attachments", "too_large", words)])
    mail = Mail(
        key=key[:200],
        to=receivers,
        reply_to="\n".join(replies),
        sender=one_line(actor.workspace.name, 200),
        subject=one_line(subject, 300),
        text=text,
        html=html,
        attachments=attached,
        unsubscribe=unsubscribe,
        object=about[0].plural if about else "",
        record_id=about[1] if about else None,
        by_name=actor.name,
    )
    try:
        with transaction.atomic():
            mail.save(force_insert=True)
    except IntegrityError:
        return Mail.objects.get(key=mail.key)
    jobs.add(mail)
    return mail


def one_line(text: str, longest: int) -> str:
    """A text for the head of a mail: nothing in it begins another line."""
    return " ".join(_CONTROLS.sub(" ", text).split())[:longest]


def _check(receivers: list[tuple[str, str]], replies: list[str]) -> None:
    if not 0 < len(receivers) <= MOST:
        raise Refused([Problem("to", "count", _("Name from 1 to %(n)s receivers.") % {"n": MOST})])
    for address in [*(one for _name, one in receivers), *replies]:
        try:
            validate_email(address)
        except ValidationError:
            words = _("“%(address)s” is no e-mail address; write one like ana@example.com.")
            raise Refused([Problem("to", "email", words % {"address": address[:80]})]) from None
