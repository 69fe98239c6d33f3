"""Child processes that end, are replaced and are stopped."""

from __future__ import annotations

import os
import signal
import sys
import time

import psutil
import pytest

from console import supervisor

from .processes import alive, command, until

# Reports, then runs until a signal
SERVE = "import os, time; os.write(int(os.environ['BCC_CONSOLE_REPORT']), b'.'); time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SERVE}"


@pytest.fixture
def group():
    """Yield a function that returns a group of processes. They are killed after the test."""
    groups = []

    def group(code, number=1):
        groups.append(supervisor.Group([sys.executable, "-c", code], number=number))
        return groups[-1]

    yield group
    for each in groups:
        each._remove(list(each._children))


def children():
    pids = [child.pid for child in psutil.Process().children()]
    return [pid for pid in pids if "BCC_CONSOLE" in command(pid)]


def test_it_starts_that_many_processes(group):
    group(SERVE, number=2).start(within=30)

    assert len(children()) == 2


@pytest.mark.parametrize("code", ["raise SystemExit", "import time; time.sleep(60) # BCC_CONSOLE"])
def test_a_process_that_does_not_report_is_not_started(group, code):
    with pytest.raises(supervisor.NotStarted):
        group(code).start(within=1)

    assert children() == []


def test_a_process_that_ends_is_started_again_after_a_pause(group, monkeypatch):
    monkeypatch.setattr(supervisor, "PAUSE", 1)
    serving = group(SERVE)
    serving.start(within=30)
    started = time.monotonic()
    killed = children()
    os.kill(killed[0], signal.SIGKILL)
    until(lambda: serving.tend() == 1)

    assert time.monotonic() - started > 0.5
    assert len(children()) == 1
    assert children() != killed
    assert serving.tend() == 0


def test_others_take_over_before_a_process_ends(group):
    serving = group(SERVE)
    serving.start(within=30)
    old = children()
    serving.replace(within=30)
    until(lambda: not alive(old) or serving.tend())

    assert len(set(children()) - set(old)) == 1


def test_a_replacement_that_does_not_start_replaces_nothing(group, monkeypatch):
    serving = group("import os; os.environ['PATH']; " + SERVE)
    serving.start(within=30)
    old = children()
    monkeypatch.setattr(supervisor, "get_first_environment", dict)
    with pytest.raises(supervisor.NotStarted):
        serving.replace(within=30)

    assert children() == old


def test_a_process_that_does_not_leave_is_killed(group, monkeypatch):
    monkeypatch.setattr(supervisor, "PATIENCE", 0.5)
    serving = group(DEAF)
    serving.start(within=30)
    serving.stop()

    assert children() == []


def test_children_get_the_environment_without_what_was_added_later(monkeypatch):
    monkeypatch.setenv("ADDED_LATER", "1")

    assert "ADDED_LATER" not in supervisor.get_first_environment()
    assert supervisor.get_first_environment()["PATH"] == os.environ["PATH"]
