"""What could be offered next: a box on the pages of accounts and contacts, and the queue of all."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from babel.numbers import format_decimal, format_percent
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST
from markupsafe import Markup

from trato.engine import access, history, objects
from trato.engine.kinds import Date, Reader
from trato.engine.kinds.datetime import zone_of
from trato.engine.kinds.locales import locale_of
from trato.engine.values import Refused
from trato.engine.workspaces.actors import Actor
from trato.web import respond
from trato.web.panels import destination, panel
from trato.web.respond import back, base_of

from . import actions, queries
from .models import KINDS

_DAY = Date()
ICONS = {"service": "tool", "again": "repeat", "together": "basket-plus", "similar": "users-group"}
#: The renewals among the kinds of offers: they are read from the contracts, not found at night.
RENEWAL = "renewal"
#: For how many days something can be put aside.
DAYS = (30, 90, 365)

destination(
    group=gettext_lazy("Sales"),
    label=gettext_lazy("Next offers"),
    icon="gift",
    place="offers",
    may=queries.may_offer,
)


@panel("accounts")
def next_of_account(request: HttpRequest, record: Any) -> Markup | None:
    """What could be offered to the account; no box where there is nothing."""
    return _box(request, record.id)


@panel("contacts")
def next_of_contact(request: HttpRequest, record: Any) -> Markup | None:
    """What could be offered to the account the person works for."""
    return _box(request, record.account_id) if record.account_id else None


def _box(request: HttpRequest, account_id: UUID) -> Markup | None:
    rows, ending = queries.next_for(request.actor, account_id), _renewals(request, account=account_id)
    if not rows and not ending:
        return None
    context = {"offers": _told(request, rows), "may": _may(request.actor), "days": DAYS, "back": request.path}
    context |= {"renewals": ending}
    html = render_to_string("offers/box.html", context, request)
    return Markup(html)  # noqa: S704 - a template of ours, escaped there


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """All open offers for accounts one may see, renewals first; ``kind=again``, ``owner=me`` (or an id), ``page=2``."""
    actor = request.actor
    if not queries.may_offer(actor):
        raise access.Forbidden("orders", "see")
    kinds, wrong = dict(KINDS) | {RENEWAL: _("Renewals")}, ""
    kind, named, page = request.GET.get("kind", ""), request.GET.get("owner", ""), request.GET.get("page", "1")
    people = [(str(id), name) for id, name in access.people(actor).values_list("id", "name_or_email")]
    if kind and kind not in kinds:
        kind, wrong = "", _("There are no such offers. These are all.")
    if named not in ("", "me", *(id for id, _name in people)):
        named, wrong = "", _("There is no such person. These are everybody's.")
    if not (page.isascii() and page.isdigit() and 1 <= int(page[:6]) <= 10_000):
        page, wrong = "1", _("There is no such page. This is the first.")
    owner = actor.user_id if named == "me" else UUID(named) if named else None
    rows, more = queries.queue(actor, kind=kind, owner=owner, page=int(page))
    ending = _renewals(request, owner=owner) if kind in ("", RENEWAL) and page == "1" else []

    def url(**changed: Any) -> str:
        said = {"kind": kind, "owner": named} | changed
        return f"{base_of(request)}/offers?{urlencode({name: value for name, value in said.items() if value})}"

    context = {
        "offers": _told(request, rows),
        "may": _may(actor),
        "days": DAYS,
        "back": request.get_full_path(),
        "wrong": wrong,
        "kinds": [{"label": _("All"), "url": url(kind=""), "current": not kind}]
        + [{"label": str(label), "url": url(kind=name), "current": name == kind} for name, label in kinds.items()],
        "renewals": ending,
        "people": [("me", _("My accounts"), named == "me"), *((id, name, id == named) for id, name in people)],
        "kind": kind,
        "queue_url": f"{base_of(request)}/offers",
        "previous_url": url(page=int(page) - 1) if int(page) > 1 else "",
        "next_url": url(page=int(page) + 1) if more else "",
    }
    return respond.page(request, "offers/queue.html", context, title=_("Next offers"))


@require_POST
def accept(request: HttpRequest, offer_id: UUID) -> HttpResponse:
    """An offer becomes a deal or a task (``as``), which is opened."""
    where = back(request, f"{base_of(request)}/offers")
    try:
        with history.batch() as batch:
            record = actions.accept(request.actor, offer_id, request.POST.get("as", ""))
    except Refused as refused:
        return respond.said(request, where, _problems(refused), error=True)
    except access.Absent:
        return respond.said(request, where, _answered(), error=True)
    obj = objects.of_record(record)
    words = _("“%(title)s” was created.") % {"title": record.title}
    return respond.said(request, f"{base_of(request)}/{obj.ref(record.id)}", words, batch.id)


@require_POST
def dismiss(request: HttpRequest, offer_id: UUID) -> HttpResponse:
    """An offer is put aside for some ``days``, with a ``reason``."""
    where = back(request, f"{base_of(request)}/offers")
    days = request.POST.get("days", "")
    try:
        many = int(days) if days.isascii() and days.isdigit() and len(days) < 6 else 0
        actions.dismiss(request.actor, offer_id, request.POST.get("reason", ""), many)
    except Refused as refused:
        return respond.said(request, where, _problems(refused), error=True)
    except access.Absent:
        return respond.said(request, where, _answered(), error=True)
    words = ngettext("Put aside for %(n)s day.", "Put aside for %(n)s days.", many) % {"n": many}
    return respond.said(request, where, words)


def _renewals(request: HttpRequest, **of: Any) -> list[dict[str, str]]:
    """Contracts that end soon, as they are drawn: what, with whom, and until when what can be done."""
    actor = request.actor
    today = timezone.now().astimezone(zone_of(actor.time_zone)).date()
    rows = queries.renewals(actor, today, **of)
    reader = access.reader(actor, {f"users/{row['account__owner_id']}" for row in rows})
    said = []
    for row in rows:
        parts = [_("Ends on %(day)s") % {"day": _DAY.plain(row["ends_on"], reader)}] if row["ends_on"] else []
        parts += [_("notice until %(day)s") % {"day": _DAY.plain(row["notice_by"], reader)}] if row["notice_by"] else []
        parts += [_("renewed by itself") if row["renewal"] == "auto" else _("not renewed by itself")]
        said.append(
            {
                "title": row["title"],
                "url": f"{reader.base}/contracts/{row['id']}",
                "account": row["account__title"],
                "account_url": f"{reader.base}/accounts/{row['account_id']}",
                "owner": reader.titles.get(f"users/{row['account__owner_id']}", ""),
                "why": "; ".join(parts) + ".",
            }
        )
    return said


def _problems(refused: Refused) -> str:
    return " ".join(str(problem.message) for problem in refused.problems)


def _answered() -> str:
    return _("This offer is not open any more; nothing was changed.")


def _may(actor: Actor) -> dict[str, bool]:
    return {plural: actor.rights.may(plural, "create") for plural in ("deals", "tasks")}


def _told(request: HttpRequest, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Offers as they are drawn: what, to whom, and why."""
    actor = request.actor
    products = {f"products/{row['facts']['product']}" for row in rows if "product" in row["facts"]}
    reader = access.reader(actor, {*products, *(f"users/{row['account__owner_id']}" for row in rows)})
    return [
        {
            "product": row["product__title"],
            "product_url": f"{reader.base}/products/{row['product_id']}",
            "account": row["account__title"],
            "account_url": f"{reader.base}/accounts/{row['account_id']}",
            "owner": reader.titles.get(f"users/{row['account__owner_id']}", ""),
            "icon": ICONS[row["kind"]],
            "kind": str(dict(KINDS)[row["kind"]]),
            "why": REASONS[row["kind"]](row, reader),
            "due": _DAY.plain(row["due_on"], reader) if row["due_on"] else "",
            "accept_url": f"{reader.base}/offers/{row['id']}/accept",
            "dismiss_url": f"{reader.base}/offers/{row['id']}/dismiss",
        }
        for row in rows
    ]


