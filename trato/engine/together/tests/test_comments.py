"""Comments: clean, in their threads, of their writers, reacted to, and found by their words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from trato.engine import access, actions
from trato.engine.together import comments, finding, follows, jobs, reminders, wishes, wording
from trato.engine.together.models import Comment
from trato.engine.values import Refused

from .telling import me, told

pytestmark = [pytest.mark.django_db]


def test_a_comment_is_kept_clean_and_in_its_thread(owner, cast, things, thing):
    first, _blind = comments.create(owner, things, thing.id, "<p>Hi<script>alert(1)</script></p>")
    assert first.text == "<p>Hi</p>"
    answer, _blind = comments.create(me(cast, cast.member), things, thing.id, "Yes", parent=first.id)
    below, _blind = comments.create(owner, things, thing.id, "No", parent=answer.id)
    assert (answer.parent_id, below.parent_id) == (first.id, first.id)
    [thread] = comments.of_record(owner, things, thing.id)
    assert [each.text for each in thread.answers.all()] == ["<p>Yes</p>", "<p>No</p>"]


@pytest.mark.parametrize("text", ["", "   ", "<p></p>", None, 7, ["x"], "x" * 20_001, "<div>" * 4_000])
def test_what_is_no_text_is_refused(owner, things, thing, text):
    with pytest.raises(Refused):
        comments.create(owner, things, thing.id, text)
    assert not Comment.objects.exists()


def test_only_ones_own_comment_is_edited_or_deleted(owner, cast, things, thing):
    comment, _ = comments.create(me(cast, cast.member), things, thing.id, "Mine")
    with pytest.raises(access.Forbidden):
        comments.edit(me(cast, cast.teammate), things, thing.id, comment.id, "Yours")
    with pytest.raises(access.Forbidden):
        comments.delete(me(cast, cast.teammate), things, thing.id, comment.id)
    comments.edit(me(cast, cast.member), things, thing.id, comment.id, "Mine, better")
    assert [entry.changes["text"] for entry in comments.versions(owner, things, thing.id, comment.id)] == [
        [None, "<p>Mine</p>"],
        ["<p>Mine</p>", "<p>Mine, better</p>"],
    ]
    comments.delete(owner, things, thing.id, comment.id)  # an administrator
    assert comments.of_record(owner, things, thing.id) == []


def test_who_cannot_see_the_record_cannot_comment_read_or_follow(cast, things, thing, owner):
    limited = me(cast, cast.limited)  # sees only their own
    comment, _ = comments.create(owner, things, thing.id, "Hidden")
    for call in (
        lambda: comments.create(limited, things, thing.id, "x"),
        lambda: comments.of_record(limited, things, thing.id),
        lambda: comments.react(limited, things, thing.id, comment.id, "👍", on=True),
        lambda: follows.set_follow(limited, things, thing.id, True),
        lambda: reminders.create(limited, things, thing.id, (timezone.now() + timedelta(days=1)).isoformat()),
    ):
        with pytest.raises(access.Absent):
            call()


def test_one_reaction_a_person_and_emoji(owner, cast, things, thing):
    comment, _ = comments.create(owner, things, thing.id, "Hi")
    member = me(cast, cast.member)
    for actor in (owner, owner, member):
        comments.react(actor, things, thing.id, comment.id, "👍", on=True)
    comments.react(member, things, thing.id, comment.id, "🎉", on=True)
    [thread] = comments.of_record(owner, things, thing.id)
    assert {emoji: len(people) for emoji, people in comments.tally(thread).items()} == {"👍": 2, "🎉": 1}
    with pytest.raises(Refused):
        comments.react(owner, things, thing.id, comment.id, "<b>", on=True)
    comments.react(owner, things, thing.id, comment.id, "👍", on=False)
    [thread] = comments.of_record(owner, things, thing.id)
    assert len(comments.tally(thread)["👍"]) == 1


def react(cast, actor, things, thing, comment, emoji, *, on=True):
    """React as a person would, and do what the event asks for; whether it asked."""
    queued = ProcrastinateJob.objects.filter(task_name="trato.together.reaction")
    before = queued.count()
    comments.react(actor, things, thing.id, comment.id, emoji, on=on)
    for job in queued.order_by("id")[before:]:
        jobs.reaction(job.args["workspace"], job.args["reaction"])
    return queued.count() - before


def test_who_wrote_a_comment_is_told_of_reactions_of_others_once_each(owner, cast, things, thing):
    comment, _ = comments.create(owner, things, thing.id, "Hi")
    member, teammate = me(cast, cast.member), me(cast, cast.teammate)
    react(cast, owner, things, thing, comment, "👍")
    assert told(cast.owner, kind="reaction") == []  # one's own
    for actor, emoji in ((member, "👍"), (member, "👍"), (teammate, "🎉")):
        react(cast, actor, things, thing, comment, emoji)
    react(cast, member, things, thing, comment, "👍", on=False)
    [row] = told(cast.owner, kind="reaction")
    assert (row.count, row.comment_id, row.by_id, row.mail_at) == (2, comment.id, cast.teammate.id, None)
    [line] = wording.lines(owner, [row])
    assert line.text == f"2 reactions, the last from {cast.teammate.name}: 🎉"
    assert line.address.endswith(f"#comment-{comment.id}")


def test_reactions_are_told_only_to_who_wants_it_and_may_see_the_record(owner, cast, things, thing):
    comment, _ = comments.create(me(cast, cast.member), things, thing.id, "Hi")
    wishes.change(me(cast, cast.member), {"channels": {"reaction": {"app": False, "mail": "none"}}})
    react(cast, owner, things, thing, comment, "👍")
    assert told(cast.member, kind="reaction") == []
    mine = actions.create(me(cast, cast.limited), things, {"name": "Mine"})
    said, _ = comments.create(me(cast, cast.limited), things, mine.id, "Hi")
    actions.update(owner, things, mine.id, {"owner": owner.user_id})
    react(cast, owner, things, mine, said, "👍")
    assert told(cast.limited, kind="reaction") == []


def test_comments_are_found_by_their_words_by_who_may_see_the_record(owner, cast, things, thing):
    long = "word " * 60
    first, _ = comments.create(owner, things, thing.id, f"<p>{long}The <b>Grüne</b>&nbsp;Lampe is broken</p>")
    second, _ = comments.create(me(cast, cast.member), things, thing.id, "Lamps broken, all of them")
    gone, _ = comments.create(owner, things, thing.id, "The broken lamp that is gone")
    comments.delete(owner, things, thing.id, gone.id)
    assert [each.comment.id for each in finding.find(owner, "broken lamp")] == [second.id, first.id]
    [found] = finding.find(owner, "grune")
    assert found.title == "Lamp" and found.snippet.startswith("… word") and "Grüne Lampe" in found.snippet
    assert finding.find(owner, "strong") == finding.find(owner, "'; --") == finding.find(owner, "") == []
    assert finding.find(me(cast, cast.limited), "broken") == []
    actions.delete(owner, things, thing.id)
    assert finding.find(owner, "broken") == []


def test_a_comment_of_another_workspace_is_not_found(cast, as_, things):
    with as_(cast.owner) as owner:
        thing = actions.create(owner, things, {"name": "Lamp"})
        comments.create(owner, things, thing.id, "Sesame")
        assert finding.find(owner, "sesame")
    with as_(cast.stranger) as stranger:
        assert finding.find(stranger, "sesame") == []
