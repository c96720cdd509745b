"""What people are told about quotes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trato.engine.together.telling import News, tell
from trato.engine.together.wording import saying
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.ids import uuid7

from ..models import Quote


def _who(row: Any) -> str:
    return row.by_name or _("Somebody")


saying(
    "approval",
    gettext_lazy("Something waits for my approval"),
    lambda row: _("%(who)s asks for your approval") % {"who": _who(row)},
    mail="now",
)
saying(
    "approved",
    gettext_lazy("What I asked for was approved or refused"),
    lambda row: (
        (_("%(who)s refused to approve it") if row.details.get("refused") else _("%(who)s approved it"))
        % {"who": _who(row)}
    ),
    mail="now",
)
ANSWERS = {
    "seen": gettext_lazy("%(who)s opened it"),
    "chosen": gettext_lazy("%(who)s chose options"),
    "accepted": gettext_lazy("%(who)s signed it"),
    "declined": gettext_lazy("%(who)s declined it"),
    "commented": gettext_lazy("%(who)s wrote to you"),
}
saying(
    "answered",
    gettext_lazy("A customer opens or answers a quote of mine"),
    lambda row: ANSWERS[row.details.get("what", "seen")] % {"who": _who(row)},
    mail="now",
)


def ask(actor: Actor, quote: Quote, user_id: UUID) -> None:
    """Tell somebody that a quote waits for their approval."""
    _tell(actor, quote, user_id, "approval")


def decided(actor: Actor, quote: Quote, user_id: UUID | None, *, refused: bool) -> None:
    """Tell who asked what was decided."""
    _tell(actor, quote, user_id, "approved", refused=refused)


def answered(actor: Actor, quote: Quote, what: str) -> None:
    """Tell the owner what the customer did."""
    _tell(actor, quote, quote.owner_id, "answered", what=what)


def _tell(actor: Actor, quote: Quote, user_id: UUID | None, kind: str, **details: Any) -> None:
    """One thing for one person; nobody is told of what they did themselves."""
    if user_id is None or user_id == actor.user_id:
        return
    key = ":".join([kind, str(quote.id), *(str(value) for value in details.values())])
    news = News(
        *(user_id, kind, key, uuid7()),
        object="quotes",
        record_id=quote.id,
        by_id=actor.user_id,
        by_name=actor.name,
        details=details,
    )
    tell(actor.workspace, [news])
