"""What the reads of billing share."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from trato.engine.workspaces.models import Workspace

from ..models import (
    Settings,
)
from ..rules import sums

OWED = ("issued", "partly_paid", "overdue")
#: Invoices that are looked at for how somebody pays, the latest ones.
LATEST = 500
ZERO = Decimal(0)


def settings() -> Settings:
    """What the workspace decided about billing (inside ``in_workspace``); as usual where it decided nothing."""
    return Settings.objects.first() or Settings()


def sums_of(taxes: Iterable[Mapping[str, Any]]) -> dict[str | None, sums.Sum]:
    """A document's kept sums by tax class."""
    found: dict[str | None, sums.Sum] = defaultdict(sums.Sum)
    for each in taxes:
        before = found[each["class"]]
        found[each["class"]] = sums.Sum(before.net + Decimal(each["net"]), before.tax + Decimal(each["tax"]))
    return dict(found)


def workspace_of(workspace_id: str) -> Workspace | None:
    """The workspace a job works in; None where it is gone (outside any workspace)."""
    return Workspace.objects.filter(id=workspace_id).first()
