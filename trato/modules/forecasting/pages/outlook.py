"""The outlook: what the season and the open deals let one expect, between what, and what such an outlook missed."""

from __future__ import annotations

from calendar import monthrange
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from trato.web import charts, respond
from trato.web.respond import wants_part

from ..queries import history
from ..rules.periods import Period
from ..rules.pipeline import AHEAD, Joined, joined
from .frame import Asked

#: Months behind that are drawn.
BEHIND = 18


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The page at once, and what it works out (``HX-Request``) as soon as it stands: that takes a moment."""
    asked = Asked.of(request)
    context: dict[str, Any] = {**asked.context("/outlook"), "worked_out": wants_part(request) or "whole" in request.GET}
    if context["worked_out"]:
        context |= _outlook(asked)
    else:
        context["outlook_url"] = asked.url("/outlook", whole="1")
    part = "forecasting/outlook_part.html"
    return respond.page(request, "forecasting/outlook.html", context, title=_("Outlook"), part=part)


def _outlook(asked: Asked) -> dict[str, Any]:
    months, won, missing = history.won_by_month(asked.actor, asked.owners)
    rows = history.cohorts(asked.actor, months, asked.owners)
    days = monthrange(asked.today.year, asked.today.month)[1]
    found = joined(won[:-1], rows, so_far=won[-1], left=1 - (asked.today.day - 1) / days)
    present = Period("month", months[-1])
    ahead = [present.shifted(at) for at in range(AHEAD)]
    return {
        "chart": _chart(asked, months, won, found, ahead),
        "rows": _rows(asked, found, ahead),
        "missed": _missed(asked, found),
        "held_out": found.held_out,
        "notes": _notes(found),
        "missing": sorted(missing),
        "empty": not any(won) and not rows,
    }


def _chart(asked: Asked, months: list[Any], won: list[float], found: Joined, ahead: list[Period]) -> charts.Plot:
    behind = [Period("month", month) for month in months[:-1]][-BEHIND:]
    names = [month.name(asked.reader.language, short=True) for month in [*behind, *ahead]]
    past = [
        charts.Mark(value, asked.money(value), asked.column("won", month, asked.owners))
        for month, value in zip(behind, won[:-1][-BEHIND:], strict=True)
    ]
    present = charts.Mark(won[-1], asked.money(won[-1]), asked.column("won", ahead[0], asked.owners))
    coming = [
        charts.Mark(value, asked.money(value), low=low, high=high)
        for value, low, high in zip(found.values, found.lows, found.highs, strict=True)
    ]
    nothing = charts.Mark(None)
    series = [
        charts.Series(_("Won"), [*past, present, *([nothing] * (len(ahead) - 1))], "good"),
        charts.Series(_("Outlook"), [*([nothing] * len(past)), *coming], "five", line=True),
    ]
    return charts.plot(_("Won, and to be expected"), names, series, asked.compact)


def _rows(asked: Asked, found: Joined, ahead: list[Period]) -> list[dict[str, str]]:
    return [
        {
            "month": month.name(asked.reader.language),
            "open": asked.money(found.open[at]),
            "open_url": asked.deals(
                {"field": "status", "op": "is", "value": "open"},
                {"field": "close_date", "op": "gte", "value": month.first.isoformat()},
                {"field": "close_date", "op": "lt", "value": month.after.isoformat()},
                owners=asked.owners,
            ),
            "fresh": asked.money(found.fresh[at]),
            "total": asked.money(found.values[at]),
            "low": asked.money(found.lows[at]),
            "high": asked.money(found.highs[at]),
        }
        for at, month in enumerate(ahead)
    ]


def _missed(asked: Asked, found: Joined) -> list[tuple[str, str]]:
    """What ways to forecast missed on what was held out, as (name, percent)."""
    named = {
        _("This outlook"): found.error,
        _("The season alone"): found.season_error,
        _("As the year before"): found.naive,
    }
    return [(name, asked.percent(value, digits=1)) for name, value in named.items() if value is not None]


def _notes(found: Joined) -> list[str]:
    """What has to be known of an outlook before it is believed."""
    notes = []
    if found.season.note == "short":
        notes.append(_("Less than 26 whole months are known, too few for a season: the average of late is carried on."))
    elif found.season.note == "sparse":
        notes.append(_("Most months brought nothing: no season can be told, the average of late is carried on."))
    if found.alone:
        words = _("What becomes of open deals is known of too few yet; the outlook rests on what was won alone.")
        notes.append(words)
    else:
        words = ngettext(
            "Learned from %(n)s deal open at the beginning of a month, by stage and time in it.",
            "Learned from %(n)s times that deals stood open at the beginning of a month, by stage and time in it.",
            found.learned,
        )
        notes.append(words % {"n": found.learned})
    return notes
