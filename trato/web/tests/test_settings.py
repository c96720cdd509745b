"""Settings over HTTP: people, roles, teams, keys, fields, and who may decide."""

import re

import pytest
from django.core import mail
from django.test import Client

from trato.engine.workspaces.models import Invitation, Membership, Role, Token, User
from trato.web.tests.test_files import run_jobs

pytestmark = pytest.mark.django_db
ADMIN_PAGES = [
    "workspace",
    "members",
    "members/invite",
    "teams",
    "teams/new",
    "roles",
    "roles/new",
    "fields",
    "fields/things",
    "jobs",
]


@pytest.mark.parametrize("page", ADMIN_PAGES)
def test_only_administrators_decide_about_the_workspace(browser, signed_in, cast, page):
    assert browser.get(f"/w/acme/settings/{page}").status_code == 200
    assert signed_in(cast.manager).get(f"/w/acme/settings/{page}").status_code == 403
    assert signed_in(cast.manager).post(f"/w/acme/settings/{page}", {"name": "Mine"}).status_code in (403, 405)


@pytest.mark.parametrize("page", ["profile", "sessions", "tokens", "tokens/new", "bin"])
def test_everybody_has_their_own_settings(signed_in, cast, page):
    assert signed_in(cast.manager).get(f"/w/acme/settings/{page}").status_code == 200


def test_the_profile_decides_language_and_zone(signed_in, cast):
    manager = signed_in(cast.manager)
    form = {"name": "Max", "language": "es", "time_zone": "America/Bogota", "theme": "dark"}
    assert manager.post("/w/acme/settings/profile", form).status_code == 303
    html = manager.get("/w/acme/things/").content.decode()
    assert '<html lang="es"' in html and 'data-theme-choice="dark"' in html
    assert manager.post("/w/acme/settings/profile", form | {"time_zone": "Mars/Base"}).status_code == 422
    assert manager.post("/w/acme/settings/theme", {"theme": "light"}).status_code == 204
    assert manager.post("/w/acme/settings/theme", {"theme": "purple"}).status_code == 400


def invited(browser, as_, cast, email="new@acme.example") -> str:
    """The link that was mailed."""
    with as_(cast.owner):
        role = Role.objects.get(name="Member").id
    assert browser.post("/w/acme/settings/members/invite", {"email": email, "role": str(role)}).status_code == 303
    assert mail.outbox[-1].to == [email]
    return re.search(r"http://[^/]+(/join/\S+)", mail.outbox[-1].body)[1]


def test_a_new_person_joins_by_the_link_of_the_mail_once(browser, as_, cast):
    link = invited(browser, as_, cast)
    with as_(cast.owner):
        kept = Invitation.objects.get()
        assert link.split(".")[-1] not in (kept.digest, str(kept.id)), "only the hash is kept"
    guest = Client()
    html = guest.get(link).content.decode()
    assert "Join Acme" in html and "Olga Owner" in html and "new@acme.example" in html
    weak = guest.post(link, {"name": "Nina New", "password": "short"})
    assert (
        weak.status_code == 422
        and 'value="Nina New"' in weak.content.decode()
        and 'value="short"' not in weak.content.decode()
    )
    answer = guest.post(link, {"name": "Nina New", "password": "a long enough phrase"})
    assert answer["Location"] == "/w/acme/"
    assert guest.get("/w/acme/things/").status_code == 200
    assert Client().get(link).status_code == 410
    assert User.objects.get(email="new@acme.example").check_password("a long enough phrase")


def test_a_person_with_an_account_signs_in_and_joins(browser, as_, cast, signed_in):
    link = invited(browser, as_, cast, "stranger@globex.example")
    html = Client().get(link).content.decode()
    assert 'name="password"' not in html and "/accounts/login/?next=" in html
    other = signed_in(cast.manager)
    assert other.get(link).status_code == 409
    assert other.post(link).status_code == 409
    stranger = signed_in(cast.stranger)
    assert stranger.post(link)["Location"] == "/w/acme/"
    assert stranger.get("/w/acme/things/").status_code == 200
    assert User.objects.filter(email="stranger@globex.example").count() == 1


