"""Imports in the background: begun, cancelled, undone in steps, forgotten in time."""

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from trato.engine import access, actions, jobs, undo
from trato.engine.bulk import undoing
from trato.engine.imports import runs, work
from trato.engine.models import HistoryEntry, ImportRun, Job, StoredFile
from trato.engine.values import Refused

from .running import PEOPLE, by_email, contacts, draft, imported


def test_start_and_cancel_in_the_background(owner):
    run = runs.start(owner, draft(owner, PEOPLE), match=["email"])
    job = Job.objects.get(id=run.job_id)
    assert (run.state, job.name, job.arguments, job.actor["face"]) == (
        "waiting",
        "import",
        {"run_id": str(run.id)},
        "import",
    )
    assert runs.cancel(owner, run)
    assert (ImportRun.objects.get(id=run.id).state, Job.objects.get(id=job.id).state) == ("cancelled", "cancelled")


def test_the_job_does_the_import_and_a_cancel_keeps_what_is_done(owner, monkeypatch):
    monkeypatch.setattr(work, "CHUNK", 1)
    run = runs.start(owner, draft(owner, PEOPLE))
    heard = []

    def progress(self, done, total=None, message=None):
        heard.append((done, total))
        raise jobs.Cancelled

    monkeypatch.setattr(jobs.Run, "progress", progress)
    jobs.run_job(str(owner.workspace.id), str(run.job_id))
    run.refresh_from_db()
    assert (run.state, run.created, heard) == ("cancelled", 1, [(1, 2)])
    assert runs.take_back(owner, run)
    assert not access.visible(owner, contacts()).exists()


def test_a_large_import_is_undone_by_a_job(owner, monkeypatch):
    run = imported(owner, PEOPLE)
    monkeypatch.setattr(undo, "FEW", 1)
    assert not runs.take_back(owner, run)
    assert ImportRun.objects.get(id=run.id).state == "undoing"
    job = Job.objects.get(name="undo import")
    jobs.run_job(str(owner.workspace.id), str(job.id))
    done = ImportRun.objects.get(id=run.id)
    assert (Job.objects.get(id=job.id).state, done.state, done.message) == ("done", "undone", "2 records undone.")
    assert not access.visible(owner, contacts()).exists()
    with pytest.raises(Refused):
        runs.take_back(owner, done)


def test_an_undo_leaves_what_was_changed_since_and_says_so(owner, monkeypatch):
    monkeypatch.setattr(undo, "FEW", 1)
    run = imported(owner, PEOPLE)
    ana = by_email(owner, "ana@x.com")
    actions.update(owner, contacts(), ana.id, {"job_title": "Boss"})
    assert not runs.take_back(owner, run)
    job = Job.objects.get(name="undo import")
    jobs.run_job(str(owner.workspace.id), str(job.id))
    left = ImportRun.objects.get(id=run.id)
    assert (left.state, left.message) == ("partly", "Undone in part: 1 of 2 records. 1 was changed since.")
    assert [record.id for record in access.visible(owner, contacts())] == [ana.id]
    result = Job.objects.get(id=job.id).result
    assert (result["undone"], result["of"], result["refused"]) == (1, 2, {"later": 1})
    assert result["records"] == [{"record": f"contacts/{ana.id}", "reason": "Olga Owner changed this record later."}]
    undo.undo(owner, HistoryEntry.objects.filter(record_id=ana.id).latest("id").batch_id)
    assert not runs.take_back(owner, left)
    jobs.run_job(str(owner.workspace.id), str(Job.objects.latest("id").id))
    assert ImportRun.objects.get(id=run.id).state == "undone"
    assert not access.visible(owner, contacts()).exists()


def test_an_undo_that_is_cancelled_says_how_far_it_came_and_goes_on_later(owner, monkeypatch):
    monkeypatch.setattr(undo, "FEW", 1)
    monkeypatch.setattr(undoing, "CHUNK", 1)
    run = imported(owner, PEOPLE)
    assert not runs.take_back(owner, run)
    heard = []

    def progress(self, done, total=None, message=None):
        heard.append((done, total))
        Job.objects.filter(id=self.job_id).update(message=message)
        raise jobs.Cancelled

    with monkeypatch.context() as stopped:
        stopped.setattr(jobs.Run, "progress", progress)
        jobs.run_job(str(owner.workspace.id), str(run.job_id))
    left = ImportRun.objects.get(id=run.id)
    assert (left.state, left.message, heard) == ("partly", "Undone in part: 1 of 2 records.", [(1, 2)])
    assert access.visible(owner, contacts()).count() == 1
    assert not runs.take_back(owner, left)
    jobs.run_job(str(owner.workspace.id), str(left.job_id))
    done = ImportRun.objects.get(id=run.id)
    assert (done.state, done.message) == ("undone", "2 records undone.")


def test_an_undo_that_waits_can_be_stopped(owner, monkeypatch):
    monkeypatch.setattr(undo, "FEW", 1)
    run = imported(owner, PEOPLE)
    assert not runs.take_back(owner, run)
    assert runs.cancel(owner, runs.get(owner, run.id))
    left = ImportRun.objects.get(id=run.id)
    assert (left.state, left.message) == ("partly", "The undo was stopped before it began.")
    assert access.visible(owner, contacts()).count() == 2


def test_old_files_are_forgotten_but_not_what_became_of_them(owner, tmp_path, django_capture_on_commit_callbacks):
    done, forgotten = imported(owner, PEOPLE), draft(owner, PEOPLE)
    long_ago = timezone.now() - runs.KEPT - runs.DRAFT_KEPT
    ImportRun.objects.update(created_at=long_ago)
    ImportRun.objects.filter(id=done.id).update(ended_at=long_ago)
    with django_capture_on_commit_callbacks(execute=True):
        fresh = draft(owner, PEOPLE)
    assert [stored.id for stored in StoredFile.objects.all()] == [fresh.file_id]
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
    states = dict(ImportRun.objects.values_list("id", "state"))
    assert (states[done.id], states[forgotten.id]) == ("done", "cancelled")


def test_a_discarded_draft_takes_its_file_along(owner, tmp_path, django_capture_on_commit_callbacks):
    run = draft(owner, PEOPLE)
    assert default_storage.exists(run.file.key)
    with django_capture_on_commit_callbacks(execute=True):
        runs.discard(run)
    assert not StoredFile.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
