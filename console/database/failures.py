"""Kinds of database failures, as far as they matter to who waits for a response."""

from __future__ import annotations

import enum

import psycopg
from django.db import InterfaceError, OperationalError
from psycopg import errors

from accounts.hashers import Busy

# Seconds after which a client may try again
RETRY_AFTER = 2
BUSY = (
    errors.LockNotAvailable,
    errors.QueryCanceled,
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.TooManyConnections,
)


class Unknown(psycopg.OperationalError):
    """The connection was lost during a commit, and the server can't be asked about it."""


class Failure(enum.Enum):
    SILENT = "unavailable"
    BUSY = "busy"
    UNKNOWN = "unknown"
    READ_ONLY = "read-only"


CAUSES: dict[type[psycopg.Error], Failure] = dict.fromkeys(BUSY, Failure.BUSY)
CAUSES |= {Unknown: Failure.UNKNOWN, errors.ReadOnlySqlTransaction: Failure.READ_ONLY}


def is_passing(error: BaseException | None) -> bool:
    """Return True if what was asked can't be done now, mostly by the database."""
    is_unavailable = isinstance(error, OperationalError | InterfaceError | Busy)
    return is_unavailable or (error is not None and classify(error) is Failure.READ_ONLY)


def classify(error: BaseException) -> Failure:
    """Return the kind of a passing error."""
    if isinstance(error, Busy):
        return Failure.BUSY
    kinds = (kind for cause, kind in CAUSES.items() if isinstance(error.__cause__, cause))
    return next(kinds, Failure.SILENT)


def describe(error: BaseException) -> str:
    """Return the kind and the first line of the reason, for the log."""
    return f"{classify(error).value}: {str(error).partition(chr(10))[0]}"
