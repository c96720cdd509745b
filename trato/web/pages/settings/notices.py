"""Each person's own settings: what they are told of, and how."""

from __future__ import annotations

from typing import Any

from babel.dates import get_day_names
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from trato.engine.kinds.locales import locale_of
from trato.engine.together import wishes
from trato.engine.together.rules import KINDS, MAILS
from trato.engine.values import Refused

from ...respond import said
from .frame import settings_url, show


def channels(request: HttpRequest) -> HttpResponse:
    """The matrix of kinds and channels, the hours of summaries, quiet hours, and what is followed by itself."""
    address = settings_url(request, "notifications")
    problems: list[Any] = []
    if request.method == "POST":
        try:
            wishes.change(request.actor, _given(request))
            return said(request, address, _("Saved."))
        except Refused as refused:
            problems = refused.problems
    wish = wishes.of(request.actor).as_json()
    days = get_day_names("wide", locale=locale_of(request.actor.language))
    context = {
        "action": address,
        "problem": " ".join(str(problem.message) for problem in problems),
        "kinds": [(kind, str(label), wish["channels"][kind]) for kind, label in KINDS.items()],
        "mails": [(name, str(label)) for name, label in MAILS.items()],
        "wish": wish,
        "days": [(number, str(days[number]).capitalize()) for number in range(7)],
        "hours": list(range(24)),
        "zone": request.actor.time_zone,
        "follows": [
            ("follow_own", _("What I own"), wish["follow_own"]),
            ("follow_comment", _("What I comment on"), wish["follow_comment"]),
            ("follow_mention", _("Where I am mentioned"), wish["follow_mention"]),
        ],
    }
    text = _("What this workspace notifies you about, and how.")
    return show(request, "notifications", _("Notifications"), context, text=text, status=422 if problems else 200)


def _given(request: HttpRequest) -> dict[str, Any]:
    """What the form says, as ``wishes.change`` takes it."""
    data = request.POST

    def number(name: str) -> Any:
        text = data.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else text

    return {
        "channels": {kind: {"app": f"app-{kind}" in data, "mail": data.get(f"mail-{kind}", "none")} for kind in KINDS},
        "digest_hour": number("digest_hour"),
        "digest_weekday": number("digest_weekday"),
        "quiet_from": data.get("quiet_from", ""),
        "quiet_until": data.get("quiet_until", ""),
        **{flag: flag in data for flag in wishes.FLAGS},
    }
