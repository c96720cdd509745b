"""The records of a list in a calendar: month, week, day and agenda; moved and lengthened by changing their dates."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from babel import Locale
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from trato.engine import access, calendars, history
from trato.engine.actions import Conflict
from trato.engine.calendars import BadCalendar, Entry
from trato.engine.kinds.datetime import zone_of
from trato.engine.kinds.locales import regional
from trato.engine.objects import Field, Object
from trato.engine.values import Refused
from trato.engine.workspaces.actors import Actor

from .. import listing
from ..filtering import Builder
from ..listing import State
from ..names import labels, object_or_404
from ..respond import base_of, page, toast
from .moving import update_moved
from .toolbar import toolbar

SPANS = {
    "month": gettext_lazy("Month"),
    "week": gettext_lazy("Week"),
    "day": gettext_lazy("Day"),
    "agenda": gettext_lazy("Agenda"),
}
#: What the page lists without a script.
AHEAD = timedelta(days=30)


def calendar(
    request: HttpRequest, obj: Object, fields: dict[str, Field], state: State, *, base: str, built: Builder
) -> HttpResponse:
    """The page of a calendar; with ``from`` and ``to`` (days) what happens in between, as JSON."""
    actor, said = request.actor, labels(request.actor, obj)
    try:
        spans = calendars.spans_of(actor, obj, state.said("on"))
        if "from" in request.GET:
            first, last = (_day(request, name) for name in ("from", "to"))
            return _entries(request, obj, state, spans, first=first, last=last)
    except BadCalendar as problem:
        return _page(request, obj, fields, state, base=base, built=built, wrong=str(problem))
    zone = zone_of(actor.time_zone)
    today = timezone.now().astimezone(zone).date()
    start = datetime.combine(today, time(), zone)
    rows = listing.rows_of(actor, obj, state)
    ahead, _rest = calendars.entries(actor, obj, rows, spans, first=start, last=start + AHEAD)
    chosen = {span.start for span in spans}
    locale = Locale.parse(regional(actor.language, actor.workspace.country).replace("-", "_"))
    may_create = actor.rights.may(obj.plural, "create") and spans[0].start in access.writable(actor, obj)
    context = {
        "on_choices": [
            {"name": name, "label": said[name], "chosen": name in chosen} for name in calendars.dated(actor, obj)
        ],
        "on_label": ", ".join(said[span.start] for span in spans),
        "ahead": _listed(request, obj, ahead),
        "hint": _hint(actor, obj, fields[spans[0].start], said),
        "calendar": {
            "url": state.url(base, extra=state.with_said(span=[], day=[])),
            "base": base,
            "object": obj.plural,
            "language": actor.language,
            "first": (locale.first_week_day + 1) % 7,
            "span": next(iter(state.said("span")), ""),
            "day": next(iter(state.said("day")), "") or today.isoformat(),
            "today": today.isoformat(),
            "new": f"{base}new" if may_create else "",
            "start": spans[0].start,
            "end": spans[0].end,
            "timed": "yes" if fields[spans[0].start].kind.name == "datetime" else "",
        },
        "spans": SPANS,
    }
    return _page(request, obj, fields, state, base=base, built=built, **context)


def _hint(actor: Actor, obj: Object, shown: Field, said: dict[str, str]) -> str:
    """What is said above a calendar that no date of its object was declared for."""
    if shown.custom or any(span.start in said for span in obj.calendar_on):
        return ""
    field = {"field": said[shown.name]}
    if shown.name not in ("created_at", "updated_at"):
        return _("Each record is on the very day of its “%(field)s”. Choose other dates above.") % field
    words = _("These records have no date to plan by, so the calendar shows “%(field)s”.") % field
    return f"{words} {_('A date field can be added in the settings.')}" if actor.rights.admin else words


def _page(
    request: HttpRequest,
    obj: Object,
    fields: dict[str, Field],
    state: State,
    *,
    base: str,
    built: Builder,
    wrong: str = "",
    **context: Any,
) -> HttpResponse:
    bar = toolbar(request, obj, fields, state, base=base, built=built)
    usual = {"on_choices": [], "on_label": "", "wrong": wrong, "hint": ""}
    status, title = 400 if wrong else 200, str(obj.label_plural)
    return page(request, "calendar.html", bar | usual | context, part="parts/calendar.html", title=title, status=status)


def _day(request: HttpRequest, name: str) -> datetime:
    """The beginning of a day the address names, on the person's clock; raises BadCalendar."""
    try:
        day = date.fromisoformat(request.GET.get(name, "")[:10])
        return datetime.combine(day, time(), zone_of(request.actor.time_zone))
    except (ValueError, OverflowError):
        raise BadCalendar(_("That is no day.")) from None


