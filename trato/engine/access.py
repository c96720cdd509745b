"""The one door to rows: everything that is read is read through here, narrowed by workspace, role, sharing and field
rules.

Narrowing happens inside SQL, before any limit. What is absent and what is forbidden look alike to who may not see it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol
from uuid import UUID

from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, NullIf

from . import merges, objects
from .kinds import Kind, Reader
from .kinds.locales import regional
from .models import Record, Share
from .objects import Field, Object
from .postgres.scope import current_workspace_id
from .workspaces.actors import Actor
from .workspaces.models import Membership, Team, User


class Absent(LookupError):
    """There is no such record, or the actor may not see it: both look the same."""


class Forbidden(PermissionError):
    """The actor's role does not allow this verb on this object at all."""

    def __init__(self, plural: str, verb: str) -> None:
        super().__init__(f"{verb} {plural}")
        self.plural, self.verb = plural, verb


def _require(actor: Actor) -> None:
    """No actor is an error, never an empty list; an actor of another workspace is a mistake in the program."""
    if not isinstance(actor, Actor):
        raise TypeError("Every read names its actor.")
    if actor.workspace.id != current_workspace_id():
        raise PermissionError("The actor belongs to another workspace than the transaction.")


def shares(actor: Actor, obj: Object, verb: str) -> QuerySet:
    """The shares of records of this object with the actor or a team of theirs, which open them for the verb."""
    person = Q(user_id=actor.user_id) if actor.user_id else Q(pk__in=[])
    found = Share.objects.filter(person | Q(team_id__in=actor.team_ids), object=obj.plural)
    return found.filter(can_change=True) if verb == "change" else found


def _shares(actor: Actor, obj: Object, verb: str) -> QuerySet:
    """The ids of records of this object that were shared with the actor or a team of theirs."""
    return shares(actor, obj, verb).values("record_id")


def owners_seen(actor: Actor, obj: Object, verb: str = "see") -> frozenset[UUID] | None:
    """Whose records the role opens: None for everybody's, else user ids (empty for nobody's)."""
    scope = actor.rights.scope(obj.plural, verb)
    if scope == "all":
        return None
    if scope == "none" or actor.user_id is None:
        return frozenset()
    return frozenset({actor.user_id}) if scope == "own" else actor.teammate_ids | {actor.user_id}


class Formulas(Protocol):
    """What has to be known of formula fields."""

    def may_see(self, actor: Actor, obj: Object, known: Field) -> bool:
        """Whether the actor may see all that a formula is made of."""

    def columns(self, actor: Actor, obj: Object, fields: Iterable[Field]) -> dict[str, Any]:
        """The SQL of some formula fields for the actor, by their columns."""


_formulas: list[Formulas] = []


def computing(formulas: Any) -> Any:
    """Decorator of what works formulas out: it stands above, since it needs the relations of filters."""
    _formulas[:] = [formulas]
    return formulas


def visible(actor: Actor, obj: Object, verb: str = "see", *, deleted: bool = False) -> QuerySet:
    """The records the actor may see (or ``change``), with what their formulas come to; with ``deleted`` those in the
    recycle bin instead.

    Raises TypeError without an actor, and NoWorkspace outside ``in_workspace``.
    """
    rows = bare(actor, obj, verb, deleted=deleted)
    computed = [field for field in obj.fields(actor.workspace).values() if field.formula]
    if not computed:
        return rows
    seen = fields(actor, obj)
    return rows.annotate(**_formulas[0].columns(actor, obj, [field for field in computed if field.name in seen]))


def bare(actor: Actor, obj: Object, verb: str = "see", *, deleted: bool = False) -> QuerySet:
    """The same records without formulas: what formulas themselves go over."""
    _require(actor)
    rows = obj.rows().filter(deleted_at__isnull=not deleted)
    return opened(actor, obj, rows, verb)


def opened(actor: Actor, obj: Object, rows: QuerySet, verb: str) -> QuerySet:
    """Those of some rows that role, owners and shares open for the verb; of what is part of other records, the parts of
    those they open.
    """
    owners = owners_seen(actor, obj, verb)
    if owners is None:
        return rows
    if not actor.rights.token_allows(obj.plural, verb):
        return rows.none()
    if obj.whole is not None:
        wholes = opened(actor, obj.whole, obj.whole.rows(), verb)
        return rows.filter(**{f"{obj.within}_id__in": wholes.values("id")})
    if actor.only and verb == "see":
        plural, record_id = actor.only
        return rows.filter(id=record_id) if plural == obj.plural else rows.none()
    return rows.filter(Q(owner_id__in=owners) | Q(id__in=_shares(actor, obj, verb)))


