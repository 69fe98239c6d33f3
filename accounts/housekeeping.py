"""Small jobs that run again and again, on one server at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from django.db import Error, connection, transaction
from django.utils import timezone

from . import limits, sealing, tally
from .idempotency import TOKEN_LIFETIME
from .models import ClientToken, Session

log = structlog.get_logger("accounts.housekeeping")


@dataclass
class Job:
    """A job, and how many seconds are between its runs: more, after one that took long.

    `has_own_lock` is for one that waits, which it may not do in a transaction.
    """

    run: Callable[[], object]
    seconds: float
    has_own_lock: bool = False
    due_at: float = field(default=0)


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """Yield True in a transaction if no other process runs the job of this name."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [f"housekeep {name}"])
        yield cursor.fetchone() == (True,)


def seal_trail() -> None:
    """Seal new events. `warn_of_obstacle` says why it can't."""
    with suppress(sealing.NotSealingError):
        sealing.seal()


def warn_of_obstacle() -> None:
    """Write to the log why events aren't sealed."""
    if reason := sealing.find_obstacle():
        log.warning("audit_not_sealed", reason=reason)


def log_head() -> None:
    """Write the newest seal to the log, which is stored elsewhere."""
    with suppress(sealing.NotSealingError):
        if head := sealing.get_head():
            log.info("audit_head", head=head)


def add_months() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_add_months()")


def clear_sessions() -> None:
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


def forget_counters() -> None:
    """Forget attempts, client tokens and IDs of forms that are older than a day."""
    limits.forget_old()
    ClientToken.objects.filter(seen_at__lt=timezone.now() - TOKEN_LIFETIME).delete()


def tell_refusals() -> None:
    """Record how many refusals had no event of their own."""
    tally.tell()


# A job that takes a second rests for at least so many
REST = 50
# The jobs of the other packages
others: list[Callable[[], Job]] = []

DAY = timedelta(days=1).total_seconds()


def build_jobs() -> list[Job]:
    return [
        Job(seal_trail, 2, has_own_lock=True),
        Job(warn_of_obstacle, 600, has_own_lock=True),
        Job(tell_refusals, 60),
        Job(clear_sessions, 600),
        Job(forget_counters, 600),
        Job(add_months, 3600),
        Job(log_head, DAY, due_at=time.monotonic() + 60),
        *(build() for build in others),
    ]


def run_due(jobs: list[Job]) -> None:
    """Run the jobs that are due. One that fails runs again at its next time."""
    for job in jobs:
        if job.due_at > time.monotonic():
            continue
        name, started_at = job.run.__name__, time.monotonic()
        try:
            with nullcontext(True) if job.has_own_lock else alone(name) as may_run:  # noqa: FBT003
                if may_run:
                    job.run()
        except Error as error:
            log.warning("housekeeping_failed", job=name, reason=str(error).partition("\n")[0])
            connection.close()
        job.due_at = time.monotonic() + max(job.seconds, REST * (time.monotonic() - started_at))
