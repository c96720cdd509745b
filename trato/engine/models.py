"""The base of every record, and the engine's own tables."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .documents import SearchField, TitleKeyField
from .slots import array_of
from .workspaces.base import PartField, WorkspaceForeignKey, WorkspaceModel
from .workspaces.models import Team, User


class Record(WorkspaceModel):
    """What every record has. Subclasses may say ``search = SearchField(B=("emails",), ...)``."""

    title = models.CharField(_("Name"), max_length=500, default="", blank=True, editable=False)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Owner"))
    created_at = models.DateTimeField(_("Created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("Changed"), default=timezone.now, editable=False)
    version = models.IntegerField(default=1, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    custom = models.JSONField(default=dict, blank=True, editable=False)
    slot_texts = array_of("slot_texts")
    slot_numbers = array_of("slot_numbers")
    slot_dates = array_of("slot_dates")
    slot_times = array_of("slot_times")
    slot_flags = array_of("slot_flags")
    title_key = TitleKeyField()
    search = SearchField()

    class Meta(WorkspaceModel.Meta):
        abstract = True
        indexes = [
            models.Index(fields=["workspace", "title_key", "id"], name="%(class)s_title"),
            models.Index(fields=["workspace", "updated_at", "id"], name="%(class)s_updated"),
            GinIndex(fields=["search"], name="%(class)s_search", fastupdate=False),
        ]

    def __str__(self) -> str:
        return self.title


def board_index(name: str, field: str) -> models.Index:
    """The index of a field that boards are made by: their columns are counted from it alone (docs/adr/0012)."""
    return models.Index(fields=["workspace", field], condition=models.Q(deleted_at__isnull=True), name=name)


class HistoryEntry(WorkspaceModel):
    """One write of one record: who, when, through which face and source, each field's old and new value."""

    object = models.CharField(max_length=60)
    record_id = models.UUIDField()
    action = models.CharField(max_length=60)
    at = models.DateTimeField(default=timezone.now)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.UUIDField(null=True)
    actor_name = models.TextField()
    face = models.CharField(max_length=12)
    source = models.TextField(default="")
    changes = models.JSONField(default=dict)
    version = models.IntegerField(default=1)
    batch_id = models.UUIDField()
    undone_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        indexes = [
            models.Index(fields=["workspace", "record_id", "id"], name="history_record"),
            models.Index(fields=["workspace", "batch_id", "id"], name="history_batch"),
            models.Index(fields=["workspace", "actor_id", "batch_id"], name="history_actor"),
        ]


class Key(WorkspaceModel):
    """One look-up value of a record (``email:ana@x.com``, ``tag:vip``): equality finds it by index, also under
    row-level security.
    """

    object = models.CharField(max_length=60)
    key = models.TextField()
    record_id = models.UUIDField()

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "object", "key", "record_id"], name="key_of_record"),
            models.UniqueConstraint(
                fields=["workspace", "object", "key"], condition=models.Q(key__startswith="unique:"), name="key_unique"
            ),
        ]


class Moment(WorkspaceModel):
    """One item (a note, a call, ...) standing on the timeline of one record it is about."""

    object = models.CharField(max_length=60)
    record_id = models.UUIDField()
    at = models.DateTimeField()
    item_object = models.CharField(max_length=60)
    item_id = models.UUIDField()
    owner_id = models.UUIDField(null=True)
    is_pinned = models.BooleanField(default=False)

    class Meta(WorkspaceModel.Meta):
        indexes = [
            models.Index(fields=["workspace", "record_id", "at", "id"], name="moment_record"),
            models.Index(fields=["workspace", "item_id"], name="moment_item"),
        ]


class BinnedPin(WorkspaceModel):
    """Where an item in the recycle bin was pinned, so that it is again once it is restored."""

    object = models.CharField(max_length=60)
    record_id = models.UUIDField()
    item_object = models.CharField(max_length=60)
    item_id = models.UUIDField()

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "item_id", "record_id", "item_object", "object"], name="binned_pin"
            )
        ]


class Share(WorkspaceModel):
    """One record shown to one person or one team beyond what their role says."""

    object = models.CharField(max_length=60)
    record_id = models.UUIDField()
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    team = WorkspaceForeignKey(Team, models.CASCADE, null=True, related_name="+")
    can_change = models.BooleanField(default=False)

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "object", "record_id", "user", "team"], nulls_distinct=False, name="share_once"
            ),
            models.CheckConstraint(
                condition=models.Q(user__isnull=True) ^ models.Q(team__isnull=True), name="share_person_or_team"
            ),
        ]


class CustomField(WorkspaceModel):
    """A field an administrator added to an object; values are in the records' ``custom`` column under ``name``."""

    object = models.CharField(max_length=60)
    name = models.CharField(_("Name in the API"), max_length=60)
    label = models.CharField(_("Label"), max_length=100)
    help = models.CharField(_("Help"), max_length=300, blank=True)
    kind = models.CharField(_("Kind"), max_length=30)
    options = models.JSONField(default=dict, blank=True)
    required = models.BooleanField(_("Required"), default=False)
    unique = models.BooleanField(_("Unique"), default=False)
    default = models.JSONField(_("Default"), null=True, blank=True)
    position = models.IntegerField(default=0)
    archived_at = models.DateTimeField(null=True)
    slot = models.CharField(max_length=20, null=True)

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "object", "name"], name="custom_field_name"),
            models.UniqueConstraint(fields=["workspace", "object", "slot"], name="custom_field_slot"),
        ]


