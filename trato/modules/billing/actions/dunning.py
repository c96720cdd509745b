"""Reminders of what is overdue: a job proposes them, a person sends them, or they go by themselves."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import actions, files, objects, outbox
from trato.engine.actions import action
from trato.engine.bulk import create_all
from trato.engine.kinds.date import Date
from trato.engine.kinds.money import Money, MoneyKind
from trato.engine.models import Record
from trato.engine.workspaces.actors import Actor, system_actor
from trato.engine.workspaces.members import starts_with
from trato.engine.workspaces.models import Workspace
from trato.modules.catalog.queries import today

from .. import queries
from ..models import Invoice, Reminder
from ..rules import sums
from . import papers
from .documents import follow_invoice, write
from .orders import refuse

#: The steps a workspace begins with: name, days overdue, new term in days, text.
USUAL_LEVELS = (
    (
        _("Friendly reminder"),
        5,
        10,
        _(
            "perhaps our invoice {number}, due on {due}, was overlooked: {open} are open. Please pay them by {until}."
            " If you have paid meanwhile, thank you, and please disregard this letter."
        ),
    ),
    (
        _("Second reminder"),
        19,
        7,
        _("our invoice {number} was due on {due}, and {open} of it are still open. Please pay them by {until}."),
    ),
    (
        _("Last reminder"),
        33,
        7,
        _(
            "in spite of our reminders {open} of our invoice {number}, due on {due}, are still open. If they don't"
            " arrive by {until}, we shall have to take further steps."
        ),
    ),
)
#: Invoices looked at in one go.
AT_ONCE = 500


@starts_with
def usual_levels(workspace: Workspace) -> None:
    """Give a new workspace the steps of reminding that most have, in its language."""
    actor, obj = system_actor(workspace), objects.get("dunning-levels")
    with translation.override(workspace.language):
        usual = [
            {"rank": rank, "name": str(name), "days": days, "grace": grace, "text": str(text)}
            for rank, (name, days, grace, text) in enumerate(USUAL_LEVELS, start=1)
        ]
        create_all(actor, obj, usual)


def turn_overdue(actor: Actor, day: date) -> int:
    """Say of invoices whose term has passed that they are overdue; how many. Safe to run twice."""
    ids = list(queries.turned_overdue(day).values_list("id", flat=True)[:AT_ONCE])
    for invoice in queries.hold_invoices(ids).values():
        follow_invoice(actor, invoice, day)
    return len(ids)


def propose_reminders(actor: Actor, day: date) -> int:
    """Propose the reminders that are due, and send those that go by themselves; how many. Safe to run twice."""
    levels = {level.rank: level for level in queries.levels()}
    ranks = [sums.Level(level.rank, level.days) for level in levels.values()]
    wanted = {
        invoice_id: rank
        for invoice_id, due, reminded, reminded_on in queries.remindable(day)
        if (rank := sums.next_level(ranks, due, day, reminded, reminded_on)) is not None
    }
    made = 0
    for invoice in queries.hold_invoices(list(wanted)[:AT_ONCE]).values():
        rank = wanted[invoice.id]
        if queries.was_reminded(invoice.id, levels[rank].id):
            continue
        given = {"invoice": invoice.id, "level": levels[rank].id, "owner": invoice.owner_id}
        reminder = actions.create(actor, objects.get("reminders"), given)
        if levels[rank].is_automatic and papers.address_of(invoice):
            send(actor, reminder)
        made += 1
    return made


@action(
    "invoices",
    label=_("Remind"),
    icon="mail-exclamation",
    undo=_("Can't be undone: the letter is sent."),
    applies=lambda invoice: invoice.status == "overdue",
)
def send_reminder(actor: Actor, record: Invoice) -> Record:
    """Send the next reminder now, whether or not its day has come."""
    if record.status != "overdue":
        raise refuse(_now("It is not overdue."))
    following = next((level for level in queries.levels() if level.rank > record.reminded), None)
    if following is None:
        raise refuse(_now("All reminders of this invoice were sent."))
    waiting = queries.proposed(record.id)
    given = {"invoice": record.id, "level": following.id, "owner": record.owner_id}
    return send(actor, waiting or actions.create(actor, objects.get("reminders"), given))


@action(
    "reminders",
    label=_("Send"),
    icon="send",
    prominent=True,
    undo=_("Can't be undone: the letter is sent."),
    applies=lambda reminder: reminder.status == "proposed",
)
def send(actor: Actor, record: Reminder) -> Record:
    """The letter goes by mail, as a PDF with the invoice; of each step once, however often this is asked for."""
    if record.status != "proposed":
        raise refuse(_now("This reminder was sent or dismissed already."))
    invoice = queries.hold_invoices([record.invoice_id])[record.invoice_id]
    day = today(actor)
    if invoice.status not in queries.OWED:
        raise refuse(_now("Nothing is open of this invoice any more."))
    to = papers.address_of(invoice)
    if not to:
        raise refuse(_now("The customer has no e-mail address. Give one, or print the letter and dismiss this."))
    language = papers.language_of(invoice, actor.workspace)
    letter = _letter(actor, record, invoice, language, day)
    with translation.override(language):
        name = _now("Reminder %(number)s.pdf") % {"number": invoice.number}
        stored = [papers.keep(actor, name, papers.letter(actor, letter, language)), papers.issued(actor, invoice)]
        text, html = outbox.written(language, letter["paragraphs"], papers.pay_link(actor, invoice, to))
    outbox.put(
        actor,
        key=f"reminder:{record.id}",
        to=[to],
        subject=letter["title"],
        text=text,
        html=html,
        attachments=[files.described(each) for each in stored],
        about=(objects.get("invoices"), invoice.id),
    )
    write(actor, "invoices", invoice, {"reminded": record.level.rank, "reminded_on": day}, "reminded")
    return write(actor, "reminders", record, {"status": "sent", "sent_on": day}, "sent")


@action(
    "reminders",
    label=_("Dismiss"),
    icon="x",
    undo=_("Remind of the invoice by hand."),
    applies=lambda reminder: reminder.status == "proposed",
)
def dismiss(actor: Actor, record: Reminder) -> Record:
    """This one is not sent; the next step comes in its time."""
    if record.status != "proposed":
        raise refuse(_now("This reminder was sent or dismissed already."))
    invoice = queries.hold_invoices([record.invoice_id])[record.invoice_id]
    given = {"reminded": record.level.rank, "reminded_on": today(actor)}
    write(actor, "invoices", invoice, given, "dismissed")
    return write(actor, "reminders", record, {"status": "dismissed"}, "dismissed")


def _letter(actor: Actor, reminder: Reminder, invoice: Invoice, language: str, day: date) -> dict[str, Any]:
    """What the letter says: the workspace's own text, with Trato's words in the customer's language."""
    level, reader = reminder.level, papers.paper_reader(actor, language)
    money, days = MoneyKind(), Date()
    told = {
        "number": invoice.number,
        "due": days.plain(invoice.due_on, reader),
        "open": money.plain(Money(invoice.open, invoice.currency), reader),
        "until": days.plain(day + timedelta(days=level.grace), reader),
    }
    text = level.text
    for name, value in told.items():  # as they stand: a text is no program
        text = text.replace("{" + name + "}", value)
    paragraphs = [text]
    if level.fee:
        words = _now("We charge %(fee)s for this reminder.")
        paragraphs.append(words % {"fee": money.plain(Money(level.fee, level.fee_currency), reader)})
    return {
        "title": f"{level.name}: {invoice.number}",
        "to": papers.buyer_lines(invoice),
        "facts": [[_now("Date"), days.plain(timezone.localdate(), reader)]],
        "paragraphs": paragraphs,
    }
