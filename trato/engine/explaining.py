"""Why somebody can, or can't, see, change or delete a record and its fields: in sentences, from the rules of access."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from . import access
from .models import Record, Share
from .objects import Object
from .workspaces.actors import Actor
from .workspaces.members import name_of
from .workspaces.models import Membership, Role, Team, TeamMember


@dataclass(frozen=True)
class Answer:
    """Whether somebody may do something with a record, and each thing that speaks for or against it."""

    verb: str
    allowed: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class FieldAnswer:
    """What somebody may do with a field of the object: ``write``, ``read`` or ``hidden``, and why not more."""

    name: str
    label: str
    level: str
    reason: str


def subject(obj: Object, record_id: Any) -> Record:
    """A record of the workspace, in the recycle bin too; raises Absent. Only for whoever may see everything."""
    found = obj.rows().filter(id=access.as_uuid(record_id)).defer("search", "title_key").first()
    if found is None:
        raise access.Absent(obj.ref(record_id))
    return found


def explain(who: Actor, obj: Object, record: Record) -> list[Answer]:
    """What ``who`` may do with a record: see, change and delete it."""
    see, change = _scoped(who, obj, record, "see"), _scoped(who, obj, record, "change")
    return [see, change, _delete(who, obj, change)]


def explain_fields(who: Actor, obj: Object) -> list[FieldAnswer]:
    """What ``who`` may do with each field of the object's records."""
    seen, writable, known = access.fields(who, obj), access.writable(who, obj), obj.fields(who.workspace)
    answers = []
    for name, field in known.items():
        level = "write" if name in writable else "read" if name in seen else "hidden"
        said = who.rights.field(obj.plural, name)
        if said == "hidden":
            reason = _("The role hides this field.")
        elif said == "read":
            reason = _("The role lets its holders read this field, not change it.")
        elif level == "hidden":
            reason = _("It is worked out of what is hidden from them.")
        else:
            reason = _("Nobody changes this field by hand: it follows from others.") if level == "read" else ""
        answers.append(FieldAnswer(name, str(field.label), level, reason))
    return answers


def _scoped(who: Actor, obj: Object, record: Record, verb: str) -> Answer:
    deleted = record.deleted_at is not None
    rows = access.visible(who, obj, verb, deleted=deleted)
    allowed = rows.filter(id=record.id).exists()
    reasons = []
    if not who.rights.token_allows(obj.plural, verb):
        reasons.append(_key(who))
    elif who.rights.admin:
        reasons.append(_("Administrators see and change every record."))
    else:
        reasons += [_role(who, obj, verb), _owner(who, obj, record, verb), *_shared(who, obj, record, verb)]
    if deleted:
        allowed = allowed and who.rights.may(obj.plural, "delete")
        reasons.append(_("The record is in the recycle bin, which is open to whoever may delete such records."))
    return Answer(verb, allowed, tuple(reason for reason in reasons if reason))


def _delete(who: Actor, obj: Object, change: Answer) -> Answer:
    may = who.rights.may(obj.plural, "delete")
    if not who.rights.token_allows(obj.plural, "delete"):
        reason = _key(who)
    elif who.rights.admin:
        reason = _("Administrators delete every record.")
    elif may:
        reason = _("%(rule)s lets its holders delete.") % {"rule": _rule(who, obj)}
    else:
        reason = _("%(rule)s does not let its holders delete.") % {"rule": _rule(who, obj)}
    also = () if change.allowed else (_("Only a record that one may change can be deleted."),)
    return Answer("delete", may and change.allowed, (reason, *also))


def _key(who: Actor) -> str:
    scopes = ", ".join(who.rights.scopes or ())
    return _("%(who)s is a key to the API that is limited to: %(scopes)s.") % {"who": who.name, "scopes": scopes}


def _rule(who: Actor, obj: Object) -> str:
    """The role, and which of its lines speaks of this object."""
    rows = Membership.objects.filter(user_id=who.user_id, is_active=True) if who.user_id else Membership.objects.none()
    membership = rows.select_related("role").first()
    role: Role | str = membership.role if membership else "?"
    if who.rights.has_own_rules(obj.plural):
        return _("The role “%(role)s”, in its own rules for %(objects)s,") % {"role": role, "objects": obj.label_plural}
    return _("The role “%(role)s”, in its rules for all objects,") % {"role": role}


def _role(who: Actor, obj: Object, verb: str) -> str:
    scope = who.rights.scope(obj.plural, verb)
    words: dict[tuple[str, str], str] = {
        ("see", "none"): _("%(rule)s opens nobody's records."),
        ("see", "own"): _("%(rule)s lets its holders see the records they own."),
        ("see", "team"): _("%(rule)s lets its holders see what they, their teams and the teams below own."),
        ("see", "all"): _("%(rule)s lets its holders see everybody's records."),
        ("change", "none"): _("%(rule)s lets its holders change nobody's records."),
        ("change", "own"): _("%(rule)s lets its holders change the records they own."),
        ("change", "team"): _("%(rule)s lets its holders change what they, their teams and the teams below own."),
        ("change", "all"): _("%(rule)s lets its holders change everybody's records."),
    }
    said = words[verb, scope] % {"rule": _rule(who, obj)}
    narrowed = verb == "change" and scope != who.rights.scope_said(obj.plural, verb)
    return f"{said} {_('Nothing is changed that is not seen.')}" if narrowed else said


def _owner(who: Actor, obj: Object, record: Record, verb: str) -> str:
    """Whose the record is, and how that person stands to ``who``."""
    if who.rights.scope(obj.plural, verb) in ("none", "all"):
        return ""
    if record.owner_id is None:
        return _("The record belongs to nobody.")
    if record.owner_id == who.user_id:
        return _("The record is theirs.")
    owner = {"owner": name_of(record.owner_id)}
    if who.rights.scope(obj.plural, verb) == "own":
        return _("The record belongs to %(owner)s.") % owner
    if record.owner_id not in who.teammate_ids:
        return _("The record belongs to %(owner)s, who is in none of their teams or the teams below.") % owner
    said = _("The record belongs to %(owner)s, who is in one of their teams or a team below: %(path)s.")
    return said % (owner | {"path": _path(who, record.owner_id)})


def _path(who: Actor, owner_id: UUID) -> str:
    """``Madrid ← Spain``: the team of the owner, and those above it up to one of theirs."""
    known: dict[UUID, Team] = {team.id: team for team in Team.objects.all()}
    for team_id in TeamMember.objects.filter(user_id=owner_id).values_list("team_id", flat=True):
        names: list[str] = []
        higher: UUID | None = team_id
        while higher is not None and len(names) <= len(known):
            names.append(known[higher].name)
            if higher in who.team_ids:
                return " ← ".join(names)
            higher = known[higher].parent_id
    return "?"


def _shared(who: Actor, obj: Object, record: Record, verb: str) -> list[str]:
    """A sentence for each share that reaches ``who``, and whether it does what is asked."""
    if who.rights.scope(obj.plural, verb) == "all":
        return []
    opens = set(access.shares(who, obj, verb).filter(record_id=record.id).values_list("id", flat=True))
    every = access.shares(who, obj, "see").filter(record_id=record.id).select_related("user", "team")
    found = [_share(share, share.id in opens) for share in every.order_by("id")]
    return found or [_("It was not shared with them or a team of theirs.")]


def _share(share: Share, opens: bool) -> str:
    said = _("It was shared with %(whom)s.") if opens else _("It was shared with %(whom)s to see, not to change.")
    return said % {"whom": share.team or share.user}
