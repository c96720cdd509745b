"""Seals: what pyhanko says of them, before and after somebody changes a byte, and whose certificate it is."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from tests.papers import pages_of, text_of
from trato.engine import printing
from trato.engine.decisions import NotAdministrator
from trato.engine.printing import certificates
from trato.engine.printing.models import SealKey
from trato.engine.sealing import BrokenSeal
from trato.engine.values import Refused


@pytest.fixture
def letter(owner) -> bytes:
    return printing.pdf("engine/plain.typ", {"title": "Quote", "paragraphs": ["One thousand euros."]}, "en")


def checked(content: bytes, actor):
    """What pyhanko says of the one signature, believing the workspace's certificate."""
    reader = PdfFileReader(BytesIO(content))
    (signature,) = reader.embedded_signatures
    roots = list(load_certs_from_pemder_data(certificates.current(actor.workspace).certificates.encode()))
    return validate_pdf_signature(signature, ValidationContext(trust_roots=roots)), signature


def test_a_seal_is_a_pades_signature_over_the_whole_file(owner, letter):
    status, signature = checked(printing.seal(letter, owner, reason="Signed by Ana"), owner)
    assert status.intact and status.valid and status.trusted and status.bottom_line
    assert status.coverage.name == "ENTIRE_FILE"
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.sig_object["/Reason"] == "Signed by Ana"
    assert signature.docmdp_level.name == "NO_CHANGES"


def test_a_changed_byte_is_noticed(owner, letter):
    sealed = bytearray(printing.seal(letter, owner))
    at = letter.index(b"stream") + 20
    sealed[at] ^= 1
    status, _signature = checked(bytes(sealed), owner)
    assert not status.intact and not status.bottom_line


def test_what_is_added_behind_a_seal_is_noticed(owner, letter):
    sealed = printing.seal(letter, owner)
    status, _signature = checked(printing.attach(sealed, letter), owner)
    assert status.coverage.name != "ENTIRE_FILE"
    assert not status.bottom_line


def test_pages_are_put_behind_a_document_that_stays_as_it_was(owner, letter):
    after = printing.pdf("engine/plain.typ", {"title": "Evidence", "paragraphs": ["x " * 3000]}, "en")
    both = printing.attach(letter, after)
    assert pages_of(both) == 1 + pages_of(after) > 2
    assert hashlib.sha256(both[: len(letter)]).digest() == hashlib.sha256(letter).digest()
    assert "One thousand euros." in text_of(both)
    assert "Evidence" in text_of(both)
    sealed = printing.seal(both, owner)
    status, _signature = checked(sealed, owner)
    assert status.bottom_line and sealed.startswith(letter)


def test_the_first_certificate_is_made_once_in_the_workspace_s_name(owner):
    first = certificates.current(owner.workspace)
    assert certificates.current(owner.workspace).id == first.id
    shown = certificates.shown(first)
    assert "Acme" in shown.subject and shown.issuer == shown.subject and shown.is_own
    assert shown.until > datetime.now(UTC) + timedelta(days=3600)


def test_the_key_is_kept_sealed(owner):
    kept = certificates.current(owner.workspace)
    assert "PRIVATE KEY" not in kept.key
    SealKey.objects.update(key=kept.key[:-4] + "AAAA")
    with pytest.raises(BrokenSeal):
        certificates.opened(SealKey.objects.get())


def test_each_workspace_has_its_own(cast, as_):
    with as_(cast.owner) as actor:
        ours = certificates.shown(certificates.current(actor.workspace)).fingerprint
    with as_(cast.stranger) as actor:
        assert not SealKey.objects.exists()
        assert certificates.shown(certificates.current(actor.workspace)).fingerprint != ours


# -- one that is brought along --------------------------------------------------------------------------------------


def bundle(key=None, cert_key=None, days=(-1, 30), password=b"secret") -> bytes:
    key = key or rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Acme Seal")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key((cert_key or key).public_key())
        .serial_number(7)
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.KeyUsage(True, True, *[False] * 7), critical=True)
        .sign(cert_key or key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(b"x", key, built, None, BestAvailableEncryption(password))


@pytest.mark.parametrize("key", [None, "curve"])
def test_administrators_bring_their_own(owner, letter, key):
    made = ec.generate_private_key(ec.SECP256R1()) if key else None
    kept = certificates.bring(owner, bundle(made), "secret")
    assert not kept.is_own and "Acme Seal" in certificates.shown(kept).subject
    status, _signature = checked(printing.seal(letter, owner), owner)
    assert status.bottom_line
    again = certificates.renew(owner)
    assert again.is_own and SealKey.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "password"),
    [
        (b"", ""),
        (b"nothing", "secret"),
        (bundle(), "wrong"),
        (bundle(days=(-30, -1)), "secret"),
        (bundle(days=(1, 30)), "secret"),
        (bundle(key=rsa.generate_private_key(65537, 1024)), "secret"),
        (b"x" * (certificates.LARGEST + 1), "secret"),
    ],
    ids=["empty", "no bundle", "password", "over", "not yet", "weak", "large"],
)
def test_a_bundle_that_is_no_good_is_refused_and_changes_nothing(owner, content, password):
    before = certificates.shown(certificates.current(owner.workspace)).fingerprint
    with pytest.raises(Refused):
        certificates.bring(owner, content, password)
    assert certificates.shown(certificates.current(owner.workspace)).fingerprint == before


def test_only_administrators_change_it(cast, as_):
    with as_(cast.manager) as actor:
        with pytest.raises(NotAdministrator):
            certificates.renew(actor)
        with pytest.raises(NotAdministrator):
            certificates.bring(actor, b"", "")