def in_bin(actor: Actor, obj: Object) -> QuerySet:
    """The deleted records the actor may see, without those that became part of others, or went with the record they are
    part of; only who may delete, and so restore, looks at them. Raises Forbidden.
    """
    require(actor, obj, "delete")
    return by_themselves(obj, visible(actor, obj, deleted=True))


def by_themselves(obj: Object, deleted: QuerySet) -> QuerySet:
    """Those of some deleted records that come back by themselves, and not with another."""
    rows = deleted.exclude(id__in=merges.in_force(obj.plural).values("loser_id"))
    if obj.whole is None:
        return rows
    return rows.filter(**{f"{obj.within}_id__in": obj.whole.rows().filter(deleted_at=None).values("id")})


def shared_ids(actor: Actor, obj: Object) -> list[UUID]:
    """The ids of records shared with the actor, for statements that can't hold a subquery."""
    return [row["record_id"] for row in _shares(actor, obj, "see")]


def get(actor: Actor, obj: Object, record_id: Any, verb: str = "see", *, deleted: bool = False) -> Record:
    """One record; raises Absent when it isn't there for this actor, or ``record_id`` is no id at all.

    A record that was read here before may be given in place of its id, and is handed back as it is.
    """
    if isinstance(record_id, Record) and verb == "see":
        return record_id
    rows = visible(actor, obj, verb, deleted=deleted).filter(id=as_uuid(record_id))
    record = rows.defer("search", "title_key").first()
    if record is None:
        raise Absent(obj.ref(record_id))
    return record


def shares_of(actor: Actor, obj: Object, record_id: Any) -> list[Share]:
    """Whom a record is shared with; raises Absent."""
    record = get(actor, obj, record_id)
    rows = Share.objects.filter(object=obj.plural, record_id=record.id)
    return list(rows.select_related("user", "team").order_by("id"))


def as_uuid(text: Any) -> UUID:
    """A UUID from text; raises Absent on anything else, since nothing can be there."""
    try:
        return text if isinstance(text, UUID) else UUID(str(text))
    except ValueError:
        raise Absent(str(text)[:80]) from None


def require(actor: Actor, obj: Object, verb: str) -> None:
    """Raise Forbidden unless the role allows ``create``, ``delete``, ``import`` or ``export`` on this object."""
    _require(actor)
    if not actor.rights.may(obj.plural, verb):
        raise Forbidden(obj.plural, verb)


def left_open(actor: Actor, runs: QuerySet, verb: str) -> QuerySet:
    """Those of some runs (imports, exports) whose object a token's scopes leave open for the verb."""
    _require(actor)
    if actor.rights.scopes is None:
        return runs
    return runs.filter(
        object__in=[obj.plural for obj in objects.all_objects() if actor.rights.token_allows(obj.plural, verb)]
    )


def may_see_any(actor: Actor, obj: Object) -> bool:
    """Whether the object exists for the actor at all (navigation, API)."""
    return actor.rights.scope(obj.plural, "see") != "none"


def fields(actor: Actor, obj: Object) -> dict[str, Field]:
    """The fields the actor may see. An order by a link would tell of targets they may not see, so it is not offered
    then.
    """
    rights = actor.rights
    known = obj.fields(actor.workspace)
    if any(field.hidden for field in known.values()):
        known = {name: field for name, field in known.items() if not field.hidden}
    if rights.admin and rights.scopes is None:
        return known
    seen = {name: field for name, field in known.items() if _is_seen(actor, obj, field)}
    return {name: _unordered(field) if _tells(actor, field) else field for name, field in seen.items()}


def sees(actor: Actor, obj: Object, *names: str) -> bool:
    """Whether the actor may see all these fields: what a page or paper that is made of them asks."""
    return may_see_any(actor, obj) and set(names) <= fields(actor, obj).keys()


def _is_seen(actor: Actor, obj: Object, field: Field) -> bool:
    """Whether the actor may see a field, and of a formula all it is made of."""
    if actor.rights.field(obj.plural, field.name) == "hidden":
        return False
    return not field.formula or _formulas[0].may_see(actor, obj, field)


def _tells(actor: Actor, field: Field) -> bool:
    """Whether a list ordered by this field is ordered by names the actor may not see."""
    return field.kind.name == "link" and any(actor.rights.scope(plural, "see") != "all" for plural in field.kind.to)


def _unordered(field: Field) -> Field:
    return replace(field, sort_column="")


