"""A table that somebody else has locked."""

from __future__ import annotations

from contextlib import contextmanager

import psycopg
from django.db import connection
from psycopg import sql


@contextmanager
def locked(table):
    """Lock a table in another connection. That of the test waits for a tenth of a second."""
    parameters = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port", "requirepeer")
    own = {name: parameters[name] for name in names if name in parameters}
    with psycopg.connect(**own) as other, connection.cursor() as cursor:
        other.execute(sql.SQL("LOCK TABLE {}").format(sql.Identifier(table)))
        cursor.execute("SET lock_timeout = '100ms'")
        try:
            yield
        finally:
            cursor.execute("RESET lock_timeout")
