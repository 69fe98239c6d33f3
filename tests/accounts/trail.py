"""Helpers for tests that seal the trail, and change it as somebody who owns the database."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import connection, transaction
from django.utils import timezone

from accounts import archiving, audit, sealing
from accounts.actors import SYSTEM
from accounts.models import AuditEvent, Seal
from accounts.verifying import Verification
from console.database.owner import as_owner


def add_events(number):
    """Record this many events. Return their IDs."""
    return [audit.record(SYSTEM, audit.Verb.ADD, note=f"event {n}").pk for n in range(number)]


def seal_all():
    """Seal everything. Other tests write in the same server, so it may take some attempts."""
    count, deadline = 0, time.monotonic() + 60
    while AuditEvent.objects.filter(pk__gt=get_last()).exists():
        assert time.monotonic() < deadline
        count += sealing.seal()
    return count


def get_last():
    newest = Seal.objects.order_by("number").last()
    return newest.last if newest else 0


def forge_seal(number, *, last):
    """Add a seal as the application's role can, without the key."""
    Seal.objects.create(
        number=number, at=timezone.now(), first=last, last=last, digest=b"", signature=b""
    )


def tamper(statement, *parameters):
    """Run a statement on the trail as its owner, without the triggers."""
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditevent DISABLE TRIGGER USER")
        cursor.execute(statement, parameters)
        for name in ("only_grows", "is_indexed"):
            cursor.execute(
                f"ALTER TABLE accounts_auditevent ENABLE TRIGGER accounts_auditevent_{name}"
            )


def archive(month, folder):
    with as_owner():
        return archiving.archive(month, folder)


def find_problems(**options):
    """Return the problems without the time of the seal."""
    return [text.partition(" (seal")[0] for text in Verification().verify(**options)]


FIRST = "accounts_auditevent_first"
MONTHS = """
    CREATE TABLE accounts_auditevent_2020_05
        PARTITION OF accounts_auditevent (PRIMARY KEY (id))
        FOR VALUES FROM ('2020-05-01Z') TO ('2020-06-01Z');
    CREATE TABLE accounts_auditevent_2020_06
        PARTITION OF accounts_auditevent (PRIMARY KEY (id))
        FOR VALUES FROM ('2020-06-01Z') TO ('2020-07-01Z');
"""


@contextmanager
def taking_month():
    """Yield a partition, the month of May 2020, taken from the first one. June 2020 is another."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = %s", [FIRST]
        )
        (bounds,) = cursor.fetchone()
        end = bounds.partition("TO ('")[2].rstrip("')")
        cursor.execute(f"ALTER TABLE accounts_auditevent DETACH PARTITION {FIRST}")
        cursor.execute(MONTHS)
    yield archiving.Month("accounts_auditevent_2020_05", datetime(2020, 6, 1, tzinfo=UTC))
    with as_owner(), connection.cursor() as cursor:
        for name in ("2020_05", "2020_06"):
            cursor.execute(f"DROP TABLE IF EXISTS accounts_auditevent_{name}")
        cursor.execute(
            f"ALTER TABLE accounts_auditevent ATTACH PARTITION {FIRST} "
            f"FOR VALUES FROM (MINVALUE) TO ('{end}')"
        )
