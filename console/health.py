"""The health check for readiness. console/asgi.py has the one for liveness."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from .database.base import limit_waits

# Seconds until a database that doesn't respond counts as unavailable
READY_WITHIN = 0.7


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Return 200 if the database responds in time and has every migration, else 503."""
    try:
        pending = check.wait()
    except (DatabaseError, InterfaceError, TimeoutError):
        return HttpResponse("database unavailable\n", status=503, content_type="text/plain")
    if pending:
        return HttpResponse("migrations pending\n", status=503, content_type="text/plain")
    return HttpResponse("ready\n", content_type="text/plain")


def has_pending_migrations() -> bool:
    """Connect as a new request may have to, and return True if a migration is missing."""
    limit_waits(time.monotonic())
    try:
        return bool(get_migrations() - set(MigrationRecorder(connection).applied_migrations()))
    finally:
        connection.close()


@cache
def get_migrations() -> set[tuple[str, str]]:
    """Return the migrations of this code."""
    return set(MigrationLoader(None).disk_migrations)


class Check:
    """One check at a time, for all who ask while it runs: anybody may ask as often as they like."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        # It may wait for the database longer than a health check may
        self.thread = ThreadPoolExecutor(1, "readiness")
        self.started_at = 0.0
        self.result: Future[bool] | None = None

    def wait(self) -> bool:
        """Return what the check returns. Raises TimeoutError if it runs for too long."""
        with self.lock:
            if self.result is None or self.result.done():
                self.started_at = time.monotonic()
                self.result = self.thread.submit(has_pending_migrations)
            result, until = self.result, self.started_at + READY_WITHIN
        return result.result(max(0, until - time.monotonic()))


check = Check()
