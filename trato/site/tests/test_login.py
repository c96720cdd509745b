"""What the line that says Trato is ready tells of the first login."""

import pytest
from django.contrib.auth.hashers import make_password

from trato.engine.workspaces.models import User
from trato.site import login
from trato.site.login import CHANGED, first_login

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL, PASSWORD = "first@example.com", "made-at-the-first-start"


@pytest.fixture
def folder(settings, postgres, monkeypatch):
    """The tests' data folder, in which the first start has kept a login."""
    monkeypatch.setitem(settings.DATA.secrets, "login", {"email": EMAIL, "password": PASSWORD})
    monkeypatch.setattr(login, "server", lambda folder: postgres.connection("trato"))
    return settings.DATA


@pytest.mark.parametrize("algorithm", ["Scrypt", "PBKDF2"])
def test_it_is_told_as_long_as_it_lets_somebody_in(folder, settings, algorithm):
    settings.PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{algorithm}PasswordHasher"]
    person = User.objects.create(email=EMAIL, password=make_password(PASSWORD))
    assert first_login(folder) == (EMAIL, PASSWORD)
    person.set_password("another long phrase")
    person.save()
    assert first_login(folder) == (EMAIL, CHANGED)
    User.objects.filter(id=person.id).update(email="moved@example.com")
    assert first_login(folder) == (CHANGED, CHANGED)


def test_nothing_is_told_where_there_is_none(folder, settings):
    settings.DATA.secrets["login"] = None
    assert first_login(folder) is None
