"""Win chances in words, and the page that says what they are learned from and how far they hold."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from trato.engine import access
from trato.engine.administration import require
from trato.engine.kinds import Country, Reader
from trato.engine.workspaces.actors import Actor
from trato.web import charts
from trato.web.respond import base_of, page, said
from trato.web.words import when

from ..actions import scoring
from ..queries import learning as queries
from ..rules.chances import NEEDED, Reason, is_enough, judge


def verdict_of(actor: Actor, record: Any) -> dict[str, Any]:
    """What sales/chance.html says of an open deal: its chance with reasons, or why there is none yet."""
    known = queries.chances()
    if known is None or not is_enough(known.model):
        return {"chance": "", "too_few": _too_few(known.model if known else {}), "pro": [], "con": []}
    asked = next(queries.asked(timezone.now(), [record.id]), {}).get(record.id)
    if asked is None:
        return {"chance": "", "too_few": "", "pro": [], "con": []}
    verdict = judge(known.model, asked)
    names = _names(actor, verdict.reasons)
    return {
        "chance": _percent(verdict.chance),
        "too_few": "",
        "pro": [_said(reason, names) for reason in verdict.best(1)],
        "con": [_said(reason, names) for reason in verdict.best(-1)],
    }


def _too_few(model: dict[str, Any]) -> str:
    words = _(
        "Chances are learned from %(needed)s won and %(needed)s lost deals at least: with fewer, luck alone moves a "
        "chance by more than 11 points. So far %(won)s were won and %(lost)s lost."
    )
    return words % {"needed": NEEDED, "won": model.get("won", 0), "lost": model.get("lost", 0)}


def _percent(share: float) -> str:
    return f"{round(share * 100)}\u00a0%"


def _names(actor: Actor, reasons: Iterable[Reason]) -> dict[str, str]:
    """The titles of the stages and people that reasons name, as far as the actor may see them."""
    places = {"stage": "stages", "owner": "users"}
    return access.titles(actor, {f"{places[r.feature]}/{r.value}" for r in reasons if r.feature in places})


def _said(reason: Reason, names: dict[str, str]) -> dict[str, str]:
    values = {
        "stage": lambda: names.get(f"stages/{reason.value}", "…"),
        "owner": lambda: names.get(f"users/{reason.value}", "…"),
        "country": lambda: Country().plain(reason.value, Reader(language=get_language() or "en")),
    }
    value = values.get(reason.feature, lambda: reason.value)()
    words = {
        "stage": _("It has reached %(value)s"),
        "days": _("Open for %(value)s days or more"),
        "activities": _("Activities: %(value)s or more"),
        "source": _("Source: %(value)s"),
        "country": _("Country: %(value)s"),
        "industry": _("Industry: %(value)s"),
        "owner": _("Owner: %(value)s"),
    }[reason.feature]
    told = _("%(won)s such deals were won, %(lost)s lost") % {"won": reason.won, "lost": reason.lost}
    return {"words": words % {"value": value}, "told": told, "weight": f"{reason.weight:+.1f}"}


# -- the page -------------------------------------------------------------------------------------------------------


@require_GET
def page_of_chances(request: HttpRequest) -> HttpResponse:
    """What chances are learned from, and how well they foretold deals they had not seen."""
    actor = request.actor
    if not queries.may_see_chances(actor):
        raise access.Forbidden("deals", "see")
    known, reader = queries.chances(), access.reader(actor)
    model, told = (known.model, known.calibration) if known else ({}, {})
    context = {
        "learned": when(known.learned_at, reader) if known else None,
        "won": model.get("won", 0),
        "lost": model.get("lost", 0),
        "too_few": "" if is_enough(model) else _too_few(model),
        "told": told and {"deals": told["deals"], "brier": f"{told['brier']:.3f}", "base": f"{told['base']:.3f}"},
        "better": bool(told) and told["brier"] < told["base"],
        "chart": _reliability(told["bins"]) if told else None,
        "learn_url": f"{base_of(request)}/sales/chances/learn" if actor.rights.admin else "",
    }
    return page(request, "sales/chances.html", context, title=_("Win chances"))


def _reliability(bins: list[list[float]]) -> charts.Plot:
    """What was said against what came of it, by tenths of the scale."""
    steps = [f"{round(low * 100)}–{round(high * 100)}\u00a0%" for low, high, *_rest in bins]
    series = [
        charts.Series(_("Said"), [charts.Mark(mean, _percent(mean)) for *_r, mean, _s in bins], "two", line=True),
        charts.Series(_("Came true"), [charts.Mark(share, _percent(share)) for *_r, share in bins], "good", line=True),
    ]
    plot = charts.plot(_("What was said, and what came true"), steps, series, _percent)
    counts = [str(int(count)) for _low, _high, count, *_rest in bins]
    table = [(step, [*cells, (count, "")]) for (step, cells), count in zip(plot.table, counts, strict=True)]
    return replace(plot, head=[*plot.head, _("Deals")], table=table)


@require_POST
def learn_now(request: HttpRequest) -> HttpResponse:
    """Learn at once, not only at night; administrators only."""
    require(request.actor)
    workspace = request.actor.workspace
    scoring.relearn(workspace)
    scoring.rate(workspace)
    for plural in ("leads", "deals"):
        scoring.give_points(workspace, plural)
    return said(request, f"{base_of(request)}/sales/chances", _("Learned from what was decided until now."))
