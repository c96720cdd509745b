"""The mailboxes of a workspace, as administrators set them up; their passwords are sealed, and never given back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import access
from ..decisions import record, require
from ..sealing import reseal, seal
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from .models import Mailbox
from .reading import TROUBLES, seal_of

#: What of a mailbox stands in the history.
SAID = ("address", "host", "port", "security", "user", "folder", "is_on", "takes_answers", "purposes")
#: What decides which mails are new: changed, reading begins with those that come from now on.
PLACE = ("host", "port", "user", "folder")


@dataclass(frozen=True)
class Purpose:
    """What a module does with mails of mailboxes that are meant for it."""

    name: str
    label: Any
    help: Any


_purposes: dict[str, Purpose] = {}


def purpose(name: str, label: Any, help: Any) -> None:
    """Offer a switch at every mailbox; receivers find its name in ``mailbox.purposes``."""
    _purposes[name] = Purpose(name, label, help)


def purposes() -> list[Purpose]:
    """The switches of all modules."""
    return list(_purposes.values())


def listed(actor: Actor) -> list[Mailbox]:
    """The mailboxes by their addresses; raises NotAdministrator."""
    require(actor)
    return list(Mailbox.objects.order_by("address"))


def get(actor: Actor, mailbox_id: Any) -> Mailbox:
    """One mailbox; raises NotAdministrator, Absent."""
    require(actor)
    found = Mailbox.objects.filter(id=access.as_uuid(mailbox_id)).first()
    if found is None:
        raise access.Absent(str(mailbox_id))
    return found


def save(actor: Actor, mailbox: Mailbox, given: Mapping[str, Any]) -> Mailbox:
    """Set a mailbox up by its fields; an empty ``password`` keeps the one there is, as long as server and
    user stay the same. Raises NotAdministrator, Refused.
    """
    require(actor)
    is_new = mailbox._state.adding
    before = {name: None if is_new else getattr(mailbox, name) for name in SAID}
    values = {name: given[name] for name in SAID}
    values["host"] = values["host"].lower()
    values["purposes"] = [name for name in _purposes if name in given["purposes"]]
    _check(values, given["password"], before)
    for name, value in values.items():
        setattr(mailbox, name, value)
    if given["password"]:
        mailbox.password = seal(seal_of(mailbox), given["password"])
    if any(before[name] != values[name] for name in PLACE) or (values["is_on"] and not before["is_on"]):
        mailbox.since, mailbox.validity, mailbox.last_uid = timezone.now(), 0, 0
    mailbox.trouble, mailbox.failures, mailbox.next_at = "", 0, None
    try:
        with transaction.atomic():
            mailbox.save(force_insert=is_new)
    except IntegrityError:
        raise Refused([Problem("address", "twice", _("This mailbox is set up already."))]) from None
    changed = {name: (before[name], values[name]) for name in SAID if before[name] != values[name]}
    if given["password"]:
        changed["password"] = ("", "••••")
    record(actor, "mailboxes", mailbox.id, "created" if is_new else "updated", changed)
    return mailbox


def _check(values: Mapping[str, Any], password: str, before: Mapping[str, Any]) -> None:
    """What no server would be asked; raises Refused."""
    problems = []
    for name in ("host", "user", "folder"):
        if not values[name] or not values[name].isprintable():  # a line end would begin another command
            problems.append(Problem(name, "text", _("Write one line of plain characters.")))
    if password and not password.isprintable():
        problems.append(Problem("password", "text", _("Write one line of plain characters.")))
    if not password and any(before[name] != values[name] for name in ("host", "port", "security", "user")):
        words = _("Type the password: it is not sent to another server, or for another user, unasked.")
        problems.append(Problem("password", "required", words))
    if values["host"] not in settings.TRATO_INTERNAL_HOSTS:
        if values["security"] == "none":
            problems.append(Problem("security", "plain", str(TROUBLES["plain"])))
        if values["port"] not in (143, 993):
            problems.append(Problem("port", "port", str(TROUBLES["port"])))
    if problems:
        raise Refused(problems)


def hurry(actor: Actor, mailbox_id: Any) -> None:
    """Have a mailbox read with the next ones, whatever trouble it had; raises NotAdministrator."""
    require(actor)
    Mailbox.objects.filter(id=mailbox_id).update(trouble="", failures=0, next_at=None)


def remove(actor: Actor, mailbox_id: Any) -> None:
    """Read a mailbox no more, and forget the mails that came there; what became of them stays. Raises
    NotAdministrator, Absent.
    """
    found = get(actor, mailbox_id)
    record(actor, "mailboxes", found.id, "deleted", {"address": (found.address, None)})
    found.delete()


def answers_to(address: str) -> list[str]:
    """Where to reply to a mail: to its sender's address, and to the mailboxes that take answers, so that Trato hears
    of them too (inside ``in_workspace``).
    """
    heard = Mailbox.objects.filter(is_on=True, takes_answers=True).order_by("address").values_list("address", flat=True)
    return list(dict.fromkeys(one for one in (address, *heard[:2]) if one))


def reseal_passwords() -> int:
    """Seal the workspace's passwords by the newest key; how many were not yet (inside ``in_workspace``)."""
    changed = 0
    for found in Mailbox.objects.select_for_update(of=("self",)).order_by("id"):
        fresh = reseal(found.password)
        if fresh != found.password:
            Mailbox.objects.filter(id=found.id).update(password=fresh)
            changed += 1
    return changed
