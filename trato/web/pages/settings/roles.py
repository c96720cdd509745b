"""Roles: the matrix of objects by verbs, and the fields of an object that a role does not see or change."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from trato.engine import access, administration, objects
from trato.engine.administration.roles import ALL
from trato.engine.kinds import Choice, Text, Typed
from trato.engine.values import Refused
from trato.engine.workspaces.actors import VERBS, Rights
from trato.engine.workspaces.models import Role

from ... import forms, words
from ...names import called, object_or_404
from ...respond import base_of, said
from .frame import administrators, ask, fail, form, read, settings_url, show

SCOPES = {
    "none": gettext_lazy("none"),
    "own": gettext_lazy("own"),
    "team": gettext_lazy("of the team"),
    "all": gettext_lazy("all"),
}
LEVELS = {"write": gettext_lazy("change"), "read": gettext_lazy("read"), "hidden": gettext_lazy("hidden")}
LABELS = {
    "create": gettext_lazy("Create"),
    "delete": gettext_lazy("Delete"),
    "import": gettext_lazy("Import"),
    "export": gettext_lazy("Export"),
    "share": gettext_lazy("Share views"),
}


@administrators
def role(request: HttpRequest, role_id: Any = None, new: bool = False) -> HttpResponse:
    """What a role may: for all objects, and for those that have rules of their own."""
    place = settings_url(request, "roles")
    known = administration.roles()
    found = None if new else administration.role(role_id) if role_id else known[0]
    problems: list[Any] = []
    label = ask("name", _("Name"), Text(required=True, max_length=80))
    permissions = found.permissions if found else {}
    shown: Any = str(found) if found else ""
    if request.method == "POST":
        chosen = _chosen(request)
        try:
            name = read(request, [label])["name"]
            saved = administration.save_role(request.actor, found.id if found else None, name, chosen)
            return said(request, f"{place}/{saved.id}", _("Saved."))
        except Refused as refused:
            shown, problems, permissions = Typed(request.POST), refused.problems, {"objects": chosen}
    address = f"{place}/{found.id}" if found else ""
    context = {
        "roles": [
            {"label": str(one), "url": f"{place}/{one.id}", "current": one == found, "count": one.holders}
            for one in known
        ],
        "new_url": f"{place}/new",
        "admin": bool(found and found.is_admin),
        "action": address or f"{place}/new",
        "label_field": forms.row(label, shown, access.reader(request.actor), forms.errors_of(problems, "name")),
        "clone_url": f"{address}/clone" if found else "",
        "delete_url": f"{address}/delete" if found else "",
        "look": {"url": f"{base_of(request)}/looking", "id": str(found.id) if found else ""},
        "scopes": words.named(SCOPES),
        "verbs": words.named(LABELS),
        "objects": _rows(request, Rights(permissions=permissions), address),
    }
    text = _("What people with a role may see and do.")
    return show(request, "roles", _("Roles"), context, text=text, status=422 if problems else 200)


def _rows(request: HttpRequest, rights: Rights, address: str) -> list[dict[str, Any]]:
    """A line of the matrix for all objects, then one for each."""
    scopes = dict(words.named(SCOPES))
    said = rights.permissions.get("objects", {})

    def line(*, plural: str, label: Any, icon: str, own: bool, limited: int, fields_url: str) -> dict[str, Any]:
        see = said.get(plural if own else ALL, {}).get("see", "none")
        change = said.get(plural if own else ALL, {}).get("change", "none")
        return {
            "plural": plural,
            "label": label,
            "icon": icon,
            "own": own,
            "see": see,
            "change": change,
            "as_all": {"see": scopes.get(see, see), "change": scopes.get(change, change)},
            "may": {verb: bool(said.get(plural if own else ALL, {}).get(verb)) for verb in VERBS},
            "fields_url": fields_url,
            "limited": limited,
        }

    rows = [line(plural=ALL, label=_("All objects"), icon="stack-2", own=True, limited=0, fields_url="")]
    for obj in objects.all_objects():
        if obj.within:  # its rights are those of what it is part of
            continue
        limited = sum(rights.field(obj.plural, name) != "write" for name in obj.fields(request.actor.workspace))
        fields_url = f"{address}/fields/{obj.plural}" if address else ""
        rows.append(
            line(
                plural=obj.plural,
                label=called(obj).many,
                icon=obj.icon,
                own=rights.has_own_rules(obj.plural),
                limited=limited,
                fields_url=fields_url,
            )
        )
    return rows


def _chosen(request: HttpRequest) -> dict[str, dict[str, Any]]:
    """The matrix as it was sent: the rules of all objects, and of those that are to have their own."""
    data = request.POST
    plurals = [ALL, *(obj.plural for obj in objects.all_objects() if f"{obj.plural}.own" in data)]
    return {
        plural: {verb: data.get(f"{plural}.{verb}", "none") for verb in ("see", "change")}
        | {verb: f"{plural}.{verb}" in data for verb in VERBS}
        for plural in plurals
    }


@administrators
def fields(request: HttpRequest, role_id: Any, plural: str) -> HttpResponse:
    """Which fields of an object a role writes, only reads, or does not see."""
    found, obj = administration.role(role_id), object_or_404(request, plural)
    address = settings_url(request, f"roles/{found.id}")
    rights = Rights(permissions=found.permissions)
    asked = [
        ask(name, field.label, Choice(required=True, choices=words.named(LEVELS)))
        for name, field in obj.fields(request.actor.workspace).items()
    ]
    if request.method == "POST":
        try:
            administration.change_fields(request.actor, found.id, obj, read(request, asked))
            return said(request, address, _("Saved."))
        except Refused as refused:
            return fail(request, f"roles/{found.id}", refused)
    shown = {one.name: rights.field(obj.plural, one.name) for one in asked}
    heading = _("%(role)s: fields of %(objects)s") % {"role": str(found), "objects": called(obj).many}
    text = _("A hidden field is nowhere: not in lists, filters, exports, the API or the history.")
    return form(request, heading, [("", asked)], shown, action=f"{address}/fields/{plural}", text=text, cancel=address)


@administrators
@require_POST
def clone(request: HttpRequest, role_id: Any) -> HttpResponse:
    """A new role that allows the same."""
    copy = administration.clone_role(request.actor, role_id)
    address = settings_url(request, f"roles/{copy.id}")
    return said(request, address, _("This is the copy: give it a name and change what differs."))


@administrators
def delete(request: HttpRequest, role_id: Any) -> HttpResponse:
    """Take a role away and say which one its holders get."""
    found = administration.role(role_id)
    place = settings_url(request, "roles")
    known = administration.roles()
    holders = next(one.holders for one in known if one == found)  # type: ignore[attr-defined]
    heirs = [(str(one.id), str(one)) for one in known if one != found]
    note = _("Whoever has it, had it or was invited with it gets this role.")
    asked = [ask("heir", _("Role instead"), Choice(choices=heirs), note)]
    shown: Any = {"heir": _closest(found, known)}
    problems: list[Any] = []
    if request.method == "POST":
        try:
            moved = administration.delete_role(request.actor, role_id, read(request, asked)["heir"])
            text = _("The role is deleted. Members who got another: %(n)s.") % {"n": moved}
            return said(request, place, text)
        except Refused as refused:
            shown, problems = Typed(request.POST), refused.problems
    return form(
        request,
        _("Delete the role %(name)s") % {"name": str(found)},
        [("", asked)],
        shown,
        action=f"{place}/{found.id}/delete",
        problems=problems,
        text=_("Members who have it: %(n)s.") % {"n": holders},
        submit=_("Delete"),
        cancel=f"{place}/{found.id}",
    )


def _closest(found: Role, known: list[Role]) -> str:
    """The role that is offered first: that of most members, and never one that gives more than the old one did."""
    plain = [one for one in known if one != found and one.is_admin == found.is_admin]
    return str(max(plain, key=lambda one: one.holders).id) if plain else ""  # type: ignore[attr-defined]