class CustomObject(WorkspaceModel):
    """An object an administrator added. Its records are those of ``CustomRecord`` that name it.

    ``plural`` is its name in addresses and in the API and never changes; ``labels`` holds what it is called in other
    languages, as ``{"es": ["inmueble", "inmuebles"]}``.
    """

    plural = models.CharField(_("Name in addresses"), max_length=60)
    label = models.CharField(_("One of them"), max_length=100)
    label_plural = models.CharField(_("Several of them"), max_length=100)
    labels = models.JSONField(default=dict, blank=True)
    help = models.CharField(_("Help"), max_length=300, blank=True)
    icon = models.CharField(_("Icon"), max_length=40, default="box")
    name_label = models.CharField(_("What their name is called"), max_length=100, blank=True)
    position = models.IntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "plural"], name="custom_object_plural")]

    def __str__(self) -> str:
        return self.label_plural


class CustomRecord(Record):
    """A record of any object an administrator added; ``part`` says of which."""

    part = PartField(CustomObject, models.PROTECT, related_name="+", editable=False)
    name = models.CharField(_("Name"), max_length=300)

    class Meta(Record.Meta):
        indexes = [
            models.Index(fields=["workspace", "part", "id"], name="customrecord_part"),
            models.Index(fields=["workspace", "part", "title_key", "id"], name="customrecord_title"),
            models.Index(fields=["workspace", "part", "updated_at", "id"], name="customrecord_updated"),
            GinIndex(fields=["search"], name="customrecord_search", fastupdate=False),
        ]


class Seen(WorkspaceModel):
    """When a person last opened a record."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    object = models.CharField(max_length=60)
    record_id = models.UUIDField()
    at = models.DateTimeField(default=timezone.now)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "user", "object", "record_id"], name="seen_once")]
        indexes = [models.Index(fields=["workspace", "user", "at"], name="seen_lately")]


class StoredFile(WorkspaceModel):
    """An uploaded file; its bytes lie in the file store under ``key``."""

    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    type = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    uploaded_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Job(WorkspaceModel):
    """Background work an administrator can see, cancel and try again; the queue itself is procrastinate's."""

    name = models.CharField(max_length=80)
    label = models.CharField(max_length=200)
    arguments = models.JSONField(default=dict)
    actor = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default="waiting")  # waiting running done failed cancelled
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    attempts = models.IntegerField(default=0)
    message = models.TextField(default="")
    result = models.JSONField(default=dict)
    cancel_requested = models.BooleanField(default=False)
    queue_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        indexes = [models.Index(fields=["workspace", "state"], name="job_state")]


class ImportRun(WorkspaceModel):
    """One import: its file, what the person chose, how far it is, and what became of every row."""

    object = models.CharField(max_length=60)
    file = WorkspaceForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    file_name = models.CharField(max_length=255)
    format = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    # draft, waiting, running, done, failed, cancelled, expired; undoing, undone or partly (undone in part)
    state = models.CharField(max_length=10, default="draft")
    actor = models.JSONField(default=dict)
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    rows = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    created = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    skipped = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    message = models.TextField(default="")
    job = WorkspaceForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    batch_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)


class ImportProblem(WorkspaceModel):
    """One row of a file that was not taken over as it stands, with its line and the reason."""

    run = WorkspaceForeignKey(ImportRun, models.CASCADE, related_name="problems")
    line = models.BigIntegerField()
    field = models.CharField(max_length=120, default="")
    message = models.TextField()
    outcome = models.CharField(max_length=10, default="failed")  # failed skipped warned
    row = models.JSONField(default=list)


class ImportMemory(WorkspaceModel):
    """The mapping a header had last time, proposed when the same header comes again."""

    object = models.CharField(max_length=60)
    header_digest = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "object", "header_digest"], name="import_memory")]


class ExportRun(WorkspaceModel):
    """One export made in the background; the file can be fetched until it expires."""

    object = models.CharField(max_length=60)
    format = models.CharField(max_length=10)
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default="waiting")
    actor = models.JSONField(default=dict)
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    rows = models.BigIntegerField(default=0)
    message = models.TextField(default="")
    file = WorkspaceForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+")
    job = WorkspaceForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)


class Merge(WorkspaceModel):
    """One record that became part of another: its old address leads there, and un-merging brings it back."""

    object = models.CharField(max_length=60)
    loser_id = models.UUIDField()
    winner_id = models.UUIDField()
    batch_id = models.UUIDField()
    chosen = models.JSONField(default=dict)
    actor_name = models.TextField()
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "object", "loser_id"],
                condition=models.Q(undone_at__isnull=True),
                name="merge_once",
            )
        ]
        indexes = [
            models.Index(fields=["workspace", "winner_id"], name="merge_winner"),
            models.Index(fields=["workspace", "batch_id"], name="merge_batch"),
        ]


class MergedRow(WorkspaceModel):
    """A row beside the records (a share, a pin) as it was before a merge moved it or made it superfluous."""

    batch_id = models.UUIDField()
    table = models.CharField(max_length=100)
    row_id = models.UUIDField()
    before = models.JSONField()

    class Meta(WorkspaceModel.Meta):
        indexes = [models.Index(fields=["workspace", "batch_id"], name="merged_row_batch")]


class IdempotencyKey(WorkspaceModel):
    """An answered API write, so that the same call again gets the same answer and does nothing twice."""

    key = models.CharField(max_length=255)
    caller = models.UUIDField()
    fingerprint = models.CharField(max_length=64)
    status = models.IntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "caller", "key"], name="idempotency_key")]


class RateCount(models.Model):
    """How often a caller came in a window of time; global, shared by all processes."""

    id = models.BigAutoField(primary_key=True)
    caller = models.CharField(max_length=120)
    window = models.BigIntegerField()
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "window"], name="rate_count")]

    def __str__(self) -> str:
        return f"{self.caller}: {self.count}"
