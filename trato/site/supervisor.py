"""Starts the processes of one machine, starts again what dies, and stops everything in order.

Each child writes its log to a file of its own and is asked by the kernel to stop when this process is gone, however
that happened. Everything runs in one thread: a look around every fifth of a second.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from trato.engine.postgres.embedded import Embedded
from trato.engine.postgres.parent import ending_with_us

from .problem import Problem

LOOK = 0.2  # seconds between two looks around
STEADY = 60  # seconds after which a child's earlier deaths are forgotten
LONGEST_PAUSE = 30
PATIENCE = 25  # seconds a child gets to finish what it does
LARGEST_LOG = 20 * 2**20
TRIES_BEFORE_READY = 3


@dataclass
class Child:
    """One process: its name, the arguments of ``trato``, and what became of it."""

    name: str
    arguments: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0
    deaths: int = 0
    due: float = 0

    def command(self) -> list[str]:
        """What is run."""
        return [sys.executable, "-m", "trato.site", self.name, *self.arguments]

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in a terminal is ours to pass on, in our order
                preexec_fn=ending_with_us(),  # noqa: PLW1509 - started from the one thread there is
            )
        self.started = time.monotonic()

    def died(self) -> bool:
        """Whether it has ended since it was started; it is reaped then."""
        return self.process is not None and self.process.poll() is not None

    def last_words(self, lines: int = 12) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class Supervisor:
    """The children and the database, until somebody says stop."""

    def __init__(self, children: Sequence[Child], database: Embedded | None, say: Callable[[str], None]) -> None:
        self.children = children
        self.database = database
        self.say = say
        self.stopped = False

    @contextmanager
    def signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM mean stop, once; the rest of the block is about doing that in order."""

        def stop(number: int, frame: FrameType | None) -> None:
            self.stopped = True

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def run(self, ready: Callable[[], bool], announce: Callable[[], None], timeout: float = 90) -> None:
        """Starts the children and watches over them; ``announce`` is called once, when ``ready`` says so.

        Raises Problem, with the child's last words, when one can't start at all or ``timeout`` seconds go by.
        """
        for child in self.children:
            _limit(child.log)
            child.start()
        waiting, end, round_ = True, time.monotonic() + timeout, 0
        while not self.stopped:
            self._look_after_database()
            for child in self.children:
                self._look_after(child, waiting)
            if waiting and ready():
                waiting = False
                announce()
            if waiting and time.monotonic() > end:
                raise Problem(f"Trato did not answer within {timeout:.0f} seconds. See {self.children[0].log.parent}.")
            round_ += 1
            if round_ % 300 == 0:
                for child in self.children:
                    _limit(child.log)
            time.sleep(LOOK / 4 if waiting else LOOK)

    def stop(self) -> None:
        """Asks all children to end, waits for what they finish, then ends the rest; the database is the caller's."""
        running = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in running:
            process.terminate()
        end = time.monotonic() + PATIENCE
        for process in running:
            try:
                process.wait(max(end - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                self.say(f"Process {process.pid} did not stop in {PATIENCE} seconds and is ended.")
            _end_group(process)

    def _look_after(self, child: Child, waiting: bool) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.due:
                child.start()
            return
        if child.deaths and now - child.started > STEADY:
            child.deaths = 0
        if not child.died():
            return
        _end_group(child.process)  # a server that is gone may have left workers behind
        status, child.process = child.process.returncode, None
        child.deaths += 1
        if waiting and child.deaths >= TRIES_BEFORE_READY:
            raise Problem(f"{child.name} can't start (status {status}). {child.log} says:\n{child.last_words()}")
        pause = min(0.5 * 2 ** (child.deaths - 1), LONGEST_PAUSE)
        child.due = now + pause
        self.say(f"{child.name} has ended (status {status}) and is started again in {pause:g} s. See {child.log}.")

    def _look_after_database(self) -> None:
        if self.database is None or not self.database.exited():
            return
        self.say("The database has ended on its own and is started again; it repairs what was under way.")
        self.database.start()


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Ends whatever is left of a child's own session, and reaps the child."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _limit(log: Path) -> None:
    """Keeps one old log of a size; the file itself stays open in its process, which only adds to its end."""
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        shutil.copyfile(log, log.with_suffix(".1.log"))
        os.truncate(log, 0)
