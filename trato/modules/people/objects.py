"""What accounts, contacts, relationships and activities are called and how they are laid out."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from trato.engine.kinds.person_name import format_name
from trato.engine.objects import Comparison, Moment, Object, Span, register
from trato.engine.workspaces.actors import Actor

from . import queries, rules
from .models import (
    Account,
    Attachment,
    Call,
    Contact,
    Meeting,
    Note,
    Relationship,
    RelationshipType,
    Task,
)

PEOPLE, ACTIVITIES = _("People"), _("Activities")
REACH = (_("Contact details"), ("emails", "phones", "addresses", "handles"))
UPKEEP = (_("Record details"), ("owner", "source", "tags", "created_at", "updated_at"))
CUSTOMERS = (_("Customers"), {"field": "lifecycle", "op": "in", "value": ["customer", "advocate"]})
LEADS = (_("Leads and prospects"), {"field": "lifecycle", "op": "in", "value": ["lead", "prospect"]})
OWN = {"field": "owner", "op": "is", "value": "me"}
MINE = (_("Mine"), OWN)
OPEN = {"field": "done_at", "op": "empty"}
NOT_OVER = {"or": [{"field": "until", "op": "empty"}, {"field": "until", "op": "gte", "value": "today"}]}


@register
class Accounts(Object):
    """Companies, institutions, households."""

    model, name, plural = Account, "account", "accounts"
    label, label_plural, icon, group = _("Account"), _("Accounts"), "building", PEOPLE
    board_by = "lifecycle"
    portrait = True
    help = _("Companies, institutions and households you deal with.")
    columns = ("title", "kind", "industry", "emails", "phones", "lifecycle", "owner", "updated_at")
    head = ("kind", "lifecycle", "industry", "owner")
    sections = (
        (_("Account"), ("name", "kind", "parent", "industry", "size", "website", "tax_number", "lifecycle")),
        REACH,
        (_("More"), ("description",)),
        UPKEEP,
    )
    duplicate_keys = ("emails", "phones", "handles", "addresses", "website", "tax_number")
    likeness = (
        Comparison("company", ("name",), 13, -8),
        Comparison("keys", ("tax_number",), 16, -10),
        Comparison("site", ("website",), 9, -2),
        Comparison("keys", ("emails",), 9, -1),
        Comparison("keys", ("phones",), 9, -1),
        Comparison("keys", ("handles",), 9, -1),
        Comparison("place", ("addresses",), 8, -3),
    )
    rollup = ("contacts.account", queries.members)
    backwards = {"parent": _("Parts")}
    composer = True
    filters = {
        "mine": MINE,
        "customers": CUSTOMERS,
        "leads": LEADS,
        "households": (_("Households"), {"field": "kind", "op": "is", "value": "household"}),
    }

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """A tax number of a known country's shape is checked by its own rule."""
        return rules.tax_number_problem(values)

    def verify(
        self,
        actor: Actor,
        record_id: UUID,
        values: Mapping[str, Any],
        old: Mapping[str, Any] | None,
        pending: Callable[[UUID], Mapping[str, Any] | None],
    ) -> dict[str, str]:
        """No account is part of itself, nor of what is part of it."""
        parent = values.get("parent")
        if not parent or (old and old["parent"] == parent):
            return {}
        return rules.hierarchy_problem(record_id, queries.upwards(parent, pending), queries.DEEPEST)


@register
class Contacts(Object):
    """Persons."""

    model, name, plural = Contact, "contact", "contacts"
    label, label_plural, icon, group = _("Contact"), _("Contacts"), "user", PEOPLE
    board_by = "lifecycle"
    portrait = True
    help = _("People you deal with.")
    columns = ("title", "account", "emails", "phones", "job_title", "lifecycle", "owner", "updated_at")
    head = ("account", "job_title", "lifecycle", "owner")
    sections = (
        (
            _("Person"),
            ("salutation", "first_name", "middle_name", "last_name", "suffix", "birthday", "language", "time_zone"),
        ),
        REACH,
        (_("Work"), ("account", "job_title", "department", "occupation", "lifecycle")),
        (_("More"), ("preferences", "no_mailings", "description")),
        UPKEEP,
    )
    duplicate_keys = ("emails", "phones", "handles", "addresses")
    likeness = (
        Comparison("person", ("first_name", "last_name"), 17, -11),
        Comparison("day", ("birthday",), 12, -6),
        Comparison("keys", ("emails",), 14, -3),
        Comparison("keys", ("handles",), 14, -1),
        Comparison("keys", ("phones",), 9, -2, shared=True),
        Comparison("place", ("addresses",), 12, -4, shared=True),
        Comparison("exact", ("account",), 4, -2, shared=True),
        Comparison("exact", ("suffix",), 0, -10),
    )
    composer = True
    filters = {"mine": MINE, "customers": CUSTOMERS, "leads": LEADS}

    def title(self, values: Mapping[str, Any], language: str) -> str:
        """The name in the order of the person's own language; without a name the first e-mail or phone."""
        name = format_name(rules.name_parts(values), values.get("language") or language)
        return name or rules.first_reach(values)

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """A person needs a name or a way to be reached."""
        return (
            {} if self.title(values, "en") else {"last_name": _now("Give a name, an e-mail address or a phone number.")}
        )


