"""The demo: three years of deals that look lived in."""

from datetime import UTC, datetime

import pytest

from trato.engine import access, objects
from trato.engine.jobs import run_job
from trato.engine.models import Job
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.actors import actor_for_user
from trato.modules.people.demo import seed
from trato.modules.sales.models import StageVisit
from trato.modules.sales.queries.learning import chances


@pytest.mark.django_db
@pytest.mark.slow
def test_the_demo_has_deals_of_three_years() -> None:
    workspace, user = seed("a password", datetime(2026, 3, 4, 9, tzinfo=UTC))
    with in_workspace(workspace.id):
        job = Job.objects.get(name="go on with demo")
    run_job(str(workspace.id), str(job.id))
    run_job(str(workspace.id), str(job.id))  # a second time changes nothing
    with in_workspace(workspace.id):
        actor = actor_for_user(user, workspace)
        deals = list(access.visible(actor, objects.get("deals")))
        won, lost, live = ([deal for deal in deals if deal.status == status] for status in ("won", "lost", "open"))
        assert len(won) >= 40 and len(lost) >= 40 and len(live) >= 15
        assert all(deal.loss_reason_id for deal in lost) and all(
            deal.opened_at <= deal.closed_at for deal in won + lost
        )
        assert (max(deal.closed_at for deal in won) - min(deal.closed_at for deal in won)).days > 700
        for visit in StageVisit.objects.exclude(left_at=None):
            assert visit.entered_at <= visit.left_at
        known = chances()
        assert known.calibration["brier"] < known.calibration["base"], "chances foretell better than the usual share"
        assert all(deal.chance is not None for deal in live)
        assert access.visible(actor, objects.get("leads")).filter(status="new").exists()
