"""Export the audit trail, or that of one account: CSV for spreadsheets, JSON Lines for programs."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NamedTuple, cast

from django.conf import settings
from django.db import connection, transaction
from django.http import FileResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from . import audit, standby, time_zones
from .activity import Activity, read_events
from .actors import Actor
from .audit import Target
from .exceptions import Refused
from .models import Account, AuditEvent, AuditEventQuerySet
from .wording import LazyText

# Bytes that a file keeps in memory before it moves to disk
MAX_MEMORY = 1024 * 1024
# Cells that a spreadsheet would run as a formula (OWASP, "CSV Injection"). Chinese and Japanese
# versions accept the full-width forms too.
FORMULA = re.compile(r"[\t\r\n\0]|[\s\0\u200b\ufeff]*[=+\-@＝＋－＠]")

# The columns of both formats: the key in JSON, the heading in CSV
COLUMNS = {
    "at": _("Time (%(zone)s)"),
    "what": _("Action"),
    "verb": _("Action code"),
    "result": _("Result"),
    "reason": _("Reason"),
    "entries": _("Entries"),
    "riskNotice": _("Confirmed risk notice"),
    "by": _("Actor"),
    "byAccount": _("Account"),
    "byAccountId": _("Account ID"),
    "accessKeyId": _("Access key ID"),
    "channel": _("Channel"),
    "address": _("IP address"),
    "region": _("Region"),
    "type": _("Resource type"),
    "id": _("ID"),
    "name": _("Name"),
    "accounts": _("Recipients"),
    "requestId": _("Request ID"),
}


CHUNK = 1000
# The first keys of advisory locks: of a person's export, and of the places that all share
PERSON_LOCK, PLACE_LOCK = 1_300_001, 1_300_002
# Of all request threads, one in so many may write an export
THREADS_PER_EXPORT = 8
# Characters of a filter that the audit trail keeps
LONGEST_FILTER = 100


class ExportRunning(Refused):
    code = "export-running"
    retry_after = 5
    sentence = _("Another export of yours is still being written. Try again when it's complete.")


class TooManyExports(Refused):
    code = "too-many-exports"
    retry_after = 5
    sentence = _("Many exports are being written right now. Try again in a few seconds.")


class ExportFormat(NamedTuple):
    content_type: str
    write: Callable[[Iterable[Activity]], IO[bytes]]


@contextmanager
def taking_turns(by: Actor) -> Iterator[None]:
    """Let a person write one export at a time, and all people together only a few.

    The locks end with the transaction, also if the process is killed. Raises ExportRunning or
    TooManyExports.
    """
    places = max(settings.WEB_THREADS * settings.WEB_WORKERS // THREADS_PER_EXPORT, 1)
    with transaction.atomic():
        if not try_lock(PERSON_LOCK, by.name):
            raise ExportRunning
        if not any(try_lock(PLACE_LOCK, str(place)) for place in range(places)):
            raise TooManyExports
        yield


def try_lock(kind: int, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [kind, name])
        is_free: bool = cursor.fetchone()[0]
    return is_free


def export(
    events: AuditEventQuerySet, kind: str, *, reader: Account | None, limit: int, by: Actor
) -> FileResponse:
    """Return the first events as a file, which is written before it is sent.

    `kind` is a key of FORMATS. A reader of None is an operator, who sees everything. Raises what
    taking_turns raises.
    """
    content_type, write = FORMATS[kind]

    def write_all() -> IO[bytes]:
        chunks = read_in_chunks(events, limit)
        return write(each for chunk in chunks for each in read_events(chunk, reader=reader))

    with taking_turns(by):
        file = standby.read(write_all, by=by)
    return FileResponse(
        file,
        as_attachment=True,
        filename=f"activity.{kind}",
        content_type=content_type,
    )


def record(by: Actor, kind: str, query: QueryDict, *, target: Target | None = None) -> None:
    """Record who took an export, and with which filters. Without a target: the activity."""
    filters = {name: value[:LONGEST_FILTER] for name, value in query.items() if value}
    audit.record(by, audit.Verb.EXPORT, target=target, format=kind, filters=filters)


def read_in_chunks(events: AuditEventQuerySet, limit: int) -> Iterator[list[AuditEvent]]:
    """Yield the events in chunks, to save memory. Keys are read first; events never change."""
    keys = iter(events.values_list("pk", flat=True)[:limit])
    while chunk := list(islice(keys, CHUNK)):
        yield list(AuditEvent.objects.filter(pk__in=chunk).defer("accounts"))


def to_values(activity: Activity, entries: Any, recipients: Any) -> Sequence[Any]:
    """Return the values of an activity in the order of COLUMNS: only what the page shows.

    The time is in the reader's zone and has its distance from UTC.
    """
    at = timezone.localtime(activity.at).isoformat(timespec="milliseconds")
    return (
        at.replace("+00:00", "Z"),
        activity.action,
        activity.verb,
        activity.result,
        activity.reason,
        entries,
        activity.acknowledged,
        activity.actor,
        activity.account.name if activity.account else "",
        activity.account.account_id if activity.account else "",
        activity.access_key_id,
        activity.channel,
        activity.address,
        activity.region,
        activity.target_type,
        activity.target_id,
        activity.target_name,
        recipients,
        activity.request_id,
    )


def to_record(activity: Activity) -> dict[str, Any]:
    entries = [{"entry": text, "verdict": verdict} for text, verdict in activity.entries]
    recipients = [{"account": name, "accountId": pk} for name, pk in activity.recipients]
    return dict(zip(COLUMNS, to_values(activity, entries, recipients), strict=True))


def to_cells(activity: Activity) -> Sequence[str]:
    # A list is joined faster than a generator, and an export joins a million texts.
    entries = ", ".join([f"{text} ({verdict})" for text, verdict in activity.entries])
    recipients = ", ".join([f"{name} ({pk})" for name, pk in activity.recipients])
    return to_values(activity, entries, recipients)


def write_csv(activities: Iterable[Activity]) -> IO[bytes]:
    """Return a CSV file of activities, in the reader's language."""
    return write_table(COLUMNS.values(), map(to_cells, activities))


