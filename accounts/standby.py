"""Lists that are read from a standby, as long as nobody can tell.

A standby is behind the primary by milliseconds, and sometimes by much more. So an account for which
something has just changed reads its lists from the primary, on every server: the audit trail tells.
For all others a standby may be REPLICA_MAX_LAG seconds behind. One that fails or is further behind
is left out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial, wraps
from typing import Any, TypeVar, cast

import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connection, connections
from django.utils import timezone

from .actors import Actor
from .models import MIN_ID, AuditEvent, Walk, read_newest

R = TypeVar("R")
View = TypeVar("View", bound=Callable[..., Any])

ALIAS = "standby"
# Seconds between two looks at how far the standby is
PAUSE = 0.5
# Seconds from the time of an event to its commit, with the difference of the servers' clocks
UNTIL_COMMITTED = 10

# The servers, which a standby shares with its primary, and one of their databases
DATABASE = "(SELECT concat(system_identifier, ' ', current_database()) FROM pg_control_system())"
# Numbers of bytes of WAL since the servers were created
WRITTEN = f"SELECT {DATABASE}, pg_current_wal_insert_lsn() - '0/0'"
REPLAYED = f"""
    SELECT {DATABASE}, CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() - '0/0' END
"""

log = structlog.get_logger("accounts.standby")


class Reads(threading.local):
    """Where the lists of this thread are read, and in how many transactions they may be."""

    alias = DEFAULT_DB_ALIAS
    depth = 0


reads = Reads()


def get_alias() -> str:
    """Return the database for a query of a list. What a list begins to write is on the primary."""
    return reads.alias if len(connection.atomic_blocks) <= reads.depth else DEFAULT_DB_ALIAS


def lists(view: View) -> View:
    """Let a page or call that is a list read from the standby. It may run twice."""

    @wraps(view)
    def wrapper(request: Any, *args: Any, **kwargs: Any) -> Any:
        return read(partial(view, request, *args, **kwargs), by=request.actor)

    return cast("View", wrapper)


def read(run: Callable[[], R], *, by: Actor) -> R:
    """Return the result of `run`, which reads a list. If the standby fails, it runs again."""
    if not is_configured() or not watch.is_fresh() or has_changed_lately(by):
        return run()
    try:
        with reading():
            if watch.accepts(*ask(ALIAS, REPLAYED)):  # of several standbys, this thread's
                return run()
    except Error as error:
        standby = connections[ALIAS]
        if not standby.errors_occurred:
            raise
        if standby.connection is None or standby.connection.closed:
            watch.leave_out(describe(error))
        standby.close()
    return run()


def is_configured() -> bool:
    return ALIAS in settings.DATABASES


@contextmanager
def reading() -> Iterator[None]:
    reads.alias, reads.depth = ALIAS, len(connection.atomic_blocks)
    if reads.depth:  # it waits for the standby, such as one with the locks of an export
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '1min'")
    try:
        yield
    finally:
        reads.alias, reads.depth = DEFAULT_DB_ALIAS, 0


def has_changed_lately(by: Actor) -> bool:
    """Return True if the standby may lack a change of the actor, or of others to the account."""
    since = timezone.now() - timedelta(seconds=settings.REPLICA_MAX_LAG + UNTIL_COMMITTED)
    if not by.account:
        return AuditEvent.objects.filter(at__gt=since, actor=by.name).exists()
    walk = Walk(account=by.account, start=(since, MIN_ID))
    return bool(read_newest(walk, 1))


def describe(error: Exception) -> str:
    return f"it doesn't respond as it should: {str(error).partition(chr(10))[0]}"


class Watch:
    """How far the standby is, as this process knows."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.thread: threading.Thread | None = None
        # Which database it is, and when the primary had written how much
        self.database = ""
        self.marks: tuple[tuple[float, int], ...] = ()
        # The standby has everything that was committed before
        self.caught_up_at = float("-inf")
        # Why it is left out
        self.problem = ""

    def is_fresh(self) -> bool:
        self.start()
        return not is_old(self.caught_up_at)

    def start(self) -> None:
        with self.lock:
            if self.thread is None:
                self.thread = threading.Thread(target=self.run, name="standby", daemon=True)
                self.thread.start()

    def run(self) -> None:
        while True:
            try:
                self.look()
            except Exception as error:  # noqa: BLE001 - it must go on looking
                self.leave_out(describe(error))
                connections.close_all()
            time.sleep(PAUSE)

    def look(self) -> None:
        """Find out when the primary had written what the standby has replayed."""
        looked_at = time.monotonic()
        self.database, written = ask(DEFAULT_DB_ALIAS, WRITTEN)
        recent = [mark for mark in self.marks if not is_old(mark[0])]
        self.marks = (*recent, (looked_at, written))
        database, replayed = ask(ALIAS, REPLAYED)
        if database != self.database or replayed is None:
            self.leave_out("it isn't a standby of this database")
        elif not self.accepts(database, replayed):
            self.leave_out(f"it is more than {settings.REPLICA_MAX_LAG} seconds behind")
        else:
            self.use(max(at for at, position in self.marks if position <= replayed))

    def accepts(self, database: str, replayed: int | None) -> bool:
        """Return True if a standby that has replayed so much is near enough."""
        reached = (
            replayed is not None and position <= replayed and not is_old(at)
            for at, position in self.marks
        )
        return database == self.database and any(reached)

    def use(self, caught_up_at: float) -> None:
        with self.lock:
            self.caught_up_at = caught_up_at
            if self.problem:
                self.problem = ""
                log.info("standby_used")

    def leave_out(self, problem: str) -> None:
        with self.lock:
            self.caught_up_at = float("-inf")
            if not self.problem:
                log.warning("standby_left_out", reason=problem)
            self.problem = problem


def is_old(at: float) -> bool:
    return time.monotonic() - at > settings.REPLICA_MAX_LAG


def ask(alias: str, question: str) -> tuple[Any, Any]:
    with connections[alias].cursor() as cursor:
        cursor.execute(question)
        row: tuple[Any, Any] = cursor.fetchone()
    return row


watch = Watch()
