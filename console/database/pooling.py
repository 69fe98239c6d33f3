"""PgBouncer in transaction mode, where each transaction may get another session of the server.

Nothing can be set for a session there, because the next transaction in it is somebody else's. So
the limits on waits are those of the role.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from django.db import Error, connection, transaction
from psycopg.sql import SQL, Identifier, Literal

# What PgBouncer says to startup options, unless it is told to ignore them
REFUSAL = "unsupported startup parameter"
LIMITS = {
    "statement_timeout": "3500ms",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "15s",
}
MISSING = "SELECT name FROM pg_settings WHERE name = ANY(%s) AND setting = '0'"
LIMIT = "ALTER ROLE CURRENT_USER IN DATABASE {database} SET {name} = {value}"

refusing: set[tuple[Any, Any]] = set()  # hosts and ports that refuse options


C = TypeVar("C", bound="psycopg.Connection[Any]")


def connect(kind: type[C], parameters: dict[str, Any]) -> C:
    """Connect, without options if they are refused."""
    where = parameters.get("host"), parameters.get("port")
    if where in refusing:
        parameters = parameters | {"options": ""}
    try:
        return kind.connect(**parameters)
    except psycopg.OperationalError as error:
        if not parameters.get("options") or REFUSAL not in str(error):
            raise
    refusing.add(where)
    return kind.connect(**parameters | {"options": ""})


def is_pooled(own: psycopg.Connection[Any]) -> bool:
    """Return True if sessions are shared: then another process works than the one that greeted."""
    (worker,) = own.execute("SELECT pg_backend_pid()").fetchone() or (None,)
    return bool(worker != own.info.backend_pid)


def lift_limits() -> None:
    """Let the statements of a command take their time. Shared sessions stay as they are."""
    with connection.cursor() as cursor:
        if not connection.connection.is_pooled:
            cursor.execute("SET statement_timeout = 0")


def limit_role() -> None:
    """Give the role of a pooled connection the limits that it lacks.

    They hold for new sessions, so that of this connection is ended.
    """
    with connection.cursor() as cursor:
        if not connection.connection.is_pooled:
            return
        cursor.execute(MISSING, [list(LIMITS)])
        if not (names := [name for (name,) in cursor.fetchall()]):
            return
        with transaction.atomic():
            cursor.execute("SELECT current_database()")
            (database,) = cursor.fetchone()
            for name in names:
                parts = {"database": Identifier(database), "name": Identifier(name)}
                cursor.execute(SQL(LIMIT).format(value=Literal(LIMITS[name]), **parts))
        with suppress(Error):
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.close()