def write_table(headings: Iterable[str | LazyText], rows: Iterable[Sequence[str]]) -> IO[bytes]:
    """Return a CSV file (RFC 4180). Its BOM tells Excel it is UTF-8. No cell is a formula.

    A heading can name the reader's time zone by %(zone)s.
    """
    with open_file(encoding="utf-8-sig") as (file, text):
        writer = csv.writer(text, quoting=csv.QUOTE_ALL)  # for locales that separate with ; too
        zone = time_zones.get_name(timezone.get_current_timezone())
        writer.writerow([str(heading) % {"zone": zone} for heading in headings])
        writer.writerows([escape_formula(cell) for cell in row] for row in rows)
    return file


def write_json_lines(activities: Iterable[Activity]) -> IO[bytes]:
    """Return a file of one JSON object per line, in English if `activities` is a lazy iterator."""
    with open_file(encoding="utf-8") as (file, text), override("en"):
        for activity in activities:
            text.write(f"{json.dumps(to_record(activity), ensure_ascii=False)}\n")
    return file


@contextmanager
def open_file(*, encoding: str) -> Iterator[tuple[IO[bytes], TextIOWrapper]]:
    """Yield a temporary file and its text writer. Rewind the file at the end."""
    file = cast("IO[bytes]", SpooledTemporaryFile(MAX_MEMORY))  # noqa: SIM115 - the response closes it
    text = TextIOWrapper(file, encoding=encoding, newline="")
    yield file, text
    text.detach().seek(0)


def escape_formula(cell: str) -> str:
    """Prefix the cell with ' if a spreadsheet would run it as a formula."""
    return f"'{cell}" if FORMULA.match(cell) else cell


FORMATS = {
    "csv": ExportFormat("text/csv; charset=utf-8", write_csv),
    "jsonl": ExportFormat("application/jsonl; charset=utf-8", write_json_lines),
}
