"""How the tests write many rows: outcomes and batch."""

from trato.engine import objects
from trato.engine.bulk import Row, Writer
from trato.engine.workspaces.ids import uuid7


def emails(*addresses):
    return [{"address": address, "primary": not at} for at, address in enumerate(addresses)]


def things():
    return objects.get("things")


def write(actor, rows, *, obj=None, **options):
    """The outcomes of rows of values, with lines counted from 1, and the batch."""
    batch = uuid7()
    writer = Writer(actor, obj or things(), batch, **options)
    given = [row if isinstance(row, Row) else Row(line, row) for line, row in enumerate(rows, 1)]
    return writer.write(given), batch


def results(outcomes):
    return [outcome.result for outcome in outcomes]
