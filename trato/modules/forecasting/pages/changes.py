"""What changed in a period since some night: as a waterfall, and deal by deal."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from babel.dates import format_date
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from trato.engine import access
from trato.engine.kinds.locales import locale_of
from trato.web import charts, respond

from ..queries import movement
from ..queries.movement import MOVES, Moved
from .frame import Asked

TONES = {"won": "two"} | dict.fromkeys(("new", "reopened", "pulled", "grown"), "good")


def words() -> dict[str, str]:
    """What each move is called."""
    return {
        "new": _("New"),
        "reopened": _("Opened again"),
        "pulled": _("Pulled in"),
        "grown": _("Grown"),
        "shrunk": _("Shrunk"),
        "pushed": _("Pushed out"),
        "lost": _("Lost"),
        "deleted": _("Deleted"),
        "won": _("Won"),
    }


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """What changed; ``since=2026-07-01`` says from which day on (else for a week), ``move=lost`` tells of one sort."""
    asked, first = Asked.of(request), movement.first_night(request.actor)
    context = {**asked.context("/changes"), "chart": None, "deals": [], "since": "", "moves": [], "missing": []}
    if first is None:
        return respond.page(request, "forecasting/changes.html", context, title=_("What changed"))
    night, wrong = _night(request.GET.get("since", ""), asked.today, first)
    move = request.GET.get("move", "")
    if move and move not in MOVES:
        move, wrong = "", _("There is no such change. These are all.")
    found = movement.movement(asked.actor, asked.period, night, asked.owners)
    context |= {
        "wrong": asked.wrong or wrong,
        "chart": _chart(asked, found, night),
        "since": night.isoformat(),
        "backs": _backs(asked, first, night),
        "earliest": first.isoformat(),
        "moves": [
            {
                "label": label,
                "url": _address(asked, night, name),
                "current": name == move,
                "count": found.moves[name].count,
            }
            for name, label in words().items()
            if found.moves[name].count
        ],
        "all_url": _address(asked, night, ""),
        "move": move,
        "deals": _deals(asked, movement.moved(asked.actor, asked.period, night, move, asked.owners)),
        "most": movement.MOST,
        "missing": sorted(found.missing),
    }
    return respond.page(request, "forecasting/changes.html", context, title=_("What changed"))


def _night(said: str, today: date, first: date) -> tuple[date, str]:
    """From which day on, and what is wrong with the one that was asked for."""
    if not said:
        return max(today - timedelta(days=7), first), ""
    try:
        night = date.fromisoformat(said)
    except ValueError:
        return max(today - timedelta(days=7), first), _("That is no day. These are the last seven days.")
    if night < first:
        return first, _("How deals stood is known from this day on.")
    if night > today:
        return today, _("That day is still to come. This is today.")
    return night, ""


def _backs(asked: Asked, first: date, night: date) -> list[dict[str, Any]]:
    labels = {1: _("Since yesterday"), 7: _("For a week"), 30: _("For a month")}
    days = {asked.today - timedelta(days=back): label for back, label in labels.items()}
    days[asked.period.first] = _("Since the period began")
    return [
        {"label": label, "url": _address(asked, day, ""), "current": day == night}
        for day, label in days.items()
        if first <= day <= asked.today
    ]


def _address(asked: Asked, night: date, move: str) -> str:
    return asked.url("/changes", since=night.isoformat(), move=move)


def _chart(asked: Asked, found: movement.Movement, night: date) -> charts.Bars:
    def bar(label: str, one: Moved, tone: str, url: str, *, signed: bool = False) -> charts.Bar:
        said = ngettext("%(n)s deal", "%(n)s deals", one.count) % {"n": one.count}
        return charts.Bar(label, float(one.amount), asked.money(one.amount, signed=signed), url, tone, said)

    day = format_date(night, "medium", locale=locale_of(asked.reader.language))
    moves = [
        bar(label, found.moves[name], TONES.get(name, "bad"), _address(asked, night, name), signed=True)
        for name, label in words().items()
        if found.moves[name].count
    ]
    inside = asked.deals(
        {"field": "status", "op": "is", "value": "open"},
        {"field": "category", "op": "is_not", "value": "omitted"},
        {"field": "close_date", "op": "gte", "value": asked.period.first.isoformat()},
        {"field": "close_date", "op": "lt", "value": asked.period.after.isoformat()},
        owners=asked.owners,
    )
    first = bar(_("Open on %(day)s") % {"day": day}, found.before, "three", "")
    last = bar(_("Open now"), found.after, "three", inside)
    return charts.waterfall(_("From then to now"), first, moves, last)


def _deals(asked: Asked, rows: list[movement.Deal]) -> list[dict[str, str]]:
    people = access.titles(asked.actor, {f"users/{row.owner}" for row in rows if row.owner})
    called = words()
    return [
        {
            "title": row.title,
            "url": f"{asked.base}/deals/{row.id}" if row.move != "deleted" else "",
            "owner": people.get(f"users/{row.owner}", ""),
            "move": called[row.move],
            "then": asked.money(row.then) if row.then else "",
            "now": asked.money(row.now) if row.now else "",
            "change": asked.money(row.now - row.then, signed=True),
        }
        for row in rows
    ]
