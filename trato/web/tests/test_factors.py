"""The second factor: codes of an app (RFC 6238), recovery codes, and what a workspace asks of its members."""

import base64
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.core import mail
from django.test import Client

from tests.cast import PASSWORD
from trato.engine import sealing, sign_on
from trato.engine.workspaces.models import SignOn

pytestmark = pytest.mark.django_db
# RFC 6238, appendix B: the key of SHA-1, and the last six of the eight digits that stand there.
KEY = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


@pytest.fixture
def clock(monkeypatch):
    """``clock(59)``: what the codes take for the time."""
    return lambda seconds: monkeypatch.setattr(totp, "yield_hotp_counters_from_time", lambda: iter([seconds // 30]))


@pytest.fixture
def guarded(cast):
    """Max has an app with the key of the RFC, and recovery codes."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    totp.TOTP.activate(cast.manager, KEY)
    return RecoveryCodes.activate(cast.manager).generate_codes()


def sign_in(person, password=PASSWORD) -> tuple[Client, object]:
    browser = Client()
    return browser, browser.post("/accounts/login/", {"login": person.email, "password": password})


def is_in(browser) -> bool:
    return browser.get("/w/acme/alive").status_code == 200


@pytest.mark.parametrize(("moment", "code"), VECTORS)
def test_the_codes_are_those_of_the_standard(cast, guarded, clock, moment, code):
    clock(moment)
    browser, answer = sign_in(cast.manager)
    assert answer["Location"].startswith("/accounts/2fa/authenticate/") and not is_in(browser)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert browser.post("/accounts/2fa/authenticate/", {"code": wrong}).status_code == 200
    assert not is_in(browser)
    assert browser.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302
    assert is_in(browser)


def test_a_code_works_once(cast, guarded, clock):
    clock(59)
    first, _ = sign_in(cast.manager)
    first.post("/accounts/2fa/authenticate/", {"code": "287082"})
    second, _ = sign_in(cast.manager)
    html = second.post("/accounts/2fa/authenticate/", {"code": "287082"}).content.decode()
    assert is_in(first) and not is_in(second)
    assert "was used already" in html
    clock(59 + 30)
    second.post("/accounts/2fa/authenticate/", {"code": "287082"})
    assert not is_in(second), "nor in the period after"


def test_a_recovery_code_works_once(cast, guarded):
    assert len(set(guarded)) == 10
    first, _ = sign_in(cast.manager)
    first.post("/accounts/2fa/authenticate/", {"code": guarded[3]})
    assert is_in(first)
    second, _ = sign_in(cast.manager)
    second.post("/accounts/2fa/authenticate/", {"code": guarded[3]})
    assert not is_in(second)
    second.post("/accounts/2fa/authenticate/", {"code": guarded[4]})
    assert is_in(second)


def test_codes_are_not_guessed_for_long(cast, guarded):
    browser, _ = sign_in(cast.manager)
    answers = [browser.post("/accounts/2fa/authenticate/", {"code": f"{n:06}"}) for n in range(8)]
    assert "too often" in answers[-1].content.decode()
    browser.post("/accounts/2fa/authenticate/", {"code": guarded[0]})
    assert not is_in(browser), "not even with a right one, for a while"


def test_a_new_password_does_not_go_round_the_second_factor(cast, guarded):
    browser = Client()
    browser.post("/accounts/password/reset/", {"email": cast.manager.email})
    for _wait in range(50):
        if mail.outbox:
            break
        time.sleep(0.05)
    link = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)[1]
    page = browser.get(link, follow=True)
    address = page.redirect_chain[-1][0]
    browser.post(address, {"password1": "an other long phrase", "password2": "an other long phrase"}, follow=True)
    assert not is_in(browser)
    again, answer = sign_in(cast.manager, "an other long phrase")
    assert answer["Location"].startswith("/accounts/2fa/authenticate/") and not is_in(again)


def test_an_app_is_set_up_with_the_password_and_its_key_is_kept_sealed(cast):
    browser, _ = sign_in(cast.manager)
    assert browser.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    html = browser.get("/accounts/2fa/totp/activate/").content.decode()
    key = re.search(r'id="key" value="([A-Z2-7]+)"', html)[1]
    wrong = browser.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    assert wrong.status_code == 200 and not Authenticator.objects.exists()
    code = totp.format_hotp_value(totp.hotp_value(key, int(time.time()) // 30))
    answer = browser.post("/accounts/2fa/totp/activate/", {"code": code}, follow=True)
    codes = re.findall(r"<li>(\d{8})</li>", answer.content.decode())
    assert len(codes) == 10
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert key not in kept and base64.b32decode(key).hex() not in kept
    assert not any(code in kept for code in codes)
    with pytest.raises(sealing.BrokenSeal):
        sealing.unseal("something else", Authenticator.objects.get(type="totp").data["secret"])


def test_the_pages_ask_for_the_password_again(cast, signed_in):
    browser = signed_in(cast.manager)  # a session that was not opened by a password a moment ago
    for page in ("totp/activate/", "webauthn/add/"):
        assert browser.get(f"/accounts/2fa/{page}")["Location"].startswith("/accounts/reauthenticate/")


def test_keys_are_changed_and_old_ones_forgotten(cast, as_, guarded, tmp_path, monkeypatch, clock):
    from trato.site import actions, factors
    from trato.site.datafolder import DataFolder

    folder = DataFolder(tmp_path)
    folder.keep(django=settings.SECRET_KEY)
    monkeypatch.setattr(settings, "TRATO_SEALING_KEYS", folder.sealing_keys)
    Authenticator.objects.all().delete()
    totp.TOTP.activate(cast.manager, KEY)
    [old] = folder.sealing_keys()
    before = Authenticator.objects.get().data["secret"]
    with as_(cast.owner):
        kept = {"client_id": "a", "secret": sealing.seal(sign_on.PURPOSE, "s3cret")}
        SignOn.objects.create(kind="oidc", label="Acme ID", issuer="https://id.example", settings=kept)
    assert actions.change_keys(folder) == 2, "the app's key, and that of the company's sign-in"
    [new] = folder.sealing_keys()
    assert new != old and Authenticator.objects.get().data["secret"] != before
    with pytest.raises(sealing.BrokenSeal):
        sealing.unseal(factors.PURPOSE, before)
    with as_(cast.owner):
        assert sign_on.secret_of(SignOn.objects.get()) == "s3cret"
    clock(59)
    browser, _ = sign_in(cast.manager)
    browser.post("/accounts/2fa/authenticate/", {"code": "287082"})
    assert is_in(browser)


def test_another_process_does_not_bring_old_keys_back(tmp_path):
    from trato.site.datafolder import DataFolder

    DataFolder(tmp_path).make()
    long_running = DataFolder(tmp_path)
    assert "sealing" not in long_running.secrets
    DataFolder(tmp_path).keep(sealing=["new"])
    long_running.keep(login="ana@example.org")
    assert DataFolder(tmp_path).sealing_keys() == ["new"]
    assert DataFolder(tmp_path).secrets["login"] == "ana@example.org"


def test_tokens_of_the_api_need_no_second_factor(cast, guarded, token_for):
    text = token_for(cast.manager)
    assert Client().get("/api/v1/things", headers={"authorization": f"Bearer {text}"}).status_code == 200


@pytest.mark.parametrize(
    "page", ["", "totp/deactivate/", "webauthn/", "webauthn/add/", "recovery-codes/", "recovery-codes/generate/"]
)
def test_the_pages_speak_the_persons_words(cast, guarded, page):
    browser, _ = sign_in(cast.manager)
    browser.post("/accounts/2fa/authenticate/", {"code": guarded[0]})
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    answer = browser.get(f"/accounts/2fa/{page}", follow=True)
    assert answer.status_code == 200 and "/reauthenticate/" not in str(answer.redirect_chain)
    assert "Authenticator App" not in answer.content.decode() and "Security Key" not in answer.content.decode()
