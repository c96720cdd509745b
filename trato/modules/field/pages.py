"""The plan of a day on the road, and what works without a network: its page, its worker, what it keeps and sends."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import path
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from trato.api.shapes import dump_rows, shape_of
from trato.api.wire import encode
from trato.engine import access, history, idempotency
from trato.engine.kinds import Reader
from trato.engine.kinds.datetime import zone_of
from trato.engine.kinds.locales import locale_of
from trato.engine.objects import Object
from trato.engine.values import Refused
from trato.engine.workspaces.actors import Actor
from trato.web import respond
from trato.web.environment import sprite
from trato.web.pages import looking
from trato.web.panels import destination, today
from trato.web.respond import base_of
from trato.web.words import when

from . import actions, queries, rules
from .models import OUTCOMES

#: After how many weeks without a visit an account is offered.
WEEKS = (4, 8, 12, 26)
LARGEST_ITEM = 200_000

destination(
    group=gettext_lazy("Activities"),
    label=gettext_lazy("Plan of visits"),
    icon="route",
    place="visits/plan",
    may=queries.may_visit,
)


@require_GET
def plan(request: HttpRequest) -> HttpResponse:
    """The person's visits of a ``day`` on their way, and accounts near it that nobody saw for some ``weeks``; from the
    device's own place with ``at=40.4,-3.7``.
    """
    actor = request.actor
    _require(request)
    day, weeks, at, wrong = _asked(request)
    columns = ("id", "title", "purpose", "account_id", "planned_at", "ends_at", "status", "place")
    rows = list(queries.own_visits(actor, day).values(*columns))
    found = queries.spots(actor, rows)
    reader = access.reader(actor, {f"accounts/{row['account_id']}" for row in rows})
    stops, total = _stops(rows, found, reader)
    here = at or next((found[row["id"]] for row in reversed(rows) if row["id"] in found), None) or queries.centre(actor)
    near = queries.nearest(actor, here, weeks=weeks, day=day) if here else []

    def url(**changed: Any) -> str:
        said = {"day": day.isoformat(), "weeks": weeks} | changed
        return f"{reader.base}/visits/plan?{urlencode(said)}"

    context = {
        "stops": stops,
        "total": _km(total, reader) if total else "",
        "day": format_date(day, "full", locale=locale_of(reader.language)),
        "iso": day.isoformat(),
        "weeks": weeks,
        "choices": WEEKS,
        "near": [_near(one, reader) for one in near],
        "previous_url": url(day=day - timedelta(days=1)),
        "next_url": url(day=day + timedelta(days=1)),
        "today_url": url(day=queries.today(actor)),
        "plan_url": f"{reader.base}/visits/plan",
        "offline_url": f"{reader.base}/offline",
        "may_add": actor.rights.may("visits", "create"),
        "may_move": actor.rights.may("visits", "change") and sum(row["status"] == "planned" for row in rows) > 1,
        "wrong": wrong,
    }
    return respond.page(request, "field/plan.html", context, title=_("Plan of visits"))


def _require(request: HttpRequest) -> None:
    if not queries.may_visit(request.actor):
        raise access.Forbidden("visits", "see")


def _asked(request: HttpRequest) -> tuple[date, int, rules.Spot | None, str]:
    """Day, weeks and place of the address, the usual ones where it says what can't be; then in words what was wrong."""
    day, weeks, at, wrong = queries.today(request.actor), WEEKS[1], None, ""
    given = request.GET
    if text := given.get("day", ""):
        try:
            day = date.fromisoformat(text[:10])
            day = day if 1970 < day.year < 9000 else queries.today(request.actor)
        except ValueError:
            wrong = _("There is no such day. This is today.")
    if text := given.get("weeks", ""):
        weeks = int(text) if text in map(str, WEEKS) else weeks
    parts = given.get("at", "").split(",")
    if len(parts) == 2 and (spot := _spot(*parts)):
        at = spot
    return day, weeks, at, wrong


def _spot(up: str, over: str) -> rules.Spot | None:
    try:
        here = float(up[:20]), float(over[:20])
    except ValueError:
        return None
    return here if abs(here[0]) <= 90 and abs(here[1]) <= 180 else None


