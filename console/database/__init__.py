"""How Django connects to PostgreSQL, the embedded server or another: settings and engine."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

ENTRIES = {
    "NAME": "dbname",
    "USER": "user",
    "PASSWORD": "password",
    "HOST": "host",
    "PORT": "port",
}
OPTIONS = {
    "application_name": "bcc-console",
    # The server ends what takes too long. lock_timeout is above deadlock_timeout, one second, so
    # that a deadlock is told as one.
    "options": (
        "-c statement_timeout=10s -c lock_timeout=3s -c idle_in_transaction_session_timeout=15s"
    ),
    # The network may also just fall silent; then only these end the wait.
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def settings_for(url: str) -> dict[str, Any]:
    """Return Django's settings for a libpq URL, whose own parameters go before ours.

    So a URL may name several hosts and `target_session_attrs`, and one that leads through
    PgBouncer says `options=`, because that refuses startup options.
    """
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        msg = "DATABASE_URL is not a PostgreSQL URL such as postgresql://user@host/name."
        raise ValueError(msg) from None  # the cause would show the password
    return {
        "ENGINE": "console.database",
        # Each thread that serves requests keeps its connection, and looks whether it still works.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # They outlive a transaction, and PgBouncer's transaction mode does not keep such things.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        **{entry: given.pop(name, "") for entry, name in ENTRIES.items()},
        "OPTIONS": OPTIONS | given,
    }