def writable(actor: Actor, obj: Object, *, readonly_too: bool = False) -> dict[str, Field]:
    """The fields the actor may set; with ``readonly_too`` also those that only actions set, for what is put back."""
    rights = actor.rights
    return {
        name: field
        for name, field in obj.fields(actor.workspace).items()
        if (readonly_too or not field.readonly) and not field.hidden and rights.field(obj.plural, name) == "write"
    }


def titles(actor: Actor, refs: Iterable[str]) -> dict[str, str]:
    """Titles of those targets the actor may see, one query an object, however many links a page has."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for ref in refs:
        plural, _slash, record_id = ref.partition("/")
        wanted[plural].add(record_id)
    found: dict[str, str] = {}
    for plural, ids in wanted.items():
        if plural == "users":
            found |= _people(actor, ids)
            continue
        try:
            obj = objects.get(plural)
        except objects.UnknownObject:
            continue
        rows = visible(actor, obj).filter(id__in=_uuids(ids))
        if obj.named_by:
            found |= _headings(actor, obj, rows)
            continue
        titled = rows.values_list("id", "title")
        found |= {f"{plural}/{record_id}": title or str(obj.label) for record_id, title in titled}
    return found


def _headings(actor: Actor, obj: Object, rows: QuerySet) -> dict[str, str]:
    """What records named by their links are called, as far as the actor may see the targets."""
    named = _naming(actor, obj)
    found = list(rows.values("id", *(column for field in named for column in field.columns)))
    known = reader(actor, refs_in(named, found))
    return {obj.ref(row["id"]): obj.heading({f.name: f.read(row) for f in named}, known) for row in found}


def title(actor: Actor, obj: Object, record: Record) -> str:
    """What a record is called to the actor."""
    if not obj.named_by:
        return record.title or str(obj.label)
    named = _naming(actor, obj)
    values = {field.name: field.read_from(record) for field in named}
    return obj.heading(values, reader(actor, {ref for f in named for ref in f.kind.refs(values[f.name])}))


def _naming(actor: Actor, obj: Object) -> list[Field]:
    """The links that name an object's records, as far as the actor may see these fields."""
    known = fields(actor, obj)
    return [known[name] for name in obj.named_by if name in known]


def _uuids(texts: Iterable[str]) -> list[UUID]:
    uuids = []
    for text in texts:
        try:
            uuids.append(UUID(text))
        except ValueError:
            continue
    return uuids


def people(actor: Actor) -> QuerySet:
    """Everybody who is, or was, a member of the workspace, each with what they are called as ``name_or_email``."""
    _require(actor)
    called = Coalesce(NullIf(F("name"), Value("")), F("email"), output_field=TextField())
    return User.objects.filter(id__in=Membership.objects.values("user_id")).annotate(name_or_email=called)


def _people(actor: Actor, ids: Iterable[str]) -> dict[str, str]:
    """What people are called, by their refs; a person's own name needs no look."""
    wanted = set(_uuids(ids))
    found = {actor.user_id: actor.name} if actor.kind == "user" and actor.user_id in wanted else {}
    if others := wanted - found.keys():
        rows = Membership.objects.filter(user_id__in=others).values_list("user_id", "user__name", "user__email")
        found |= {user_id: name or email for user_id, name, email in rows}
    return {f"users/{user_id}": name for user_id, name in found.items()}


def members(actor: Actor) -> QuerySet:
    """The people of the workspace who are active: whom a record can be given to."""
    _require(actor)
    return User.objects.filter(id__in=Membership.objects.filter(is_active=True).values("user_id")).order_by(
        "name", "email"
    )


def teams(actor: Actor) -> QuerySet:
    """The teams of the workspace, by name."""
    _require(actor)
    return Team.objects.order_by("name")


def reader(actor: Actor, refs: Iterable[str] = (), beside: Mapping[str, Any] | None = None) -> Reader:
    """How values are shown to the actor, with the titles of the given link targets; ``beside`` are the stored values of
    the one record they are of.
    """
    return Reader(
        language=regional(actor.language, actor.workspace.country),
        time_zone=actor.time_zone,
        country=actor.workspace.country,
        currency=actor.workspace.currency,
        user_id=actor.user_id,
        base=f"/w/{actor.workspace.slug}",
        titles=titles(actor, refs),
        actor=actor,
        beside=beside or {},
    )


def refs_in(row_fields: Iterable[Field], rows: Iterable[Any]) -> set[str]:
    """The addresses of every link target in some rows (mappings of column to value)."""
    linking = [field for field in row_fields if type(field.kind).refs is not Kind.refs]
    return {ref for row in rows for field in linking for ref in field.kind.refs(field.read(row))}
