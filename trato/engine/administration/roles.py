"""Roles: what their holders may do with which records, and with which of their fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from .. import access, layouts, objects
from ..custom import shaping
from ..objects import Object
from ..values import Problem, Refused
from ..workspaces.actors import SCOPES, VERBS, Actor
from ..workspaces.models import Invitation, Membership, Role, SignOn
from .base import LEVELS, name_in, record, require, taken

#: The rules of every object that has none of its own.
ALL = "*"


def roles() -> list[Role]:
    """Every role, administrators first, each with ``holders``: how many active members have it."""
    holders = dict(
        Membership.objects.filter(is_active=True)
        .values_list("role_id")
        .annotate(n=Count("id"))
        .values_list("role_id", "n")
    )
    found = list(Role.objects.order_by("-is_admin", "name"))
    for role in found:
        role.holders = holders.get(role.id, 0)  # type: ignore[attr-defined]
    return found


def role(role_id: Any) -> Role:
    """One role; raises Absent."""
    found = Role.objects.filter(id=access.as_uuid(role_id)).first()
    if found is None:
        raise access.Absent(str(role_id))
    return found


def _locked(role_id: Any) -> Role:
    found = Role.objects.select_for_update().filter(id=access.as_uuid(role_id)).first()
    if found is None:
        raise access.Absent(str(role_id))
    return found


def clean_rules(given: Mapping[str, Mapping[str, Any]], kept: Mapping[str, Any], plurals: Iterable[str]) -> dict:
    """The rules of a role by object, ``*`` among them, from what was chosen; what is not said is not allowed.

    An object that is not in ``given`` has no rules of its own and follows ``*``. Field rules are ``kept``: they are
    decided elsewhere (``change_fields``). What was said of objects that are not here any more, or not in ``plurals``,
    stays as it is.
    """
    known = {ALL, *plurals}
    rules = {plural: dict(said) for plural, said in kept.items() if plural not in known}
    for plural in known:
        levels = kept.get(plural, {}).get("fields")
        fields = {"fields": levels} if levels else {}
        if plural in given:
            said = given[plural]
            scopes = {verb: said.get(verb) if said.get(verb) in SCOPES else "none" for verb in ("see", "change")}
            rules[plural] = scopes | {verb: bool(said.get(verb)) for verb in VERBS} | fields
        elif fields:
            rules[plural] = fields
    return rules


def save_role(actor: Actor, role_id: Any, name: Any, given: Mapping[str, Mapping[str, Any]]) -> Role:
    """Make a role (``role_id`` None) or change one; an administrator role keeps its rights. Raises Absent, Refused."""
    require(actor)
    found = _locked(role_id) if role_id else Role()
    before = {"name": found.name or None, "permissions": found.permissions if role_id else None}
    given_name = name_in({"name": name}, "name", 80)
    if given_name != str(found):  # a built-in role, shown in the reader's language, keeps its own name
        found.name = given_name
    if not found.is_admin:
        plurals = [obj.plural for obj in objects.all_objects()]
        kept = (found.permissions or {}).get("objects", {})
        found.permissions = {"objects": clean_rules(given, kept, plurals)}
    _save(found)
    after = {"name": found.name, "permissions": found.permissions}
    changed = {key: (before[key], after[key]) for key in after if before[key] != after[key]}
    if changed:
        record(actor, "roles", found.id, "updated" if role_id else "created", changed)
    return found


def _save(found: Role) -> None:
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise taken("name") from None


def change_fields(actor: Actor, role_id: Any, obj: Object, levels: Mapping[str, Any]) -> Role:
    """Say which fields of an object a role writes, only reads, or does not see; raises Absent, Refused.

    What is not said, and what is no level, is ``write`` for a field of the object.
    """
    require(actor)
    found = _locked(role_id)
    if found.is_admin:
        raise Refused([Problem("", "fixed", _("Administrators see and change every field."))])
    known = obj.fields(actor.workspace)
    limited = {name: level for name, level in levels.items() if name in known and level in LEVELS[1:]}
    rules = dict((found.permissions or {}).get("objects", {}))
    own = {verb: value for verb, value in rules.get(obj.plural, {}).items() if verb != "fields"}
    # An entry without fields is written where the rules of all objects limit some: it says that none is limited here.
    said = own | ({"fields": limited} if limited or rules.get(ALL, {}).get("fields") else {})
    after = {plural: rule for plural, rule in rules.items() if plural != obj.plural} | (
        {obj.plural: said} if said else {}
    )
    if after != rules:
        permissions = {**found.permissions, "objects": after}
        record(actor, "roles", found.id, "updated", {"permissions": (found.permissions, permissions)})
        found.permissions = permissions
        _save(found)
    return found


def clone_role(actor: Actor, role_id: Any) -> Role:
    """A new role that allows and shows the same, under a name that is free; one of administrators gives one of
    administrators. Raises Absent.
    """
    require(actor)
    found = _locked(role_id)
    names = set(Role.objects.values_list("name", flat=True))
    wanted = [_("%(name)s (copy)"), *(_("%(name)s (copy %(n)s)") for _n in range(len(names) + 1))]
    named = (text % {"name": str(found)[:65], "n": n + 1} for n, text in enumerate(wanted))
    copy = Role(
        name=next(name for name in named if name not in names), is_admin=found.is_admin, permissions=found.permissions
    )
    _save(copy)
    layouts.hand_on(found, copy)
    shaping.changed(actor)
    record(actor, "roles", copy.id, "created", {"name": (None, copy.name), "permissions": (None, copy.permissions)})
    return copy


def delete_role(actor: Actor, role_id: Any, heir_id: Any = None) -> int:
    """Take a role away and give another (``heir_id``) to whoever has it, had it, or was invited with it; how many
    active members that were.

    Raises Absent, and Refused where somebody has it and no other was named, or no administrator would be left.
    """
    require(actor)
    found = _locked(role_id)
    members = Membership.objects.select_for_update(of=("self",)).filter(role=found)
    active = [member for member in members if member.is_active]
    invited = Invitation.objects.filter(role=found)
    heir = _locked(heir_id) if heir_id else None
    if heir == found or (heir is None and (members or invited.exists())):
        raise Refused([Problem("heir", "used", _("Somebody has, or had, this role; choose the one they get instead."))])
    others = Membership.objects.filter(is_active=True, role__is_admin=True).exclude(role=found)
    if found.is_admin and active and not (heir and heir.is_admin) and not others.exists():
        raise Refused([Problem("heir", "last", _("A workspace needs at least one administrator."))])
    if found.is_admin and not Role.objects.filter(is_admin=True).exclude(id=found.id).exists():
        raise Refused([Problem("", "last", _("A workspace needs one role of administrators."))])
    for member in active:
        record(actor, "members", member.id, "updated", {"role": (found.name, heir.name if heir else None)})
    if heir:
        members.update(role=heir)
        invited.update(role=heir)
    # Nobody becomes an administrator by merely coming through the company's sign-in.
    coming = SignOn.objects.filter(role=found)
    coming.update(role=heir) if heir and not heir.is_admin else coming.update(role=None, is_open=False)
    record(actor, "roles", found.id, "deleted", {"name": (found.name, None)})
    found.delete()
    return len(active)
