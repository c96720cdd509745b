"""The supervisor's own rules, on children that are plain scripts."""

import sys
import time
from pathlib import Path

import pytest

from trato.site import supervisor
from trato.site.problem import Problem
from trato.site.supervisor import Child, Supervisor


class Script(Child):
    """A child that runs a line of Python instead of a command of ours."""

    def command(self) -> list[str]:
        return [sys.executable, "-c", *self.arguments]


def script(tmp_path: Path, name: str, code: str) -> Script:
    return Script(name, [code], tmp_path / f"{name}.log")


def test_a_child_that_can_not_start_ends_it_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE", 0.01)
    said: list[str] = []
    one = Supervisor([script(tmp_path, "web", "raise SystemExit('no such page')")], None, said.append)
    with pytest.raises(Problem, match=r"web can't start \(status 1\)") as caught:
        one.run(lambda: False, lambda: None)
    assert "no such page" in str(caught.value)
    assert len(said) == supervisor.TRIES_BEFORE_READY - 1


def test_who_does_not_stop_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "PATIENCE", 0.3)
    said: list[str] = []
    stubborn = script(
        tmp_path,
        "web",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
    )
    one = Supervisor([stubborn], None, said.append)
    stubborn.start()
    while "up" not in stubborn.last_words():
        time.sleep(0.01)
    one.stop()
    assert stubborn.process.returncode == -9
    assert "did not stop" in said[0]


def test_nobody_answering_in_time_is_a_problem(tmp_path: Path) -> None:
    one = Supervisor([script(tmp_path, "web", "import time; time.sleep(60)")], None, print)
    with pytest.raises(Problem, match="did not answer within 0 seconds"):
        one.run(lambda: False, lambda: None, timeout=0.2)
    one.stop()


def test_a_log_keeps_one_old_file_of_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LARGEST_LOG", 10)
    log = tmp_path / "web.log"
    with log.open("a") as writer:
        writer.write("0123456789 old\n")
        writer.flush()
        supervisor._limit(log)
        writer.write("new\n")
    assert (log.read_text(), (tmp_path / "web.1.log").read_text()) == ("new\n", "0123456789 old\n")
