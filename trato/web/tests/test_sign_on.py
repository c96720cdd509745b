"""A company's own sign-in, against providers that really run, by OpenID Connect and by SAML; honest and other ones."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.core import mail
from django.test import Client
from django.utils import timezone

from tests.cast import PASSWORD
from trato.engine.workspaces.models import Identity, Invitation, Membership, Role, User

from .company import come, is_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("inside")]
PAGE = "/w/acme/settings/sign-in"
HOST = {"host": "testserver"}


def test_a_member_comes_in_by_a_proven_address_and_stays_the_same_person(openid, set_up, cast, as_):
    set_up("oidc")
    guest, answer = come(openid, "subject-1", email="Manager@Acme.example", email_verified=True, name="Max")
    assert answer["Location"] == "/w/acme/things/" and is_in(guest)
    with as_(cast.owner):
        assert Identity.objects.get().user == cast.manager
    User.objects.filter(id=cast.manager.id).update(email="max@elsewhere.example")
    again, _answer = come(openid, "subject-1", email="manager@acme.example", email_verified=True)
    assert is_in(again) and User.objects.filter(email="manager@acme.example").count() == 0


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"email": "manager@acme.example"}, "does not say that your e-mail address is proven"),
        ({"email": "manager@acme.example", "email_verified": False}, "does not say"),
        ({"email": "manager@other.example", "email_verified": True}, "do not come in through this sign-in"),
        ({"email": "manager@acme.example.evil.example", "email_verified": True}, "do not come in"),
        ({"email_verified": True}, "gave no e-mail address"),
        ({"email": "new@acme.example", "email_verified": True}, "Nobody has invited you"),
    ],
)
def test_who_is_not_known_or_not_proven_stays_out_and_nothing_is_made(openid, set_up, cast, as_, claims, words):
    set_up("oidc")
    before = User.objects.count()
    guest, answer = come(openid, "subject-x", **claims)
    assert answer.status_code == 403 and words in answer.content.decode()
    assert not is_in(guest) and User.objects.count() == before
    with as_(cast.owner):
        assert not Identity.objects.exists()


def test_an_address_that_is_denied_is_not_vouched_for(openid, set_up, cast):
    set_up("oidc", vouched="1")
    assert not is_in(come(openid, "a", email="manager@acme.example", email_verified=False)[0])
    assert is_in(come(openid, "b", email="manager@acme.example")[0])


def test_who_was_invited_comes_in_with_that_role(openid, set_up, cast, as_, browser):
    set_up("oidc")
    with as_(cast.owner):
        role = Role.objects.get(name="Member")
    browser.post("/w/acme/settings/members/invite", {"email": "nina@acme.example", "role": str(role.id)})
    guest, _answer = come(openid, "nina", email="nina@acme.example", email_verified=True, name="Nina New")
    assert is_in(guest)
    nina = User.objects.get(email="nina@acme.example")
    assert nina.name == "Nina New" and not nina.has_usable_password()
    with as_(cast.owner):
        assert Membership.objects.get(user=nina).role == role
        assert Invitation.objects.get().accepted_at <= timezone.now()


def test_whoever_comes_gets_the_usual_role_where_the_workspace_says_so(openid, set_up, cast, as_):
    set_up("oidc", is_open="1")
    assert is_in(come(openid, "new", email="new@acme.example", email_verified=True)[0])
    with as_(cast.owner):
        assert Membership.objects.get(user__email="new@acme.example").role.name == "Reader"


def test_somebody_elses_account_is_not_taken_but_invited_by_mail(openid, set_up, cast, as_):
    """The sign-in of Acme vouches for an address that a member of Globex has: nobody gets their account by it."""
    User.objects.filter(id=cast.stranger.id).update(email="stan@acme.example")
    set_up("oidc", is_open="1")
    guest, answer = come(openid, "stan", email="stan@acme.example", email_verified=True)
    assert answer.status_code == 403 and not is_in(guest) and not is_in(guest, "/w/globex/alive")
    assert mail.outbox[-1].to == ["stan@acme.example"] and "/join/" in mail.outbox[-1].body
    with as_(cast.owner):
        assert not Membership.objects.filter(user=cast.stranger).exists()
        assert Invitation.objects.get().email == "stan@acme.example"


@pytest.fixture
def two_houses(cast):
    """Stan of Globex is a member of Acme as well."""
    from trato.engine.workspaces.members import add_member

    User.objects.filter(id=cast.stranger.id).update(email="stan@acme.example")
    add_member(cast.acme, cast.stranger, "Reader")


def test_a_sign_in_is_good_in_its_own_workspace_only(openid, set_up, cast, two_houses):
    set_up("oidc")
    guest, _answer = come(openid, "stan", email="stan@acme.example", email_verified=True)
    assert is_in(guest)
    there = guest.get("/w/globex/things/")
    assert there.status_code == 403 and "vouches for you there only" in there.content.decode()
    assert "/w/globex/" not in guest.get("/w/acme/").content.decode()
    for page in ("accounts/password/change/", "accounts/email/", "accounts/2fa/", "workspaces/new", "join/x.y"):
        assert guest.get(f"/{page}").status_code == 403, page
    assert guest.post("/accounts/password/reset/", {"email": "stan@acme.example"}).status_code == 403
    assert guest.get("/", follow=True).redirect_chain[-1][0] == "/w/acme/"
    guest.post("/accounts/logout/")
    guest.post("/accounts/login/", {"login": "stan@acme.example", "password": PASSWORD})
    assert is_in(guest, "/w/globex/alive") and is_in(guest), "by a password of their own everything is open"


def test_the_live_stream_keeps_to_it_too(openid, set_up, cast, two_houses):
    from trato.live import door

    set_up("oidc")
    guest, _answer = come(openid, "stan", email="stan@acme.example", email_verified=True)
    key = guest.session.session_key
    assert door._listener(key, "acme", "") is not None
    assert door._listener(key, "globex", "") is None


def test_one_subject_is_one_person_and_an_address_given_on_is_noticed(openid, set_up, cast):
    set_up("oidc")
    assert is_in(come(openid, "max", email="manager@acme.example", email_verified=True)[0])
    guest, answer = come(openid, "successor", email="manager@acme.example", email_verified=True)
    assert answer.status_code == 403 and "came with this address before" in answer.content.decode()
    assert not is_in(guest)


def test_who_was_removed_stays_out(openid, set_up, cast, as_, browser):
    set_up("oidc", is_open="1")
    assert is_in(come(openid, "max", email="manager@acme.example", email_verified=True)[0])
    with as_(cast.owner):
        member = Membership.objects.get(user=cast.manager).id
    browser.post(f"/w/acme/settings/members/{member}/remove")
    guest, answer = come(openid, "max", email="manager@acme.example", email_verified=True)
    assert answer.status_code == 403 and not is_in(guest)


def test_another_provider_makes_everybody_a_stranger_again(openid, set_up, cast, as_, saml):
    set_up("oidc")
    come(openid, "max", email="manager@acme.example", email_verified=True)
    set_up("saml")
    with as_(cast.owner):
        assert not Identity.objects.exists()


def test_an_answer_is_taken_once_and_only_by_who_asked(openid, set_up, cast):
    set_up("oidc")
    requests.put(f"{openid}/users/max", json={"email": "manager@acme.example", "email_verified": True}, timeout=10)
    guest = Client(headers=HOST)
    leave = guest.get(f"/accounts/oidc/{cast.acme.id.hex}/login/")["Location"]
    assert parse_qs(urlsplit(leave).query)["code_challenge_method"] == ["S256"]
    back = requests.post(leave, {"sub": "max"}, allow_redirects=False, timeout=10).headers["Location"]
    path = back.removeprefix("http://testserver")
    other = Client(headers=HOST)
    assert other.get(path).status_code == 403 and not is_in(other), "a link that was sent to somebody"
    guest.get(path)
    assert is_in(guest)
    guest.post("/accounts/logout/")
    guest.get(path)
    assert not is_in(guest)


def test_another_site_signs_nobody_in(openid, set_up, cast, signed_in):
    set_up("oidc")
    victim = signed_in(cast.teammate)
    for site in ("cross-site", "same-site"):
        answer = victim.get(f"/accounts/oidc/{cast.acme.id.hex}/login/", headers=HOST | {"sec-fetch-site": site})
        assert answer.status_code == 200 and "Another site sent you here" in answer.content.decode()
    assert is_in(victim)
    answer = victim.get(f"/accounts/oidc/{cast.acme.id.hex}/login/", headers=HOST | {"sec-fetch-site": "same-origin"})
    assert answer["Location"].startswith(openid)


def test_a_session_through_the_company_is_short_and_shows_no_other(openid, set_up, cast, as_):
    from allauth.usersessions.models import UserSession

    set_up("oidc")
    own = Client()
    own.post("/accounts/login/", {"login": cast.manager.email, "password": PASSWORD})
    guest, _answer = come(openid, "max", email="manager@acme.example", email_verified=True)
    assert 0 < guest.session.get_expiry_age() <= 12 * 3600
    other = UserSession.objects.get(session_key=own.session.session_key)
    assert f"/sessions/{other.id}/end" not in guest.get("/w/acme/settings/sessions").content.decode()
    assert guest.post(f"/w/acme/settings/sessions/{other.id}/end").status_code == 404
    assert is_in(own)


@pytest.mark.parametrize("process", ["connect", "redirect"])
def test_no_account_is_tied_to_a_provider_by_being_signed_in(openid, set_up, cast, signed_in, process):
    set_up("oidc")
    requests.put(f"{openid}/users/evil", json={"email": "manager@acme.example", "email_verified": True}, timeout=10)
    victim = signed_in(cast.teammate)
    leave = victim.get(f"/accounts/oidc/{cast.acme.id.hex}/login/?process={process}", headers=HOST)["Location"]
    back = requests.post(leave, {"sub": "evil"}, allow_redirects=False, timeout=10).headers["Location"]
    assert victim.get(back.removeprefix("http://testserver"), headers=HOST).status_code == 403
    from allauth.socialaccount.models import SocialAccount

    assert not SocialAccount.objects.exists()


# -- SAML -----------------------------------------------------------------------------------------------------------


def come_by_saml(base, cast, **said):
    """A browser that comes through the SAML provider; the last answer, and the form that was posted."""
    guest = Client(headers=HOST)
    leave = guest.get(f"/accounts/saml/{cast.acme.id.hex}/login/?next=/w/acme/things/")["Location"]
    assert leave.startswith(f"{base}/sso")
    form = requests.get(leave, params={"sub": "max", "email": "manager@acme.example"} | said, timeout=10).json()
    return guest, form, post(guest, form)


def post(guest, form):
    sent = {name: form[name] for name in ("SAMLResponse", "RelayState")}
    answer = guest.post(form["action"].removeprefix("http://testserver"), sent)
    return guest.get(answer["Location"]) if answer.status_code == 302 else answer


def test_a_member_comes_in_by_saml(saml, set_up, cast, as_):
    set_up("saml", vouched="1")
    guest, _form, answer = come_by_saml(saml, cast)
    assert answer["Location"] == "/w/acme/things/" and is_in(guest)
    assert not is_in(guest, "/w/globex/alive")
    with as_(cast.owner):
        assert Identity.objects.get().subject == "max"


def test_a_new_person_gets_their_name_by_saml(saml, set_up, cast):
    set_up("saml", vouched="1", is_open="1")
    guest, _form, _answer = come_by_saml(
        saml, cast, sub="nina", email="nina@acme.example", firstName="Nina", lastName="Új"
    )
    assert is_in(guest) and User.objects.get(email="nina@acme.example").name == "Nina Új"


TWISTS = ["unsigned", "other-key", "audience", "expired", "wrapped", "changed", "unasked"]


@pytest.mark.parametrize("twist", TWISTS)
def test_what_is_not_signed_for_us_now_is_not_believed(saml, set_up, cast, twist):
    set_up("saml", vouched="1")
    guest, _form, answer = come_by_saml(saml, cast, twist=twist, victim="owner@acme.example")
    assert answer.status_code == 403 and not is_in(guest)


def test_an_answer_of_saml_is_taken_once(saml, set_up, cast):
    set_up("saml", vouched="1")
    guest, form, _answer = come_by_saml(saml, cast)
    assert is_in(guest)
    guest.post("/accounts/logout/")
    assert post(guest, form).status_code == 403 and not is_in(guest)
    other = Client(headers=HOST)
    assert post(other, form).status_code == 403 and not is_in(other)


def test_the_metadata_of_trato_are_there_for_the_provider(set_up, cast):
    set_up("saml")
    answer = Client(headers=HOST).get(f"/accounts/saml/{cast.acme.id.hex}/metadata/")
    assert answer.status_code == 200 and "AssertionConsumerService" in answer.content.decode()
    assert 'WantAssertionsSigned="true"' in answer.content.decode()


# -- what administrators decide -------------------------------------------------------------------------------------


def test_the_way_in_is_found_by_the_address_of_the_workspace(openid, set_up, cast):
    guest = Client(headers=HOST)
    assert re.search(r'href="/accounts/company/', guest.get("/accounts/login/").content.decode())
    assert guest.get("/accounts/company/").status_code == 200
    set_up("oidc")
    for said in ("acme", "https://crm.example/w/acme/things/"):
        assert guest.get("/accounts/company/", {"workspace": said})["Location"].startswith("/accounts/oidc/")
    answers = [guest.get("/accounts/company/", {"workspace": said}) for said in ("globex", "no-such-place", "../..")]
    assert {answer.status_code for answer in answers} == {422}


@pytest.mark.parametrize(
    "path",
    ["accounts/oidc/x/login/", "accounts/3rdparty/", "accounts/3rdparty/signup/", f"accounts/saml/{'0' * 32}/sls/"],
)
def test_nothing_else_of_it_is_open(path):
    assert Client(headers=HOST).get(f"/{path}").status_code == 404
