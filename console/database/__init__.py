"""Settings and engine for Django's connection to PostgreSQL."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

PARAMETERS = {
    "NAME": "dbname",
    "USER": "user",
    "PASSWORD": "password",
    "HOST": "host",
    "PORT": "port",
}
OPTIONS = {
    "application_name": "bcc-console",
    # Limits that the server enforces. lock_timeout is above deadlock_timeout, one second, so that
    # a deadlock is reported as one.
    "options": (
        "-c statement_timeout=10s -c lock_timeout=3s -c idle_in_transaction_session_timeout=15s"
    ),
    # If the network goes silent, only these end the wait.
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


# Of a standby. If it fails, the primary must have time left for the request
STATEMENT_OF_STANDBY = "1500ms"


def build_settings(url: str) -> dict[str, Any]:
    """Return Django's settings for a libpq URL. The URL's own parameters override ours.

    A URL may name several hosts and `target_session_attrs`.
    """
    try:
        parameters = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        msg = "DATABASE_URL must be a PostgreSQL URL, such as postgresql://user@host/name."
        raise ValueError(msg) from None  # the cause contains the password
    return {
        "ENGINE": "console.database",
        # Each thread keeps its connection, and checks whether it still works.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # They outlive a transaction, which PgBouncer's transaction mode does not support.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        **{entry: parameters.pop(name, "") for entry, name in PARAMETERS.items()},
        "OPTIONS": OPTIONS | parameters,
    }


def build_standby_settings(url: str) -> dict[str, Any]:
    """Return Django's settings for a standby. A connection that fails is not used again."""
    settings = build_settings(url)
    options = dict(settings["OPTIONS"])
    if options["options"]:
        options["options"] += f" -c statement_timeout={STATEMENT_OF_STANDBY}"
    own = {"ENGINE": "console.database.standby", "CONN_HEALTH_CHECKS": False, "OPTIONS": options}
    return settings | own
