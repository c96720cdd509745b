"""What the settings pages share: their frame and their forms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from trato.engine import access, numbers, objects
from trato.engine.administration import require
from trato.engine.kinds import Kind, Typed
from trato.engine.objects import Field
from trato.engine.values import Problem, Refused

from ... import forms, words
from ...names import called
from ...panels import settings_of_modules
from ...respond import base_of, page, said


def administrators(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorator: the page is only for administrators of the workspace."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        require(request.actor)
        return view(request, *args, **named)

    return guarded


def settings_url(request: HttpRequest, place: str) -> str:
    """The address of a settings page, or of a list of what is set up there (``/relationship-types/``)."""
    return f"{base_of(request)}{place}" if place.startswith("/") else f"{base_of(request)}/settings/{place}"


def show(
    request: HttpRequest,
    template: str,
    heading: Any,
    context: Mapping[str, Any],
    *,
    text: Any = "",
    status: int = 200,
    crumbs: list[tuple[Any, str]] | None = None,
) -> HttpResponse:
    """A settings page in its frame; one with ``crumbs`` belongs elsewhere and has no navigation of settings."""
    frame = {"settings_nav": [] if crumbs else navigation(request), "heading": heading, "text": text}
    crumbs = crumbs or [(_("Settings"), f"{base_of(request)}/settings")]
    return page(
        request, f"settings/{template}.html", frame | dict(context), title=heading, crumbs=crumbs, status=status
    )


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The settings pages the person may open, in groups: [{label, items: [{label, url, icon, current}]}]."""
    rights = request.actor.rights
    groups = [
        (
            _("Me"),
            [
                ("profile", _("Profile"), "user"),
                ("notifications", _("Notifications"), "bell"),
                ("sessions", _("Sessions"), "devices"),
                ("tokens", _("API keys"), "key"),
            ],
        )
    ]
    if rights.admin:
        groups += _of_administrators()
    data = [("bin", _("Recycle bin"), "trash")] if may_restore(request) else []
    mails = [("mails", _("Mails"), "mail"), ("incoming", _("Mails that came"), "inbox")]
    data += [*mails, ("jobs", _("Jobs"), "checks")] if rights.admin else []
    data += [("health", _("Health"), "heartbeat")] if rights.admin and settings.TRATO_HEALTH_PAGE else []
    groups += [(_("Data"), data)] if data else []
    here = request.path
    return [
        {
            "label": label,
            "items": [
                {
                    "label": label_of,
                    "url": settings_url(request, place),
                    "icon": icon,
                    "current": here == settings_url(request, place)
                    or here.startswith(settings_url(request, place) + "/"),
                }
                for place, label_of, icon in items
            ],
        }
        for label, items in groups
    ]


def _of_administrators() -> list[tuple[Any, list[tuple[str, Any, str]]]]:
    """What administrators set up, in groups: place, words, icon of each. What modules bring stands in the groups that
    their objects have in the menu.
    """
    workspace = [
        ("workspace", _("Workspace"), "building"),
        ("members", _("Members"), "users"),
        ("teams", _("Teams"), "users-group"),
        ("roles", _("Roles"), "shield"),
        ("why", _("Why?"), "shield-question"),
        ("sign-in", _("Signing in"), "login"),
        ("letterhead", _("Letterhead"), "id"),
        ("seal", _("Document seal"), "rosette"),
        ("mailboxes", _("Mailboxes"), "mailbox"),
    ]
    records = [
        ("objects", _("Objects"), "box"),
        ("fields", _("Fields"), "forms"),
        ("layouts", _("Layouts"), "layout"),
        ("duplicates", _("Duplicates"), "copy"),
        *([("numbers", _("Numbers"), "hash")] if numbers.all_series() else []),
        ("configuration", _("Configuration"), "file-settings"),
    ]
    of_modules: dict[str, list[tuple[str, Any, str]]] = {}
    for group, *item in settings_of_modules():
        of_modules.setdefault(str(group), []).append(tuple(item))
    for obj in objects.all_objects():
        if obj.in_settings:
            item = (f"/{obj.plural}/", called(obj).many, obj.icon)
            of_modules.setdefault(called(obj).group, []).append(item)
    return [(_("Workspace"), workspace), (_("Records"), records), *of_modules.items()]


