"""Django's PostgreSQL engine, with a time limit on every wait for the server.

PostgreSQL's timeouts need a running server, and TCP's need TCP. Without this limit a frozen server
behind a socket blocks a request and its thread forever.
"""

from __future__ import annotations

import select
import time
from typing import Any, TypeVar, cast

import psycopg
from django.db import InterfaceError, OperationalError, connection, connections
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

from . import pooling
from .failures import Unknown
from .silence import Silence

T = TypeVar("T")

# Seconds to wait when checking whether a connection still works, and for a question of Silence
USABLE_WITHIN = 1
# Seconds until a connection is checked again, if nothing arrives on it in between
CHECKED_AFTER = 1
# How often a statement is run before it is prepared
PREPARED_AFTER = 5
# Seconds for a commit and, if its response is lost, for finding out what became of it
SETTLED_WITHIN = 3.5
# Seconds that a request waits for one response, and for one lock: the longest, less what it has
# waited for its thread, so that both fit in five. A running server ends a statement before.
LONGEST_WAIT, SHORTEST_WAIT = 4.0, 1.5
LONGEST_LOCK, SHORTEST_LOCK = 3.0, 0.2
STATEMENT_OF_REQUEST = "3500ms"

# A standby that was promoted has another timeline, and gives the same numbers to other transactions
TIMELINE = "left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)"
GET_TRANSACTION = f"""
    SELECT id, CASE WHEN id IS NOT NULL THEN {TIMELINE} END
    FROM (SELECT pg_current_xact_id_if_assigned()::text AS id) AS own
"""  # noqa: S608 - built from constants
BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"
GET_STATUS = f"SELECT CASE WHEN {TIMELINE} = %s THEN pg_xact_status(%s::xid8) ELSE 'lost' END"
END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_xid = %s::xid8::xid"


class Connection(psycopg.Connection[Any]):
    """A connection that fails if the server is silent, or slower than `longest_wait` seconds.

    It is always in psycopg's autocommit mode: Cursor begins transactions.
    """

    # Whether statements are in transactions, and ID and timeline of this one, if known
    begins = False
    numbered: tuple[str | None, str | None] = (None, None)
    longest_wait: float | None = None
    longest_lock = LONGEST_LOCK
    silence: Silence | None = None
    is_pooled = False
    checked_at = float("-inf")

    def is_before_transaction(self) -> bool:
        return self.begins and self.pgconn.transaction_status == TransactionStatus.IDLE

    def is_just_checked(self) -> bool:
        """Return True if it was checked lately, and the server has said nothing since.

        A server that stops, or ends the session, says so or closes the connection.
        """
        if time.monotonic() - self.checked_at > CHECKED_AFTER:
            return False
        arrivals = select.poll()
        arrivals.register(self.pgconn.socket, select.POLLIN)
        return not arrivals.poll(0)

    def is_writable(self) -> bool:
        """Return True if the server responds and isn't read-only."""
        row = self.execute("SHOW transaction_read_only").fetchone()
        self.checked_at = time.monotonic()
        return row == ("off",)

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Run an exchange with the server. Close the connection if it is left in the middle."""
        watched = self.silence.watch(gen) if self.silence else gen
        try:
            return super().wait(watched, interval, timeout or self.longest_wait)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


class Cursor(base.CursorMixin, psycopg.ClientCursor[Any]):
    """Django's cursor. The first statement of a transaction begins it, in the same exchange.

    That exchange also says which transaction it is, for the commit.
    """

    def execute(self, query: Any, params: Any = None, **options: Any) -> Cursor:
        own = cast("Connection", self.connection)
        if not own.is_before_transaction():
            return super().execute(query, params, **options)
        own.numbered = (None, None)
        text = query if isinstance(query, str) else query.as_string(own)
        # A line of its own: the text may end with a comment
        super().execute(f"{BEGIN}; {text}\n; {GET_TRANSACTION}", params, **options)
        self.set_result(-1)
        own.numbered = cast("tuple[str | None, str | None]", self.fetchone())
        self.set_result(1)
        return self

    def executemany(self, *args: Any, **options: Any) -> None:
        self.begin()
        super().executemany(*args, **options)

    def copy(self, *args: Any, **options: Any) -> Any:
        self.begin()
        return super().copy(*args, **options)

    def begin(self) -> None:
        """Begin a transaction for what can't take BEGIN along."""
        if cast("Connection", self.connection).is_before_transaction():
            self.execute("SELECT")


class PreparingCursor(base.CursorMixin, psycopg.Cursor[Any]):
    """A cursor that prepares statements it gets often, if sessions aren't shared."""


def ask() -> None:
    """Exchange a message with the server on a new connection."""
    parameters = connection.get_connection_params() | {"autocommit": True}
    with pooling.connect(Connection, parameters) as own:
        own.longest_wait = USABLE_WITHIN
        own.execute("SELECT 1")


silence = Silence(ask)


