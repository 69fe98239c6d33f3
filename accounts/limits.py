"""How often something may be tried: counted in the database, so that all processes agree."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import ngettext_lazy

from .exceptions import Refused
from .models import Attempt

# One statement, so that parallel tries cannot both read the old number.
SPEND = """
    INSERT INTO accounts_attempt AS attempt (key, started_at, spent)
    VALUES (%(key)s, %(now)s, %(cost)s)
    ON CONFLICT (key) DO UPDATE SET
        spent = excluded.spent + CASE WHEN attempt.started_at > %(since)s
                                      THEN attempt.spent ELSE 0 END,
        started_at = CASE WHEN attempt.started_at > %(since)s
                          THEN attempt.started_at ELSE excluded.started_at END
    RETURNING spent, started_at
"""


class TooManyTries(Refused):
    code = "too-many-tries"
    sentence = ngettext_lazy(
        "Too many tries. Wait %(minutes)d minute and try again.",
        "Too many tries. Wait %(minutes)d minutes and try again.",
        "minutes",
    )


def spend(key: str, *, allowance: tuple[int, int], cost: int = 1) -> None:
    """Count `cost` tries under `key`, before they are made.

    `allowance` is (how many, in how many seconds). Raises TooManyTries over it; what is tried
    then still counts, so that a guesser gains nothing by going on.
    """
    limit, seconds = allowance
    now = timezone.now()
    parameters: dict[str, Any] = {
        "key": key[:200],
        "now": now,
        "since": now - timedelta(seconds=seconds),
        "cost": cost,
    }
    with connection.cursor() as cursor:
        cursor.execute(SPEND, parameters)
        spent, started_at = cursor.fetchone()
    if spent > limit:
        left = timedelta(seconds=seconds) - (now - started_at)
        raise TooManyTries(minutes=math.ceil(left / timedelta(minutes=1)))


def exhausted(key: str, *, allowance: tuple[int, int]) -> QuerySet[Attempt]:
    """Something, as long as nothing is left of the allowance: for a look-up to ask along."""
    limit, seconds = allowance
    since = timezone.now() - timedelta(seconds=seconds)
    return Attempt.objects.filter(key=key[:200], started_at__gt=since, spent__gte=limit)


def give_back(key: str) -> None:
    """Take one try back: it was a success."""
    Attempt.objects.filter(key=key[:200], spent__gt=0).update(spent=F("spent") - 1)


def forget(key: str) -> None:
    """Start `key` anew, and drop what is too old to matter."""
    day_ago = timezone.now() - timedelta(days=1)
    Attempt.objects.filter(Q(key=key[:200]) | Q(started_at__lt=day_ago)).delete()
