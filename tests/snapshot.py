"""All of a workspace's rows, to prove that something leaves them as they were."""

from __future__ import annotations

from typing import Any

#: What every write adds to by its nature, and what a merge remembers.
GROWS = frozenset({"engine.historyentry", "engine.merge", "engine.mergedrow", "engine.job", "sales.stagevisit"})
#: Columns that count writes, or follow others.
PASSING = frozenset({"version", "updated_at", "search", "title_key", "settled"})


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of the workspace, but for what changes with each write; keys and moments without the ids
    they are given anew.
    """
    from django.apps import apps

    from trato.engine.models import Key, Moment
    from trato.engine.workspaces.base import WorkspaceModel

    found = {}
    for model in apps.get_models():
        if not issubclass(model, WorkspaceModel) or model._meta.label_lower in GROWS:
            continue
        dropped = PASSING | ({"id"} if model in (Key, Moment) else set())
        names = [f.attname for f in model._meta.local_concrete_fields if not f.generated and f.attname not in dropped]
        rows = [dict(zip(names, row, strict=True)) for row in model.objects.values_list(*names)]
        found[model._meta.label_lower] = sorted(rows, key=str)
    return found


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Rows that are in one of two states only."""
    return [
        f"{label} {sign} {row}"
        for label in before
        for sign, mine, other in (("-", before[label], after[label]), ("+", after[label], before[label]))
        for row in mine
        if row not in other
    ]
