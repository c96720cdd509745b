"""What is done with deals: won, lost, taken up again, moved, and made sure of."""

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import access, actions, objects, values
from trato.engine.actions import Problem, Refused
from trato.engine.kinds import Bool, Link, LongText
from trato.engine.models import Record
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog import actions as catalog
from trato.modules.catalog.rules import document_totals

from ..queries import deals as queries
from ..queries import ways as ways_queries
from ..rules.deals import line_sums

STAGE = Link(required=True, by_id=True, to=("stages",))
REASON = Link(required=True, by_id=True, to=("loss-reasons",))
CHECK = Link(required=True, by_id=True, to=("stage-checks",))


def _is_open(deal: Record) -> bool:
    return deal.status == "open"


def _ending(record: Record, kind: str) -> object:
    """The stage of the deal's pipeline that is won, or lost; raises Refused where there is none."""
    step = ways_queries.ways().ending(record.pipeline_id, kind)
    if step is None:
        words = _now("This pipeline has no stage for that. An administrator adds one in the settings.")
        raise Refused([Problem("stage", "absent", words)])
    return step.id


@actions.action(
    "deals",
    label=_("Won"),
    icon="trophy",
    prominent=True,
    undo=_("The deal is open again, in the stage it had."),
    applies=_is_open,
)
def win(actor: Actor, record: Record) -> Record:
    """The customer said yes: the deal stands in its pipeline's won stage."""
    return actions.update(actor, objects.get("deals"), record.id, {"stage": _ending(record, "won")})


@actions.action(
    "deals",
    label=_("Lost"),
    icon="mood-sad",
    prominent=True,
    undo=_("The deal is open again, in the stage it had."),
    applies=_is_open,
)
def lose(actor: Actor, record: Record, *, reason: REASON, note: LongText() = "") -> Record:
    """The customer said no, for a reason."""
    access.get(actor, objects.get("loss-reasons"), reason)
    given = {"stage": _ending(record, "lost"), "loss_reason": reason} | ({"loss_note": note} if note else {})
    return actions.update(actor, objects.get("deals"), record.id, given)


@actions.action(
    "deals",
    label=_("Open again"),
    icon="rotate",
    prominent=True,
    undo=_("The deal is decided as it was."),
    applies=lambda deal: deal.status != "open",
)
def reopen(actor: Actor, record: Record) -> Record:
    """It isn't decided after all: the deal goes back into the open stage it stood in last."""
    first = ways_queries.ways().first(record.pipeline_id)
    stage = queries.last_open_stage(record.id) or (first and first.id)
    return actions.update(actor, objects.get("deals"), record.id, {"stage": stage})


@actions.action(
    "deals",
    label=_("Move to a stage"),
    icon="arrow-autofit-right",
    undo=_("The deal goes back into the stage it had."),
)
def move_to_stage(actor: Actor, record: Record, *, stage: STAGE) -> Record:
    """Into another stage, of this pipeline or another."""
    return actions.update(actor, objects.get("deals"), record.id, {"stage": stage})


@actions.action(
    "deals",
    label=_("Tick off the checklist"),
    icon="list-check",
    undo=_("The point is as it was."),
    applies=lambda deal: bool(ways_queries.checks_of(deal.stage_id)),
)
def tick(actor: Actor, record: Record, *, point: CHECK, done: Bool(tristate=False) = True) -> Record:
    """A point of the stage's checklist is made sure of, or not any more."""
    ref = f"stage-checks/{point}"
    if point not in dict(ways_queries.checks_of(record.stage_id)) and ref not in record.checked:
        raise Refused([Problem("point", "absent", _now("The stage of this deal asks for no such thing."))])
    left = [each for each in record.checked if each != ref]
    return actions.write(actor, objects.get("deals"), record, {"checked": [*left, ref] if done else left})


def sum_lines(actor: Actor, record: Record) -> None:
    """Fill in the prices of a deal's lines, and make its value their sum: what is paid once, and what comes again each
    period of the deal. Without lines the values stay as they are.
    """
    deals = objects.get("deals")
    line_obj, lines = catalog.lines_object(deals), catalog.lines_of(deals, record)
    if not lines:
        return
    currency = record.value_currency or actor.workspace.currency
    fields = line_obj.stored(actor.workspace)
    before = {line.id: values.of_record(line_obj, line, fields) for line in lines}
    of_whom = {"account": record.account_id, "agreed": record.status != "open"}
    catalog.fill(actor, lines, **of_whom, currency=currency, day=timezone.localdate())
    told = [catalog.line_for_totals(line) for line in lines]
    nets = document_totals(
        told,
        currency=currency,
        prices="exclusive",
        rounding="document",
        discount_percent=None,
        rate_of=lambda tax_class: None,
    ).line_nets
    for line, net in zip(lines, nets, strict=True):
        line.net, line.net_currency = net, currency
    catalog.write_lines(actor, line_obj, lines, before)
    counted = [(line.product_id, line.net) for line in lines if not line.is_optional]
    again = queries.recurring(product for product, _net in counted)
    sums = line_sums(counted, again, record.period, currency)
    actions.bring_up_to_date(actor, deals, record, sums)
