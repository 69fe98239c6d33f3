"""Django's PostgreSQL engine, with a time limit on every wait for the server.

PostgreSQL's timeouts need a running server, and TCP's need TCP. Without this limit a frozen server
behind a socket blocks a request and its thread forever.
"""

from __future__ import annotations

from typing import Any, TypeVar

import psycopg
from django.db.backends.postgresql import base
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

T = TypeVar("T")

# Seconds to wait when checking whether a connection still works.
USABLE_WITHIN = 2


class Connection(psycopg.Connection[Any]):
    """A connection that fails if the server is silent for longer than `longest_wait` seconds."""

    longest_wait: float | None = None

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Run an exchange with the server. Close the connection if it is left in the middle."""
        try:
            return super().wait(gen, interval, timeout or self.longest_wait)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper. New connections wait at most `longest_wait` seconds for a response."""

    longest_wait: float | None = None

    def is_usable(self) -> bool:
        """Return True if the connection still works and the check responds in time."""
        if self.connection is None:
            return False
        self.connection.longest_wait = USABLE_WITHIN
        try:
            return super().is_usable()
        finally:
            self.connection.longest_wait = self.longest_wait

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        """Connect with READ COMMITTED, PostgreSQL's default, which the row locks rely on."""
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        connection = Connection.connect(**conn_params)
        connection.isolation_level = self.isolation_level
        connection.longest_wait = self.longest_wait
        return connection
