"""What an administrator asks at the gates of an object."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from . import boards
from .administration import record, require
from .custom.shaping import changed
from .gates import Gate
from .objects import Object
from .values import Problem, Refused
from .workspaces.actors import Actor

#: A gate asks for no more fields than a person fills in without leaving, and waits no longer than ten years.
MOST_NEEDED, LONGEST = 20, 3650


def set_gate(
    actor: Actor, obj: Object, field: str, value: str, *, needed: Iterable[str] = (), stale_days: int | None = None
) -> None:
    """What a record needs before ``field`` takes ``value``, and after how many quiet days it is marked there; nothing
    of either takes the gate away. Raises NotAdministrator, Refused.
    """
    require(actor)
    known, names = obj.fields(actor.workspace), list(dict.fromkeys(needed))
    problems: list[Problem] = []
    by = known.get(field)
    if by is None or by.kind.name not in boards.DIVIDING or len(value) > 200 or "\0" in value:
        problems.append(Problem("field", "choice", _("Choose one of the list.")))
    if len(names) > MOST_NEEDED:
        problems.append(Problem("required", "too_many", _("At most %(n)s of them.") % {"n": MOST_NEEDED}))
    if any(name not in known or known[name].readonly or name == field for name in names):
        problems.append(Problem("required", "choice", _("Choose fields that can be filled in.")))
    if stale_days is not None and not 1 <= stale_days <= LONGEST:
        problems.append(Problem("stale_days", "range", _("Give a number of days from 1 to %(n)s.") % {"n": LONGEST}))
    if problems:
        raise Refused(problems)
    _write(actor, obj, field, value, {"required": names, "stale_days": stale_days})


def _write(actor: Actor, obj: Object, field: str, value: str, said: dict[str, Any]) -> None:
    where: dict[str, Any] = {"object": obj.plural, "field": field, "value": value}
    with transaction.atomic():
        before = Gate.objects.select_for_update().filter(**where).first()
        old = {"required": before.required, "stale_days": before.stale_days} if before else {}
        if not any(said.values()):
            Gate.objects.filter(**where).delete()
        else:
            before = Gate.objects.update_or_create(**where, defaults=said)[0]
        if before is not None:
            told = {name: (old.get(name), new) for name, new in said.items() if old.get(name) != new}
            record(actor, "gates", before.id, "updated", told | {"of": (None, f"{obj.plural}.{field}={value}")})
        changed(actor)
