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

from accounts import fingerprints, standby

from .database.base import limit_waits

# Seconds until a database that doesn't respond counts as unavailable
READY_WITHIN = 0.7


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Return 200 if requests can be answered as they should be, else 503 with the reason."""
    try:
        problem = check.wait()
    except (DatabaseError, InterfaceError, TimeoutError):
        problem = "database unavailable"
    status = 503 if problem else 200
    lines = [problem or "ready", *list_notes()]
    return HttpResponse(
        "".join(f"{line}\n" for line in lines), status=status, content_type="text/plain"
    )


def list_notes() -> list[str]:
    """Return what doesn't keep this server from working. The log says why."""
    if not standby.is_configured():
        return []
    standby.watch.start()
    return ["standby left out"] if standby.watch.problem else []


def find_problem() -> str:
    """Connect as a new request may have to, and return what keeps this server from working."""
    limit_waits(time.monotonic())
    try:
        if is_read_only():
            return "database is read-only"
        if get_migrations() - set(MigrationRecorder(connection).applied_migrations()):
            return "migrations pending"
        return "" if fingerprints.has_all(fingerprints.SECRETS) else "keys missing"
    finally:
        connection.close()


def is_read_only() -> bool:
    """Return True for a standby, and for a database that was made read-only."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")  # always on in recovery
        return bool(cursor.fetchone() == ("on",))


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
        self.result: Future[str] | None = None

    def wait(self) -> str:
        """Return what the check returns. Raises TimeoutError if it runs for too long."""
        with self.lock:
            if self.result is None or self.result.done():
                self.started_at = time.monotonic()
                self.result = self.thread.submit(find_problem)
            result, until = self.result, self.started_at + READY_WITHIN
        return result.result(max(0, until - time.monotonic()))


check = Check()
