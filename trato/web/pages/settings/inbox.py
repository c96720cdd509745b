"""Settings: the mailboxes that are read, and the mails that came there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from trato.engine import access, inbox
from trato.engine.inbox import IncomingMail, Mailbox, mailboxes, reading
from trato.engine.inbox.models import SECURITIES, STATES
from trato.engine.kinds import Bool, Choice, Email, Number, Reader, Text, Typed
from trato.engine.objects import Field
from trato.engine.values import Problem, Refused

from ... import words
from ...respond import base_of, said
from .frame import administrators, ask, fail, form, mail_list, read, settings_url, show, step, table
from .paper import Secret

PLACE = "mailboxes"
#: Characters of a mail that the list shows.
SHOWN = 2_000
#: Seconds that a try may take, while somebody waits.
PATIENCE = 20


@administrators
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The mailboxes, and how their last reading went."""
    place, reader = settings_url(request, PLACE), access.reader(request.actor)
    rows = [
        {
            "title": one.address,
            "subtitle": f"{one.user} · {one.host} · {one.folder}",
            "url": f"{place}/{one.id}",
            "cells": [_standing(one, reader)],
            "actions": [step(_("Try it"), f"{place}/{one.id}/try", "plug-connected")],
        }
        for one in mailboxes.listed(request.actor)
    ]
    return table(
        request,
        _("Mailboxes"),
        [_("Mailbox"), _("Last read")],
        rows,
        text=_("Trato reads new mails every minute and leaves them there as they are."),
        new=(f"{place}/new", _("New mailbox")),
        nothing=("inbox", _("No mailbox yet"), _("Set one up, so that answers reach the people they are about.")),
    )


def _standing(mailbox: Mailbox, reader: Reader) -> str:
    if not mailbox.is_on:
        return _("Off")
    if mailbox.trouble:
        return str(reading.TROUBLES[mailbox.trouble])
    read_at = words.when(mailbox.read_at, reader)
    return read_at["text"] if read_at else _("Not yet")


def _fields(is_new: bool) -> list[tuple[Any, list[Field]]]:
    kept = "" if is_new else _("Left empty, the one there is stays.")
    server = [
        ask("host", _("Server"), Text(required=True, max_length=253), _("IMAP, such as imap.example.com.")),
        ask("security", _("Connection"), Choice(required=True, choices=words.named(SECURITIES))),
        ask("port", _("Port"), Number(required=True, minimum=1, maximum=65535)),
        ask("user", _("User name"), Text(required=True, max_length=254), _("Often the address itself.")),
        ask("password", _("Password"), Secret(max_length=500, required=is_new), kept),
        ask("folder", _("Folder"), Text(required=True, max_length=200)),
    ]
    use = [
        ask("is_on", _("In use"), Bool(tristate=False), _("Mails that come while it is off are not read later.")),
        ask(
            "takes_answers",
            _("Takes answers"),
            Bool(tristate=False),
            _("Mails name this address besides their sender's own as where to reply."),
        ),
        *(ask(f"for_{one.name}", one.label, Bool(tristate=False), one.help) for one in inbox.purposes()),
    ]
    address = [ask("address", _("E-mail address"), Email(required=True), _("The one that people write to."))]
    return [("", address), (_("Where it is"), server), (_("What it is for"), use)]


@administrators
def change(request: HttpRequest, mailbox_id: Any = None) -> HttpResponse:
    """Set a mailbox up, or another way."""
    found = mailboxes.get(request.actor, mailbox_id) if mailbox_id else Mailbox()
    if request.method != "POST":
        purposes = {f"for_{one.name}": one.name in found.purposes for one in inbox.purposes()}
        shown = {name: getattr(found, name) for name in mailboxes.SAID} | purposes
        return _form(request, found, shown)
    fields = [field for _label, section in _fields(mailbox_id is None) for field in section]
    try:
        given = read(request, fields)
        given["port"] = int(given["port"])
        given["purposes"] = [one.name for one in inbox.purposes() if given[f"for_{one.name}"]]
        mailboxes.save(request.actor, found, given)
    except Refused as refused:
        return _form(request, found, Typed(request.POST), refused.problems)
    saved = _("Saved. “Try it” says whether the mailbox can be read.")
    return said(request, settings_url(request, PLACE), saved)


