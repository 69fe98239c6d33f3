"""How often something may be tried: counted in the database, so that all processes agree."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .exceptions import Refused
from .models import Attempt

if TYPE_CHECKING:
    from collections.abc import Iterable

# One statement, so that parallel tries cannot both read the old number.
SPEND = """
    INSERT INTO accounts_attempt AS attempt (key, started_at, spent)
    VALUES (%(key)s, %(now)s, %(cost)s)
    ON CONFLICT (key) DO UPDATE SET
        spent = excluded.spent + CASE WHEN attempt.started_at > %(since)s
                                      THEN attempt.spent ELSE 0 END,
        started_at = CASE WHEN attempt.started_at > %(since)s
                          THEN attempt.started_at ELSE excluded.started_at END
    RETURNING spent
"""


class TooManyTries(Refused):
    code = "too-many-tries"
    sentence = _("Too many tries. Wait %(minutes)d minutes and try again.")


def spend(key: str, *, allowance: tuple[int, int], cost: int = 1) -> int:
    """Count `cost` tries under `key` before they are made, and return the count.

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
        spent: int = cursor.fetchone()[0]
    if spent > limit:
        raise TooManyTries(minutes=seconds // 60)
    return spent


def forget(keys: Iterable[str]) -> None:
    """Start `keys` anew, and drop what is too old to matter."""
    day_ago = timezone.now() - timedelta(days=1)
    Attempt.objects.filter(key__in=[key[:200] for key in keys]).delete()
    Attempt.objects.filter(started_at__lt=day_ago).delete()
