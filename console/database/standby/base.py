"""The engine: its connections wait so little that the primary has time left for the request."""

from __future__ import annotations

from typing import Any

from console.database import base

# Seconds, more than a statement may take
LONGEST_WAIT = 2.0


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> base.Connection:
        new = super().get_new_connection(conn_params)
        new.longest_wait = LONGEST_WAIT
        return new
