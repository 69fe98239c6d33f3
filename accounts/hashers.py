"""The hash of passwords: Argon2 with Django's parameters, for one password at a time.

It needs 100 MB for a tenth of a second. Without a limit, sixteen sign-ins at once need 1.6 GB.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import Argon2PasswordHasher

# Seconds to wait for a turn, as for a lock (console/database/base.py)
PATIENCE = 3.0

turns = threading.Semaphore()  # of this process


class Busy(Exception):  # noqa: N818 - nothing is wrong, it only takes too long
    """The wait for a turn was too long. Nothing was checked or changed."""


@contextmanager
def in_turn() -> Iterator[None]:
    if not turns.acquire(timeout=PATIENCE):
        raise Busy("too many passwords at once")
    try:
        yield
    finally:
        turns.release()


class Argon2InTurn(Argon2PasswordHasher):
    def encode(self, password: str, salt: str) -> str:
        with in_turn():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with in_turn():
            return super().verify(password, encoded)
