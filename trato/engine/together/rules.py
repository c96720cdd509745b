"""What is told how and when, without a look at the database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

#: What people are told of, in the order of the settings.
KINDS: dict[str, Any] = {
    "mention": _("Somebody mentions me"),
    "comment": _("A comment on what I follow"),
    "reaction": _("A reaction to my comment"),
    "assigned": _("A record is given to me"),
    "reminder": _("A reminder, or a task that is due"),
    "meeting": _("A meeting begins soon"),
    "shared": _("A record is shared with me"),
    "changed": _("Changes in what I follow"),
    "job": _("An import, an export or another job has ended"),
}
MAILS: dict[str, Any] = {
    "none": _("No mail"),
    "now": _("At once"),
    "daily": _("Daily summary"),
    "weekly": _("Weekly summary"),
}
#: The mail of each kind for who chose nothing; all of them are in the app.
USUAL = {
    "mention": "now",
    "comment": "daily",
    "reaction": "none",
    "assigned": "now",
    "reminder": "now",
    "meeting": "none",
    "shared": "now",
    "changed": "none",
    "job": "none",
}
EMOJIS = ("👍", "❤️", "🎉", "😄", "👀", "🙏", "✅", "👎")
#: A mention in formatted text: a link to this place, which every surface keeps and no browser follows.
MENTION = re.compile(r'href="#users/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"', re.ASCII)
#: What every text with a mention holds.
MARK = "#users/"
#: People told by one text, at most.
MOST_MENTIONED = 50


def mentioned(text: Any) -> list[UUID]:
    """Whom a sanitised text mentions, each once, in order."""
    found = MENTION.findall(text) if isinstance(text, str) else []
    return [UUID(one) for one in dict.fromkeys(found)][:MOST_MENTIONED]


def newly_mentioned(old: Any, new: Any) -> list[UUID]:
    """Whom the new text mentions and the old one did not."""
    before = set(mentioned(old))
    return [one for one in mentioned(new) if one not in before]


@dataclass(frozen=True)
class Channels:
    """One person's wishes: per kind whether it is shown in the app, and how it is mailed."""

    chosen: Mapping[str, Any]
    digest_hour: int = 8
    digest_weekday: int = 0
    quiet_from: time | None = None
    quiet_until: time | None = None

    def in_app(self, kind: str) -> bool:
        """Whether it is shown in the notification centre."""
        return bool(self.chosen.get(kind, {}).get("app", True))

    def mail(self, kind: str) -> str:
        """``none``, ``now``, ``daily`` or ``weekly``."""
        said = self.chosen.get(kind, {}).get("mail", USUAL.get(kind, "none"))
        return said if said in MAILS else "none"

    def mail_at(self, kind: str, now: datetime, zone: ZoneInfo) -> datetime | None:
        """From when on the mail may leave; None for no mail."""
        how = self.mail(kind)
        if how == "none":
            return None
        if how == "now":
            return after_quiet(now, zone, self.quiet_from, self.quiet_until)
        weekday = self.digest_weekday if how == "weekly" else None
        return next_digest(now, zone, self.digest_hour, weekday)


def next_digest(now: datetime, zone: ZoneInfo, hour: int, weekday: int | None = None) -> datetime:
    """The next time the clock of the zone shows that full hour (of that weekday, Monday is 0), after ``now``."""
    day = now.astimezone(zone).date()
    for ahead in range(9):
        at = datetime.combine(day + timedelta(days=ahead), time(hour), zone)
        if at.timestamp() > now.timestamp() and (weekday is None or at.weekday() == weekday):
            return at.astimezone(UTC)
    raise AssertionError("a week has every weekday")


def after_quiet(now: datetime, zone: ZoneInfo, start: time | None, end: time | None) -> datetime:
    """``now``, or the end of the quiet hours that it falls into; they may cross midnight."""
    if start is None or end is None or start == end:
        return now
    local = now.astimezone(zone)
    clock = local.time()
    quiet = start <= clock < end if start < end else clock >= start or clock < end
    if not quiet:
        return now
    day = local.date() + timedelta(days=1) if clock >= end else local.date()
    return datetime.combine(day, end, zone).astimezone(UTC)
