"""Django's PostgreSQL engine, with an end to every wait for the server.

PostgreSQL's own timeouts need a server that runs, and TCP's need TCP. A frozen server behind a
socket would hold a request, and the thread that serves it, for ever.
"""

from __future__ import annotations

from typing import Any, TypeVar

import psycopg
from django.db.backends.postgresql import base
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

T = TypeVar("T")

# For the question whether a connection still works.
USABLE_WITHIN = 2


class Connection(psycopg.Connection[Any]):
    """A connection that is given up when the server is silent for too long."""

    longest_wait: float | None = None

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Run an exchange with the server; close a connection that is left in the middle of one."""
        try:
            return super().wait(gen, interval, timeout or self.longest_wait)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, whose new connections wait at most `longest_wait` seconds for an answer."""

    longest_wait: float | None = None

    def is_usable(self) -> bool:
        """Whether the connection still works; one that cannot tell soon does not."""
        if self.connection is None:
            return False
        self.connection.longest_wait = USABLE_WITHIN
        try:
            return super().is_usable()
        finally:
            self.connection.longest_wait = self.longest_wait

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        """Connect; READ COMMITTED, PostgreSQL's default, is what the row locks are made for."""
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        connection = Connection.connect(**conn_params)
        connection.isolation_level = self.isolation_level
        connection.longest_wait = self.longest_wait
        return connection
