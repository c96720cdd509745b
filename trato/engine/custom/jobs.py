"""The background jobs of fields and objects: indexes for new fields, copies made anew, objects deleted for good."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import CharField
from django.utils.translation import gettext as _

from .. import jobs, objects
from ..fields import custom_field
from ..models import CustomField, CustomObject, CustomRecord
from ..postgres.scope import in_workspace
from ..workspaces.models import Role

#: Records a statement takes.
STEP = 5_000


@jobs.job("index field")
def index(run: jobs.Run, object: str, name: str) -> dict[str, Any]:
    """Make the index of a field's slot, which all workspaces share; there is nothing to do where another had it."""
    with in_workspace(run.workspace.id), connection.cursor() as cursor:
        row = CustomField.objects.filter(object=object, name=name).first()
        if row is None or not objects.is_known(object):
            return {}
        slot = custom_field(row).slot
        if slot:
            table = objects.get(object).model._meta.db_table
            cursor.execute(
                "SET LOCAL lock_timeout = '5s'"
            )  # whoever writes there waits as long; then it is tried again
            cursor.execute("SELECT trato_index_slot(%s, %s, %s)", [table, slot.column, slot.place])
    return {}


@jobs.job("destroy object")
def destroy(run: jobs.Run, object: str) -> dict[str, Any]:
    """Delete an object in the recycle bin with its records and everything said of them, some thousands at a time."""
    with in_workspace(run.workspace.id):
        row = CustomObject.objects.filter(id=object, deleted_at__isnull=False).first()
        if row is None:
            return {}
        total = CustomRecord.objects.filter(part_id=row.id).count()
    done = 0
    while True:
        with in_workspace(run.workspace.id):
            some = CustomRecord.objects.filter(part_id=row.id).values_list("id", flat=True)[:STEP]
            count, _by_model = CustomRecord.objects.filter(id__in=list(some)).delete()
            done += count
            run.progress(done, total, _("Records deleted: %(n)s") % {"n": done})
        if not count:
            break
    with in_workspace(run.workspace.id):
        _forget(row.plural)
        CustomObject.objects.filter(id=row.id).delete()
    return {"records": done}


def _forget(plural: str) -> None:
    """Delete what names the object: keys, moments, history, shares, fields, runs, and what roles say of it."""
    for model in apps.get_models():
        fields = {field.name: field for field in model._meta.local_fields}
        columns = [name for name in ("object", "item_object") if isinstance(fields.get(name), CharField)]
        if "workspace" in fields:
            for column in columns:
                model._default_manager.filter(**{column: plural}).delete()
    for role in Role.objects.all():
        if role.permissions.get("objects", {}).pop(plural, None):
            role.save(update_fields=["permissions"])