def _km(kilometres: float, reader: Reader) -> str:
    return _("%(n)s km") % {"n": format_decimal(round(kilometres), "#,##0", locale=locale_of(reader.language))}


def _stops(
    rows: list[dict[str, Any]], found: dict[UUID, rules.Spot], reader: Reader
) -> tuple[list[dict[str, Any]], float]:
    """The visits as they are drawn, each with its way from the one before, and the kilometres of all."""
    zone, locale = zone_of(reader.time_zone), locale_of(reader.language)
    stops, total, before = [], 0.0, None
    for row in rows:
        spot = found.get(row["id"])
        leg = rules.distance(before, spot) if before and spot else 0.0
        total, before = total + leg, spot or before
        ends = [row["planned_at"], *([row["ends_at"]] if row["ends_at"] else [])]
        address = (row["place"] or [{}])[0]
        place = ", ".join(address[part] for part in ("line1", "city") if address.get(part))
        stops.append(
            {
                "title": row["title"],
                "url": f"{reader.base}/visits/{row['id']}",
                "account": reader.titles.get(f"accounts/{row['account_id']}", ""),
                "account_url": f"{reader.base}/accounts/{row['account_id']}",
                "time": " – ".join(format_time(timezone.localtime(end, zone), "short", locale=locale) for end in ends),
                "place": place,
                "geo": f"geo:{spot[0]:.5f},{spot[1]:.5f}?{urlencode({'q': place})}" if spot and place else "",
                "leg": _km(leg, reader) if leg else "",
                "status": row["status"],
                "check_in_url": f"{reader.base}/visits/{row['id']}/check_in",
                "check_out_url": f"{reader.base}/visits/{row['id']}/check_out",
            }
        )
    return stops, total


def _near(one: dict[str, Any], reader: Reader) -> dict[str, Any]:
    return {
        "id": str(one["id"]),
        "title": one["title"],
        "url": f"{reader.base}/accounts/{one['id']}",
        "city": one["city"],
        "away": _km(one["away"], reader),
        "last": when(one["last"], reader) if one["last"] else None,
    }


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """A visit to an ``account`` on a ``day``."""
    day, where = _day(request)
    try:
        with history.batch() as batch:
            made = actions.plan(request.actor, request.POST.get("account", ""), day)
    except Refused as refused:
        return respond.said(request, where, _problems(refused), error=True)
    return respond.said(request, where, _("“%(title)s” was planned.") % {"title": made.title}, batch.id)


@require_POST
def arrange(request: HttpRequest) -> HttpResponse:
    """The planned visits of a ``day`` in the order of the shortest way."""
    day, where = _day(request)
    _require(request)
    try:
        with history.batch() as batch:
            moved = actions.arrange(request.actor, day)
    except Refused as refused:
        return respond.said(request, where, _problems(refused), error=True)
    if not moved:
        return respond.said(request, where, _("This is the shortest way already."))
    return respond.said(request, where, _("The visits are in the order of the shortest way."), batch.id)


def _day(request: HttpRequest) -> tuple[date, str]:
    """The day a form is about, and the page to come back to."""
    try:
        day = date.fromisoformat(request.POST.get("day", "")[:10])
        day = day if 1970 < day.year < 9000 else queries.today(request.actor)
    except ValueError:
        day = queries.today(request.actor)
    return day, f"{base_of(request)}/visits/plan?{urlencode({'day': day.isoformat()})}"


def _problems(refused: Refused) -> str:
    return " ".join(str(problem.message) for problem in refused.problems)


@today
def my_visits(request: HttpRequest) -> dict[str, Any]:
    """The visits of the day that are still to be done."""
    actor = request.actor
    if actor.user_id is None or not queries.may_visit(actor):
        return {}
    reader = access.reader(actor)
    rows = queries.own_visits(actor, queries.today(actor)).exclude(status="done")
    lines = [
        {
            "title": row["title"],
            "url": f"{reader.base}/visits/{row['id']}",
            "text": row["account__title"],
            "when": when(row["planned_at"], reader),
            "late": row["planned_at"] < reader.now and row["status"] == "planned",
        }
        for row in rows.values("id", "title", "planned_at", "status", "account__title")[:20]
    ]
    box = {"id": "my-visits", "title": _("Visits"), "icon": "map-pin", "url": f"{reader.base}/visits/plan"}
    return {"boxes": [box | {"lines": lines}] if lines else []}


