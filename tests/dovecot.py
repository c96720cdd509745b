"""A real IMAP server for tests: Dovecot, on a free port of this machine, with mailboxes of its own.

def test_something(dovecot):
    dovecot.deliver("sales", b"From: ...")
    dovecot.port, dovecot.tls_port, dovecot.password
"""

from __future__ import annotations

import imaplib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from trato.engine.inbox import IncomingMail

    from .cast import Cast

CONFIG = """
base_dir = {home}/run
state_dir = {home}/run
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 1
first_valid_gid = 1
auth_failure_delay = 0
ssl = yes
ssl_cert = <{home}/cert.pem
ssl_key = <{home}/key.pem
mail_location = maildir:{home}/mail/%u
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=any {home}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={home}/mail/%u
}}
"""


class Dovecot:
    """The server: ``host``, ``port`` (STARTTLS or plain), ``tls_port``, one ``password`` for every user there may be,
    and ``authority``, the certificate that vouches for it.
    """

    host, password = "127.0.0.1", 'open \\ " sesame'

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port, self.tls_port = _free(), _free()
        self.authority = home / "cert.pem"

    def start(self) -> None:
        """Write its configuration and run it; raises RuntimeError when it doesn't come up."""
        program = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
        if program is None:
            pytest.fail("These tests need an IMAP server: install the package dovecot-imapd of your system.")
        is_root = os.geteuid() == 0
        user, group = ("nobody", "nogroup") if is_root else (_own("-un"), _own("-gn"))
        (self.home / "mail").mkdir()
        if is_root:
            shutil.chown(self.home / "mail", user, group)
        self.home.chmod(0o755)
        _certify(self.home)
        values = {"home": self.home, "user": user, "group": group, "port": self.port, "tls_port": self.tls_port}
        (self.home / "users").write_text(f"any:{self.password}\n")
        config = self.home / "dovecot.conf"
        config.write_text(CONFIG.format(**values))
        self.process = subprocess.Popen([program, "-F", "-c", str(config)], stderr=subprocess.STDOUT)
        for _turn in range(100):
            try:
                socket.create_connection((self.host, self.port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        self.stop()
        raise RuntimeError((self.home / "log").read_text())

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)

    def client(self, user: str) -> imaplib.IMAP4:
        """A connection of somebody else's program to a user's mailbox."""
        client = imaplib.IMAP4(self.host, self.port)
        client.login(user, self.password)
        return client

    def deliver(self, user: str, raw: bytes, at: datetime | None = None, folder: str = "INBOX") -> None:
        """A mail comes to a user."""
        with self.client(user) as client:
            client.create(folder)
            when = imaplib.Time2Internaldate(at or datetime.now(UTC))
            assert client.append(folder, None, when, raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))[0] == "OK"


def _free() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _own(what: str) -> str:
    return subprocess.run(["id", what], check=True, capture_output=True, text=True).stdout.strip()


def _certify(home: Path) -> None:
    """A certificate for 127.0.0.1 that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (home / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    unlocked = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (home / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, unlocked))


@pytest.fixture(scope="session")
def imap_server() -> Iterator[Dovecot]:
    """One server for the tests of a process."""
    with tempfile.TemporaryDirectory(prefix="trato-imap-", ignore_cleanup_errors=True) as home:
        server = Dovecot(Path(home))
        server.start()
        yield server
        server.stop()


@pytest.fixture
def dovecot(imap_server: Dovecot, settings: object, monkeypatch: pytest.MonkeyPatch) -> Dovecot:
    """The server, which Trato may call and whose certificate it believes."""
    settings.TRATO_INTERNAL_HOSTS = {imap_server.host}
    monkeypatch.setenv("SSL_CERT_FILE", str(imap_server.authority))
    return imap_server


@pytest.fixture
def mail_comes(cast: Cast) -> Callable[..., IncomingMail]:
    """``mail_comes(text, purposes=("leads",))``: a mail is read in a mailbox of Acme, without a server."""
    from trato.engine.inbox import IncomingMail, Mailbox, receiving
    from trato.engine.inbox.reading import Arrived
    from trato.engine.postgres.scope import in_workspace

    def come(text: str | bytes, purposes: Iterable[str] = (), address: str = "hello@acme.example") -> IncomingMail:
        raw = text if isinstance(text, bytes) else text.encode()
        with in_workspace(cast.acme.id):
            mailbox, _new = Mailbox.objects.get_or_create(address=address, defaults={"host": "x", "user": "x"})
            Mailbox.objects.filter(id=mailbox.id).update(purposes=list(purposes))
        arrived = Arrived(mailbox.last_uid + 1, datetime.now(UTC), len(raw), raw)
        receiving.receive(cast.acme, mailbox, 1, arrived)
        with in_workspace(cast.acme.id):
            return IncomingMail.objects.order_by("-id").first()

    return come
