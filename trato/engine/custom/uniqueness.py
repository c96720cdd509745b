"""Making a field unique that has values already: of few records at once, of many by a job, and every key or none.

The job begins by making the field unique: from then on every write is held to the keys that are there, so it only goes
through what was there before. Where it finds values that several records share, the field is common again, and it names
them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import derived, jobs
from ..fields import Field, custom_field
from ..kinds import Reader
from ..models import CustomField, Job, Key
from ..objects import Object, get
from ..postgres.scope import in_workspace
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from .shaping import FIELDS, alone, decided

JOB = "make unique"
#: Records whose keys are written at once, records a step of the job takes, and shared values that are named.
FEW, STEP, NAMED = 2_000, 5_000, 20
#: Longest wait, in seconds, for those who began to write before they could know that the field is unique.
PATIENCE = 60


@dataclass(frozen=True)
class Shared:
    """A value that several records hold: as text, with their addresses."""

    value: str
    records: list[str]


class NotUnique(Refused):
    """Several records share values of a field that was to become unique; ``shared`` are the first of them."""

    def __init__(self, shared: Sequence[Shared], titles: Mapping[str, str]) -> None:
        self.shared = list(shared)
        words = _(
            "Several records hold “%(value)s”: %(titles)s. Change or merge them, then try again; nothing was changed."
        )
        told = [{"value": one.value, "titles": ", ".join(titles[ref] for ref in one.records[:5])} for one in shared]
        super().__init__([Problem("unique", "duplicates", words % each) for each in told])


def needs_job(obj: Object, field: Field) -> bool:
    """Whether so many records hold a value that only a job can make the field unique."""
    return len(_holding(obj, field).values_list("id")[: FEW + 1]) > FEW


def begin(actor: Actor, obj: Object, field: Field) -> Job:
    """Have the field made unique by a job, the one that is at it already where there is one."""
    known = last_job(obj, field.key)
    if known is not None and known.state in ("waiting", "running"):
        return known
    words = _("Whether “%(field)s” is unique") % {"field": field.label}
    return jobs.enqueue(actor, JOB, words, object=obj.plural, name=field.key)


def make_unique(obj: Object, field: Field) -> None:
    """Write the key of every value; raises NotUnique, with nothing written."""
    with transaction.atomic():
        rows = list(_holding(obj, field).only("id", "custom", "title").order_by("id").select_for_update(no_key=True))
        if shared := _write(obj, field, rows):
            raise NotUnique(list(shared.values())[:NAMED], {obj.ref(row.id): row.title for row in rows})


def make_common(obj: Object, field: Field) -> None:
    """Let several records hold the same value again."""
    Key.objects.filter(object=obj.plural, key__startswith=f"unique:{field.name}:").delete()


def last_job(obj: Object, name: str) -> Job | None:
    """The newest job that makes, or made, a field unique."""
    return Job.objects.filter(name=JOB, arguments__object=obj.plural, arguments__name=name).order_by("-id").first()


def _holding(obj: Object, field: Field) -> Any:
    return obj.rows().filter(deleted_at=None, custom__has_key=field.key)


def _write(obj: Object, field: Field, rows: Iterable[Any]) -> dict[str, Shared]:
    """Write the keys of these locked records; the values that another record holds, by key."""
    held = {row.id: (field.read_from(row)) for row in rows}
    keys = {id_: derived.unique_key(field, value) for id_, value in held.items() if not field.kind.is_empty(value)}
    given = [Key(object=obj.plural, key=key, record_id=id_) for id_, key in keys.items()]
    Key.objects.bulk_create(given, ignore_conflicts=True)
    taken = dict(Key.objects.filter(object=obj.plural, key__in=keys.values()).values_list("key", "record_id"))
    shared: dict[str, Shared] = {}
    for id_, key in keys.items():
        if (first := taken[key]) != id_:
            text = field.kind.text(held[id_], Reader())[:80]
            shared.setdefault(key, Shared(text, [obj.ref(first)])).records.append(obj.ref(id_))
    return shared


@jobs.job(JOB)
def make_unique_all(run: jobs.Run, object: str, name: str) -> dict[str, Any]:
    """Write the keys of a field that many records hold, some thousands at a time; another run goes on where this one
    ended. The field is common again where it can't be unique, the job was cancelled, or failed too often.
    """
    try:
        shared = jobs.insisting(lambda: _go_through(run, object, name))
    except Exception as reason:
        if isinstance(reason, jobs.Cancelled) or _is_last(run):
            _turn(run, object, name, unique=False)
        raise
    if shared:
        _turn(run, object, name, unique=False)
        with in_workspace(run.workspace.id):
            run.keep(shared=shared)
            language = run.actor().language
        with translation.override(language):
            words = ngettext(
                "%(n)s value is in several records. The field is not unique; change or merge them, and try again.",
                "%(n)s values are in several records. The field is not unique; change or merge them, and try again.",
                len(shared),
            )
            raise jobs.GiveUp(words % {"n": f"{len(shared):,}"})
    return {}


def _go_through(run: jobs.Run, plural: str, name: str) -> Mapping[str, Any]:
    """Write the keys of all records, until enough shared values are found; those, by key."""
    with in_workspace(run.workspace.id):
        kept = run.kept()
    if "after" not in kept:
        _turn(run, plural, name, unique=True)
        _wait_for_others(run)
    with in_workspace(run.workspace.id):
        total = _holding(get(plural), _field(plural, name)).count()
    last, done = kept.get("after"), kept.get("done", 0)
    shared: dict[str, Any] = kept["shared"] if last else {}
    while len(shared) < NAMED:
        with in_workspace(run.workspace.id):
            obj, field = get(plural), _field(plural, name)
            rows = _holding(obj, field).order_by("id")
            rows = rows.filter(id__gt=UUID(last)) if last else rows
            some = list(rows.only("id", "custom").select_for_update(no_key=True)[:STEP])
            if not some:
                return shared
            for key, one in _write(obj, field, some).items():
                before = shared.setdefault(key, {"value": one.value, "records": one.records[:1]})
                before["records"] += [ref for ref in one.records[1:] if len(before["records"]) < NAMED]
            last, done = str(some[-1].id), done + len(some)
            run.keep(after=last, done=done, shared=shared)
        with in_workspace(run.workspace.id):
            run.progress(done, max(total, done))
    return shared


def _field(plural: str, name: str) -> Field:
    """The field as it is now; raises GiveUp where it is to be unique no longer."""
    row = CustomField.objects.filter(object=plural, name=name, unique=True, archived_at=None).first()
    if row is None:
        raise jobs.GiveUp(_("The field was changed or archived meanwhile."))
    return custom_field(row)


def _wait_for_others(run: jobs.Run) -> None:
    """Wait until those who write, and read the field's settings before it was unique, are through."""
    with in_workspace(run.workspace.id), connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        since = cursor.fetchone()[0]
    for _try in range(PATIENCE):
        with in_workspace(run.workspace.id), connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND usename = "
                "current_user AND pid <> pg_backend_pid() AND xact_start < %s)",
                [since],
            )
            if not cursor.fetchone()[0]:
                return
        time.sleep(1)


def _turn(run: jobs.Run, plural: str, name: str, *, unique: bool) -> None:
    """Make the field unique, or common again, for everybody who writes from now on."""
    with in_workspace(run.workspace.id):
        actor = run.actor()
        alone(actor)
        row = CustomField.objects.filter(object=plural, name=name, unique=not unique, archived_at=None).first()
        if row is None:
            return
        if not unique:
            make_common(get(plural), custom_field(row))
        row.unique = unique
        row.save(update_fields=["unique"])
        decided(actor, FIELDS, row.id, "updated", {"unique": (not unique, unique)})


def _is_last(run: jobs.Run) -> bool:
    with in_workspace(run.workspace.id):
        return Job.objects.filter(id=run.job_id, attempts__gte=jobs.ATTEMPTS).exists()
