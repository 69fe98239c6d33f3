"""Helpers for tests that seal the trail, and change it as somebody who owns the database."""

from __future__ import annotations

import time

from django.db import connection, transaction
from django.utils import timezone

from accounts import audit, sealing
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
        cursor.execute(
            "ALTER TABLE accounts_auditevent ENABLE TRIGGER accounts_auditevent_only_grows"
        )


def find_problems(**options):
    """Return the problems without the time of the seal."""
    return [text.partition(" (seal")[0] for text in Verification().verify(**options)]
