"""Follows, mentions and what people are told of them: only whom it concerns, only what they may see, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from trato.engine import access, actions, custom, events, history, objects
from trato.engine import jobs as engine_jobs
from trato.engine.models import HistoryEntry, Job
from trato.engine.postgres.scope import in_workspace
from trato.engine.together import centre, comments, follows, gathering, jobs, reminders, wishes, wording
from trato.engine.together.models import Comment, Follow, Notification
from trato.engine.values import Refused
from trato.engine.workspaces.actors import actor_for_user

from .telling import me, mention, run_comment, told

pytestmark = [pytest.mark.django_db]


def test_a_mention_tells_who_may_see_it_and_says_who_may_not(owner, cast, things, thing):
    text = f"{mention(cast.member)} {mention(cast.limited)} {mention(cast.stranger)} {mention(cast.owner)}"
    comment, blind = comments.create(owner, things, thing.id, text)
    assert [user.id for user in blind] == [cast.limited.id]  # nobody of another workspace is even named
    run_comment(cast, comment)
    run_comment(cast, comment)
    assert [(one.kind, one.comment_id, one.count) for one in told(cast.member)] == [("mention", comment.id, 1)]
    assert told(cast.limited) == told(cast.stranger) == told(cast.owner) == []
    assert Follow.objects.filter(user=cast.member, record_id=thing.id, is_on=True).exists()


def test_an_edit_tells_only_who_is_newly_mentioned(owner, cast, things, thing):
    comment, _ = comments.create(owner, things, thing.id, mention(cast.member))
    run_comment(cast, comment)
    centre.mark_all(me(cast, cast.member))
    comments.edit(owner, things, thing.id, comment.id, mention(cast.member) + mention(cast.reader))
    run_comment(cast, comment)
    assert [one.read_at is None for one in told(cast.member)] == [False]
    assert [one.kind for one in told(cast.reader)] == ["mention"]


def test_followers_are_told_of_comments_in_one_notification(owner, cast, things, thing):
    follows.set_follow(me(cast, cast.reader), things, thing.id, True)
    for text in ("One", "Two", "Three"):
        comment, _ = comments.create(me(cast, cast.member), things, thing.id, text)
        run_comment(cast, comment)
    [one] = told(cast.reader)
    assert (one.kind, one.count, one.comment_id) == ("comment", 3, comment.id)
    assert [(each.kind, each.count) for each in told(cast.owner)] == [("comment", 3)]  # it is theirs
    assert told(cast.member) == []


def test_who_let_go_of_their_own_record_is_not_told(owner, cast, things, thing):
    follows.set_follow(owner, things, thing.id, False)
    comment, _ = comments.create(me(cast, cast.member), things, thing.id, "One")
    run_comment(cast, comment)
    assert told(cast.owner) == []


def test_a_given_record_is_told_once_however_often_it_is_gathered(owner, cast, things, thing):
    actions.update(owner, things, thing.id, {"owner": cast.member.id})
    gathering.gather(cast.acme)
    gathering.gather(cast.acme)
    assert [(one.kind, one.record_id, one.by_name) for one in told(cast.member)] == [
        ("assigned", thing.id, "Olga Owner")
    ]


def test_a_large_batch_is_one_notification_a_follower(owner, cast, things, thing):
    records = [actions.create(owner, things, {"name": f"Lamp {n}", "owner": cast.member.id}) for n in range(6)]
    for record in records[:5]:
        follows.set_follow(me(cast, cast.reader), things, record.id, True)
    gathering.gather(cast.acme)
    Notification.objects.all().delete()
    with history.batch():
        for record in records:
            actions.update(owner, things, record.id, {"count": 1})
    gathering.gather(cast.acme)
    gathering.gather(cast.acme)
    assert [(one.kind, one.count, one.record_id) for one in told(cast.reader)] == [("changed", 5, None)]
    assert [(one.kind, one.count) for one in told(cast.member, kind="changed")] == [("changed", 6)]
    assert told(cast.owner, kind="changed") == []


def test_changes_of_one_record_add_up_until_they_are_read(owner, cast, things, thing):
    follows.set_follow(me(cast, cast.reader), things, thing.id, True)
    for count in (1, 2):
        actions.update(owner, things, thing.id, {"count": count})
    gathering.gather(cast.acme)
    actions.update(owner, things, thing.id, {"count": 3})
    gathering.gather(cast.acme)
    [one] = told(cast.reader)
    assert one.count == 3
    centre.mark(me(cast, cast.reader), one.id, read=True)
    gathering.gather(cast.acme)
    assert told(cast.reader)[0].read_at is not None
    actions.update(owner, things, thing.id, {"count": 4})
    gathering.gather(cast.acme)
    assert [(each.count, each.read_at) for each in told(cast.reader)] == [(1, None)]


def test_mentions_in_the_text_of_records(owner, cast, things, thing):
    actions.update(owner, things, thing.id, {"story": f"<p>{mention(cast.member)} {mention(cast.limited)}</p>"})
    gathering.gather(cast.acme)
    gathering.gather(cast.acme)
    assert [(one.kind, one.count) for one in told(cast.member)] == [("mention", 1)]
    assert told(cast.limited) == []


def test_a_right_lost_between_takes_the_title_away(owner, cast, things, thing, set_role):
    comment, _ = comments.create(owner, things, thing.id, mention(cast.member) + " secret words")
    run_comment(cast, comment)
    [line] = wording.lines(me(cast, cast.member), told(cast.member))
    assert (line.title, line.address) == ("Lamp", f"/w/acme/things/{thing.id}#comment-{comment.id}")
    set_role(cast.member, {"objects": {"things": {"see": "own"}}})
    [line] = wording.lines(me(cast, cast.member), told(cast.member))
    assert (line.title, line.address, line.snippet) == ("", "", "")
    assert "Lamp" not in line.text


def test_reminders_come_once_and_only_while_the_record_is_seen(owner, cast, things, thing, set_role):
    at = timezone.now() + timedelta(hours=1)
    for who in (cast.owner, cast.member):
        reminders.create(me(cast, who), things, thing.id, at.isoformat(), "Call back")
    set_role(cast.member, {"objects": {"things": {"see": "own"}}})
    assert reminders.call(cast.acme, jobs.object_of, at - timedelta(seconds=1)) == 0
    assert reminders.call(cast.acme, jobs.object_of, at + timedelta(seconds=1)) == 1
    assert reminders.call(cast.acme, jobs.object_of, at + timedelta(minutes=1)) == 0
    assert [(one.kind, one.details) for one in told(cast.owner)] == [("reminder", {"note": "Call back"})]
    assert told(cast.member) == []


@pytest.mark.parametrize("at", ["yesterday", "", None, "2020-01-01T00:00Z", "9999-01-01T00:00Z", {"a": 1}])
def test_a_reminder_lies_in_the_future(owner, things, thing, at):
    with pytest.raises(Refused):
        reminders.create(owner, things, thing.id, at)


def test_snoozed_ones_come_back(owner, cast, things, thing):
    actions.update(owner, things, thing.id, {"owner": cast.member.id})
    gathering.gather(cast.acme)
    member = me(cast, cast.member)
    [one] = told(cast.member)
    assert centre.unread(member) == 1
    until = timezone.now() + timedelta(days=1)
    centre.snooze(member, one.id, until)
    assert (centre.unread(member), centre.page(member)[0], len(centre.page(member, "snoozed")[0])) == (0, [], 1)
    assert reminders.wake(cast.acme, until - timedelta(minutes=1)) == 0
    assert reminders.wake(cast.acme, until) == 1
    assert centre.unread(member) == 1
    with pytest.raises(access.Absent):
        centre.mark(me(cast, cast.reader), one.id, read=True)


def test_what_is_wished_for_in_no_way_is_not_told(owner, cast, things, thing):
    member = me(cast, cast.member)
    wishes.change(member, {"channels": {"assigned": {"app": False, "mail": "none"}}})
    actions.update(owner, things, thing.id, {"owner": cast.member.id})
    gathering.gather(cast.acme)
    assert told(cast.member) == []


@pytest.mark.parametrize(
    "given",
    [
        {"digest_hour": 24},
        {"digest_hour": True},
        {"quiet_from": "25:00"},
        {"channels": {"mention": {"mail": "pigeon"}}},
        {"channels": {"nothing": {}}},
        {"channels": [1]},
        {"follow_own": "yes"},
        {"unknown": 1},
    ],
)
def test_strange_wishes_are_refused(owner, given):
    with pytest.raises(Refused):
        wishes.change(owner, given)
    assert wishes.of(owner).as_json()["digest_hour"] == 8


def test_another_workspace_hears_and_sees_nothing(cast, as_, things):
    with as_(cast.owner) as owner:
        thing = actions.create(owner, things, {"name": "Lamp"})
        comment, _ = comments.create(owner, things, thing.id, mention(cast.stranger))
        run_comment(cast, comment)
    with in_workspace(cast.globex.id):
        stranger = actor_for_user(cast.stranger, cast.globex)
        assert not Comment.objects.exists() and not Notification.objects.exists()
        with pytest.raises(access.Absent):
            comments.of_record(stranger, things, thing.id)


def test_who_began_a_job_is_told_of_its_end_and_of_technical_ones_only_that_they_failed(owner, cast):
    made = {
        name: Job.objects.create(
            name=name, label=name, state=state, actor={"user_id": str(cast.member.id)}, arguments=args
        )
        for name, state, args in (
            ("import", "done", {"run_id": "7"}),
            ("index field", "done", {}),
            ("destroy object", "failed", {}),
        )
    }
    for _time in range(2):
        for job in made.values():
            jobs.ended(str(cast.acme.id), str(job.id))
    lines = wording.lines(me(cast, cast.member), told(cast.member))
    assert {(line.title, line.text, line.address) for line in lines} == {
        ("import", "Finished", "/w/acme/import/7"),
        ("destroy object", "Failed", ""),
    }


def test_a_long_job_tells_its_end_and_a_short_one_does_not(owner, cast, monkeypatch):
    heard = []
    monkeypatch.setattr(events, "_reactions", {"": [lambda actor, event: heard.append(event["job"])]})
    actor = {"user_id": str(cast.member.id)}
    now = timezone.now()
    short, long = (
        Job.objects.create(name="import", label="x", actor=actor, created_at=now - timedelta(seconds=age))
        for age in (1, 60)
    )
    for job in (short, long):
        engine_jobs._end(cast.acme, job.id, state="done")
    assert heard == [long.id]


def test_one_follows_what_one_owns_unless_one_said_otherwise(owner, cast, things, thing):
    member = me(cast, cast.member)
    assert follows.is_following(owner, things, thing) and not follows.is_following(member, things, thing)
    follows.set_follow(owner, things, thing.id, False)
    follows.set_follow(member, things, thing.id, True)
    assert not follows.is_following(owner, things, thing) and follows.is_following(member, things, thing)
    other = actions.create(owner, things, {"name": "Other", "owner": cast.member.id})
    assert follows.is_following(member, things, other)
    wishes.change(member, {"follow_own": False})
    assert not follows.is_following(member, things, other)


def test_records_of_an_object_of_ones_own_too(owner, cast):
    custom.add_object(owner, {"plural": "cases-x", "label": "Case", "label_plural": "Cases"})
    owner.workspace.refresh_from_db()
    actor = me(cast, cast.owner)
    cases = objects.get("cases-x")
    case = actions.create(actor, cases, {"name": "First"})
    comment, _ = comments.create(actor, cases, case.id, mention(cast.member))
    run_comment(cast, comment)
    [line] = wording.lines(me(cast, cast.member), told(cast.member))
    assert line.address == f"/w/acme/cases-x/{case.id}#comment-{comment.id}"


def test_whom_a_record_is_shared_with_is_told_once_for_each_share(owner, cast, things, thing):
    actions.share(owner, things, thing.id, user=cast.limited.id)
    actions.share(owner, things, thing.id, team=cast.sales.id)
    for _time in range(2):
        jobs.shared(str(cast.acme.id), "things", str(thing.id), "Olga Owner", str(cast.owner.id))
    for user in (cast.limited, cast.member, cast.teammate):
        assert [(one.kind, one.count) for one in told(user)] == [("shared", 1)]
    assert told(cast.owner) == told(cast.reader) == []


def test_events_only_add_jobs_where_somebody_is_to_be_told(owner, cast, things, thing):
    def added():
        return sorted(ProcrastinateJob.objects.filter(task_name__startswith="trato.together").values_list("task_name"))

    before = len(added())
    actions.update(owner, things, thing.id, {"count": 1})
    actions.update(owner, things, thing.id, {"owner": cast.owner.id})
    assert len(added()) == before, "an ordinary change costs nothing"
    actions.update(owner, things, thing.id, {"owner": cast.member.id})
    actions.update(owner, things, thing.id, {"story": mention(cast.member)})
    actions.share(owner, things, thing.id, user=cast.limited.id)
    comments.create(owner, things, thing.id, "Hi")
    names = [name for (name,) in added()][before:]
    assert sorted(names) == [f"trato.together.{name}" for name in ("comment", "gather", "gather", "shared")]


def test_a_single_write_is_commented_on(owner, cast, things, thing):
    actions.update(owner, things, thing.id, {"count": 1})
    entry = HistoryEntry.objects.filter(record_id=thing.id).order_by("-id").first()
    comments.create(owner, things, thing.id, "Why?", entry=entry.id)
    comments.create(owner, things, thing.id, "In general")
    assert [each.text for each in comments.of_record(owner, things, thing.id, entry=entry.id)] == ["<p>Why?</p>"]
    other = actions.create(owner, things, {"name": "Other"})
    with pytest.raises(access.Absent):
        comments.create(owner, things, other.id, "Not its", entry=entry.id)


def test_what_is_over_is_dropped_after_half_a_year(owner, cast, things, thing):
    actions.update(owner, things, thing.id, {"owner": cast.member.id})
    gathering.gather(cast.acme)
    Notification.objects.update(read_at=timezone.now(), mail_at=None)
    jobs.sweep(timezone.now() + timedelta(days=179))
    assert told(cast.member)
    jobs.sweep(timezone.now() + timedelta(days=181))
    assert told(cast.member) == []


def test_a_follower_who_lost_the_right_is_not_told(owner, cast, things, thing, set_role):
    follows.set_follow(me(cast, cast.member), things, thing.id, True)
    set_role(cast.member, {"objects": {"things": {"see": "own"}}})
    comment, _ = comments.create(owner, things, thing.id, "Secret")
    run_comment(cast, comment)
    actions.update(owner, things, thing.id, {"count": 1})
    gathering.gather(cast.acme)
    assert told(cast.member) == []
