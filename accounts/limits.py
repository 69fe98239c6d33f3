"""Limits on attempts, counted in the database so that all processes share them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import BooleanField, F
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import ngettext_lazy

from .exceptions import Refused
from .kept import Parameter
from .models import Attempt, ChargedText

# One statement, so that parallel attempts cannot both read the old count.
ADD_TO_ATTEMPT = """
    ON CONFLICT (key) DO UPDATE SET
        spent = excluded.spent + CASE WHEN attempt.started_at > %(since)s
                                      THEN attempt.spent ELSE 0 END,
        started_at = CASE WHEN attempt.started_at > %(since)s
                          THEN attempt.started_at ELSE excluded.started_at END
    RETURNING spent, started_at
"""
SPEND = f"""
    INSERT INTO accounts_attempt AS attempt (key, started_at, spent)
    VALUES (%(key)s, %(now)s, %(cost)s)
    {ADD_TO_ATTEMPT}
"""  # noqa: S608 - built from constants
# The cost is the number of texts that were not charged in this period. They are dated with its
# start, so that none is free in the next one. Texts are stored in order, so that parallel
# statements cannot deadlock. Over the limit nothing is stored, which would fill
# the disk, and the attempt itself is counted.
SPEND_ON_TEXTS = f"""
    WITH period AS (
        SELECT started_at, spent FROM accounts_attempt
        WHERE key = %(key)s AND started_at > %(since)s
    ), exhausted AS (
        SELECT FROM period WHERE spent >= %(limit)s
    ), charged AS (
        INSERT INTO accounts_chargedtext AS text (digest, charged_at)
        SELECT digest, coalesce((SELECT started_at FROM period), %(now)s)
        FROM unnest(%(digests)s::varchar[]) AS digest
        WHERE NOT EXISTS (SELECT FROM exhausted)
        ORDER BY digest
        ON CONFLICT (digest) DO UPDATE SET charged_at = excluded.charged_at
        WHERE text.charged_at <= %(since)s
        RETURNING digest
    )
    INSERT INTO accounts_attempt AS attempt (key, started_at, spent)
    SELECT %(key)s, %(now)s, (SELECT count(*) FROM charged) + (SELECT count(*) FROM exhausted)
    {ADD_TO_ATTEMPT}
"""  # noqa: S608 - built from constants
IS_EXHAUSTED = """
    EXISTS (
        SELECT FROM unnest(%s::varchar[], %s::timestamptz[], %s::int[])
            AS allowance (key, since, number)
        JOIN accounts_attempt AS attempt ON attempt.key = allowance.key
            AND attempt.started_at > allowance.since AND attempt.spent >= allowance.number
    )
"""


class TooManyTries(Refused):
    code = "too-many-tries"
    fields = ("accounts", "recipients")
    sentence = ngettext_lazy(
        "Too many attempts. Try again in %(minutes)d minute.",
        "Too many attempts. Try again in %(minutes)d minutes.",
        "minutes",
    )

    def __init__(self, *, minutes: int) -> None:
        super().__init__(minutes=minutes)
        self.retry_after = 60 * minutes


# What was counted since the start of a transaction, to count it again if that is rolled back
counted: ContextVar[list[Callable[[], None]] | None] = ContextVar("counted", default=None)


@contextmanager
def kept() -> Iterator[None]:
    """Count again what was counted inside if an error ends it. Put the transaction inside."""
    token = counted.set([])
    try:
        yield
    except Exception:
        so_far = counted.get()
        counted.set(None)
        for count_again in so_far or ():
            with suppress(TooManyTries, DatabaseError):
                count_again()
        raise
    finally:
        counted.reset(token)


def spend(key: str, *, allowance: tuple[int, int], cost: int = 1) -> None:
    """Count `cost` attempts under `key`, before they are made.

    `allowance` is (number of attempts, seconds). Raises TooManyTries over it. Refused attempts
    count too, so that further guesses gain nothing.
    """
    run(SPEND, key, allowance, cost=cost)


def spend_on(texts: Collection[str], key: str, *, allowance: tuple[int, int]) -> None:
    """Count each text under `key` as an attempt, once in a period. Otherwise do as `spend` does."""
    digests = [get_digest(f"{key}\0{text}") for text in texts]
    run(SPEND_ON_TEXTS, key, allowance, digests=digests)


def get_digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def run(statement: str, key: str, allowance: tuple[int, int], **parameters: Any) -> None:
    """Run SPEND or SPEND_ON_TEXTS. Raises TooManyTries over the limit."""
    if (so_far := counted.get()) is not None:
        so_far.append(partial(run, statement, key, allowance, **parameters))
    limit, seconds = allowance
    now = timezone.now()
    since = now - timedelta(seconds=seconds)
    parameters |= {"key": key[:200], "now": now, "since": since, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        spent, started_at = cursor.fetchone()
    if spent > limit:
        remaining = started_at - since
        raise TooManyTries(minutes=math.ceil(remaining / timedelta(minutes=1)))


def describe(allowances: Mapping[str, tuple[int, int]]) -> dict[str, list[Any]]:
    """Return the allowances as the arrays that is_exhausted() takes."""
    now = timezone.now()
    return {
        "keys": [key[:200] for key in allowances],
        "since": [now - timedelta(seconds=seconds) for _limit, seconds in allowances.values()],
        "numbers": [limit for limit, _seconds in allowances.values()],
    }


def is_exhausted(keys: Parameter, since: Parameter, numbers: Parameter) -> RawSQL:
    """Return the condition of a kept query that one of these allowances is used up."""
    return RawSQL(IS_EXHAUSTED, [keys, since, numbers], BooleanField())  # noqa: S611 - a constant


def give_back(key: str) -> None:
    """Uncount one attempt, because it succeeded."""
    Attempt.objects.filter(key=key[:200], spent__gt=0).update(spent=F("spent") - 1)


def forget(key: str) -> None:
    """Reset the count of `key`."""
    Attempt.objects.filter(key=key[:200]).delete()


def forget_old() -> None:
    """Delete what was counted more than a day ago."""
    day_ago = timezone.now() - timedelta(days=1)
    Attempt.objects.filter(started_at__lt=day_ago).delete()
    ChargedText.objects.filter(charged_at__lt=day_ago).delete()
