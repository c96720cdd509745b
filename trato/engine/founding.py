"""New workspaces that people make by themselves, as far as the operator lets them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from . import seeding
from .administration import record
from .postgres.scope import in_workspace
from .values import Problem, Refused
from .workspaces.actors import actor_for_user
from .workspaces.members import add_member, create_workspace
from .workspaces.models import User, Workspace


def may_found(user: User) -> bool:
    """Whether a person may make one more workspace by themselves; the operator says how many that may be."""
    return Workspace.objects.filter(founder=user).count() < settings.TRATO_WORKSPACES_EACH


def found(user: User, given: Mapping[str, Any], samples: bool = False) -> Workspace:
    """A new workspace of ``given`` (name, slug, language, country, time_zone, currency: checked by their kinds), whose
    administrator is the person; with sample records if they want, which arrive in the background. Raises Refused.
    """
    with transaction.atomic():
        User.objects.select_for_update().get(id=user.id)  # of two at once, the second counts the first
        if not may_found(user):
            words = _("You have made as many workspaces as one person may here. Ask whoever runs this Trato for more.")
            raise Refused([Problem("", "limit", words)])
        try:
            workspace = create_workspace(**given, founder=user)
        except ValueError as refused:
            raise Refused([Problem("slug", "slug", str(refused))]) from None
        add_member(workspace, user, "Administrator")
        with in_workspace(workspace.id):
            actor = actor_for_user(user, workspace)
            assert actor is not None  # just made
            record(actor, "workspace", workspace.id, "created", {"name": (None, workspace.name)})
            if samples:
                seeding.order(actor)
    return workspace
