"""Child processes that are started again when they end, and replaced without a gap."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from django.conf import settings

PR_SET_PDEATHSIG = 1
REPORT = "BCC_CONSOLE_REPORT"
# Seconds between two starts of processes that end
PAUSE = 2
# Seconds for a process to end after SIGTERM, more than the web server needs (console/server.py)
PATIENCE = 36


class NotStarted(Exception):  # noqa: N818 - the reason is in the output of the process
    """A process ended or was silent instead of reporting that it is ready."""


def end_with_parent(number: signal.Signals) -> None:
    """Have the kernel signal this process when its parent ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


def get_first_environment() -> dict[str, str]:
    """Return the environment that this process was started with, without what .env added."""
    entries = Path("/proc/self/environ").read_bytes().decode(errors="surrogateescape").split("\0")
    return dict(entry.split("=", 1) for entry in entries if "=" in entry)


class Child:
    """A process. The variable REPORT names the file on which it says that it is ready."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], file: int) -> None:
        self.leaves_until: float | None = None
        self.report, report = os.pipe()
        self.process = subprocess.Popen(  # noqa: S603
            command,
            cwd=settings.BASE_DIR,
            env=get_first_environment() | environment | {REPORT: str(report)},
            pass_fds=[file, report],
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # only the supervisor gets Ctrl-C from the terminal
            preexec_fn=lambda: end_with_parent(signal.SIGKILL),  # noqa: PLW1509 - there are no threads
        )
        os.close(report)

    def wait_until_ready(self, seconds: float) -> None:
        """Raise NotStarted if the process doesn't report in time."""
        is_readable = select.select([self.report], [], [], max(0, seconds))[0]
        if not is_readable or not os.read(self.report, 1):
            raise NotStarted

    def has_ended(self) -> bool:
        is_late = self.leaves_until is not None and self.leaves_until < time.monotonic()
        return is_late or self.process.poll() is not None

    def end(self) -> None:
        """Have the process finish what it does, for a while."""
        self.leaves_until = time.monotonic() + PATIENCE
        self.process.terminate()

    def close(self) -> None:
        """Kill what is left of the process and of all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.report)


class Group:
    """Several processes of one command."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        number: int = 1,
        environment: dict[str, str] | None = None,
        file: int = 0,
    ) -> None:
        self.number = number
        self._start = partial(Child, command, environment or {}, file)
        self._started = 0.0
        self._children: list[Child] = []

    def start(self, *, within: float) -> None:
        """Start the processes, and wait until all are ready. Raises NotStarted if one isn't."""
        deadline = time.monotonic() + within
        new = [self._add() for _ in range(self.number)]
        try:
            for child in new:
                child.wait_until_ready(deadline - time.monotonic())
        except NotStarted:
            self._remove(new)
            raise

    def replace(self, *, within: float) -> None:
        """Start new processes, and end the others when the new ones are ready."""
        old = self._staying()
        self.start(within=within)
        for child in old:
            child.end()

    def tend(self) -> int:
        """Start a process for each that has ended. Return the number of these."""
        self._remove([child for child in self._children if child.has_ended()])
        missing = self.number - len(self._staying())
        if missing == 0 or time.monotonic() < self._started + PAUSE:
            return 0
        for _ in range(missing):
            self._add()
        return missing

    def release(self) -> None:
        """Have the processes end. `tend` starts others."""
        for child in self._staying():
            child.end()

    def stop(self) -> None:
        """End all processes, and wait for them."""
        self.release()
        while not all(child.has_ended() for child in self._children):
            time.sleep(0.05)
        self._remove(list(self._children))

    def _staying(self) -> list[Child]:
        return [child for child in self._children if child.leaves_until is None]

    def _add(self) -> Child:
        self._started = time.monotonic()
        child = self._start()
        self._children.append(child)
        return child

    def _remove(self, children: list[Child]) -> None:
        for child in children:
            child.close()
            self._children.remove(child)
