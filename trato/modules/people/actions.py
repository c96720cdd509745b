"""Writes of people that have a name of their own."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import actions, objects
from trato.engine.bulk import create_all
from trato.engine.inbox import IncomingMail
from trato.engine.kinds import DateTime
from trato.engine.kinds.richtext import paragraphs
from trato.engine.kinds.texts import shorten
from trato.engine.models import Record
from trato.engine.together.telling import News, may_see, reads, tell
from trato.engine.together.wording import saying
from trato.engine.workspaces.actors import Actor, system_actor
from trato.engine.workspaces.ids import uuid7
from trato.engine.workspaces.members import starts_with
from trato.engine.workspaces.models import Workspace

from . import queries
from .models import Task
from .rules import without_quotes

#: The relationships a workspace begins with: words, words the other way round, whether it makes a member.
USUAL_RELATIONSHIPS = (
    (_("works at"), _("employs"), False),
    (_("member of"), _("has member"), True),
    (_("partner of"), _("partner of"), False),
    (_("parent of"), _("child of"), False),
    (_("decides for"), _("is decided by"), False),
    (_("refers"), _("was referred by"), False),
)
#: Reminders taken up in one go.
AT_ONCE = 500
#: Characters of a mail that are written down.
LONGEST_MAIL = 20_000
saying(
    "wrote",
    _("Somebody I look after wrote a mail"),
    lambda row: _now("%(who)s wrote a mail") % {"who": row.by_name or _now("Somebody")},
    mail="now",
)


@actions.action(
    "tasks",
    label=_("Mark as done"),
    icon="check",
    prominent=True,
    undo=_("Opens the task again."),
    applies=lambda task: task.done_at is None,
)
def complete(actor: Actor, record: Record) -> Record:
    """A task is done now; one that is done already stays as it is."""
    if record.done_at is not None:
        return record
    return actions.update(actor, objects.get("tasks"), record.id, {"done_at": timezone.now()})


@actions.action(
    "tasks",
    label=_("Open again"),
    icon="rotate",
    prominent=True,
    undo=_("Marks the task as done at the time it had."),
    applies=lambda task: task.done_at is not None,
)
def reopen(actor: Actor, record: Record) -> Record:
    """A task is not done after all."""
    return actions.update(actor, objects.get("tasks"), record.id, {"done_at": None})


@starts_with
def usual_relationships(workspace: Workspace) -> None:
    """Give a new workspace the relationship types most want, in its language."""
    actor, types = system_actor(workspace), objects.get("relationship-types")
    with translation.override(workspace.language):
        usual = [
            {"name": str(words), "reverse_name": str(back), "is_membership": member}
            for words, back, member in USUAL_RELATIONSHIPS
        ]
        create_all(actor, types, usual)


@actions.action(
    "tasks",
    label=_("Snooze"),
    icon="clock-pause",
    undo=_("The reminder and the due date it had come back."),
    applies=lambda task: task.done_at is None,
)
def snooze(actor: Actor, record: Record, *, until: DateTime(required=True)) -> Record:
    """Be reminded of a task later; where it was due before that, it is due then."""
    if until <= timezone.now():
        raise actions.Refused([actions.Problem("until", "future", _now("Choose a time to come."))])
    later = {"remind_at": until}
    if record.due_at is not None and record.due_at < until:
        later["due_at"] = until
    return actions.update(actor, objects.get("tasks"), record.id, later)


def call_reminders(workspace: Workspace) -> int:
    """Tell the owners of the tasks whose reminder has come; each only once, however often and in how many processes
    this runs. Returns how many (inside ``in_workspace``).
    """
    now, tasks = timezone.now(), objects.get("tasks")
    with transaction.atomic():
        due = list(queries.reminders_due(now).select_for_update(skip_locked=True)[:AT_ONCE])
        Task.objects.filter(id__in=[task.id for task in due]).update(reminded_at=now)
        news = [
            News(
                *(task.owner_id, "reminder", f"task:{task.id}", uuid7()),
                object="tasks",
                record_id=task.id,
                details={"at": task.due_at.isoformat()}
                if task.due_at and reads(workspace, task.owner_id, tasks, "due_at")
                else {},
            )
            for task in due
            if may_see(workspace, task.owner_id, tasks, task.id)
        ]
        tell(workspace, news, now)
    return len(news)


def call_to_meetings(workspace: Workspace) -> int:
    """Tell owners and participants of the meetings that begin within ``queries.SOON``, of each date once; returns how
    many were told anew (inside ``in_workspace``).
    """
    meetings, now = objects.get("meetings"), timezone.now()
    news = [
        News(
            *(user_id, "meeting", f"meeting:{meeting_id}:{at.isoformat()}", meeting_id),
            object="meetings",
            record_id=meeting_id,
            details={"at": at.isoformat()},
        )
        for meeting_id, at, people in queries.meetings_soon(workspace, now)
        for user_id in people
        if may_see(workspace, user_id, meetings, meeting_id)
    ]
    return tell(workspace, news, now)


def write_down(actor: Actor, mail: IncomingMail, record: Record, owner: UUID | None) -> Record:
    """A mail that came stands on the timeline of the record it is about, as a note of its owner, who is told."""
    who = mail.sender_name or mail.sender
    text = shorten(without_quotes(mail.text), LONGEST_MAIL) or _now("The mail has no text.")
    subject = _now("E-mail from %(who)s: %(subject)s") % {"who": who, "subject": mail.subject}
    ref = objects.of_record(record).ref(record.id)
    given = {"subject": shorten(subject, 200), "body": paragraphs(text), "about": [ref], "owner": owner}
    note = actions.create(actor, objects.get("notes"), given | {"happened_at": mail.received_at})
    if owner and may_see(actor.workspace, owner, objects.of_record(record), record.id):
        news = News(
            *(owner, "wrote", f"wrote:{mail.id}", uuid7()),
            object=objects.of_record(record).plural,
            record_id=record.id,
            by_name=who,
        )
        tell(actor.workspace, [news])
    return note
