"""Refused attempts in the audit trail: each of a few a minute, and the number of the others.

Alike are refusals of the same action for the same reason to the same actor. Who isn't signed in is
known by the address, because a name can be made up for each attempt.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from .actors import OPERATOR_CHANNELS
from .addresses import get_network
from .limits import get_digest
from .models import AuditEvent, RefusalTally

# The events of alike refusals in one period. The next event has the number of the others.
MAX_EVENTS = 10
PERIOD = timedelta(minutes=1)

COUNT = """
    INSERT INTO accounts_refusaltally AS tally (key, started_at, number, before, event)
    VALUES (%(key)s, %(now)s, 1, 0, %(event)s)
    ON CONFLICT (key) DO UPDATE SET
        number = CASE WHEN tally.started_at > %(since)s THEN tally.number + 1 ELSE 1 END,
        before = CASE WHEN tally.started_at > %(since)s THEN 0
                      ELSE greatest(tally.number - %(limit)s, 0) END,
        started_at = CASE WHEN tally.started_at > %(since)s
                          THEN tally.started_at ELSE excluded.started_at END,
        event = excluded.event
    RETURNING number, before
"""


@transaction.atomic(savepoint=False)
def record(event: AuditEvent) -> AuditEvent:
    """Count the event of a refusal. Save it, unless there were many like it in this minute."""
    now = timezone.now()
    field = RefusalTally._meta.get_field("event")
    parameters = {
        "key": get_digest(f"{get_actor(event)}\0{event.verb}\0{event.reason}"),
        "now": now,
        "since": now - PERIOD,
        "limit": MAX_EVENTS,
        "event": field.get_db_prep_save(get_values(event), connection),
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT, parameters)
        number, before = cursor.fetchone()
    if before:
        event.detail["repeated"] = before
    if number <= MAX_EVENTS:
        event.pk = None
        event.save(force_insert=True)
    return event


def get_actor(event: AuditEvent) -> str:
    """Return who was refused: a person of an account, an operator, or a network."""
    is_known = event.actor_account_id or event.channel in OPERATOR_CHANNELS
    return (
        f"{event.actor_account_id} {event.actor}" if is_known else get_network(event.address) or ""
    )


def get_values(event: AuditEvent) -> dict[str, Any]:
    fields = AuditEvent._meta.concrete_fields
    names = {field.attname for field in fields} - {"id", "at"}
    return {name: getattr(event, name) for name in names}


@transaction.atomic
def tell() -> int:
    """Record how many refusals had no event, once their minute is over. Return the events."""
    over = RefusalTally.objects.filter(started_at__lte=timezone.now() - PERIOD)
    number = 0
    for tally in over.select_for_update(skip_locked=True):
        if tally.number > MAX_EVENTS:
            event = AuditEvent(**tally.event)
            event.detail["repeated"] = tally.number - MAX_EVENTS
            event.save(force_insert=True)
            number += 1
        tally.delete()
    return number
