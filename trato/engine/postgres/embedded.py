"""A PostgreSQL of our own: made, started and stopped as a direct child of this process.

It listens on a Unix socket in a private folder and nowhere else, and asks everyone for a password. Durability is
PostgreSQL's: nothing is switched off that a commit relies on. See architecture.md, section 3.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from .binaries import (
    Account,
    Binaries,
    NoPostgres,
    can_enter,
    find_binaries,
    service_account,
    shared_folder,
    within_reach,
)
from .parent import ending_with_us

ADMIN = "postgres"
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100  # 107 bytes fit into sockaddr_un on Linux, 103 on macOS


class Embedded:
    """One cluster below a folder.

    ``home`` is ours to make; in it are ``cluster`` (PostgreSQL's data) and usually ``run`` (its socket). Where the
    service user can't reach it, ``home`` becomes a link to a folder that it can. ``say`` is told, in one line each,
    what a person ought to know. ``log`` is the file that the server's messages are added to.
    """

    def __init__(
        self,
        home: Path,
        password: str,
        *,
        log: Path,
        settings: Mapping[str, str] | None = None,
        system: bool = False,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.home = home.absolute()
        self.password = password
        self.log = log
        self.settings = dict(settings or {})
        self.say = say
        self.account = Account()
        self._system = system
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def pid(self) -> int | None:
        """The server's process id while it is ours and alive."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self, timeout: float = 60) -> None:
        """Makes the cluster if there is none, starts the server and waits until it takes connections.

        Raises NoPostgres, with what to do, when there is no server to run or it doesn't come up within ``timeout``
        seconds; then nothing is left running.
        """
        self.account = service_account(self.home)
        self._make_home()
        self.home = self.home.resolve()  # the link itself may lie where the service user can't go
        try:
            have = _version(self.cluster)
        except PermissionError as error:
            raise NoPostgres(f"{self.home} belongs to another user. Start Trato as that user.") from error
        binaries, note = within_reach(find_binaries(have, system=self._system and have is None), self.account)
        if note:
            self.say(note)
        if have is None:
            self._make_cluster(binaries)
        stop_orphan(self.cluster)
        sockets = self._socket_folder()
        with self.log.open("ab") as log:
            options = {**defaults(), **self.settings, "unix_socket_directories": str(sockets), "listen_addresses": ""}
            command = [binaries.program("postgres"), "-D", str(self.cluster)]
            for name, value in options.items():
                command += ["-c", f"{name}={value}"]
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home,
                start_new_session=True,  # Ctrl-C in a terminal is the supervisor's to pass on, in its order
                preexec_fn=ending_with_us(signal.SIGINT),  # noqa: PLW1509 - started from the main thread, before any other
                **self.account.popen(),
            )
        self._wait_until_ready(timeout)

    def stop(self, timeout: float = 60) -> None:
        """Ends all connections, writes everything down and stops; at once (recovery follows) after ``timeout``."""
        if self._process is None:
            return
        for how, patience in ((signal.SIGINT, timeout), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
            with suppress(ProcessLookupError):
                self._process.send_signal(how)
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                continue
            break
        self._process = None

    def exited(self) -> bool:
        """Whether a server that was started has ended on its own; it is then reaped and may be started again."""
        return self._process is not None and self._process.poll() is not None

    def connection(self, database: str = ADMIN) -> dict[str, Any]:
        """Connection parameters of the cluster's administrator."""
        return {**address(self.home), "user": ADMIN, "password": self.password, "dbname": database}

    def _make_home(self) -> None:
        if self.home.exists():
            return
        self.home.unlink(missing_ok=True)  # a link to a folder that is gone
        parent = self.home.parent
        if not parent.exists():
            parent.mkdir(parents=True)
        if can_enter(self.account, parent):
            self.home.mkdir(mode=0o700)
            self.account.own(self.home)
            return
        place = shared_folder(self.account)
        self.home.symlink_to(place)
        self.say(f"The user '{self.account.name}' can't reach {parent}: the database is kept in {place}.")

    def _make_cluster(self, binaries: Binaries) -> None:
        """initdb beside the place and a rename, so that a cluster is either whole or not there."""
        fresh = Path(tempfile.mkdtemp(prefix="new-", dir=self.home))
        self.account.own(fresh)
        locale = ["--locale-provider=builtin", "--locale=C.UTF-8"] if binaries.major >= 17 else ["--locale=C.UTF-8"]
        command = [binaries.program("initdb"), "-D", str(fresh), "-U", ADMIN, "--encoding=UTF8", *locale]
        command += ["--auth=scram-sha-256", "--no-instructions", "--data-checksums"]
        command += ["--no-sync"] if self.settings.get("fsync") == "off" else []
        with tempfile.NamedTemporaryFile(dir=self.home, prefix="password-") as secret:  # readable by its owner only
            secret.write(self.password.encode())
            secret.flush()
            self.account.own(Path(secret.name))
            done = subprocess.run(
                [*command, f"--pwfile={secret.name}"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                cwd=self.home,
                **self.account.popen(),
            )
        if done.returncode:
            raise NoPostgres(f"PostgreSQL could not make a database in {fresh}: {done.stderr.decode().strip()}")
        fresh.rename(self.cluster)

    def _socket_folder(self) -> Path:
        """A private folder whose path is short enough for a socket."""
        folder = self.home / "run"
        if len(os.fsencode(folder / SOCKET_NAME)) > LONGEST_SOCKET_PATH:
            base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
            if not can_enter(self.account, base):
                base = Path("/tmp")  # noqa: S108 - the folder below is made private and checked
            folder = base / f"trato-{hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]}"
        if not folder.exists():
            folder.mkdir(mode=0o700)
            self.account.own(folder)
        state = folder.lstat()
        wanted = self.account.uid if self.account.uid is not None else os.geteuid()
        if not folder.is_dir() or folder.is_symlink() or state.st_uid != wanted or state.st_mode & 0o077:
            raise NoPostgres(f"{folder} is not a private folder of the database's user. Remove it and start again.")
        return folder

    def _wait_until_ready(self, timeout: float) -> None:
        assert self._process is not None
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self._process.poll() is not None:
                self._process = None
                raise NoPostgres(f"PostgreSQL did not start. It says:\n{_tail(self.log)}")
            state = _pid_file(self.cluster)
            if state[:1] == [str(self._process.pid)] and state[7:8] == ["ready"]:
                return
            time.sleep(0.02)
        self.stop(timeout=5)
        raise NoPostgres(f"PostgreSQL was not ready after {timeout:.0f} seconds. It says:\n{_tail(self.log)}")


def address(home: Path) -> dict[str, str]:
    """Where the running server of this folder is reached: ``host`` is its socket folder.

    The server itself writes it down in postmaster.pid; without a running one it is where the socket usually is.
    """
    state = _pid_file(home / "cluster")
    return {"host": state[4] if len(state) > 4 and state[4] else str(home / "run"), "port": "5432"}


def stop_orphan(cluster: Path, timeout: float = 60) -> None:
    """Stops a server that outlived the process which started it, and removes what a killed one left behind.

    Its lock file is removed only when none of its processes is left: two servers on one cluster would destroy it.
    Raises NoPostgres when they don't end. Only processes of this very cluster are touched.
    """
    state = _pid_file(cluster)
    if not state:
        return
    end = time.monotonic() + timeout
    while left := _processes(cluster):
        if state[0] in left:
            with suppress(ProcessLookupError):
                os.kill(int(state[0]), signal.SIGINT)
        if time.monotonic() > end:
            raise NoPostgres(
                f"Another PostgreSQL (processes {', '.join(left)}) holds {cluster} and does not stop. Stop it first."
            )
        time.sleep(0.2)
    with suppress(FileNotFoundError):
        (cluster / "postmaster.pid").unlink()


def _processes(cluster: Path) -> list[str]:
    """The ids of all processes of the server of this cluster: PostgreSQL's all work in its folder."""
    place = str(cluster.resolve())
    return [
        str(one.pid)
        for one in psutil.process_iter(["cwd", "status"])
        if one.info["cwd"] == place and one.info["status"] != psutil.STATUS_ZOMBIE
    ]


def defaults() -> dict[str, str]:
    """Settings that suit this machine; memory figures in megabytes."""
    memory = _memory()
    return {
        "shared_buffers": f"{min(max(memory // 8, 64), 2048)}MB",
        "effective_cache_size": f"{max(memory // 2, 128)}MB",
        "work_mem": f"{min(max(memory // 256, 4), 32)}MB",
        "maintenance_work_mem": f"{min(max(memory // 16, 32), 512)}MB",
        "random_page_cost": "1.1",
        "jit": "off",
        "wal_compression": "on",
        "max_wal_size": "2GB",
        "synchronous_commit": "on",
        "password_encryption": "scram-sha-256",
        "log_line_prefix": "%m [%p] ",
        "log_statement": "none",
        "log_min_error_statement": "panic",  # statements carry personal data
        "log_error_verbosity": "terse",
        "lc_messages": "C",
        "timezone": "UTC",
    }


def _memory() -> int:
    """Megabytes of memory this process may count on: the machine's, or the container's limit if lower."""
    memory: int = psutil.virtual_memory().total
    with suppress(OSError, ValueError):
        memory = min(memory, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return memory // 2**20


def _version(cluster: Path) -> int | None:
    try:
        return int((cluster / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None


def _pid_file(cluster: Path) -> list[str]:
    """The stripped lines of postmaster.pid: pid, folder, start, port, socket folder, address, memory key, state."""
    try:
        return [line.strip() for line in (cluster / "postmaster.pid").read_text().splitlines()]
    except (FileNotFoundError, PermissionError):
        return []


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
