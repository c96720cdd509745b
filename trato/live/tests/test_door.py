"""Nobody listens to a workspace whose pages they may not open."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone

from trato.engine.workspaces.models import Workspace
from trato.live import door

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(cast, signed_in):
    """The session of a manager who came by a password."""
    return signed_in(cast.manager).session.session_key


def demand(cast, **values):
    Workspace.objects.filter(id=cast.acme.id).update(**values)


def test_where_all_come_through_the_company_a_password_opens_no_stream(cast, key, signed_in):
    assert door._listener(key, "acme", "") is not None
    demand(cast, sign_on_only=True, spare_id=cast.owner.id)
    assert door._listener(key, "acme", "") is None
    assert door._listener(signed_in(cast.owner).session.session_key, "acme", "") is not None


def test_without_the_second_factor_that_is_demanded_there_is_no_stream(cast, key):
    demand(cast, second_factor_from=timezone.localdate() + timedelta(days=2))
    assert door._listener(key, "acme", "") is not None
    demand(cast, second_factor_from=timezone.localdate() - timedelta(days=2))
    assert door._listener(key, "acme", "") is None
    Authenticator.objects.create(user=cast.manager, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert door._listener(key, "acme", "") is None
    Authenticator.objects.create(user=cast.manager, type=Authenticator.Type.TOTP, data={})
    assert door._listener(key, "acme", "") is not None
