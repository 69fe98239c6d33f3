"""The index of the audit trail by account: which events concern an account, and how (ADR 12)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.db.models.expressions import RawSQL

from .accounts import Account

# A place between events: a time, and the primary key of an event
Place = tuple[datetime, int]
MIN_ID, MAX_ID = -(2**63), 2**63 - 1
START: Place = (datetime.min.replace(tzinfo=UTC), MIN_ID)
END: Place = (datetime.max.replace(tzinfo=UTC), MAX_ID)

# Each kind and verb that an account has is found by one step in the index, and the events of each
# are read from their end, so that no other event is read.
WALK = """
    WITH RECURSIVE series AS (
        (
            SELECT account_id, kind, verb FROM accounts_accountevent
            WHERE account_id = %s ORDER BY kind, verb LIMIT 1
        )
        UNION ALL
        SELECT next.* FROM series CROSS JOIN LATERAL (
            SELECT each.account_id, each.kind, each.verb FROM accounts_accountevent AS each
            WHERE each.account_id = series.account_id
                AND (each.kind, each.verb) > (series.kind, series.verb)
            ORDER BY each.kind, each.verb LIMIT 1
        ) AS next
    )
    SELECT event_id FROM series CROSS JOIN LATERAL (
        SELECT at, event_id FROM accounts_accountevent AS each
        WHERE each.account_id = series.account_id
            AND each.kind = series.kind AND each.verb = series.verb
            AND (at, event_id) > (%s, %s) AND (at, event_id) < (%s, %s)
        ORDER BY at {order}, event_id {order} LIMIT %s
    ) AS events
    WHERE kind = ANY (%s) AND verb LIKE %s AND verb NOT LIKE %s
    ORDER BY at {order}, event_id {order} LIMIT %s
"""


class AccountEvent(models.Model):
    """That an event concerns an account. The trail's trigger adds it (migration 0022)."""

    class Kind(models.TextChoices):
        """What the event is to the account."""

        DONE = "done"  # it acted, or it owned the target
        RECEIVED = "received"  # it received or lost something
        REFUSED = "refused"  # its own attempt
        FOREIGN = "foreign"  # another's refused attempt

    pk = models.CompositePrimaryKey("account_id", "kind", "verb", "at", "event_id")
    account_id = models.CharField(max_length=32)
    kind = models.CharField(max_length=8, choices=Kind)
    verb = models.CharField(max_length=40)
    at = models.DateTimeField()
    event_id = models.BigIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.verb} {self.event_id}"


# The verbs of sign-ins and sign-outs, as a pattern of LIKE
SIGN_INS = "session.%"
# The kinds for a short list: no refusals of others
NOTEWORTHY = [AccountEvent.Kind.DONE, AccountEvent.Kind.RECEIVED, AccountEvent.Kind.REFUSED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Which events of an account are wanted, in the terms of the index."""

    account: Account
    kinds: Collection[str] = tuple(AccountEvent.Kind.values)
    verb: str = "%"
    hidden: str = ""
    start: Place = START
    end: Place = END

    def list_newest(self, limit: int) -> RawSQL:
        """Return an array with the keys of the last events before the end."""
        return list_keys("DESC", self.describe(limit))

    def describe(self, limit: int) -> dict[str, Any]:
        """Return the values of PARAMETERS."""
        filters = (list(map(str, self.kinds)), self.verb, self.hidden)
        values = (self.account.account_id, *self.start, *self.end, limit, *filters)
        return dict(zip(PARAMETERS, values, strict=True))


PARAMETERS = (
    *("account_id", "start_at", "start_pk", "end_at", "end_pk"),
    *("limit", "kinds", "verb", "hidden"),
)


def list_keys(order: str, values: Mapping[str, Any]) -> RawSQL:
    """Return an array with the keys of the first ("ASC") or last ("DESC") events of a walk."""
    places = [values[name] for name in (*PARAMETERS, "limit")]
    return RawSQL(f"ARRAY ({WALK.format(order=order)})", places)  # noqa: S611 - the text above
