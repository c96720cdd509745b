"""Background work: only for changes that were kept, with progress, cancelled when asked, tried again when it fails."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.cast import assemble
from trato.engine import access, actions, jobs, objects
from trato.engine.models import Job
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.actors import actor_for_token, actor_for_user
from trato.engine.workspaces.members import make_token
from trato.engine.workspaces.models import Membership

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database, pytest.mark.without_sql_lint]
seen: list = []


@jobs.job("tests.make", attempts=2)
def make(run, name):
    """Makes a crate in two steps."""
    with in_workspace(run.workspace.id):
        actor = run.actor()
        seen.append((actor.name, actor.face, actor.source, actor.rights.scopes))
        record = actions.create(actor, objects.get("crates"), {"name": name})
        run.progress(1, 2, "half")
    with in_workspace(run.workspace.id):
        run.progress(2)
    return {"id": str(record.id)}


@jobs.job("tests.fail", attempts=2)
def fail(run, **arguments):
    seen.append("tried")
    raise ZeroDivisionError("secret detail")


@jobs.job("tests.give_up")
def give_up(run):
    raise jobs.GiveUp("The file is gone.")


@jobs.job("tests.cancelled")
def cancelled(run):
    """Asks for its own end between two steps."""
    with in_workspace(run.workspace.id):
        run.progress(1, 3, "first step")
    with in_workspace(run.workspace.id):
        assert jobs.cancel(run.actor(), run.job_id)
    with in_workspace(run.workspace.id):
        actions.create(run.actor(), objects.get("crates"), {"name": "Too late"})
        run.progress(2)


@pytest.fixture
def cast():
    seen.clear()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")  # not Django's, so not emptied after each test
    return assemble()


def enqueue(cast, name, user=None, /, **arguments):
    with in_workspace(cast.acme.id):
        return jobs.enqueue(actor_for_user(user or cast.owner, cast.acme, "api"), name, "A job", **arguments)


def work():
    """A real worker, until the queue is empty."""
    worker = app.with_connector(app.connector.get_worker_connector())
    worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False, concurrency=1)


def state(cast, job):
    with in_workspace(cast.acme.id):
        return Job.objects.get(id=job.id)


def test_a_job_is_done_by_a_worker_for_whom_asked(cast):
    job = enqueue(cast, "tests.make", name="From a job")
    assert (state(cast, job).state, seen) == ("waiting", [])
    work()
    done = state(cast, job)
    assert (done.state, done.done, done.total, done.message, done.attempts) == ("done", 2, 2, "half", 1)
    assert done.started_at <= done.ended_at
    with in_workspace(cast.acme.id):
        record = access.get(actor_for_user(cast.owner, cast.acme), objects.get("crates"), done.result["id"])
    assert record.title == "From a job"
    assert seen == [("Olga Owner", "api", "", None)]


def test_a_change_that_is_not_kept_leaves_no_job(cast):
    with pytest.raises(ZeroDivisionError), in_workspace(cast.acme.id):
        jobs.enqueue(actor_for_user(cast.owner, cast.acme), "tests.make", "A job", name="Never")
        raise ZeroDivisionError
    assert not ProcrastinateJob.objects.exists()
    with in_workspace(cast.acme.id):
        assert not Job.objects.exists()


def test_a_failing_job_is_tried_again_later_and_says_little_of_why(cast):
    job = enqueue(cast, "tests.fail", unused=1)
    before = timezone.now()
    work()
    waiting = state(cast, job)
    assert (waiting.state, waiting.attempts, waiting.message) == ("waiting", 1, "ZeroDivisionError")
    again = ProcrastinateJob.objects.get(id=waiting.queue_id)
    assert before + timedelta(seconds=119) <= again.scheduled_at <= timezone.now() + timedelta(seconds=121)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE id = %s", [again.id])
    work()
    assert (state(cast, job).state, state(cast, job).attempts, len(seen)) == ("failed", 2, 2)
    with in_workspace(cast.acme.id):
        assert jobs.retry(actor_for_user(cast.owner, cast.acme), job.id)
        assert not jobs.retry(actor_for_user(cast.owner, cast.acme), job.id)
    work()
    assert (state(cast, job).state, state(cast, job).attempts, len(seen)) == ("waiting", 1, 3)


def test_a_job_that_gives_up_is_not_tried_again(cast):
    job, unknown = enqueue(cast, "tests.give_up"), enqueue(cast, "tests.no_such_job")
    work()
    assert (state(cast, job).state, state(cast, job).message) == ("failed", "The file is gone.")
    assert state(cast, unknown).state == "failed"
    assert ProcrastinateJob.objects.exclude(status="succeeded").count() == 0


def test_a_waiting_job_is_cancelled_at_once_and_started_anew_once(cast):
    job = enqueue(cast, "tests.make", name="Twice?")
    with in_workspace(cast.acme.id):
        actor = actor_for_user(cast.owner, cast.acme)
        assert jobs.cancel(actor, job.id)
        assert not jobs.cancel(actor, job.id)
        assert jobs.retry(actor, job.id)
    current = state(cast, job).queue_id
    jobs.run_job(str(cast.acme.id), str(job.id), current - 1)
    assert (state(cast, job).state, seen) == ("waiting", [])
    work()
    assert (state(cast, job).state, len(seen)) == ("done", 1)


def test_a_running_job_stops_at_its_next_step_and_keeps_the_steps_before(cast):
    job = enqueue(cast, "tests.cancelled")
    work()
    stopped = state(cast, job)
    assert (stopped.state, stopped.done, stopped.message) == ("cancelled", 1, "first step")
    with in_workspace(cast.acme.id):
        assert not access.visible(actor_for_user(cast.owner, cast.acme), objects.get("crates")).exists()


def test_rights_are_those_of_today(cast):
    job = enqueue(cast, "tests.make", cast.member, name="Too late")
    with in_workspace(cast.acme.id):
        Membership.objects.filter(user=cast.member).update(is_active=False)
    work()
    assert state(cast, job).state == "failed"
    assert "no longer a member" in state(cast, job).message


def test_a_tokens_limits_hold_in_its_jobs(cast):
    with in_workspace(cast.acme.id):
        token, _text = make_token(cast.acme, cast.owner, "narrow", ["things:see"])
        job = jobs.enqueue(actor_for_token(token, cast.acme), "tests.make", "A job", name="No")
    work()
    assert seen == [("Olga Owner", "api", "", ("things:see",))]
    assert (state(cast, job).state, state(cast, job).message) == ("waiting", "Forbidden")


def test_jobs_of_others_are_out_of_reach(cast):
    job = enqueue(cast, "tests.make", name="Ours")
    with in_workspace(cast.globex.id):
        stranger = actor_for_user(cast.stranger, cast.globex)
        assert not jobs.cancel(stranger, job.id)
        assert not jobs.retry(stranger, job.id)
        assert not Job.objects.exists()
    assert state(cast, job).state == "waiting"


def test_a_killed_workers_job_is_put_back(cast):
    job = enqueue(cast, "tests.make", name="Rescued")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [state(cast, job).queue_id])
    work()
    assert state(cast, job).state == "waiting"
    assert jobs.rescue() == 1
    work()
    assert state(cast, job).state == "done"


def test_a_job_whose_end_could_not_be_written_is_put_back(cast, monkeypatch):
    """The database went away while the job worked, and was still away when the worker wanted to say so."""
    job = enqueue(cast, "tests.fail", unused=1)
    with monkeypatch.context() as away:
        away.setattr(jobs, "PAUSES", ())
        away.setattr(jobs, "_defer", lambda *_args, **_options: (_ for _ in ()).throw(OperationalError("gone")))
        work()
    left = state(cast, job)
    assert left.state == "running"
    assert ProcrastinateJob.objects.get(id=left.queue_id).status == "failed"
    assert jobs.rescue(0) == 1
    work()
    assert (state(cast, job).state, len(seen)) == ("failed", 2)
    assert jobs.rescue(0) == 0


def test_a_job_ends_well_though_the_database_is_away_for_a_moment(cast, monkeypatch):
    job = enqueue(cast, "tests.make", name="Patient")
    calls = []

    def shaky(workspace_id):
        calls.append(workspace_id)
        if len(calls) in (2, 3):  # its start is the first
            raise OperationalError("gone")
        return in_workspace(workspace_id)

    monkeypatch.setattr(jobs, "PAUSES", (0, 0))
    monkeypatch.setattr(jobs, "in_workspace", shaky)
    jobs.run_job(str(cast.acme.id), str(job.id))
    assert (state(cast, job).state, len(seen), len(calls)) == ("done", 1, 4)