def _form(request: HttpRequest, found: Mailbox, shown: Any, problems: Iterable[Problem] = ()) -> HttpResponse:
    place, is_new = settings_url(request, PLACE), found._state.adding
    danger = None
    if not is_new:
        gone = _("It is read no more, and the mails that came here are forgotten; what became of them stays.")
        danger = {
            "url": f"{place}/{found.id}/remove",
            "label": _("Take it away"),
            "question": _("Take this mailbox away?"),
            "text": gone,
        }
    return form(
        request,
        _("New mailbox") if is_new else found.address,
        _fields(is_new),
        shown,
        action=f"{place}/new" if is_new else f"{place}/{found.id}",
        problems=problems,
        cancel=place,
        danger=danger,
    )


@administrators
@require_POST
def try_it(request: HttpRequest, mailbox_id: Any) -> HttpResponse:
    """Sign in and open the folder, and say what happened."""
    found = mailboxes.get(request.actor, mailbox_id)
    try:
        with reading.opened(found, PATIENCE) as box:
            count = box.count
    except reading.Trouble as trouble:
        words_ = f"{found.address}: {reading.TROUBLES[trouble.code]}"
        return fail(request, PLACE, Refused([Problem("", trouble.code, words_)]))
    text = ngettext(
        "It works: the folder holds %(count)s mail. New ones are read every minute.",
        "It works: the folder holds %(count)s mails. New ones are read every minute.",
        count,
    )
    mailboxes.hurry(request.actor, found.id)
    return said(request, settings_url(request, PLACE), text % {"count": count})


@administrators
@require_POST
def remove(request: HttpRequest, mailbox_id: Any) -> HttpResponse:
    """Take a mailbox away."""
    mailboxes.remove(request.actor, mailbox_id)
    return said(request, settings_url(request, PLACE), _("The mailbox is read no more."))


# -- what came ------------------------------------------------------------------------------------------------------


@administrators
@require_GET
def incoming(request: HttpRequest) -> HttpResponse:
    """The mails that came, and what became of each."""
    context = mail_list(request, "incoming", STATES, inbox.listed, _mail)
    text = _("What was read in the mailboxes, and what became of it. Mails are forgotten here after 90 days.")
    return show(request, "incoming", _("Mails that came"), context, text=text)


def _mail(request: HttpRequest, mail: IncomingMail, reader: Reader, address: str) -> dict[str, Any]:
    return {
        "subject": mail.subject or _("Without a subject"),
        "sender": mail.sender_name or mail.sender or _("Nobody"),
        "address": mail.sender if mail.sender_name else "",
        "mailbox": mail.mailbox.address,
        "text": mail.text[:SHOWN],
        "notice": _(mail.notice) if mail.notice else "",
        "state": mail.state,
        "state_label": str(STATES[mail.state]),
        "became": _(mail.became) if mail.became else "",
        "when": words.when(mail.received_at, reader),
        "url": f"{base_of(request)}/{mail.object}/{mail.record_id}" if mail.record_id else "",
        "retry_url": "" if mail.state == "taken" else f"{address}/{mail.id}/retry",
    }


@administrators
@require_POST
def again(request: HttpRequest, mail_id: Any) -> HttpResponse:
    """Deal once more with a mail that nobody took, or that failed."""
    try:
        mail = inbox.retry(request.actor, mail_id)
    except access.Absent:
        gone = Problem("", "absent", _("That mail is in another state by now. Nothing was changed."))
        return fail(request, "incoming", Refused([gone]))
    is_left = mail.state != "taken"
    text = _(mail.became) if is_left else _("The mail was dealt with.")
    return said(request, settings_url(request, "incoming"), text, error=is_left)