def test_old_withdrawn_and_made_up_links_are_worth_nothing(browser, as_, cast):
    link = invited(browser, as_, cast)
    newer = invited(browser, as_, cast)
    assert Client().get(link).status_code == 410
    assert Client().get(newer).status_code == 200
    with as_(cast.owner):
        one = Invitation.objects.get()
    browser.post(f"/w/acme/settings/members/invitations/{one.id}/withdraw")
    assert Client().get(newer).status_code == 410
    for text in ("nonsense", f"{cast.acme.id.hex}.", f"{cast.acme.id.hex}.x", "0" * 32 + ".x"):
        assert Client().get(f"/join/{text}").status_code == 410
        assert Client().post(f"/join/{text}", {"name": "X", "password": "a long enough phrase"}).status_code == 410


def test_an_expired_link_is_over(browser, as_, cast):
    from datetime import timedelta

    from django.utils import timezone

    link = invited(browser, as_, cast)
    with as_(cast.owner):
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(link).status_code == 410


def test_members_are_not_invited_again_and_wrong_addresses_are_said(browser, as_, cast):
    with as_(cast.owner):
        role = str(Role.objects.get(name="Member").id)
    for email in ("manager@acme.example", "not an address", ""):
        answer = browser.post("/w/acme/settings/members/invite", {"email": email, "role": role})
        assert answer.status_code == 422
    assert not mail.outbox


def test_the_last_administrator_stays(browser, as_, cast):
    with as_(cast.owner):
        mine = Membership.objects.get(user=cast.owner).id
        role = Role.objects.get(name="Reader").id
    html = browser.post(f"/w/acme/settings/members/{mine}/role", {"role": str(role)}, follow=True).content.decode()
    assert "at least one administrator" in html
    browser.post(f"/w/acme/settings/members/{mine}/remove")
    assert browser.get("/w/acme/settings/members").status_code == 200


def test_a_key_is_shown_once_and_only_its_hash_is_kept(browser, signed_in, cast, as_):
    answer = browser.post(
        "/w/acme/settings/tokens/new", {"name": "Shop", "objects": "contacts", "verbs": "see", "days": "30"}
    )
    text = re.search(r'value="(trato_[^"]+)"', answer.content.decode())[1]
    assert "trato_" not in browser.get("/w/acme/settings/tokens").content.decode()
    with as_(cast.owner):
        kept = Token.objects.get(name="Shop")
        assert kept.scopes == ["contacts:see"] and text not in (kept.digest, kept.hint)
    assert signed_in(cast.manager).post(f"/w/acme/settings/tokens/{kept.id}/revoke").status_code == 404
    assert browser.post(f"/w/acme/settings/tokens/{kept.id}/revoke").status_code == 303
    assert "Shop" not in browser.get("/w/acme/settings/tokens").content.decode().split("<trato-toasts")[0]


def test_a_field_an_administrator_adds_is_on_every_page_at_once(browser, make):
    form = {"label": "Shoe size", "name": "shoe_size", "option-digits": "0"}
    answer = browser.post("/w/acme/settings/fields/things/new?kind=number", form)
    assert answer.status_code == 303, answer.content.decode()
    assert 'name="custom.shoe_size"' in browser.get("/w/acme/things/new").content.decode()
    browser.post("/w/acme/things/new", {"name": "Boot", "state": "new", "custom.shoe_size": "43"})
    html = browser.get("/w/acme/things/?columns=title&columns=custom.shoe_size&sort=custom.shoe_size").content.decode()
    assert "Boot" in html and "Shoe size" in html and ">43<" in html
    tree = '{"field":"custom.shoe_size","op":"gt","value":40}'
    assert "Boot" in browser.get("/w/acme/things/", {"filter": tree}).content.decode()
    assert browser.post("/w/acme/settings/fields/things/new?kind=number", form).status_code == 422
    browser.post("/w/acme/settings/fields/things/shoe_size/archive")
    assert "custom.shoe_size" not in browser.get("/w/acme/things/new").content.decode()
    browser.post("/w/acme/settings/fields/things/shoe_size/restore")
    assert 'name="custom.shoe_size"' in browser.get("/w/acme/things/new").content.decode()


def test_a_choice_an_administrator_adds_offers_its_values(browser):
    form = {"label": "Size", "name": "size", "option-choices": "s = Small\nl = Large"}
    assert browser.post("/w/acme/settings/fields/crates/new?kind=choice", form).status_code == 303
    html = browser.get("/w/acme/crates/new").content.decode()
    assert '<option value="s">Small</option>' in html and '<option value="l">Large</option>' in html
    again = browser.get("/w/acme/settings/fields/crates/size").content.decode()
    assert "s = Small\nl = Large" in again


