"""The list of running servers. A database that doesn't respond never stops one."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.db import DatabaseError, connection
from django.utils import timezone

from .models import Server

# How long a server that was killed stays in the list
MEMORY = timedelta(days=1)


@contextmanager
def listed(address: str, version: str) -> Iterator[Callable[[], None]]:
    """List this server while the block runs. Yield the function that says it is still there."""
    host, started_at = socket.gethostname(), timezone.now()

    def report() -> None:
        facts = {"version": version, "started_at": started_at, "seen_at": timezone.now()}
        with quietly():
            Server.objects.update_or_create(host=host, address=address, defaults=facts)

    with quietly():
        Server.objects.filter(seen_at__lt=started_at - MEMORY).delete()
    report()
    try:
        yield report
    finally:
        with quietly():
            Server.objects.filter(host=host, address=address).delete()


@contextmanager
def quietly() -> Iterator[None]:
    """Log an error of the database, and close the connection, which is used once a minute."""
    try:
        yield
    except DatabaseError as error:
        logging.getLogger(__name__).warning("The list of servers can't be updated: %s", error)
    finally:
        with suppress(DatabaseError):
            connection.close()
