"""The toys as objects: ten lines are enough for all surfaces."""

from trato.engine.actions import action, update
from trato.engine.kinds import Number
from trato.engine.objects import Moment, Object, Span, get, register

from .models import Crate, Thing, Visit


@register
class Crates(Object):
    model, name, plural, label, label_plural, icon = Crate, "crate", "crates", "Crate", "Crates", "box"
    rollup = ("things.crate",)


@register
class Things(Object):
    model, name, plural, label, label_plural, icon = Thing, "thing", "things", "Thing", "Things", "cube"
    columns = ("title", "count", "crate", "emails", "owner")
    sections = (("Thing", ("name", "secret", "colour", "crate", "count")), ("Reach", ("emails", "phones")))
    head = ("state", "owner")
    board_by, board_sums, calendar_on = "state", ("price",), (Span("used_at"), Span("made_on"))
    duplicate_keys = ("emails", "phones")
    filters = {"broken": ("Broken", {"field": "broken", "op": "is", "value": True})}


@register
class Visits(Object):
    model, name, plural, label, label_plural, icon = Visit, "visit", "visits", "Visit", "Visits", "walk"
    moment = Moment(at="happened_at")
    order = "-happened_at"


@action("things", label="Add to the count", undo="The count is set back.", icon="plus")
def add(actor, record, *, by: Number(required=True)):
    return update(actor, get("things"), record.id, {"count": (record.count or 0) + by})
