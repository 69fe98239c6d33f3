"""Move the oldest months of the audit trail to files. Their seals stay."""

from __future__ import annotations

import gzip
import hashlib
import heapq
import os
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TextIO, cast

from django.db import connection, transaction
from psycopg.sql import SQL, Identifier

from . import audit
from .actors import SYSTEM
from .models import AuditEvent, Seal
from .sealing import (
    Event,
    get_public_keys,
    is_signed,
    is_signed_archive,
    read_events,
    sign_archive,
    split_prints,
)

PARTITIONS = """
    SELECT relname, pg_get_expr(relpartbound, oid) FROM pg_class
    JOIN pg_inherits ON inhrelid = oid WHERE inhparent = 'accounts_auditevent'::regclass
"""

# What the index has of a month (ADR 12)
FORGET = """
    DELETE FROM accounts_accountevent AS each USING {} AS event
    WHERE each.event_id = event.id AND each.at = event.at
"""


class NotSealedError(Exception):
    """The events are not those that were sealed, or not all of them are sealed."""


class Month(NamedTuple):
    """A partition of the trail, and the time at which it ends. The oldest has several months."""

    table: str
    end: datetime


def find_months(*, before: datetime) -> list[Month]:
    """Return the months that ended by this time, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(PARTITIONS)
        rows = cursor.fetchall()
    months = [
        Month(table, datetime.fromisoformat(match[1]))
        for table, bounds in rows
        if (match := re.search(r"TO \('(.+)'\)", bounds))
    ]
    return sorted((month for month in months if month.end <= before), key=lambda month: month.end)


def archive(month: Month, folder: Path) -> int:
    """Write the events of a month to a file, and drop them. Return their number.

    What the month says of earlier archives is recorded again.
    Run it as the owner of the tables. Raises NotSealedError, and FileExistsError.
    """
    name = month.table.removeprefix("accounts_auditevent_").replace("_", "-")
    file = folder / f"audit-{name}.jsonl.gz"
    staging = file.with_suffix(".new")
    if file.exists():
        raise FileExistsError(file)
    with staging.open("wb") as raw:
        with gzip.open(raw, "wt", encoding="utf-8") as text:
            events = read_events(table=month.table)
            ids = [event.id for event in copy(events, cast("TextIO", text))]
        raw.flush()
        os.fsync(raw.fileno())
    check_sealed(read_file(staging))
    digest = compute_digest(staging)
    staging.rename(file)
    with transaction.atomic(), connection.cursor() as cursor:
        table = Identifier(month.table)
        detach = SQL("ALTER TABLE accounts_auditevent DETACH PARTITION {}").format(table)
        earlier = find_archives()
        cursor.execute(SQL(FORGET).format(table))
        cursor.execute(detach)
        cursor.execute(SQL("DROP TABLE {}").format(table))
        archives = [each for each in earlier if each not in find_archives()]
        if ids:
            numbers = {"first": ids[0], "last": ids[-1], "events": len(ids)}
            archives.append(sign_archive({"file": file.name, "sha256": digest} | numbers))
        for facts in archives:
            audit.record(SYSTEM, audit.Verb.ARCHIVE_EVENTS, **facts)
    return len(ids)


def copy(events: Iterable[Event], text: TextIO) -> Iterator[Event]:
    for event in events:
        text.write(f"{event.text}\n")
        yield event


def check_sealed(events: Iterable[Event]) -> None:
    """Raise NotSealedError if an event isn't as its seal says."""
    keys = get_public_keys()
    seal, prints = None, {}
    for event in events:
        if seal is None or event.id > seal.last:
            seal = Seal.objects.filter(last__gte=event.id).order_by("last").first()
            prints = split_prints(seal) if seal and is_signed(seal, keys) else {}
        if prints.get(event.id) != event.print:
            raise NotSealedError(f"Event {event.id} isn't sealed, or not with this content.")


def compute_digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def find_archives() -> list[dict[str, Any]]:
    """Return the signed facts of each archive of the trail, oldest first."""
    keys = get_public_keys()
    rows = AuditEvent.objects.filter(
        verb=audit.Verb.ARCHIVE_EVENTS, outcome=AuditEvent.Outcome.DONE
    )
    archives: list[dict[str, Any]] = []
    for facts in rows.order_by("pk").values_list("detail", flat=True):
        is_new = isinstance(facts, dict) and facts not in archives
        if is_new and is_signed_archive(facts, keys):
            archives.append(facts)
    return sorted(archives, key=lambda facts: facts["last"])


def read_file(file: Path) -> Iterator[Event]:
    """Yield the events of an archive, by ID."""
    with gzip.open(file, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            text = line.rstrip("\n")
            yield Event(int(text[1 : text.index(",")]), text)


def read_files(files: Iterable[Path]) -> Iterator[Event]:
    return heapq.merge(*map(read_file, files))