def test_jobs_are_seen_stopped_and_tried_again(browser, as_, cast):
    browser.post("/w/acme/export", {"object": "crates", "format": "csv"})
    html = browser.get("/w/acme/settings/jobs").content.decode()
    assert "Export of Crates" in html and "Waiting" in html
    cancel = re.search(r'action="(/w/acme/settings/jobs/[0-9a-f-]{36})/cancel"', html)[1]
    browser.post(f"{cancel}/cancel")
    assert "Stopped" in browser.get("/w/acme/settings/jobs").content.decode()
    browser.post(f"{cancel}/retry")
    run_jobs(as_, cast)
    assert "Done" in browser.get("/w/acme/settings/jobs?state=done").content.decode()


def test_sessions_are_listed_and_ended_elsewhere(cast):
    from tests.cast import PASSWORD

    def sign_in(agent: str) -> Client:
        client = Client(headers={"User-Agent": agent})
        answer = client.post("/accounts/login/", {"login": "manager@acme.example", "password": PASSWORD})
        assert answer.status_code == 302, answer.content.decode()
        return client

    here, there = sign_in("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"), sign_in("Mozilla/5.0 (iPhone) Safari/605")
    html = here.get("/w/acme/settings/sessions").content.decode()
    assert "Firefox, Linux" in html and "Safari, iPhone" in html
    here.post(re.search(r'action="(/w/acme/settings/sessions/\d+/end)"', html)[1])
    assert there.get("/w/acme/things/").status_code == 302
    assert here.get("/w/acme/things/").status_code == 200


def test_a_changed_password_ends_the_sessions_made_with_the_old_one(signed_in, cast):
    browser = signed_in(cast.manager)
    assert browser.get("/w/acme/things/").status_code == 200
    cast.manager.set_password("another long phrase")
    cast.manager.save()
    assert browser.get("/w/acme/things/").status_code == 302


def test_an_address_without_account_gets_the_same_answers(cast):
    answers = []
    for email in ("manager@acme.example", "nobody@acme.example"):
        login = Client().post("/accounts/login/", {"login": email, "password": "wrong wrong wrong"})
        reset = Client().post("/accounts/password/reset/", {"email": email})
        body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"|' + re.escape(email), "", login.content.decode())
        answers.append((login.status_code, body, reset.status_code, reset["Location"]))
    assert answers[0] == answers[1]
    assert Client().get("/accounts/signup/").status_code == 200
    Client().post("/accounts/signup/", {"email": "x@y.example", "password1": "a long enough phrase"})
    assert not User.objects.filter(email="x@y.example").exists()


def test_an_invitation_whose_mail_does_not_leave_is_not_kept(browser, as_, cast, monkeypatch):
    from django.core.mail import EmailMessage

    def fail(self, fail_silently=False):
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailMessage, "send", fail)
    with as_(cast.owner):
        role = str(Role.objects.get(name="Member").id)
    answer = browser.post("/w/acme/settings/members/invite", {"email": "new@acme.example", "role": role})
    assert answer.status_code == 422
    assert "could not be sent" in answer.content.decode()
    with as_(cast.owner):
        assert not Invitation.objects.exists()


def test_built_in_roles_are_read_in_the_persons_language_and_keep_their_own_name(browser, as_, cast):
    User.objects.filter(id=cast.owner.id).update(language="es")
    for page in ("members", "members/invite", "roles"):
        html = browser.get(f"/w/acme/settings/{page}").content.decode()
        assert "Administrador" in html and "Lectura" in html and ">Reader<" not in html
    with as_(cast.owner):
        reader = Role.objects.get(name="Reader")
    page = f"/w/acme/settings/roles/{reader.id}"
    assert 'value="Lectura"' in browser.get(page).content.decode()
    assert browser.post(page, {"name": "Lectura", "things.own": "1", "things.see": "own"}).status_code == 303
    with as_(cast.owner):
        reader.refresh_from_db()
        assert (reader.name, reader.permissions["objects"]["things"]["see"]) == ("Reader", "own")
    assert browser.post(page, {"name": "Solo mirar", "things.own": "1", "things.see": "own"}).status_code == 303
    with as_(cast.owner):
        reader.refresh_from_db()
        assert reader.name == str(reader) == "Solo mirar"


def test_the_page_of_the_api_speaks_the_persons_language(signed_in, cast):
    User.objects.filter(id=cast.manager.id).update(language="es")
    html = signed_in(cast.manager).get("/api/v1/docs", headers={"accept-language": "ro"}).content.decode()
    assert '<html lang="es"' in html and "La API de Trato" in html
    assert '<html lang="ro"' in Client().get("/api/v1/docs", headers={"accept-language": "ro"}).content.decode()
