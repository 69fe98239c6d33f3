"""Kinds of database failures, as far as they matter to who waits for a response."""

from __future__ import annotations

import enum

import psycopg
from django.db import InterfaceError, OperationalError
from psycopg import errors

# What Django raises if the database can't do now what was asked
UNAVAILABLE = (OperationalError, InterfaceError)
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


def classify(error: BaseException) -> Failure:
    """Return the kind of an UNAVAILABLE error."""
    if isinstance(error.__cause__, Unknown):
        return Failure.UNKNOWN
    return Failure.BUSY if isinstance(error.__cause__, BUSY) else Failure.SILENT


def describe(error: BaseException) -> str:
    """Return the kind and the first line of the reason, for the log."""
    return f"{classify(error).value}: {str(error).partition(chr(10))[0]}"
