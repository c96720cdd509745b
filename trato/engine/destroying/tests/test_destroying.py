"""After a record is deleted for good no row of any table of the workspace names it, but for the lines of history."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from trato.engine import (
    access,
    actions,
    custom,
    destroying,
    files,
    history,
    housekeeping,
    jobs,
    mass,
    merging,
    objects,
    undo,
)
from trato.engine.access import Absent, Forbidden
from trato.engine.models import HistoryEntry, Job, Seen, StoredFile
from trato.engine.postgres.scope import in_workspace
from trato.engine.together import comments, follows, reminders
from trato.engine.values import Refused
from trato.engine.workspaces.base import WorkspaceModel
from trato.engine.workspaces.models import Workspace

pytestmark = pytest.mark.django_db


def mentions(record_id):
    """The tables of the workspace with a row that names the id in any column, as the database writes it."""
    found = set()
    for model in apps.get_models():
        if issubclass(model, WorkspaceModel):
            with connection.cursor() as cursor:
                table = model._meta.db_table
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" t WHERE t.workspace_id = '
                    "nullif(current_setting('trato.workspace', true), '')::uuid AND to_jsonb(t)::text LIKE %s",
                    [f"%{record_id}%"],
                )
                if cursor.fetchone()[0]:
                    found.add(model._meta.label)
    return found


def binned(actor, obj, record):
    actions.delete(actor, obj, record.id)
    return record.id


def test_nothing_names_the_record_any_more_but_the_history(as_, cast):
    with as_(cast.owner) as actor:
        things, trips, crates = objects.get("things"), objects.get("trips"), objects.get("crates")
        custom.add(actor, trips, {"label": "Guide", "name": "guide", "kind": "link", "options": {"to": ["things"]}})
        crate = actions.create(actor, crates, {"name": "Box"})
        gone = actions.create(
            actor,
            things,
            {"name": "Ana", "emails": ["ana@example.com"], "tags": ["vip"], "secret": "s", "crate": str(crate.id)},
        )
        ref = things.ref(gone.id)
        stays = actions.create(actor, things, {"name": "Other", "related": [ref], "partner": ref})
        deleted_too = actions.create(actor, things, {"name": "In the bin", "related": [ref], "partner": ref})
        trip = actions.create(actor, trips, {"name": "Trip", "about": [ref], "custom.guide": ref})
        actions.delete(actor, things, deleted_too.id)
        actions.share(actor, things, gone.id, user=str(cast.limited.id))
        Seen.objects.create(user_id=cast.owner.id, object="things", record_id=gone.id)
        follows.set_follow(actor, things, gone.id, True)
        reminders.create(actor, things, gone.id, timezone.now() + timedelta(days=1), "Call")
        comments.create(actor, things, gone.id, "<p>Sigh of Ana</p>")
        merged = actions.create(actor, things, {"name": "Anna"})
        merging.merge(actor, things, gone.id, [merged.id], {})
        Job.objects.create(name="x", label="x", result={"records": [{"record": ref, "reason": "no"}, {"record": "a"}]})
        binned(actor, things, gone)
        assert len(mentions(gone.id)) >= 6
        done = destroying.begin(actor, things, [str(gone.id)])
        assert done.count == 1
        assert mentions(gone.id) == {"engine.HistoryEntry"}
        assert mentions(merged.id) == {"engine.HistoryEntry"}
        rows = HistoryEntry.objects.filter(record_id__in=[gone.id, merged.id])
        assert {"created", "deleted", "destroyed"} <= set(rows.values_list("action", flat=True))
        assert all(row.changes == {} for row in rows)
        assert not any("Sigh" in str(row.changes) for row in HistoryEntry.objects.all())
        assert not any("Ana" in row.source or "Anna" in row.source for row in HistoryEntry.objects.all())
        kept = access.get(actor, things, stays.id)
        assert (kept.related, kept.partner) == ([], None)
        line = HistoryEntry.objects.filter(record_id=stays.id).latest("id")
        assert line.changes["partner"] == [ref, None]
        assert (access.get(actor, trips, trip.id).about, access.get(actor, trips, trip.id).custom) == ([], {})
        assert Job.objects.get(name="x").result == {"records": [{"record": "a"}]}


def test_it_can_not_be_undone_and_what_it_stood_on_neither(as_, cast):
    with as_(cast.owner) as actor:
        things = objects.get("things")
        with history.batch() as made:
            gone = actions.create(actor, things, {"name": "Ana"})
        binned(actor, things, gone)
        done = destroying.begin(actor, things, None)
        for batch in (done.batch, made.id):
            with pytest.raises(Refused):
                undo.undo(actor, batch)


def test_only_what_lies_in_the_bin_and_only_by_who_may_delete_it(as_, cast):
    with as_(cast.owner) as actor:
        things = objects.get("things")
        alive, gone = (actions.create(actor, things, {"name": name}) for name in ("Alive", "Gone"))
        binned(actor, things, gone)
    with as_(cast.reader) as actor, pytest.raises(Forbidden):
        destroying.begin(actor, things, [str(gone.id)])
    with as_(cast.limited) as actor:
        assert destroying.begin(actor, things, [str(gone.id)]).count == 0  # not theirs
    with as_(cast.owner) as actor:
        assert destroying.begin(actor, things, [str(alive.id)]).count == 0
        assert access.get(actor, things, alive.id)
        assert access.get(actor, things, gone.id, deleted=True)
        with pytest.raises(Absent):
            destroying.begin(actor, things, ["no id"])


def test_files_nothing_holds_any_more_go_with_it(as_, cast):
    with as_(cast.owner) as actor:
        obj = objects.get("files")
        stored = files.store(actor, "a.txt", BytesIO(b"words"))
        value = files.described(stored)
        one, two = (actions.create(actor, obj, {"file": value}) for _ in range(2))
        binned(actor, obj, one)
        destroying.begin(actor, obj, [str(one.id)])
        assert StoredFile.objects.filter(id=stored.id).exists()
        binned(actor, obj, two)
        destroying.begin(actor, obj, [str(two.id)])
        assert not StoredFile.objects.filter(id=stored.id).exists()


def test_many_go_by_a_job_which_can_be_stopped_and_goes_on(as_, cast, monkeypatch):
    monkeypatch.setattr(destroying.bins, "FEW", 1)
    monkeypatch.setattr(destroying.bins, "CHUNK", 2)
    with as_(cast.owner) as actor:
        things = objects.get("things")
        ids = [actions.create(actor, things, {"name": f"Thing {n}"}).id for n in range(5)]
        mass.begin(actor, things, {"ids": [str(each) for each in ids]}, {"delete": True})
        job = destroying.begin(actor, things, None)
        jobs.cancel(actor, job.id)
        later = destroying.begin(actor, things, [str(each) for each in ids[:4]])
    jobs.run_job(str(cast.acme.id), str(later.id))
    with as_(cast.owner) as actor:
        assert Job.objects.get(id=later.id).result["done"] == 4
        assert list(access.visible(actor, things, deleted=True).values_list("id", flat=True)) == ids[4:]
        assert mentions(ids[0]) == {"engine.HistoryEntry"}


@pytest.mark.parametrize(("days", "left"), [(90, ["New"]), (0, ["New", "Old"])])
def test_every_night_what_lies_there_too_long_goes(as_, cast, days, left):
    Workspace.objects.filter(id=cast.acme.id).update(bin_days=days)
    with as_(cast.owner) as actor:
        things = objects.get("things")
        old, new = (actions.create(actor, things, {"name": name}) for name in ("Old", "New"))
        for record in (old, new):
            binned(actor, things, record)
        things.rows().filter(id=old.id).update(deleted_at=timezone.now() - timedelta(days=91))
    housekeeping.empty_bins(0)
    with in_workspace(cast.acme.id):
        waiting = list(Job.objects.filter(name="delete for good").values_list("id", flat=True))
    assert len(waiting) == bool(days)
    for each in waiting:
        jobs.run_job(str(cast.acme.id), str(each))
    with as_(cast.owner) as actor:
        rows = access.visible(actor, things, deleted=True).order_by("title")
        assert list(rows.values_list("title", flat=True)) == left
        if days:
            assert HistoryEntry.objects.get(record_id=old.id, action="destroyed").actor_kind == "system"
