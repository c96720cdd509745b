"""The certificate a workspace seals its documents with: made by itself on first use, or brought by an administrator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID, ObjectIdentifier
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import sealing
from ..decisions import record, require
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from ..workspaces.models import Workspace
from .models import SealKey

PURPOSE = "document-seal"
VALID = timedelta(days=3650)
LARGEST = 64 * 1024  # bytes of a PKCS#12 file
#: id-kp-documentSigning (RFC 9336).
DOCUMENTS = ObjectIdentifier("1.3.6.1.5.5.7.3.36")
SMALLEST_RSA = 2048


@dataclass(frozen=True)
class Opened:
    """A certificate, those that vouch for it, and the key, all as PEM."""

    certificate: bytes
    others: tuple[bytes, ...]
    key: bytes


@dataclass(frozen=True)
class Shown:
    """What people are told of a certificate."""

    subject: str
    issuer: str
    since: datetime
    until: datetime
    fingerprint: str
    is_own: bool


def kept() -> SealKey | None:
    """The workspace's certificate; None until something is sealed or one is brought (inside ``in_workspace``)."""
    return SealKey.objects.first()


def current(workspace: Workspace) -> SealKey:
    """The workspace's certificate, made now where there is none yet (inside ``in_workspace``)."""
    return kept() or _keep_first(workspace)


def _keep_first(workspace: Workspace) -> SealKey:
    """Two who need the first one at once get the same."""
    certificate, key = _made(workspace)
    try:
        with transaction.atomic():
            return SealKey.objects.create(certificates=certificate, key=sealing.seal(PURPOSE, key))
    except IntegrityError:
        return SealKey.objects.get()


def opened(found: SealKey) -> Opened:
    """The parts of a certificate, to seal with; raises sealing.BrokenSeal."""
    first, *others = x509.load_pem_x509_certificates(found.certificates.encode())
    pem = serialization.Encoding.PEM
    key = sealing.unseal(PURPOSE, found.key).encode()
    return Opened(first.public_bytes(pem), tuple(one.public_bytes(pem) for one in others), key)


def shown(found: SealKey) -> Shown:
    """What the settings page and the evidence say of a certificate."""
    first = x509.load_pem_x509_certificates(found.certificates.encode())[0]
    return Shown(
        subject=first.subject.rfc4514_string(),
        issuer=first.issuer.rfc4514_string(),
        since=first.not_valid_before_utc,
        until=first.not_valid_after_utc,
        fingerprint=first.fingerprint(hashes.SHA256()).hex(),
        is_own=found.is_own,
    )


def renew(actor: Actor) -> SealKey:
    """Make a new certificate of the workspace's own; what was sealed before stays valid. Raises NotAdministrator."""
    require(actor)
    certificate, key = _made(actor.workspace)
    return _replace(actor, certificate, key, is_own=True)


def bring(actor: Actor, content: bytes, password: str) -> SealKey:
    """Use the certificate and key of a PKCS#12 file from now on; raises NotAdministrator, Refused."""
    require(actor)
    if len(content) > LARGEST:
        raise _refused("file", "too_large", _("A file may have at most %(n)s KB.") % {"n": LARGEST // 1024})
    try:
        found = pkcs12.load_pkcs12(content, password.encode() or None)
    except ValueError:
        words = _("The file can't be opened: it is no PKCS#12 file (.p12, .pfx), or the password is another.")
        raise _refused("file", "unreadable", words) from None
    key, own = found.key, found.cert
    if key is None or own is None:
        raise _refused("file", "key", _("The file has to hold a certificate and its private key."))
    _check(key, own.certificate)
    pem = serialization.Encoding.PEM
    chain = [own.certificate, *(one.certificate for one in found.additional_certs)]
    text = "".join(one.public_bytes(pem).decode() for one in chain)
    return _replace(actor, text, _text_of(key), is_own=False)


def reseal_key() -> bool:
    """Seal the workspace's key by the newest sealing key; whether it was not yet (inside ``in_workspace``)."""
    found = SealKey.objects.select_for_update().first()
    fresh = sealing.reseal(found.key) if found else ""
    if not found or fresh == found.key:
        return False
    return bool(SealKey.objects.filter(id=found.id).update(key=fresh))


def _refused(field: str, code: str, words: str) -> Refused:
    return Refused([Problem(field, code, words)])


def _check(key: Any, certificate: x509.Certificate) -> None:
    """Whether documents can be sealed with it today; raises Refused."""
    strong = isinstance(key, rsa.RSAPrivateKey) and key.key_size >= SMALLEST_RSA
    if not strong and not isinstance(key, ec.EllipticCurvePrivateKey):
        words = _("The key has to be RSA of at least %(n)s bits, or one of an elliptic curve.") % {"n": SMALLEST_RSA}
        raise _refused("file", "key", words)
    if key.public_key() != certificate.public_key():
        raise _refused("file", "key", _("The private key in the file belongs to another certificate."))
    if not certificate.not_valid_before_utc <= timezone.now() < certificate.not_valid_after_utc:
        raise _refused("file", "expired", _("This certificate is not valid today."))


def _replace(actor: Actor, certificates: str, key: str, *, is_own: bool) -> SealKey:
    values = {
        "certificates": certificates,
        "key": sealing.seal(PURPOSE, key),
        "is_own": is_own,
        "created_at": timezone.now(),
    }
    old = SealKey.objects.select_for_update().first()
    new, _made_now = SealKey.objects.update_or_create(workspace=actor.workspace, defaults=values)
    before = shown(old).fingerprint if old else None
    record(actor, "document-seal", new.id, "updated", {"fingerprint": (before, shown(new).fingerprint)})
    return new


def _text_of(key: Any) -> str:
    encoded: bytes = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return encoded.decode()


def _made(workspace: Workspace) -> tuple[str, str]:
    """A certificate that vouches for itself, in the workspace's name, and its key, both as PEM."""
    key = rsa.generate_private_key(65537, 3072)
    names = [x509.NameAttribute(NameOID.COMMON_NAME, workspace.name[:64])]
    names += [x509.NameAttribute(NameOID.COUNTRY_NAME, workspace.country)] if workspace.country else []
    name, now = x509.Name(names), datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([DOCUMENTS]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM).decode(), _text_of(key)
