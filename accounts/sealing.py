"""Seal the audit trail, so that nobody can change or remove an event without a trace.

A seal has the fingerprint of each event since the seal before, includes that seal, and is signed
with a key that is not in the database. `manage.py housekeep` adds one every two seconds if there
are new events. Nothing waits for it (ADR 9).
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from psycopg.sql import SQL, Identifier

from .models import AuditEvent, Seal

PURPOSE = b"bcc-console: seal of the audit trail\0"
ARCHIVE_PURPOSE = b"bcc-console: archive of the audit trail\0"
PRINT = struct.Struct(">q16s")
NUMBERS = struct.Struct(">qqqq")
# Events of one seal, and read at once
BATCH = 10_000
# Seconds to wait for transactions that may still add an event
PATIENCE = 5
# How old an event is that should have been sealed
LATE = timedelta(minutes=10)
# The last ID that was taken, or 0. A migrated trail has one that it hasn't called for.
LAST = """
    SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END
    FROM accounts_auditevent_id_seq
"""
# One text for an event, the same whatever adds columns to the table later
EVENTS = """
    SELECT id, jsonb_build_array(
        id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), verb, outcome, reason,
        channel, actor_account_id, actor_account, actor, access_key_id, host(address), request_id,
        region, target_type, target_id, target_name, accounts, recipients, detail
    )::text
    FROM {table} WHERE id > %s AND id <= coalesce(%s, id) ORDER BY id
    FETCH FIRST %s ROWS WITH TIES
"""


class Event(NamedTuple):
    """An event as it is sealed and archived: its ID, and its one text."""

    id: int
    text: str

    @property
    def print(self) -> bytes:
        return PRINT.pack(self.id, hashlib.sha256(self.text.encode()).digest()[:16])


class NotSealingError(Exception):
    """Sealing can't go on. The message is a sentence that says why."""


def read_batch(
    *, after: int, until: int | None = None, table: str = "accounts_auditevent"
) -> list[Event]:
    """Return the next events by ID, about BATCH, of the trail or of a partition."""
    with connection.cursor() as cursor:
        cursor.execute(SQL(EVENTS).format(table=Identifier(table)), [after, until, BATCH])
        return [Event(*row) for row in cursor.fetchall()]


def read_events(*, until: int | None = None, table: str = "accounts_auditevent") -> Iterator[Event]:
    """Yield the events by ID. Not even a negative ID hides one."""
    after = -(2**63)
    while events := read_batch(after=after, until=until, table=table):
        yield from events
        after = events[-1].id


def seal() -> int:
    """Seal the events that are complete. Return their number. Raises NotSealingError.

    Does nothing if another process is sealing.
    """
    until = find_horizon(get_newest())
    count = 0
    while until and (sealed := seal_batch(until)):
        count += sealed
    return count


def get_newest() -> Seal | None:
    """Return the newest seal, without its prints, or None. Raises NotSealingError.

    The application can add a seal, but not sign it. Nothing may follow one with a wrong signature.
    """
    if not settings.AUDIT_SIGNING_KEYS:
        raise NotSealingError("AUDIT_SIGNING_KEYS is not set.")
    newest = Seal.objects.defer("prints").order_by("number").last()
    if newest and not is_signed(newest, get_public_keys()):
        raise NotSealingError(
            f"Seal {newest.number} isn't signed with a key in AUDIT_SIGNING_KEYS. Either that key "
            "is missing here, or the seal is a forgery, which verify_audit names."
        )
    return newest


def find_obstacle() -> str:
    """Return why events haven't been sealed for longer than LATE, or why none can be, or ""."""
    try:
        newest = get_newest()
    except NotSealingError as error:
        return str(error)
    waiting = AuditEvent.objects.filter(pk__gt=newest.last if newest else 0).order_by("pk").first()
    if waiting and waiting.at < timezone.now() - LATE:
        return f"Event {waiting.pk} and later ones wait for an open transaction, or for a lock."
    return ""


def find_horizon(newest: Seal | None) -> int | None:
    """Return an ID after which events may still be incomplete, or None if there is nothing new.

    A transaction gets its own number before it takes one for an event (migration 0016). When all
    transactions up to now have ended, no event can appear below the last number taken until now.
    """
    with connection.cursor() as cursor:
        cursor.execute(LAST)
        (last,) = cursor.fetchone()
        if not last or (newest and newest.last >= last):
            return None
        cursor.execute("SELECT pg_current_xact_id()")
        (now,) = cursor.fetchone()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot()) >= %s::xid8", [now])
            if cursor.fetchone() == (True,):
                return int(last)
            time.sleep(0.05)
    return None


