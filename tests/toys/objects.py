"""The toys as objects: ten lines are enough for all surfaces."""

from django.db.models import Sum

from trato.engine import access
from trato.engine.actions import action, bring_up_to_date, update, write
from trato.engine.kinds import Number
from trato.engine.objects import Moment, Object, Span, get, register
from trato.modules.catalog.objects import PricedDocumentObject, PricedLineObject

from .models import Bill, BillLine, Crate, Lane, Paper, PaperLine, Parcel, Thing, Trip


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
class Trips(Object):
    model, name, plural, label, label_plural, icon = Trip, "trip", "trips", "Trip", "Trips", "walk"
    moment = Moment(at="happened_at")
    order = "-happened_at"


@register
class Papers(PricedDocumentObject):
    model, name, plural, label, label_plural, icon = Paper, "paper", "papers", "Paper", "Papers", "file-invoice"
    dated_by = "day"
    sections = (("Paper", ("name", "account", "currency", "prices", "rounding", "country", "discount_percent")),)


@register
class PaperLines(PricedLineObject):
    model, name, plural, label, label_plural, icon = PaperLine, "line", "paper-lines", "Line", "Lines", "list"
    within = "paper"


@action("things", label="Add to the count", undo="The count is set back.", icon="plus")
def add(actor, record, *, by: Number(required=True)):
    return update(actor, get("things"), record.id, {"count": (record.count or 0) + by})


@register
class Bills(Object):
    model, name, plural, label, label_plural, icon = Bill, "bill", "bills", "Bill", "Bills", "receipt"
    columns = ("title", "crate", "total", "owner")
    thaw = ("paid",)

    def frozen(self, values):
        return "Sent; write another one instead." if values["sent"] else ""

    def settle(self, actor, record):
        lines = access.visible(actor, get("bill-lines")).filter(bill_id=record.id)
        total = lines.aggregate(total=Sum("amount"))["total"] or 0
        bring_up_to_date(actor, self, record, {"total": total, "settled": record.settled + 1})


@register
class BillLines(Object):
    model, name, plural, label, label_plural = BillLine, "bill-line", "bill-lines", "Bill line", "Bill lines"
    columns = ("title", "bill", "position", "thing", "amount", "mark")
    within, thaw = "bill", ("mark",)


@action("bills", label="Send", undo="A bill that was sent stays so.", icon="send")
def send(actor, record):
    return write(actor, get("bills"), record, {"sent": True})


@register
class Lanes(Object):
    model, name, plural, label, label_plural = Lane, "lane", "lanes", "Lane", "Lanes"


@register
class Parcels(Object):
    model, name, plural, label, label_plural = Parcel, "parcel", "parcels", "Parcel", "Parcels"
    board_by, board_within = "lane", "crate"
