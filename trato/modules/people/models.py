"""Tables of people: accounts, contacts, relationships and activities."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trato.engine.documents import SearchField
from trato.engine.kinds.fields import (
    AddressesField,
    EmailsField,
    FileField,
    HandlesField,
    LanguageField,
    LinksField,
    PhoneField,
    PhonesField,
    RefField,
    RichTextField,
    RRuleField,
    TagsField,
    TimeZoneField,
    coloured,
)
from trato.engine.models import Record, board_index
from trato.engine.workspaces.base import WorkspaceForeignKey

ACCOUNT_KINDS = [
    ("company", _("Company")),
    ("institution", _("Institution")),
    ("household", _("Household")),
    ("other", _("Other")),
]
LIFECYCLE = [
    ("lead", _("Lead")),
    ("prospect", _("Prospect")),
    ("customer", _("Customer")),
    ("former", _("Former customer")),
    ("advocate", _("Advocate")),
]
SIZES = [
    ("1", "1"),
    ("2-9", "2–9"),
    ("10-49", "10–49"),
    ("50-249", "50–249"),
    ("250-999", "250–999"),
    ("1000+", "1,000+"),
]
PARTIES = ("accounts", "contacts")


def lifecycle_field() -> models.CharField:
    """How far somebody has come with us; the same for accounts and contacts."""
    field = models.CharField(_("Lifecycle"), max_length=10, choices=LIFECYCLE, default="lead")
    return coloured(field, lead="azure", prospect="purple", customer="green", advocate="yellow")


class Party(Record):
    """What accounts and contacts share: the ways to reach them."""

    emails = EmailsField(_("E-mails"))
    phones = PhonesField(_("Phones"))
    addresses = AddressesField(_("Addresses"))
    handles = HandlesField(_("Social"))
    tags = TagsField(_("Tags"))
    source = models.CharField(_("Source"), max_length=100, blank=True, help_text=_("Where we know them from."))

    class Meta(Record.Meta):
        abstract = True


class Account(Party):
    """A company, an institution, a household or another body that we deal with."""

    name = models.CharField(_("Name"), max_length=200)
    kind = models.CharField(_("Type"), max_length=12, choices=ACCOUNT_KINDS, default="company")
    parent = WorkspaceForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Part of")
    )
    industry = models.CharField(_("Industry"), max_length=100, blank=True)
    size = models.CharField(_("Employees"), max_length=8, choices=SIZES, blank=True)
    website = models.URLField(_("Website"), max_length=300, blank=True)
    tax_number = models.CharField(_("Tax number"), max_length=40, blank=True)
    lifecycle = lifecycle_field()
    description = models.TextField(_("Description"), blank=True)
    search = SearchField(
        A=("title", "name"),
        B=("emails", "phones", "website"),
        C=("addresses", "handles", "tags", "industry", "tax_number"),
    )

    class Meta(Party.Meta):
        indexes = [
            *Party.Meta.indexes,
            models.Index(fields=["workspace", "industry", "id"], name="account_industry"),
            models.Index(fields=["workspace", "lifecycle", "id"], name="account_lifecycle"),
            board_index("account_board", "lifecycle"),
        ]


class Contact(Party):
    """A person."""

    first_name = models.CharField(_("First name"), max_length=100, blank=True)
    middle_name = models.CharField(_("Middle name"), max_length=100, blank=True)
    last_name = models.CharField(_("Last name"), max_length=100, blank=True)
    salutation = models.CharField(_("Salutation"), max_length=40, blank=True)
    suffix = models.CharField(_("Suffix"), max_length=40, blank=True)
    account = WorkspaceForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Account")
    )
    job_title = models.CharField(_("Job title"), max_length=150, blank=True)
    department = models.CharField(_("Department"), max_length=150, blank=True)
    occupation = models.CharField(_("Occupation"), max_length=150, blank=True)
    lifecycle = lifecycle_field()
    birthday = models.DateField(_("Birthday"), null=True, blank=True)
    language = LanguageField(_("Language"), blank=True)
    time_zone = TimeZoneField(_("Time zone"), blank=True)
    no_mailings = models.BooleanField(
        _("No mailings"), default=False, editable=False, help_text=_("They want no mails of sequences.")
    )
    preferences = models.TextField(
        _("Preferences"), blank=True, help_text=_("How they like to be treated: channel, time of day, form of address.")
    )
    description = models.TextField(_("Description"), blank=True)
    search = SearchField(
        A=("title", "first_name", "middle_name", "last_name"),
        B=("emails", "phones"),
        C=("addresses", "handles", "tags", "job_title"),
    )

    class Meta(Party.Meta):
        indexes = [
            *Party.Meta.indexes,
            models.Index(fields=["workspace", "last_name", "id"], name="contact_last_name"),
            # Filters compare names without regard to case.
            models.Index(F("workspace"), Lower("last_name"), F("id"), name="contact_last_name_folded"),
            models.Index(fields=["workspace", "lifecycle", "id"], name="contact_lifecycle"),
            board_index("contact_board", "lifecycle"),
        ]


class RelationshipType(Record):
    """A way two parties can stand to each other, named from both sides."""

    name = models.CharField(
        _("Words"), max_length=80, help_text=_("As in “Ana works at Acme”: read from the first to the second.")
    )
    reverse_name = models.CharField(_("The other way round"), max_length=80, help_text=_("As in “Acme employs Ana”."))
    is_membership = models.BooleanField(
        _("Makes a member"),
        default=False,
        help_text=_("While it lasts, what happens with the first is also shown on the timeline of the second."),
    )

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name"], condition=Q(deleted_at__isnull=True), name="relationship_type_name"
            )
        ]


class Relationship(Record):
    """One typed, dated tie between two accounts or contacts."""

    source = RefField(_("From"), to=PARTIES)
    kind = WorkspaceForeignKey(RelationshipType, models.PROTECT, related_name="+", verbose_name=_("Relationship"))
    target = RefField(_("To"), to=PARTIES)
    since = models.DateField(_("Since"), null=True, blank=True)
    until = models.DateField(_("Until"), null=True, blank=True)
    note = models.CharField(_("Note"), max_length=300, blank=True)

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["workspace", "source"], name="relationship_source"),
            models.Index(fields=["workspace", "target"], name="relationship_target"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(since__isnull=True) | Q(until__gte=models.F("since")),
                name="relationship_dates",
                violation_error_code="dates",
                violation_error_message=_("It can't end before it began."),
            )
        ]


class Activity(Record):
    """What activities share: the records they are about, and the moment they stand at on their timelines."""

    about = LinksField(_("About"))
    happened_at = models.DateTimeField(_("When"), default=timezone.now)
    tags = TagsField(_("Tags"))

    class Meta(Record.Meta):
        abstract = True
        indexes = [
            models.Index(fields=["workspace", "happened_at", "id"], name="%(class)s_happened"),
            models.Index(fields=["workspace", "updated_at", "id"], name="%(class)s_updated"),
            models.Index(fields=["workspace", "title_key", "id"], name="%(class)s_title"),
            GinIndex(fields=["search"], name="%(class)s_search", fastupdate=False),
        ]


class Note(Activity):
    """Something written down."""

    subject = models.CharField(_("Subject"), max_length=200, blank=True)
    body = RichTextField(_("Note"))
    search = SearchField(A=("title",), C=("body", "tags"))


#: Tasks that are still to be done.
OPEN = Q(done_at__isnull=True)


class Task(Activity):
    """Something to be done by somebody."""

    subject = models.CharField(_("Task"), max_length=200)
    body = models.TextField(_("Details"), blank=True)
    happened_at = models.DateTimeField(
        _("Noted"), default=timezone.now, help_text=_("Where it appears on the timeline.")
    )
    due_at = models.DateTimeField(_("Due"), null=True, blank=True)
    remind_at = models.DateTimeField(
        _("Reminder"),
        null=True,
        blank=True,
        help_text=_("From then on it shows in My day, and its owner gets an e-mail."),
    )
    reminded_at = models.DateTimeField(_("Reminded"), null=True, editable=False)
    priority = coloured(
        models.CharField(
            _("Priority"),
            max_length=6,
            default="normal",
            choices=[("low", _("Low")), ("normal", _("Normal")), ("high", _("High"))],
        ),
        high="red",
    )
    done_at = models.DateTimeField(_("Done"), null=True, blank=True)
    search = SearchField(A=("title",), C=("body", "tags"))

    class Meta(Activity.Meta):
        indexes = [
            *Activity.Meta.indexes,
            models.Index(fields=["workspace", "due_at", "id"], name="task_due"),
            models.Index(fields=["workspace", "due_at", "id"], name="task_open", condition=OPEN),
            models.Index(fields=["workspace", "owner", "due_at", "id"], name="task_mine", condition=OPEN),
            models.Index(
                fields=["workspace", "remind_at"], name="task_remind", condition=OPEN & Q(remind_at__isnull=False)
            ),
        ]


class Call(Activity):
    """A call that was made, received or missed."""

    subject = models.CharField(_("Subject"), max_length=200)
    direction = models.CharField(
        _("Direction"), max_length=4, default="out", choices=[("out", _("Outgoing")), ("in", _("Incoming"))]
    )
    outcome = models.CharField(
        _("Outcome"),
        max_length=10,
        blank=True,
        choices=[
            ("reached", _("Reached")),
            ("voicemail", _("Voicemail")),
            ("no_answer", _("No answer")),
            ("busy", _("Busy")),
        ],
    )
    number = PhoneField(_("Number"), blank=True)
    minutes = models.PositiveIntegerField(_("Minutes"), null=True, blank=True)
    body = RichTextField(_("Notes"), blank=True)
    search = SearchField(A=("title",), B=("number",), C=("body", "tags"))


class Meeting(Activity):
    """An appointment, once or by a rule."""

    subject = models.CharField(_("Subject"), max_length=200)
    ends_at = models.DateTimeField(_("Ends"), null=True, blank=True)
    place = models.CharField(_("Place"), max_length=200, blank=True)
    participants = LinksField(_("Participants"), to=("contacts", "users"))
    recurrence = RRuleField(_("Repeats"), blank=True)
    time_zone = TimeZoneField(
        _("Time zone"), blank=True, help_text=_("A weekly meeting at ten stays at ten of this zone when clocks change.")
    )
    body = RichTextField(_("Notes"), blank=True)
    search = SearchField(A=("title",), C=("body", "place", "tags"))

    class Meta(Activity.Meta):
        indexes = [
            *Activity.Meta.indexes,
            models.Index(fields=["workspace", "happened_at"], name="meeting_recurring", condition=~Q(recurrence="")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=models.F("happened_at")),
                name="meeting_ends",
                violation_error_code="dates",
                violation_error_message=_("It can't end before it begins."),
            )
        ]


class Attachment(Activity):
    """A file kept with the records it is about."""

    subject = models.CharField(_("Description"), max_length=200, blank=True)
    file = FileField(_("File"))
    search = SearchField(A=("title",), C=("file", "tags"))