def limit_waits(arrived_at: float) -> None:
    """Limit the waits of this thread for a request that arrived then, by time.monotonic()."""
    waited = time.monotonic() - arrived_at
    wrapper = cast("DatabaseWrapper", connections["default"])
    wrapper.longest_wait = max(LONGEST_WAIT - waited, SHORTEST_WAIT)
    left = LONGEST_LOCK + 0.5 - waited
    wrapper.longest_lock = max(min(left, LONGEST_LOCK), SHORTEST_LOCK)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper. Connections wait at most `longest_wait` seconds for a response.

    The threads of requests set it. Their waits also end once the server is known to be silent.
    """

    longest_wait: float | None = None
    longest_lock = LONGEST_LOCK

    def is_usable(self) -> bool:
        """Return True if the connection still works and the check responds in time.

        A server that became read-only gets a new connection, which may find the new primary.
        It is asked at most once a second, unless a statement has failed.
        """
        own = self.connection
        if own is None:
            return False
        own.longest_wait = USABLE_WITHIN
        try:
            is_known = not self.errors_occurred and own.is_just_checked()
            return (is_known or own.is_writable()) and self._limit_locks()
        except psycopg.Error:
            return False
        finally:
            own.longest_wait = self.longest_wait

    def _limit_locks(self) -> bool:
        """Limit the waits for locks unless they are. Return True if that has succeeded."""
        if self.connection.longest_lock == self.longest_lock:
            return True
        if self.connection.is_pooled or not self.settings_dict["OPTIONS"].get("options"):
            return True
        try:
            self.connection.execute(f"SET lock_timeout = {self.longest_lock * 1000:.0f}")
        except psycopg.Error:
            return False
        self.connection.longest_lock = self.longest_lock
        return True

    def get_connection_params(self) -> dict[str, Any]:
        """Return the parameters. A request has less time for a statement than a command."""
        params: dict[str, Any] = super().get_connection_params() | {"cursor_factory": Cursor}
        if self.longest_wait and params.get("options"):
            params["options"] += (
                f" -c statement_timeout={STATEMENT_OF_REQUEST}"
                f" -c lock_timeout={self.longest_lock * 1000:.0f}"
            )
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        """Connect. Transactions are READ COMMITTED, which the row locks rely on."""
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        if self.longest_wait:
            with silence.watch_block():
                new = pooling.connect(Connection, conn_params)
            new.longest_wait, new.silence = self.longest_wait, silence
            new.longest_lock = self.longest_lock
        else:
            new = pooling.connect(Connection, conn_params)
        new.autocommit = True
        new.is_pooled = pooling.is_pooled(new)
        new.prepare_threshold = None if new.is_pooled else PREPARED_AFTER
        return new

    def preparing_cursor(self) -> CursorWrapper:
        """Return a cursor for statements that are worth preparing: they are run often."""
        self.ensure_connection()
        if self.connection.is_before_transaction():
            return self.cursor()
        wrap = cast("Any", self)._prepare_cursor  # noqa: SLF001 - as Django's own cursors
        return cast("CursorWrapper", wrap(PreparingCursor(self.connection)))

    def _set_autocommit(self, autocommit: bool) -> None:  # noqa: FBT001 - Django's signature
        self.connection.begins = not autocommit

    def commit(self) -> None:
        """Commit. If the response is lost, find out what became of the transaction.

        Raises OperationalError, from Unknown if that can't be found out.
        """
        started_at = time.monotonic()
        transaction = self._get_transaction()
        try:
            super().commit()
        except (OperationalError, InterfaceError):
            if transaction is None or not self.connection.closed:
                raise
            with self.wrap_database_errors:
                if not self._was_committed(transaction, started_at + SETTLED_WITHIN):
                    raise

    def _get_transaction(self) -> tuple[str, str] | None:
        """Return ID and timeline of the transaction if it has written something."""
        own = self.connection
        if own is None or own.info.transaction_status != TransactionStatus.INTRANS:
            return None
        if own.numbered[0]:
            return cast("tuple[str, str]", own.numbered)
        with self.wrap_database_errors:
            row: tuple[str, str] = own.execute(GET_TRANSACTION).fetchone()
        return row if row[0] else None

    def _was_committed(self, transaction: tuple[str, str], deadline: float) -> bool:
        """Reconnect and return True if the transaction was committed, False if it was rolled back.

        Its server process is ended if it could still commit. Raises Unknown after the deadline, and
        at once if another server has taken over.
        """
        hooks = self.run_on_commit
        while time.monotonic() < deadline and not silence.is_known():
            try:
                if self.connection is None or self.connection.closed:
                    self.close()
                    self.connect()
                number, timeline = transaction
                (status,) = self.connection.execute(GET_STATUS, [timeline, number]).fetchone()
                if status == "lost":
                    break
                if status != "in progress":
                    self.run_on_commit = hooks
                    return bool(status == "committed")
                self.connection.execute(END, [number])
            except (psycopg.OperationalError, OperationalError, InterfaceError):
                pass  # it restarts after a crash
            time.sleep(0.05)
        self.close()
        self.closed_in_transaction = True  # so that atomic() doesn't connect again
        raise Unknown("nobody knows whether it was committed")