def seal_batch(until: int) -> int:
    """Add one seal. Return the number of its events. Raises NotSealingError."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('accounts_seal'))")
        if cursor.fetchone() != (True,):
            return 0
        before = get_newest()
        after = before.last if before else 0
        events = read_batch(after=after, until=until)
        if events:
            last = events[-1].id if len(events) >= BATCH else until
            build_seal(before, last, events).save(force_insert=True)
    return len(events)


def build_seal(before: Seal | None, last: int, events: Iterable[Event]) -> Seal:
    seal = Seal(
        number=before.number + 1 if before else 1,
        at=timezone.now(),
        first=before.last + 1 if before else 1,
        last=last,
        prints=b"".join(event.print for event in events),
    )
    seal.digest = compute_digest(before, seal)
    seal.signature = get_keys()[0].sign(get_message(seal))
    return seal


def compute_digest(before: Seal | None, seal: Seal) -> bytes:
    digest = bytes(before.digest) if before else bytes(32)
    return hashlib.sha256(digest + pack_numbers(seal) + bytes(seal.prints)).digest()


def pack_numbers(seal: Seal) -> bytes:
    microseconds = round(seal.at.timestamp() * 1_000_000)
    return NUMBERS.pack(seal.number, microseconds, seal.first, seal.last)


def get_message(seal: Seal) -> bytes:
    return PURPOSE + pack_numbers(seal) + bytes(seal.digest)


def get_keys() -> list[Ed25519PrivateKey]:
    """Return the keys of the setting: the first signs, all of them verify."""
    return [
        Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(key))
        for key in settings.AUDIT_SIGNING_KEYS
    ]


def get_public_keys() -> list[Ed25519PublicKey]:
    return [key.public_key() for key in get_keys()]


def is_signed(seal: Seal, keys: Iterable[Ed25519PublicKey]) -> bool:
    return verify(bytes(seal.signature), get_message(seal), keys)


def sign_archive(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of an archive with a signature, so that no made-up one hides events."""
    return facts | {"signature": get_keys()[0].sign(get_archive_message(facts)).hex()}


def is_signed_archive(facts: dict[str, Any], keys: Iterable[Ed25519PublicKey]) -> bool:
    unsigned = {name: value for name, value in facts.items() if name != "signature"}
    try:
        signature = bytes.fromhex(facts["signature"])
    except (KeyError, TypeError, ValueError):  # the database's role can add any event
        return False
    return verify(signature, get_archive_message(unsigned), keys)


def get_archive_message(facts: dict[str, Any]) -> bytes:
    return ARCHIVE_PURPOSE + json.dumps(facts, sort_keys=True).encode()


def verify(signature: bytes, message: bytes, keys: Iterable[Ed25519PublicKey]) -> bool:
    for key in keys:
        try:
            key.verify(signature, message)
        except InvalidSignature:
            continue
        return True
    return False


# Heads: a seal without its prints, as a line of JSON to be stored elsewhere


def get_head() -> str:
    """Return the newest seal as a line, or "" if there is none. Raises NotSealingError."""
    newest = get_newest()
    return to_head(newest) if newest else ""


def to_head(seal: Seal) -> str:
    values = {
        "seal": seal.number,
        "at": seal.at.astimezone(UTC).isoformat(),
        "first": seal.first,
        "last": seal.last,
        "digest": bytes(seal.digest).hex(),
        "signature": bytes(seal.signature).hex(),
    }
    return json.dumps(values)


def parse_head(line: str) -> Seal:
    """Return the seal of a line, without prints. Raises ValueError if it is no such line."""
    try:
        values: dict[str, Any] = json.loads(line)
        return Seal(
            number=values["seal"],
            at=datetime.fromisoformat(values["at"]),
            first=values["first"],
            last=values["last"],
            digest=bytes.fromhex(values["digest"]),
            signature=bytes.fromhex(values["signature"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(line) from error


def read_seals(*, until: int) -> Iterator[Seal]:
    """Yield the seals in order, up to this number."""
    number = -(2**63)
    seals = Seal.objects.filter(number__lte=until).order_by("number")
    while batch := list(seals.filter(number__gt=number)[:1000]):
        yield from batch
        number = batch[-1].number


def split_prints(seal: Seal) -> dict[int, bytes]:
    """Return the fingerprints of a seal by the ID of the event."""
    return {pair[0]: PRINT.pack(*pair) for pair in PRINT.iter_unpack(bytes(seal.prints))}