@register
class RelationshipTypes(Object):
    """The ways parties can stand to each other."""

    model, name, plural = RelationshipType, "relationship type", "relationship-types"
    label, label_plural, icon, group = _("Relationship type"), _("Relationship types"), "arrows-exchange", PEOPLE
    help = _("The ways people and accounts can be related, worded for both sides.")
    columns = ("title", "reverse_name", "is_membership")
    order = "title"
    sections = ((_("Relationship type"), ("name", "reverse_name", "is_membership")),)
    in_navigation, in_settings = False, True


@register
class Relationships(Object):
    """Ties between parties."""

    model, name, plural = Relationship, "relationship", "relationships"
    label, label_plural, icon, group = _("Relationship"), _("Relationships"), "affiliate", PEOPLE
    columns = ("source", "kind", "target", "since", "until", "note")
    help = _("Who is related to whom, how, since when and until when.")
    sections = (
        (_("Relationship"), ("source", "kind", "target", "since", "until", "note")),
        (_("Record details"), ("owner",)),
    )
    title_from, named_by = ("note",), ("source", "kind", "target")
    ties = ("source", "kind", "target", "since", "until")
    in_navigation = False
    filters = {"current": (_("Not ended"), NOT_OVER)}

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """Nobody is related to themselves, and nothing ends before it began."""
        return rules.relationship_problem(values)


class ActivityObject(Object):
    """What the activities share."""

    group = ACTIVITIES
    title_from = ("subject", "body")
    order = "-happened_at"
    moment = Moment(at="happened_at")
    filters = {"mine": MINE}


@register
class Notes(ActivityObject):
    """Things written down."""

    model, name, plural = Note, "note", "notes"
    label, label_plural, icon = _("Note"), _("Notes"), "note"
    columns = ("title", "about", "owner", "happened_at")
    sections = ((_("Note"), ("subject", "body", "about", "happened_at", "tags", "owner")),)


@register
class Tasks(ActivityObject):
    """Things to be done."""

    model, name, plural = Task, "task", "tasks"
    label, label_plural, icon = _("Task"), _("Tasks"), "checkbox"
    columns = ("title", "about", "due_at", "priority", "owner", "done_at")
    head = ("due_at", "priority", "owner", "done_at")
    board_by, calendar_on = "priority", (Span("due_at"),)
    order = "due_at"
    sections = (
        (_("Task"), ("subject", "body", "about", "due_at", "remind_at", "priority", "owner", "tags")),
        (_("Record details"), ("done_at", "happened_at", "created_at", "updated_at")),
    )
    filters = {
        "mine": (_("Mine, open"), {"and": [OWN, OPEN]}),
        "overdue": (_("Overdue"), {"and": [OPEN, {"field": "due_at", "op": "lt", "value": "today"}]}),
        "today": (_("Due today"), {"and": [OPEN, {"field": "due_at", "op": "within", "value": "today"}]}),
        "week": (_("Due this week"), {"and": [OPEN, {"field": "due_at", "op": "within", "value": "this_week"}]}),
        "open": (pgettext_lazy("tasks", "Open"), OPEN),
        "done": (_("Done"), {"field": "done_at", "op": "filled"}),
    }


@register
class Calls(ActivityObject):
    """Calls made and received."""

    model, name, plural = Call, "call", "calls"
    label, label_plural, icon = _("Call"), _("Calls"), "phone"
    columns = ("title", "about", "direction", "outcome", "minutes", "owner", "happened_at")
    board_by, calendar_on = "outcome", (Span("happened_at"),)
    sections = (
        (
            _("Call"),
            ("subject", "direction", "outcome", "number", "minutes", "happened_at", "body", "about", "tags", "owner"),
        ),
    )


@register
class Meetings(ActivityObject):
    """Appointments."""

    model, name, plural = Meeting, "meeting", "meetings"
    label, label_plural, icon = _("Meeting"), _("Meetings"), "calendar-event"
    columns = ("title", "about", "happened_at", "ends_at", "place", "recurrence", "owner")
    head = ("happened_at", "ends_at", "place", "recurrence")
    calendar_on = (Span("happened_at", "ends_at", "recurrence", "time_zone"),)
    sections = (
        (_("Meeting"), ("subject", "happened_at", "ends_at", "time_zone", "recurrence", "place", "participants")),
        (_("More"), ("body", "about", "tags", "owner")),
    )

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """A meeting ends after it begins."""
        return rules.meeting_problem(values)


@register
class Attachments(ActivityObject):
    """Files kept with records."""

    model, name, plural = Attachment, "file", "files"
    label, label_plural, icon = _("File"), _("Files"), "paperclip"
    title_from = ("subject", "file")
    columns = ("title", "file", "about", "owner", "happened_at")
    sections = ((_("File"), ("file", "subject", "about", "tags", "owner")),)
    importable = False
