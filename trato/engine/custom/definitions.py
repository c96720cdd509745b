"""Objects an administrator adds: a definition here, their records in one table shared by all of them.

An object's ``plural`` is its address and never changes; what it is called may. A deleted one waits in the recycle bin
with its records, until it is deleted for good.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import access, jobs, objects
from ..decisions import require
from ..kinds import Invalid, Reader, Text
from ..models import CustomObject, Job
from ..objects import Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from .icons import ICONS
from .shaping import alone, decided, differing

PLURAL = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
LONGEST = 60
MOST_OBJECTS = 100
OBJECTS = "custom-objects"
CHANGEABLE = ("label", "label_plural", "labels", "help", "icon", "name_label", "position")
#: First words of addresses of pages and of the API, and words that stand for something else: no object is called so.
RESERVED = frozenset(
    """activity admin alive api batches bulk calling changes comments commissions config configuration custom
    custom-fields custom-objects demo docs download export exports favourites field files forecast healthz history
    home import imports jobs join live looking me merge my-day new notifications objects offers offline openapi
    outreach palette people pick preview price-check readyz records relations reports revenue role roles rules sales
    saved search settings share shares shortcuts static team teams timeline tokens undo upload uploads users view
    views w webhooks welcome workspace workspaces""".split()
)


def add_object(actor: Actor, given: Mapping[str, Any]) -> CustomObject:
    """Add an object from ``plural`` and CHANGEABLE, of which the two labels are needed; raises Refused,
    NotAdministrator.
    """
    alone(actor)
    if CustomObject.objects.count() >= MOST_OBJECTS:
        words = _("A workspace has at most %(n)s objects of its own, those in the recycle bin counted.")
        raise Refused([Problem("", "too_many", words % {"n": MOST_OBJECTS})])
    plural: Any = given.get("plural")
    if problem := _wrong_plural(plural):
        raise Refused([Problem("plural", *problem)])
    last = CustomObject.objects.aggregate(last=Max("position"))["last"] or 0
    row = CustomObject(plural=plural, position=last + 1)
    _assign(row, {"icon": "box"} | dict(given))
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        words = _("There is an object of that name already, or one in the recycle bin.")
        raise Refused([Problem("plural", "unique", words)]) from None
    decided(actor, OBJECTS, row.id, "created", {"plural": (None, row.plural)})
    return row


def _wrong_plural(plural: Any) -> tuple[str, str] | None:
    """What is wrong with an object's name in addresses: a code and words."""
    if not isinstance(plural, str) or len(plural) > LONGEST or not PLURAL.fullmatch(plural):
        return "plural", _("A name is small letters, digits and hyphens, and begins with a letter.")
    if plural in RESERVED or plural in {obj.plural for obj in objects.registered()}:
        return "reserved", _("“%(name)s” means something else in Trato already; choose another name.") % {
            "name": plural
        }
    return None


def change_object(actor: Actor, plural: str, given: Mapping[str, Any]) -> CustomObject:
    """Change what an object is called; raises Refused, Absent, NotAdministrator."""
    alone(actor)
    row = _row(plural)
    before = {name: getattr(row, name) for name in CHANGEABLE}
    _assign(row, before | {name: given[name] for name in CHANGEABLE if name in given})
    row.save()
    decided(actor, OBJECTS, row.id, "updated", differing(before, row))
    return row


def _row(plural: str, *, deleted: bool = False) -> CustomObject:
    """The definition, locked; raises Absent."""
    rows = CustomObject.objects.filter(plural=str(plural), deleted_at__isnull=not deleted)
    row = rows.select_for_update().first()
    if row is None:
        raise access.Absent(str(plural)[:80])
    return row


TEXTS = {
    "label": Text(required=True, max_length=100),
    "label_plural": Text(required=True, max_length=100),
    "help": Text(max_length=300),
    "name_label": Text(max_length=100),
}


def _assign(row: CustomObject, given: Mapping[str, Any]) -> None:
    """Put checked settings into the row; raises Refused with every problem."""
    problems = []
    for name, kind in TEXTS.items():
        try:
            setattr(row, name, kind.clean(given.get(name), Reader()) or "")
        except Invalid as problem:
            problems.append(Problem(name, problem.code, str(problem)))
    checks = {"labels": _labels, "icon": _icon, "position": _position}
    for name, check in checks.items():
        try:
            setattr(row, name, check(given.get(name, getattr(row, name))))
        except Invalid as problem:
            problems.append(Problem(name, problem.code, str(problem)))
    if problems:
        raise Refused(problems)


def _labels(given: Any) -> dict[str, list[str]]:
    """The object's words in other languages; raises Invalid."""
    words = _("Give for each language what one of them and several of them are called.")
    if not isinstance(given, Mapping) or not given.keys() <= dict(settings.LANGUAGES).keys():
        raise Invalid("labels", words)
    for pair in given.values():
        if not (isinstance(pair, list | tuple) and len(pair) == 2 and all(_is_words(each) for each in pair)):
            raise Invalid("labels", words)
    return {language: [" ".join(each.split()) for each in pair] for language, pair in given.items()}


def _is_words(text: Any) -> bool:
    return isinstance(text, str) and 0 < len(text.strip()) <= 100 and "\0" not in text


def _icon(given: Any) -> str:
    if not isinstance(given, str) or given not in ICONS:
        raise Invalid("icon", _("Choose one of the icons."))
    return given


def _position(given: Any) -> int:
    if type(given) is not int or not 0 <= given < 2**31:
        raise Invalid("number", _("A position is a whole number."))
    return given


def listed_objects(actor: Actor, *, deleted: bool = False) -> list[CustomObject]:
    """The workspace's own objects, or those in the recycle bin, in order."""
    require(actor)
    rows = CustomObject.objects.filter(deleted_at__isnull=not deleted)
    return list(rows.order_by("-deleted_at", "position", "id"))


def bury_object(actor: Actor, plural: str) -> None:
    """Put an object with all its records into the recycle bin: nothing is lost, nothing of it is seen. Raises Absent,
    NotAdministrator.
    """
    alone(actor)
    row = _row(plural)
    row.deleted_at = timezone.now()
    row.save(update_fields=["deleted_at"])
    decided(actor, OBJECTS, row.id, "deleted", {"plural": (row.plural, None)})


def revive_object(actor: Actor, plural: str) -> Object:
    """Bring an object back from the recycle bin, as it was; raises Absent, NotAdministrator."""
    alone(actor)
    row = _row(plural, deleted=True)
    row.deleted_at = None
    row.save(update_fields=["deleted_at"])
    decided(actor, OBJECTS, row.id, "restored", {"plural": (None, row.plural)})
    return objects.get(row.plural)


def destroy_object(actor: Actor, plural: str, confirmed: Any) -> Job:
    """Delete an object that is in the recycle bin for good, with all its records, in the background.

    ``confirmed`` is the object's name typed again. Raises Refused, Absent, NotAdministrator.
    """
    alone(actor)
    row = _row(plural, deleted=True)
    if confirmed != row.plural:
        words = _("Type “%(name)s” to delete it with all its records. Nothing was deleted.") % {"name": row.plural}
        raise Refused([Problem("confirm", "confirm", words)])
    decided(actor, OBJECTS, row.id, "destroyed", {"plural": (row.plural, None)})
    words = _("Delete “%(name)s” for good") % {"name": row.label_plural}
    return jobs.enqueue(actor, "destroy object", words, object=str(row.id))
