"""Tables of outreach: sequences and who is in them, call lists with scripts, promises."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from trato.engine.documents import SearchField
from trato.engine.kinds.fields import ChoicesField, FilterField, QuestionsField, RefField, coloured
from trato.engine.models import Record, board_index
from trato.engine.workspaces.base import WorkspaceForeignKey, WorkspaceModel
from trato.engine.workspaces.models import User
from trato.modules.people.models import Account, Contact
from trato.modules.sales.models import Deal

PERSONS = ("contacts", "leads")
CALLED = ("contacts", "leads", "accounts")
WEEKDAYS = [
    ("mon", _("Monday")),
    ("tue", _("Tuesday")),
    ("wed", _("Wednesday")),
    ("thu", _("Thursday")),
    ("fri", _("Friday")),
    ("sat", _("Saturday")),
    ("sun", _("Sunday")),
]
STEP_KINDS = [("mail", _("E-mail")), ("call", _("Call")), ("task", _("Task"))]
ENROLMENT_STATUS = [
    ("active", _("Under way")),
    ("finished", _("Finished")),
    ("replied", _("Replied")),
    ("stopped", _("Stopped")),
    ("failed", pgettext_lazy("sequence", "Failed")),
]
ENTRY_STATUS = [
    ("open", pgettext_lazy("call", "To be called")),
    ("reached", _("Reached")),
    ("missed", _("Not reached")),
    ("later", _("Call back")),
    ("done", _("Given up")),
]
OUTCOMES = [
    ("reached", _("Reached")),
    ("no_answer", _("No answer")),
    ("voicemail", _("Voicemail")),
    ("busy", _("Busy")),
    ("later", _("Call back")),
]
PROMISE_STATUS = [
    ("open", pgettext_lazy("promise", "Open")),
    ("kept", pgettext_lazy("promise", "Kept")),
    ("broken", pgettext_lazy("promise", "Broken")),
    ("withdrawn", pgettext_lazy("promise", "Withdrawn")),
]
IN_USE = Q(deleted_at__isnull=True)


def workdays() -> list[str]:
    """Monday to Friday."""
    return [name for name, _label in WEEKDAYS[:5]]


def _hour(label: str, default: int, least: int, most: int) -> models.PositiveIntegerField:
    limits = [MinValueValidator(least), MaxValueValidator(most)]
    return models.PositiveIntegerField(label, default=default, validators=limits)


class Sequence(Record):
    """Mails, calls and tasks one after the other, until somebody answers."""

    name = models.CharField(_("Name"), max_length=120)
    is_on = models.BooleanField(_("In use"), default=True, help_text=_("Off: nothing goes out, everybody waits."))
    opens = _hour(_("From (hour)"), 9, 0, 23)
    closes = _hour(_("Until (hour)"), 17, 0, 24)
    weekdays = ChoicesField(_("On"), offered=WEEKDAYS, default=workdays, help_text=_("None: on every day."))
    description = models.TextField(_("Description"), blank=True)
    search = SearchField(A=("title",), C=("description",))

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")),
                name="sequence_hours",
                violation_error_code="hours",
                violation_error_message=_("It ends after it begins: choose a later hour."),
            )
        ]


class SequenceStep(Record):
    """One mail, call or task of a sequence, some days after the one before."""

    sequence = WorkspaceForeignKey(Sequence, models.CASCADE, related_name="+", verbose_name=_("Sequence"))
    position = models.PositiveIntegerField(_("Position"), default=1)
    kind = models.CharField(_("Kind"), max_length=4, choices=STEP_KINDS, default="mail")
    days = models.PositiveIntegerField(
        _("Days after the step before"), default=2, validators=[MinValueValidator(0), MaxValueValidator(365)]
    )
    subject = models.CharField(_("Subject"), max_length=200)
    text = models.TextField(
        _("Text"),
        blank=True,
        help_text=_(
            "{first_name}, {account} and {sender} are filled in; {first_name|friend} says what stands for none."
        ),
    )

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "sequence", "position"], name="sequence_step_of"),
        ]


class Enrolment(Record):
    """Somebody who goes through a sequence, in the name of its owner. Without ``next_at`` it is not planned yet."""

    person = RefField(_("Person"), to=PERSONS)
    sequence = WorkspaceForeignKey(Sequence, models.PROTECT, related_name="+", verbose_name=_("Sequence"))
    note = models.CharField(_("Note"), max_length=300, blank=True)
    status = coloured(
        models.CharField(_("Status"), max_length=8, choices=ENROLMENT_STATUS, default="active", editable=False),
        active="azure",
        finished="green",
        replied="purple",
        failed="red",
    )
    steps_done = models.PositiveIntegerField(_("Steps done"), default=0, editable=False)
    next_at = models.DateTimeField(_("Next step"), null=True, editable=False)
    started_at = models.DateTimeField(_("Since"), default=timezone.now, editable=False)
    ended_at = models.DateTimeField(_("Ended"), null=True, editable=False)
    reason = models.CharField(_("Why it ended"), max_length=300, blank=True, editable=False)

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            board_index("enrolment_board", "status"),
            models.Index(
                fields=["workspace", "next_at", "id"], name="enrolment_next", condition=Q(status="active") & IN_USE
            ),
            models.Index(fields=["workspace", "person"], name="enrolment_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                # Who is under way has no end, and is so once; who has ended may be enrolled anew.
                fields=["workspace", "sequence", "person", "ended_at"],
                condition=IN_USE,
                nulls_distinct=False,
                name="enrolment_once",
                violation_error_code="twice",
                violation_error_message=_("This person is in the sequence already."),
            )
        ]


class OptOut(WorkspaceModel):
    """An e-mail address that gets no mail of any sequence any more, and since when."""

    address = models.CharField(max_length=254)
    at = models.DateTimeField(default=timezone.now)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "address"], name="opt_out_once")]

    def __str__(self) -> str:
        return self.address


class Script(Record):
    """What is asked on the phone; the next question depends on the answer."""

    name = models.CharField(_("Name"), max_length=120)
    greeting = models.TextField(_("Greeting"), blank=True, help_text=_("What is said first."))
    questions = QuestionsField(_("Questions"), about=CALLED)
    search = SearchField(A=("title",), C=("greeting",))


class CallList(Record):
    """Whom to call: records of one filter, and those picked by hand."""

    name = models.CharField(_("Name"), max_length=120)
    script = WorkspaceForeignKey(
        Script, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Script")
    )
    filled_from = models.CharField(
        _("Filled from"),
        max_length=10,
        blank=True,
        choices=[("contacts", _("Contacts")), ("leads", _("Leads")), ("accounts", _("Accounts"))],
    )
    condition = FilterField(
        _("That"),
        about=("contacts", "leads", "accounts"),
        by="filled_from",
        help_text=_("Without a condition: all of them."),
    )
    most_attempts = models.PositiveIntegerField(
        _("Attempts"), default=3, validators=[MinValueValidator(0), MaxValueValidator(20)]
    )
    pause_hours = models.PositiveIntegerField(
        _("Hours between attempts"), default=4, validators=[MinValueValidator(0), MaxValueValidator(24 * 30)]
    )
    sip_host = models.CharField(
        _("Dial by SIP through"),
        max_length=120,
        blank=True,
        help_text=_("The host of your telephone exchange, such as sip.example.com; empty: tel: links."),
    )


class CallListEntry(Record):
    """One record of a call list; whoever calls holds it until ``held_until``."""

    call_list = WorkspaceForeignKey(CallList, models.CASCADE, related_name="+", verbose_name=_("Call list"))
    record = RefField(_("Who"), to=CALLED)
    note = models.CharField(_("Note"), max_length=300, blank=True)
    status = coloured(
        models.CharField(_("Status"), max_length=8, choices=ENTRY_STATUS, default="open", editable=False),
        reached="green",
        missed="yellow",
        later="azure",
    )
    attempts = models.PositiveIntegerField(_("Attempts"), default=0, editable=False)
    call_back_at = models.DateTimeField(_("Call again"), null=True, editable=False)
    outcome = models.CharField(_("Last outcome"), max_length=10, choices=OUTCOMES, blank=True, editable=False)
    held_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", editable=False)
    held_until = models.DateTimeField(_("Held until"), null=True, editable=False)

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "call_list", "status", "call_back_at"], name="call_entry_queue"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "call_list", "record"],
                condition=IN_USE,
                name="call_entry_once",
                violation_error_code="twice",
                violation_error_message=_("This one is on the list already."),
            )
        ]


class Answer(WorkspaceModel):
    """What was answered to one question of a script in one call."""

    call_id = models.UUIDField()
    entry_id = models.UUIDField()
    record = models.CharField(max_length=110)
    question = models.CharField(max_length=40)
    words = models.CharField(max_length=300)
    answer = models.JSONField()
    at = models.DateTimeField(default=timezone.now)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "call_id", "question"], name="answer_once")]
        indexes = [models.Index(fields=["workspace", "entry_id"], name="answer_entry")]

    def __str__(self) -> str:
        return f"{self.words}: {self.answer}"


class Promise(Record):
    """What was promised to a customer, until when and by whom."""

    text = models.CharField(_("Promise"), max_length=300)
    account = WorkspaceForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("Account"))
    contact = WorkspaceForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Contact")
    )
    deal = WorkspaceForeignKey(Deal, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Deal"))
    due_on = models.DateField(_("Until"))
    status = coloured(
        models.CharField(_("Status"), max_length=9, choices=PROMISE_STATUS, default="open", editable=False),
        open="azure",
        kept="green",
        broken="red",
    )
    kept_on = models.DateField(_("Done on"), null=True, editable=False)
    consent = models.TextField(_("Prolonged with consent"), blank=True, editable=False)
    note = models.TextField(_("Note"), blank=True)
    search = SearchField(A=("title",), C=("note",))

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            board_index("promise_board", "status"),
            models.Index(fields=["workspace", "account", "status"], name="promise_account"),
            models.Index(
                fields=["workspace", "due_on", "owner"], name="promise_due", condition=Q(status="open") & IN_USE
            ),
        ]