def _entries(
    request: HttpRequest, obj: Object, state: State, spans: Any, *, first: datetime, last: datetime
) -> HttpResponse:
    actor = request.actor
    rows = listing.rows_of(actor, obj, state)
    try:
        found, more = calendars.entries(actor, obj, rows, spans, first=first, last=last)
    except OverflowError:
        raise BadCalendar(_("That is no day.")) from None
    writable = access.writable(actor, obj)
    changeable = {entry.id for entry in found}
    if access.owners_seen(actor, obj, "change") is not None:
        allowed = access.visible(actor, obj, "change").filter(id__in=changeable)
        changeable = set(allowed.values_list("id", flat=True))
    base, order = f"{base_of(request)}/{obj.plural}/", [span.start for span in spans]
    told = [
        {
            "id": f"{entry.id} {entry.field}",
            "title": entry.title,
            "start": entry.start.isoformat(),
            "end": entry.end.isoformat() if entry.end else None,
            "allDay": entry.whole_days,
            "url": f"{base}{entry.id}",
            "editable": not entry.fixed and entry.field in writable and entry.id in changeable,
            "classNames": [f"on-{order.index(entry.field) % 4}", *(["recurs"] if entry.fixed else [])],
            "extendedProps": {"version": entry.version, "field": entry.field, "record": str(entry.id)},
        }
        for entry in found
    ]
    said = _("Only the first %(n)s are shown. Filter them.") % {"n": calendars.MOST} if more else ""
    return JsonResponse({"entries": told, "more": said})


def _listed(request: HttpRequest, obj: Object, found: list[Entry]) -> list[dict[str, Any]]:
    """Entries in words, for who has no script."""
    reader, zone = access.reader(request.actor), zone_of(request.actor.time_zone)
    base = f"{base_of(request)}/{obj.plural}/"
    fields = access.fields(request.actor, obj)
    return [
        {
            "url": f"{base}{entry.id}",
            "title": entry.title,
            "when": fields[entry.field].kind.plain(
                entry.start if entry.whole_days else entry.start.replace(tzinfo=zone), reader
            ),
        }
        for entry in found[:100]
    ]


# -- moving ---------------------------------------------------------------------------------------------------------


@require_POST
def reschedule(request: HttpRequest, plural: str, record_id: Any) -> HttpResponse:
    """Put a record at another time: ``on`` names the field, ``start`` and ``end`` are on the person's own clock.

    Answers its new version; 409 where somebody moved it meanwhile.
    """
    actor, obj = request.actor, object_or_404(request, plural)
    try:
        start, end = (_moment(request.POST.get(name, "")) for name in ("start", "end"))
        if start is None:
            raise BadCalendar(_("That is no day."))
        given = calendars.moved(actor, obj, request.POST.get("on", ""), start, end)
        with history.batch() as batch:
            record = update_moved(request, obj, record_id, given)
    except BadCalendar as problem:
        return HttpResponse(str(problem), status=400, content_type="text/plain")
    except Refused as refused:
        text = " ".join(str(problem.message) for problem in refused.problems)
        return HttpResponse(text, status=400, content_type="text/plain")
    except Conflict as conflict:
        who = conflict.entries[-1].actor_name if conflict.entries else _("Somebody")
        text = _("%(who)s moved this meanwhile. The calendar shows when it is now.") % {"who": who}
        return HttpResponse(text, status=409, content_type="text/plain")
    answer: HttpResponse = JsonResponse({"version": record.version})
    return toast(answer, request, _("“%(title)s” was moved.") % {"title": access.title(actor, obj, record)}, batch.id)


def _moment(text: str) -> datetime | None:
    """A naive moment; None for nothing. Raises BadCalendar."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text[:19]).replace(tzinfo=None)
    except ValueError:
        raise BadCalendar(_("That is no day.")) from None