def mail_list(
    request: HttpRequest,
    place: str,
    states: Mapping[str, Any],
    listed: Callable[..., tuple[list[Any], bool]],
    told: Callable[..., dict[str, Any]],
) -> dict[str, Any]:
    """Mails that went out or came in, newest first, by state and page: ``listed(actor, state, before)`` finds them,
    ``told(request, mail, reader, address)`` says what a row shows.
    """
    address, state = settings_url(request, place), request.GET.get("state", "")
    state = state if state in states else ""
    found, more = listed(request.actor, state, request.GET.get("before", ""))
    reader = access.reader(request.actor)
    asked = f"state={state}&" if state else ""
    return {
        "mails": [told(request, mail, reader, address) for mail in found],
        "filters": [
            {"label": label, "url": f"{address}?state={name}" if name else address, "current": name == state}
            for name, label in words.named(states, ("", _("All")))
        ],
        "previous_url": address if request.GET.get("before") else "",
        "next_url": f"{address}?{asked}before={found[-1].id}" if more else "",
    }


def may_restore(request: HttpRequest) -> list[objects.Object]:
    """The objects whose deleted records the person may bring back; parts come back with what they are part of, or where
    taking them away is undone.
    """
    actor = request.actor
    return [
        obj
        for obj in objects.all_objects()
        if not obj.within and access.may_see_any(actor, obj) and actor.rights.may(obj.plural, "delete")
    ]


def fail(request: HttpRequest, place: str, refused: Refused) -> HttpResponse:
    """Back to the page, with why nothing was done."""
    return said(request, settings_url(request, place), " ".join(str(p.message) for p in refused.problems), error=True)


def ask(name: str, label: Any, kind: Kind, help_text: Any = "") -> Field:
    """One question of a settings form."""
    return Field(name=name, label=label, kind=kind, columns=(), help=help_text, required=kind.required)


def form(
    request: HttpRequest,
    heading: Any,
    sections: Iterable[tuple[Any, list[Field]]],
    shown: Any,
    *,
    action: str,
    problems: Iterable[Problem] = (),
    text: Any = "",
    submit: str = "",
    cancel: str = "",
    danger: Mapping[str, Any] | None = None,
    steps: Iterable[Mapping[str, Any]] = (),
    presets: Iterable[tuple[str, str]] = (),
    refs: Iterable[str] = (),
    crumbs: list[tuple[Any, str]] | None = None,
) -> HttpResponse:
    """A page with one form; ``shown`` is Typed, or stored values by name."""
    problems, sections = list(problems), list(sections)
    reader = access.reader(request.actor, refs)
    fields = {field.name: field for _label, section in sections for field in section}
    rows = [
        {
            "label": label,
            "fields": [
                forms.row(field, _value(field, shown), reader, forms.errors_of(problems, field.name))
                for field in section
            ],
        }
        for label, section in sections
    ]
    context = {
        "action": action,
        "submit": submit or _("Save"),
        "cancel_url": cancel,
        "sections": rows,
        "problems": forms.summary(problems, fields),
        "hidden": [],
        "danger": danger,
        "steps": list(steps),
        "presets": list(presets),
    }
    return show(request, "form", heading, context, text=text, status=422 if problems else 200, crumbs=crumbs)


def _value(field: Field, shown: Any) -> Any:
    if isinstance(shown, Typed):
        return shown
    value = shown.get(field.name, field.kind.empty)
    return [] if field.kind.many and value is None else value


def read(request: HttpRequest, fields: Iterable[Field]) -> dict[str, Any]:
    """What a settings form sent, as stored values; raises Refused with all problems."""
    given, problems = forms.read(request.POST, fields, access.reader(request.actor))
    if problems:
        raise Refused(problems)
    return given


def table(
    request: HttpRequest,
    heading: Any,
    columns: list[Any],
    rows: list[dict[str, Any]],
    *,
    nothing: tuple[str, Any, Any],
    text: Any = "",
    new: tuple[str, Any] = ("", ""),
    tabs: list[dict[str, Any]] | None = None,
    secret: Mapping[str, Any] | None = None,
    crumbs: list[tuple[Any, str]] | None = None,
) -> HttpResponse:
    """A list of things with a few actions each; ``nothing`` is icon, title and text for none."""
    icon, title, words = nothing
    context = {
        "columns": columns,
        "rows": rows,
        "new_url": new[0],
        "new_label": new[1],
        "tabs": tabs or [],
        "secret": secret,
        "nothing": {"icon": icon, "title": title, "text": words},
    }
    return show(request, "table", heading, context, text=text, crumbs=crumbs)


def step(
    label: Any, url: str, icon: str, *, question: Any = "", danger: bool = False, link: bool = False
) -> dict[str, Any]:
    """One action of a row."""
    return {"label": label, "url": url, "icon": icon, "question": question, "danger": danger, "link": link}
