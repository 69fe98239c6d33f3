"""Run a change in a transaction, again if PostgreSQL gives it up for the sake of another."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected, SerializationFailure

R = TypeVar("R")

TRIES = 3
# Seconds before a repetition: the one it was given up for must get the lock first, or both deadlock
# again
PAUSE = 0.05
REPEATABLE = (DeadlockDetected, SerializationFailure)


def run_in_transaction(run: Callable[[], R]) -> R:
    """Return the result of `run`. It may change the database only, because it may be repeated.

    Inside another transaction it is run once: only the outermost one can be repeated.
    """
    tries = 1 if connection.in_atomic_block else TRIES
    while True:
        tries -= 1
        try:
            with transaction.atomic():
                return run()
        except OperationalError as error:
            if not (tries and isinstance(error.__cause__, REPEATABLE)):
                raise
        time.sleep(PAUSE)
