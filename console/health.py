"""The health check for readiness. console/asgi.py has the one for liveness."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
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
        pending = checks.submit(has_pending_migrations).result(READY_WITHIN)
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


# Threads that may wait for the database longer than a health check may
checks = ThreadPoolExecutor(2, "readiness")
