"""What this process knows about a database server that doesn't respond.

PostgreSQL's timeouts need a running server, and TCP's need TCP. So after half a second of a
wait the server is asked, on a connection of its own. Without a response all waits end at once, and
requests fail at once, until the server responds. Any response counts, also a refusal.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

import psycopg
from psycopg.abc import PQGen

T = TypeVar("T")

# Seconds of a wait before the server is asked, to its response, and between two questions
ASKED_AFTER = 0.5
RESPONDS_WITHIN = 1.5
PAUSE = 0.5


class Silent(psycopg.OperationalError):
    """The server doesn't respond."""


class Silence:
    def __init__(self, ask: Callable[[], object]) -> None:
        """`ask` exchanges a message with the server on a connection of its own."""
        self._ask = ask
        self._lock = threading.Lock()
        self._asked_at: float | None = None
        self._next_at = 0.0

    def is_known(self) -> bool:
        """Return True if a question has waited for its response for too long."""
        asked_at = self._asked_at
        return asked_at is not None and time.monotonic() - asked_at > RESPONDS_WITHIN

    def refuse(self) -> None:
        """Raise Silent if the server is known to be silent."""
        if self.is_known():
            raise Silent("the server doesn't respond")

    def suspect(self) -> None:
        """Have the server asked, unless it is being asked or has just responded."""
        with self._lock:
            if self._asked_at is None and time.monotonic() > self._next_at:
                self._asked_at = time.monotonic()
                threading.Thread(target=self._ask_until_it_responds, daemon=True).start()

    def watch(self, gen: PQGen[T]) -> PQGen[T]:
        """Yield what an exchange with the server yields. Raise Silent if the server is silent.

        psycopg resumes it ten times a second, also if nothing has arrived.
        """
        self.refuse()
        started_at = time.monotonic()
        try:
            state = next(gen)
            while True:
                ready = yield state
                if not ready and time.monotonic() - started_at > ASKED_AFTER:
                    self.suspect()
                    self.refuse()
                state = gen.send(ready)
        except StopIteration as stop:
            return cast("T", stop.value)

    @contextmanager
    def watch_block(self) -> Iterator[None]:
        """Have the server asked if the block takes long. Raises Silent at its start only."""
        self.refuse()
        timer = threading.Timer(ASKED_AFTER, self.suspect)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _ask_until_it_responds(self) -> None:
        while not self._responds():
            time.sleep(PAUSE)
        self._next_at = time.monotonic() + PAUSE
        self._asked_at = None

    def _responds(self) -> bool:
        asked_at = time.monotonic()
        try:
            self._ask()
        except psycopg.Error:  # at once: a refusal
            return time.monotonic() - asked_at < RESPONDS_WITHIN
        return True
