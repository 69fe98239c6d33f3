"""The audit trail of one account as a file: for spreadsheets, and for programs."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC
from io import TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from .activity import Entry

# What a file has in memory before it goes to the disk
IN_MEMORY = 1024 * 1024
# What a spreadsheet would compute instead of showing it: OWASP, "CSV Injection"; the full-width
# forms are what its Chinese and Japanese versions read in the same way.
FORMULA = re.compile(r"[\t\r\n\0]|[\s\0\u200b\ufeff]*[=+\-@＝＋－＠]")

# The columns of both formats: a key for programs, a heading for people
COLUMNS = {
    "at": _("Time (UTC)"),
    "what": _("What was done"),
    "verb": _("Verb"),
    "result": _("Result"),
    "reason": _("Reason"),
    "riskNotice": _("Risk notice confirmed"),
    "by": _("Who"),
    "byAccount": _("Account"),
    "byAccountId": _("Account ID"),
    "accessKeyId": _("Access key"),
    "channel": _("Through"),
    "address": _("Address"),
    "region": _("Region"),
    "type": _("Kind"),
    "id": _("ID"),
    "name": _("Name"),
    "accounts": _("With whom"),
    "requestId": _("Request ID"),
}


def facts(entry: Entry) -> dict[str, Any]:
    """An entry by the keys of COLUMNS: what its reader sees on the page, and no more."""
    at = entry.at.astimezone(UTC).isoformat(timespec="milliseconds")
    values = (
        at.replace("+00:00", "Z"),
        entry.what,
        entry.verb,
        entry.result,
        entry.refusal,
        entry.acknowledged,
        entry.who,
        entry.account.name if entry.account else "",
        entry.account.account_id if entry.account else "",
        entry.access_key_id,
        entry.channel,
        entry.address,
        entry.region,
        entry.target_type,
        entry.target_id,
        entry.target_name,
        [{"account": party.name, "accountId": party.account_id} for party in entry.parties],
        entry.request_id,
    )
    return dict(zip(COLUMNS, values, strict=True))


def as_csv(entries: Iterable[Entry]) -> IO[bytes]:
    """CSV (RFC 4180) in the reader's language, which Excel takes for UTF-8 because of its BOM."""
    with written(encoding="utf-8-sig") as (file, text):
        rows = csv.writer(text, quoting=csv.QUOTE_ALL)  # where ; separates, too
        rows.writerow(COLUMNS.values())
        rows.writerows(map(cells, entries))
    return file


def as_json_lines(entries: Iterable[Entry]) -> IO[bytes]:
    """A JSON object for each entry, the same in every language if `entries` is an iterator."""
    with written(encoding="utf-8") as (file, text), override("en"):
        text.writelines(f"{json.dumps(facts(entry), ensure_ascii=False)}\n" for entry in entries)
    return file


@contextmanager
def written(*, encoding: str) -> Iterator[tuple[IO[bytes], TextIOWrapper]]:
    """A file and the text to write into it; afterwards the file is at its beginning."""
    file = cast("IO[bytes]", SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 - closed when it is sent
    text = TextIOWrapper(file, encoding=encoding, newline="")
    yield file, text
    text.detach().seek(0)


def cells(entry: Entry) -> list[str]:
    values = facts(entry)
    parties = (f"{party.name} ({party.account_id})" for party in entry.parties)
    return [as_text(cell) for cell in (values | {"accounts": ", ".join(parties)}).values()]


def as_text(cell: str) -> str:
    """The cell so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if FORMULA.match(cell) else cell