def _service(row: dict[str, Any], reader: Reader) -> str:
    facts = row["facts"]
    months = ngettext("%(n)s month", "%(n)s months", facts["months"]) % {"n": facts["months"]}
    told = {"product": reader.titles.get(f"products/{facts['product']}", _("something they bought")), "months": months}
    told |= {
        "due": _DAY.plain(row["due_on"], reader),
        "last": _DAY.plain(_DAY.load(facts["served"] or facts["sold"]), reader),
    }
    if facts["served"]:
        return (
            _("%(product)s wants a service every %(months)s; the last was on %(last)s, the next due on %(due)s.") % told
        )
    return _("%(product)s wants a service every %(months)s; they have it since %(last)s, it is due on %(due)s.") % told


def _again(row: dict[str, Any], reader: Reader) -> str:
    facts = row["facts"]
    words = _("Bought %(times)s times, every %(days)s days or so, last on %(last)s; due on %(due)s.")
    last = _DAY.plain(_DAY.load(facts["last"]), reader)
    return words % {
        "times": facts["times"],
        "days": facts["days"],
        "last": last,
        "due": _DAY.plain(row["due_on"], reader),
    }


def _together(row: dict[str, Any], reader: Reader) -> str:
    facts, locale = row["facts"], locale_of(reader.language)
    other = reader.titles.get(f"products/{facts['product']}", _("something they bought"))
    words = _("%(share)s of the orders with %(other)s hold it too, %(lift)s times as often as orders do at large.")
    share = format_percent(facts["confidence"], "#,##0\u00a0%", locale=locale)
    return words % {"share": share, "other": other, "lift": format_decimal(facts["lift"], "#,##0.0", locale=locale)}


def _similar(row: dict[str, Any], reader: Reader) -> str:
    facts = row["facts"]
    told = {"buyers": facts["buyers"], "alike": facts["alike"], "industry": facts["industry"], "size": facts["size"]}
    if facts["size"]:
        return _("%(buyers)s of %(alike)s other customers in %(industry)s with %(size)s employees bought it.") % told
    return _("%(buyers)s of %(alike)s other customers in %(industry)s bought it.") % told


REASONS = {"service": _service, "again": _again, "together": _together, "similar": _similar}

urlpatterns = [
    path("offers", queue),
    path("offers/<uuid:offer_id>/accept", accept),
    path("offers/<uuid:offer_id>/dismiss", dismiss),
]
