"""How each person wants to be told: read, written, and what follows of it for what still waits to be mailed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from ..kinds.datetime import zone_of
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from .models import Notification, Wishes
from .person import person
from .rules import KINDS, MAILS, Channels

FLAGS = ("follow_mention", "follow_own", "follow_comment")


@dataclass(frozen=True)
class Wish:
    """One person's wishes."""

    channels: Channels
    follow_mention: bool = True
    follow_own: bool = True
    follow_comment: bool = True

    def as_json(self) -> dict[str, Any]:
        """As the API and the settings page show them."""
        channels = self.channels
        return {
            "channels": {kind: {"app": channels.in_app(kind), "mail": channels.mail(kind)} for kind in KINDS},
            "digest_hour": channels.digest_hour,
            "digest_weekday": channels.digest_weekday,
            "quiet_from": channels.quiet_from.strftime("%H:%M") if channels.quiet_from else None,
            "quiet_until": channels.quiet_until.strftime("%H:%M") if channels.quiet_until else None,
            **{flag: getattr(self, flag) for flag in FLAGS},
        }


def _wish(row: Wishes | None) -> Wish:
    if row is None:
        return Wish(Channels({}))
    channels = Channels(row.channels, row.digest_hour, row.digest_weekday, row.quiet_from, row.quiet_until)
    return Wish(channels, *(getattr(row, flag) for flag in FLAGS))


def of_people(user_ids: Iterable[UUID]) -> dict[UUID, Wish]:
    """Everybody's wishes, the usual ones of who said nothing."""
    ids = list(user_ids)
    rows = {row.user_id: row for row in Wishes.objects.filter(user_id__in=ids)}
    return {user_id: _wish(rows.get(user_id)) for user_id in ids}


def of(actor: Actor) -> Wish:
    """The actor's own."""
    return _wish(Wishes.objects.filter(user_id=person(actor)).first())


def change(actor: Actor, given: Mapping[str, Any]) -> Wish:
    """Set any of one's wishes (the members of ``Wish.as_json``); raises Refused, and nothing is changed then."""
    current = of(actor)
    values, problems = _read(given, current)
    if problems:
        raise Refused(problems)
    Wishes.objects.update_or_create(user_id=person(actor), defaults=values)
    changed = of(actor)
    _again(actor, changed.channels)
    return changed


def no_mails(actor: Actor) -> None:
    """What the unsubscribe link of a mail does: everything stays in the app, nothing is mailed."""
    channels = of(actor).channels
    change(actor, {"channels": {kind: {"app": channels.in_app(kind), "mail": "none"} for kind in KINDS}})


def _again(actor: Actor, channels: Channels) -> None:
    """What waits to be mailed goes as the person wishes now."""
    now, zone = timezone.now(), zone_of(actor.time_zone)
    for kind in KINDS:
        waiting = Notification.objects.filter(user_id=person(actor), kind=kind, mail_at__isnull=False)
        waiting.update(mail_at=channels.mail_at(kind, now, zone))


def _read(given: Mapping[str, Any], current: Wish) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {}
    problems = []
    for name, value in given.items():
        try:
            values[name] = READERS[name](value, current)
        except KeyError:
            problems.append(Problem(str(name)[:80], "unknown", _("There is no such field.")))
        except (ValueError, TypeError, AttributeError):
            problems.append(Problem(name, "value", _("This value does not fit here.")))
    return values, problems


def _flag(value: Any, _current: Wish) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _within(most: int) -> Any:
    def read(value: Any, _current: Wish) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise ValueError
        return value

    return read


def _time(value: Any, _current: Wish) -> time | None:
    if value in (None, ""):
        return None
    found = value if isinstance(value, time) else time.fromisoformat(value)
    return found.replace(second=0, microsecond=0, tzinfo=None)


def _channels(value: Any, current: Wish) -> dict[str, Any]:
    """The kinds given; the others stay as they are."""
    chosen = {kind: dict(said) for kind, said in current.channels.chosen.items() if kind in KINDS}
    for kind, said in value.items():
        if kind not in KINDS or set(said) - {"app", "mail"}:
            raise ValueError
        if not isinstance(said.get("app", True), bool) or said.get("mail", "none") not in MAILS:
            raise ValueError
        chosen[kind] = chosen.get(kind, {}) | dict(said)
    return chosen


READERS = {
    "channels": _channels,
    "digest_hour": _within(23),
    "digest_weekday": _within(6),
    "quiet_from": _time,
    "quiet_until": _time,
    **dict.fromkeys(FLAGS, _flag),
}
