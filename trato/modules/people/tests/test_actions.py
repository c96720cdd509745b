"""Tasks done and opened again, and reminders that reach their owner once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from tests.cast import As, Cast
from trato.engine import access, actions, jobs, objects, undo
from trato.engine.models import HistoryEntry, Job
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.members import change_profile, create_workspace
from trato.engine.workspaces.models import Membership
from trato.modules.people import jobs as people_jobs
from trato.modules.people.actions import call_reminders
from trato.modules.people.models import RelationshipType, Task

from .kit import Make, ref

pytestmark = pytest.mark.django_db


def task_of(actor: Actor, task: Task) -> Task:
    return access.get(actor, objects.get("tasks"), task.id)


def test_a_task_is_done_opened_again_and_both_are_taken_back(make: Make, owner: Actor) -> None:
    tasks, task = objects.get("tasks"), make("tasks", subject="Send samples")
    before = timezone.now()
    actions.run(owner, tasks, "complete", task.id, {})
    done_at = task_of(owner, task).done_at
    assert before <= done_at <= timezone.now()
    actions.run(owner, tasks, "complete", task.id, {})
    assert task_of(owner, task).done_at == done_at, "done twice is done once"
    actions.run(owner, tasks, "reopen", task.id, {})
    assert task_of(owner, task).done_at is None
    reopened, completed = HistoryEntry.objects.filter(record_id=task.id).exclude(action="created").order_by("-id")
    undo.undo(owner, reopened.batch_id)
    assert task_of(owner, task).done_at == done_at
    undo.undo(owner, completed.batch_id)
    assert task_of(owner, task).done_at is None


def test_only_who_may_change_a_task_marks_it_as_done(make: Make, cast: Cast, as_: As) -> None:
    tasks, task = objects.get("tasks"), make("tasks", subject="Send samples")
    with as_(cast.reader) as reader, pytest.raises(access.Forbidden):
        actions.run(reader, tasks, "complete", task.id, {})
    with as_(cast.limited) as limited, pytest.raises(access.Absent):
        actions.run(limited, tasks, "complete", task.id, {})


def test_each_action_fits_the_task(make: Make) -> None:
    known, task = actions.of("tasks"), make("tasks", subject="Send samples")
    assert [name for name, action in known.items() if action.applies(task)] == ["complete"]
    task.done_at = timezone.now()
    assert [name for name, action in known.items() if action.applies(task)] == ["reopen"]


# Reminders


def ago(**parts: int) -> str:
    return (timezone.now() - timedelta(**parts)).isoformat()


def waiting() -> list[Job]:
    return list(Job.objects.filter(name="people.remind").order_by("id"))


def test_a_reminder_that_has_come_is_taken_up_once(make: Make, owner: Actor) -> None:
    task = make("tasks", subject="Send samples", remind_at=ago(minutes=3))
    make("tasks", subject="Not yet", remind_at=(timezone.now() + timedelta(minutes=3)).isoformat())
    make("tasks", subject="Done", remind_at=ago(minutes=3), done_at=ago(minutes=1))
    make("tasks", subject="Nobody's", remind_at=ago(minutes=3), owner=None)
    make("tasks", subject="Long past", remind_at=ago(days=3))  # from an import, say: nobody wants that mail
    deleted = make("tasks", subject="Deleted", remind_at=ago(minutes=3))
    actions.delete(owner, objects.get("tasks"), deleted.id)
    assert [call_reminders(owner.workspace) for _time in range(3)] == [1, 0, 0]
    assert [job.arguments for job in waiting()] == [{"task": str(task.id)}]


def test_a_reminder_that_is_moved_comes_again(make: Make, owner: Actor) -> None:
    task = make("tasks", subject="Send samples", remind_at=ago(minutes=30))
    version = task.version
    assert call_reminders(owner.workspace) == 1
    assert task_of(owner, task).version == version, "being reminded is no change that others stumble over"
    Task.objects.filter(id=task.id).update(reminded_at=timezone.now() - timedelta(minutes=29))
    actions.update(owner, objects.get("tasks"), task.id, {"remind_at": ago(minutes=1)})
    assert call_reminders(owner.workspace) == 1


def remind(task: Task) -> list[mail.EmailMessage]:
    """What the job of a task sends."""
    mail.outbox.clear()
    people_jobs.remind(jobs.Run(task.workspace, task.id), task=str(task.id))
    return list(mail.outbox)


def test_the_mail_says_what_is_to_be_done_when_and_for_whom(make: Make, owner: Actor, cast: Cast) -> None:
    change_profile(cast.owner, {"time_zone": "Europe/Madrid", "language": "en"})
    ana = make("contacts", first_name="Ana", last_name="García")
    due = datetime(2026, 7, 1, 8, 30, tzinfo=UTC)
    task = make("tasks", subject="Send\r\nsamples", due_at=due.isoformat(), remind_at=ago(minutes=3), about=[ref(ana)])
    (message,) = remind(task)
    assert message.to == ["owner@acme.example"]
    assert message.subject == "Reminder: Send samples"
    assert "10:30" in message.body, "half past ten in Madrid"
    assert "Ana García" in message.body
    assert f"/w/acme/tasks/{task.id}" in message.body


def test_no_mail_where_it_is_no_longer_wanted_or_allowed(make: Make, owner: Actor, cast: Cast) -> None:
    done = make("tasks", subject="Done", remind_at=ago(minutes=3))
    actions.run(owner, objects.get("tasks"), "complete", done.id, {})
    left = make("tasks", subject="Left", remind_at=ago(minutes=3), owner=cast.member.id)
    Membership.objects.filter(user=cast.member).update(is_active=False)
    assert remind(done) == [] and remind(left) == []


def test_a_mail_names_only_what_its_reader_may_see(make: Make, owner: Actor, cast: Cast) -> None:
    ana = make("contacts", first_name="Ana", last_name="Secret")
    task = make("tasks", subject="Call", remind_at=ago(minutes=3), owner=cast.limited.id, about=[ref(ana)])
    (message,) = remind(task)
    assert "Secret" not in message.body


def test_the_schedule_goes_through_all_workspaces_and_survives_trouble_in_one(
    cast: Cast, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user in (cast.owner, cast.stranger):
        with as_(user) as actor:
            actions.create(actor, objects.get("tasks"), {"subject": "Call", "remind_at": ago(minutes=3)})
    first, original = min(cast.acme.id, cast.globex.id), people_jobs.actions.call_reminders

    def troubled(workspace: object) -> int:
        if workspace.id == first:
            raise RuntimeError("trouble")
        return original(workspace)

    def counts() -> list[int]:
        found = []
        for user in (cast.owner, cast.stranger):
            with as_(user):
                found.append(len(waiting()))
        return sorted(found)

    monkeypatch.setattr(people_jobs.actions, "call_reminders", troubled)
    people_jobs.call_reminders(0)
    assert counts() == [0, 1]
    monkeypatch.undo()
    people_jobs.call_reminders(0)
    people_jobs.call_reminders(0)
    assert counts() == [1, 1]


def test_relationship_types_of_a_new_workspace_are_in_its_language(db: None) -> None:
    from trato.engine.postgres.scope import in_workspace

    workspace = create_workspace("Nueva", language="es")
    with in_workspace(workspace.id):
        assert RelationshipType.objects.count() == 6
        assert RelationshipType.objects.filter(is_membership=True).count() == 1
