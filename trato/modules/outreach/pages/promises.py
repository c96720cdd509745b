"""Promises on the page of their account, in My day, and how many each person keeps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET
from markupsafe import Markup

from trato.engine import access, objects
from trato.engine.kinds import Date
from trato.modules.people.queries import today as day_of
from trato.web.panels import destination, panel, today
from trato.web.respond import page

from .. import queries
from ..rules.rates import Rate

_DAY = Date()
#: My day shows what is to be kept within so many days.
SOON = timedelta(days=2)

destination(
    group=gettext_lazy("Outreach"),
    label=gettext_lazy("Promises kept"),
    icon="heart-check",
    place="outreach/promises",
    may=queries.may_promise,
)


def in_words(rate: Rate) -> str:
    """A rate with the count it is made of; "" where nothing was decided yet."""
    if rate.percent is None:
        return ""
    words = ngettext("%(kept)s of %(n)s kept", "%(kept)s of %(n)s kept", rate.count)
    return f"{words % {'kept': rate.kept, 'n': rate.count}} ({rate.percent}\u00a0%)"


@panel("accounts")
def of_account(request: HttpRequest, record: Any) -> Markup | None:
    """What is promised to the account, and how many promises to it were kept."""
    actor = request.actor
    if not queries.may_promise(actor):
        return None
    rows, rate = queries.open_promises(actor, record.id), queries.rate_of(actor, record.id)
    if not rows and not rate.count:
        return None
    reader = access.reader(actor, {f"users/{row['owner_id']}" for row in rows})
    promised = [
        {
            "title": row["title"],
            "url": f"{reader.base}/promises/{row['id']}",
            "day": _DAY.plain(row["due_on"], reader),
            "late": row["due_on"] < queries.today(actor.workspace),
            "owner": reader.titles.get(f"users/{row['owner_id']}", ""),
        }
        for row in rows
    ]
    html = render_to_string("outreach/promised.html", {"promised": promised, "rate": in_words(rate)}, request)
    return Markup(html)  # noqa: S704 - a template of ours, escaped there


@today
def my_promises(request: HttpRequest) -> dict[str, Any]:
    """The person's own promises that are to be kept within the next days."""
    actor = request.actor
    if actor.user_id is None or not queries.may_promise(actor):
        return {}
    start, _end = day_of(actor)
    rows = queries.due_promises(actor, start.date() + SOON)
    reader = access.reader(actor, {f"accounts/{row['account_id']}" for row in rows})
    lines = [
        {
            "title": row["title"],
            "url": f"{reader.base}/promises/{row['id']}",
            "text": " · ".join(
                part
                for part in (
                    reader.titles.get(f"accounts/{row['account_id']}", ""),
                    _DAY.plain(row["due_on"], reader),
                )
                if part
            ),
            "when": None,
            "late": row["due_on"] < start.date(),
        }
        for row in rows
    ]
    url = f"{reader.base}/promises/?{urlencode({'view': 'mine'})}"
    box = {"id": "my-promises", "title": _("Promises to keep"), "icon": "heart-handshake", "url": url, "lines": lines}
    return {"boxes": [box] if lines else []}


@require_GET
def page_of_rates(request: HttpRequest) -> HttpResponse:
    """How many of their promises each person kept, of those one may see."""
    actor = request.actor
    if not queries.may_promise(actor):
        raise access.Forbidden("promises", "see")
    obj = objects.get("promises")
    rows = queries.rates_by_owner(actor) if "owner" in access.fields(actor, obj) else []
    reader = access.reader(actor, {f"users/{whose}" for whose, _rate, _open in rows if whose})
    context = {
        "rows": [
            {
                "owner": reader.titles.get(f"users/{whose}", _("Nobody")),
                "kept": rate.kept,
                "broken": rate.broken,
                "open": waiting,
                "rate": in_words(rate),
            }
            for whose, rate, waiting in rows
        ],
        "new_url": f"{reader.base}/promises/new",
        "list_url": f"{reader.base}/promises/",
    }
    return page(request, "outreach/rates.html", context, title=_("Promises kept"))
