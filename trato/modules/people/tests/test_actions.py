"""Tasks done and opened again, and reminders that reach their owner once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from tests.cast import As, Cast
from trato.engine import access, actions, objects, undo
from trato.engine.models import HistoryEntry
from trato.engine.together import letters
from trato.engine.together.models import Notification
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.members import change_profile, create_workspace
from trato.engine.workspaces.models import Membership, Workspace
from trato.modules.people import jobs as people_jobs
from trato.modules.people.actions import call_reminders, call_to_meetings
from trato.modules.people.models import RelationshipType, Task

from .kit import Make

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
    assert [name for name, action in known.items() if action.applies(task)] == ["complete", "snooze"]
    task.done_at = timezone.now()
    assert [name for name, action in known.items() if action.applies(task)] == ["reopen"]


# Reminders


def ago(**parts: int) -> str:
    return (timezone.now() - timedelta(**parts)).isoformat()


def told(**wanted: Any) -> list[Notification]:
    return list(Notification.objects.filter(**wanted).order_by("at", "key"))


def test_a_reminder_that_has_come_is_told_once(make: Make, owner: Actor) -> None:
    task = make("tasks", subject="Send samples", remind_at=ago(minutes=3))
    make("tasks", subject="Not yet", remind_at=(timezone.now() + timedelta(minutes=3)).isoformat())
    make("tasks", subject="Done", remind_at=ago(minutes=3), done_at=ago(minutes=1))
    make("tasks", subject="Nobody's", remind_at=ago(minutes=3), owner=None)
    make("tasks", subject="Long past", remind_at=ago(days=3))  # from an import, say: nobody wants to hear of that
    deleted = make("tasks", subject="Deleted", remind_at=ago(minutes=3))
    actions.delete(owner, objects.get("tasks"), deleted.id)
    assert [call_reminders(owner.workspace) for _time in range(3)] == [1, 0, 0]
    assert [(one.kind, one.record_id) for one in told()] == [("reminder", task.id)]


def test_a_reminder_that_is_moved_comes_again(make: Make, owner: Actor) -> None:
    task = make("tasks", subject="Send samples", remind_at=ago(minutes=30))
    version = task.version
    assert call_reminders(owner.workspace) == 1
    assert task_of(owner, task).version == version, "being reminded is no change that others stumble over"
    Task.objects.filter(id=task.id).update(reminded_at=timezone.now() - timedelta(minutes=29))
    actions.update(owner, objects.get("tasks"), task.id, {"remind_at": ago(minutes=1)})
    assert call_reminders(owner.workspace) == 1


def remind(workspace: Workspace) -> list[mail.EmailMessage]:
    """The mails of the reminders that have come."""
    mail.outbox.clear()
    call_reminders(workspace)
    for letter in letters.collect():
        letters.send(workspace, letter)
    return list(mail.outbox)


def test_the_mail_says_what_is_to_be_done_and_when(make: Make, owner: Actor, cast: Cast) -> None:
    change_profile(cast.owner, {"time_zone": "Europe/Madrid", "language": "en"})
    due = datetime(2026, 7, 1, 8, 30, tzinfo=UTC)
    task = make("tasks", subject="Send\r\nsamples", due_at=due.isoformat(), remind_at=ago(minutes=3))
    (message,) = remind(owner.workspace)
    assert message.to == ["owner@acme.example"]
    assert "samples" not in message.subject, "what it is about is no business of whoever sees the subject"
    assert "Send samples: You wanted to be reminded" in message.body
    assert "10:30" in message.body, "half past ten in Madrid"
    assert f"/w/acme/tasks/{task.id}" in message.body


def test_no_mail_where_it_is_no_longer_allowed(make: Make, owner: Actor, cast: Cast) -> None:
    make("tasks", subject="Left", remind_at=ago(minutes=3), owner=cast.member.id)
    Membership.objects.filter(user=cast.member).update(is_active=False)
    assert remind(owner.workspace) == []


def test_a_task_that_is_put_off_reminds_later_and_is_due_then(make: Make, owner: Actor) -> None:
    tasks, later = objects.get("tasks"), timezone.now() + timedelta(days=2)
    task = make("tasks", subject="Call", due_at=ago(days=1), remind_at=ago(minutes=3))
    with pytest.raises(actions.Refused):
        actions.run(owner, tasks, "snooze", task.id, {"until": ago(minutes=1)})
    actions.run(owner, tasks, "snooze", task.id, {"until": later.isoformat()})
    found = task_of(owner, task)
    assert (found.remind_at, found.due_at) == (later, later)
    assert call_reminders(owner.workspace) == 0
    far = make("tasks", subject="Plan", due_at=(later + timedelta(days=9)).isoformat())
    actions.run(owner, tasks, "snooze", far.id, {"until": later.isoformat()})
    assert task_of(owner, far).due_at == later + timedelta(days=9)


def test_who_takes_part_is_told_of_a_meeting_soon_and_once(make: Make, owner: Actor, cast: Cast) -> None:
    soon = (timezone.now() + timedelta(minutes=10)).replace(microsecond=0)
    member, limited = f"users/{cast.member.id}", f"users/{cast.limited.id}"  # who can't see it
    make("meetings", subject="Soon", happened_at=soon.isoformat(), participants=[member, limited])
    week_ago = (soon - timedelta(days=7)).isoformat()
    make("meetings", subject="Weekly", happened_at=week_ago, recurrence="FREQ=WEEKLY", time_zone="UTC")
    make("meetings", subject="Later", happened_at=(soon + timedelta(hours=1)).isoformat())
    assert [call_to_meetings(owner.workspace) for _time in range(2)] == [3, 0]
    assert len(told(user=cast.owner, kind="meeting")) == 2
    assert len(told(user=cast.member, kind="meeting")) == 1
    assert told(user=cast.limited) == []


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
                found.append(len(told()))
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
