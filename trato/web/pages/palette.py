"""What the command palette offers besides finding records: asked for when it is opened, so that pages cost no more."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from trato.engine import access, favourites, objects, seen, wholes
from trato.engine.objects import Object
from trato.engine.workspaces.actors import Actor

from ..listing import KEPT, KINDS, TABLE, shelf_of
from ..names import called
from ..respond import base_of, page
from ..shell import shell_of
from .records import may_change, offered
from .settings.frame import navigation

RECENT = 8
SHORTCUTS = "parts/shortcuts.html"

#: What a page of the settings is also looked for by: its last name in the address -> words.
SETTINGS: dict[str, Any] = {
    "profile": gettext_lazy(
        "name language time zone password two-factor authenticator passkey recovery codes e-mail address"
    ),
    "notifications": gettext_lazy("digest quiet hours mail alerts mentions"),
    "sessions": gettext_lazy("devices signed in browsers sign out"),
    "tokens": gettext_lazy("API token integration developer"),
    "workspace": gettext_lazy("company name country currency time zone"),
    "members": gettext_lazy("users people invite colleague"),
    "teams": gettext_lazy("groups hierarchy manager territory"),
    "roles": gettext_lazy("rights permissions access field rules test as role"),
    "why": gettext_lazy("rights permissions who may see"),
    "objects": gettext_lazy("custom objects tables entities"),
    "fields": gettext_lazy("custom fields columns properties formula choices"),
    "layouts": gettext_lazy("page sections columns arrange hide fields per role preview"),
    "numbers": gettext_lazy("series counter invoice quote pattern gaps"),
    "letterhead": gettext_lazy("logo address footer bank tax number documents"),
    "seal": gettext_lazy("certificate signature PDF PAdES"),
    "quotes": gettext_lazy("validity terms signature approval"),
    "billing": gettext_lazy("days to pay Stripe payments online webhook"),
    "mails": gettext_lazy("outbox sent failed e-mail"),
    "mailboxes": gettext_lazy("inbox IMAP incoming e-mail answers"),
    "incoming": gettext_lazy("inbox received e-mail answers leads"),
    "duplicates": gettext_lazy("rules merge matching keys"),
    "configuration": gettext_lazy("export import file move test live"),
    "bin": gettext_lazy("deleted trash restore"),
    "jobs": gettext_lazy("background progress queue"),
    "health": gettext_lazy("status versions disk mail worker database"),
    "sign-in": gettext_lazy("single sign-on SSO SAML OpenID Connect second factor company"),
}


@require_GET
def commands(request: HttpRequest) -> HttpResponse:
    """JSON: groups of commands, ``{label, items: [{title, detail, icon, url, post, question, words, keys}]}``.
    ``record`` is the ref of the one at hand, ``list`` the address of the list; what is not visible offers nothing.
    """
    actor, base = request.actor, base_of(request)
    here = request.GET.get("list", "").removeprefix(base).lstrip("/")
    plural, _slash, rest = here.partition("/")
    groups = [
        (_("Favourites"), _records(base, favourites.of(actor))),
        *_of_record(request, request.GET.get("record", "")),
        (_("Recently opened"), _records(base, seen.lately(actor, limit=RECENT))),
        *(_views(request, obj, rest) for obj in [_known(actor, plural)] if obj),
        *_places(request),
    ]
    return JsonResponse([{"label": str(label), "items": items} for label, items in groups if items], safe=False)


@require_GET
def shortcuts(request: HttpRequest) -> HttpResponse:
    """The keys of tables, boards, calendars and of every page, which no link or button tells of."""
    return page(request, "part.html", {"part": SHORTCUTS}, title=_("Shortcuts"), part=SHORTCUTS)


def _command(title: Any, icon: str, url: str, **more: Any) -> dict[str, Any]:
    return {"title": str(title), "icon": icon, "url": url} | {name: value for name, value in more.items() if value}


def _known(actor: Actor, plural: str) -> Object | None:
    """The object of that name, if the actor may see any of it."""
    obj = objects.get(plural) if objects.is_known(plural) else None
    return obj if obj and access.may_see_any(actor, obj) else None


def _records(base: str, found: list[tuple[Object, dict[str, Any]]]) -> list[dict[str, Any]]:
    return [
        _command(row["title"], obj.icon, f"{base}/{obj.ref(row['id'])}", detail=called(obj).one) for obj, row in found
    ]


def _of_record(request: HttpRequest, ref: str) -> list[tuple[Any, list[dict[str, Any]]]]:
    """Everything the person may do with the record at hand."""
    plural, _slash, record_id = ref.partition("/")
    obj = _known(request.actor, plural)
    if obj is None:
        return []
    try:
        found = access.get(request.actor, obj, record_id)
    except access.Absent:
        return []
    address, title = f"{base_of(request)}/{obj.plural}/{found.id}", access.title(request.actor, obj, found)
    items = [_command(_("Open"), obj.icon, address)]
    if may_change(request, obj, found):
        frozen = bool(wholes.why_frozen(request.actor, obj, found))
        if obj.thaw or not frozen:
            items.append(_command(_("Edit"), "pencil", f"{address}/edit"))
        items += [
            _command(one["label"], one["icon"], one["url"], post=not one["form"], question=one["question"])
            for one in offered(request, obj, found, title, address, frozen=frozen)
        ]
    items += [
        _command(_("Remind me"), "alarm", f"{address}/remind"),
        _command(_("History"), "history", f"{address}/history"),
    ]
    return [(title, items)]


def _views(request: HttpRequest, obj: Object, rest: str) -> tuple[Any, list[dict[str, Any]]]:
    """The ways to look at the list at hand: saved views, then the same records otherwise shown."""
    base = f"{base_of(request)}/{obj.plural}/"
    held = {field.kind.name for field in access.fields(request.actor, obj).values()}
    items = [
        _command(view.name, view.icon or obj.icon, f"{base}?view={view.id}", detail=_("View"))
        for view in shelf_of(request, obj).views
    ]
    for kind, (label, icon, needed) in KINDS.items():
        if needed and not held & set(needed):
            continue
        kept = QueryDict(rest.lstrip("?"), mutable=True)
        for name in ("cursor", *KEPT):
            kept.pop(name, None)
        kept["as"] = kind or TABLE
        items.append(_command(label, icon, f"{base}?{kept.urlencode()}", detail=_("Show as")))
    return called(obj).many, items


def _places(request: HttpRequest) -> list[tuple[Any, list[dict[str, Any]]]]:
    """What there is to create, and every page to go to."""
    shell = shell_of(request)
    go = [_command(_("My day"), "sun", shell["home"]["url"], keys="g h")]
    go.append(_command(_("Notifications"), "bell", shell["bell"]["url"], keys="g n"))
    go += [
        _command(item["label"], item["icon"], item["url"], detail=group["label"], keys=item.get("key"))
        for group in [*shell["nav"], {"label": "", "items": shell["foot"]}]
        for item in group["items"]
    ]
    go += [
        _command(one["name"], "building", one["url"], detail=_("Workspace"))
        for one in shell["workspaces"]
        if not one["current"]
    ]
    settings = [
        _command(
            item["label"],
            item["icon"],
            item["url"],
            detail=group["label"],
            words=str(SETTINGS.get(item["url"].rstrip("/").rpartition("/")[2], "")),
        )
        for group in navigation(request)
        for item in group["items"]
    ]
    create = [
        _command(_("New: %(object)s") % {"object": one["label"]}, one["icon"], one["url"]) for one in shell["add"]
    ]
    return [(_("Create"), create), (_("Go to"), go), (_("Settings"), settings)]
