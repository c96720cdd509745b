"""Deals that went quiet: marked for lists and filters, and their owners are told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from trato.engine import objects
from trato.engine.kinds.datetime import zone_of
from trato.engine.together.models import Notification
from trato.engine.together.telling import News, may_see, tell
from trato.engine.together.wording import saying
from trato.engine.workspaces.ids import uuid7
from trato.engine.workspaces.models import Workspace

from ..queries import deals as queries
from .scoring import write_aside

#: Deals of one owner that are told one by one; beyond that one line tells of all.
ONE_BY_ONE = 5


def _say(row: Notification) -> str:
    more = row.details.get("more", 0)
    if more:
        words = ngettext(
            "Nothing happened for too long, nor with %(n)s other deal of yours",
            "Nothing happened for too long, nor with %(n)s other deals of yours",
            more,
        )
        return words % {"n": more}
    return _("Nothing happened for too long")


saying("quiet", gettext_lazy("A deal of mine went quiet"), _say, mail="daily")


def mark(workspace: Workspace, ids: Iterable[UUID] | None = None, now: datetime | None = None) -> int:
    """Keep since when open deals, these or all, have been quiet for longer than their stages allow, and tell the owners
    of those that are so now (inside ``in_workspace``). Safe to run twice; returns how many changed.
    """
    ids = None if ids is None else list(ids)
    found, zone = queries.gone_quiet(now or timezone.now(), ids), zone_of(workspace.time_zone)
    days, had = {each: since.astimezone(zone).date() for each, since in found.items()}, queries.marked_quiet(ids)
    changed = {each: days.get(each) for each in days.keys() | had.keys() if days.get(each) != had.get(each)}
    write_aside("deals", "quiet_since", changed)
    _tell(workspace, queries.owners_of(days.keys() - had.keys()), found)
    return len(changed)


def _tell(workspace: Workspace, owners: Mapping[UUID, UUID], since: Mapping[UUID, datetime]) -> None:
    """Tell each owner, the quietest first; who may not see a deal any more is told nothing of it."""
    of: dict[UUID, list[UUID]] = defaultdict(list)
    for deal, owner in sorted(owners.items(), key=lambda pair: since[pair[0]]):
        of[owner].append(deal)
    news: list[News] = []
    for owner, deals in of.items():
        seen = [deal for deal in deals[:ONE_BY_ONE] if may_see(workspace, owner, objects.get("deals"), deal)]
        if len(deals) > ONE_BY_ONE and seen:
            news.append(_news(owner, seen[0], "quiet:many", more=len(deals) - 1))
        else:
            news += [_news(owner, deal, f"quiet:{deal}") for deal in seen]
    tell(workspace, news)


def _news(owner: UUID, deal: UUID, key: str, **details: Any) -> News:
    return News(owner, "quiet", key, uuid7(), object="deals", record_id=deal, details=details)
