"""A helper for the tests of the administration."""

from __future__ import annotations

from accounts.models import AuditEvent


def last_event():
    event = AuditEvent.objects.first()
    return (event.channel, event.actor, event.verb, event.outcome, event.target_id)