# -- without a network -----------------------------------------------------------------------------------------------


@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """The page that stays on the device: words and ways, and nothing of anybody."""
    _require(request)
    base = base_of(request)
    context = {
        "title": _("Without a network"),
        "base": base,
        "outcomes": [{"value": value, "label": str(label)} for value, label in OUTCOMES],
        "slug": request.actor.workspace.slug,
    }
    return render(request, "field/offline.html", context)


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of a workspace: it answers with the page above where no network does."""
    _require(request)
    base = base_of(request)
    files = [static(f"trato/{name}") for name in ("head.js", "offline.js", "app.css", "favicon.svg")]
    told = json.dumps({"page": f"{base}/offline", "files": [*files, sprite()], "base": f"{base}/"})
    script = f"self.told = {told};\nimportScripts({json.dumps(static('trato/worker.js'))});\n"
    return HttpResponse(script, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


def _told(actor: Actor, obj: Object, names: list[str], rows: QuerySet, most: int) -> list[dict[str, Any]]:
    """Some records as the API tells them."""
    shape = shape_of(actor, obj, ",".join(names))
    return dump_rows(actor, shape, list(rows.values(*shape.columns)[:most]))


@require_GET
def bundle(request: HttpRequest) -> HttpResponse:
    """What the device keeps, and the token with which it sends what was written; nothing while one only looks."""
    _require(request)
    if looking.is_on(request):
        return looking.only_looking(request)
    data = queries.bundle(request.actor, _told) | {"token": get_token(request)}
    return HttpResponse(encode(data), content_type="application/json")


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """One thing that was written without a network, as JSON, or in a form with its photo: 200 or 201 when it is done,
    however often it comes; 409 with the fields that others wrote meanwhile; 422 with what is wrong with it; 404 where
    there is nothing to write to.
    """
    try:
        status, answer = actions.take_in(request.actor.via("offline"), *_sent(request))
    except actions.Disputed as disputed:
        status, answer = 409, {"message": str(disputed), "fields": disputed.fields, "version": disputed.version}
    except Refused as refused:
        wrong = [{"field": problem.field, "message": str(problem.message)} for problem in refused.problems]
        status, answer = 422, {"message": _problems(refused), "problems": wrong}
    except (access.Forbidden, access.Absent, ValueError, RecursionError, idempotency.Running) as error:
        status, words = next(told for kind, told in _answers() if isinstance(error, kind))
        answer = {"message": words}
    return JsonResponse(answer, status=status)


def _sent(request: HttpRequest) -> tuple[rules.Item, UploadedFile | None]:
    """The item that was sent, and the photo of a form; raises Forbidden for another person's, ValueError for none."""
    form = request.content_type == "multipart/form-data"
    text, photos = (request.POST.get("item", ""), request.FILES.getlist("photo")) if form else (request.body, [])
    if len(text) > LARGEST_ITEM or len(request.FILES) != len(photos) or len(photos) > 1:
        raise ValueError("long")
    data = json.loads(text)
    if not isinstance(data, dict):
        raise ValueError("item")
    if data.pop("user", "") != str(request.actor.user_id):
        raise access.Forbidden("visits", "change")
    return rules.read_item(data), photos[0] if photos else None


def _answers() -> list[tuple[type[Exception], tuple[int, str]]]:
    """What is said of an item that can't be done."""
    return [
        (idempotency.Reused, (409, _("Something else was sent under this name. Nothing was changed."))),
        (idempotency.Running, (425, _("This is being written right now."))),
        (access.Forbidden, (403, _("You may not write this. Nothing was changed."))),
        (access.Absent, (404, _("The record is not there any more. Nothing was changed."))),
        (Exception, (400, _("This is nothing that can be written without a network. Nothing was changed."))),
    ]


urlpatterns = [
    path("visits/plan", plan),
    path("visits/plan/add", add),
    path("visits/plan/arrange", arrange),
    path("offline", offline),
    path("offline/bundle", bundle),
    path("offline/send", send),
    path("worker.js", worker),
]
